//! FROM: tables, table variables, common table expressions, derived tables, joins and APPLY.

use sqlparser::ast::{
    Expr, FunctionArg, FunctionArgExpr, Join, JoinConstraint, JoinOperator, ObjectName, TableAlias,
    TableFactor, TableWithJoins,
};

use super::{
    common_tables,
    condition::condition,
    query, rows_of_json,
    scope::{RowSource, Scope, SourceColumn, TranslatedQuery, quote_name, same_name},
    system_views,
};
use crate::{error::SqlError, permissions::Verb, value::Column};

/// Translates the items of a FROM, adds them to the sources of the scope, and answers the text after FROM.
/// Errors: 208 (no such table), 1011 and 1013 (a name twice), 40000.
pub fn from_clause(scope: &mut Scope<'_>, from: &[TableWithJoins]) -> Result<String, SqlError> {
    let mut parts = Vec::with_capacity(from.len());
    for item in from {
        parts.push(joined(scope, item)?);
    }
    Ok(parts.join(" JOIN "))
}

fn joined(scope: &mut Scope<'_>, item: &TableWithJoins) -> Result<String, SqlError> {
    let start = scope.sources.len();
    let mut sql = factor(scope, &item.relation, false)?;
    for join in &item.joins {
        sql.push_str(&joined_one(scope, join, start)?);
    }
    Ok(sql)
}

fn joined_one(scope: &mut Scope<'_>, join: &Join, start: usize) -> Result<String, SqlError> {
    if join.global {
        return Err(SqlError::unsupported("GLOBAL JOIN"));
    }
    let (keyword, constraint, apply) = match &join.join_operator {
        JoinOperator::Join(constraint) | JoinOperator::Inner(constraint) => {
            ("JOIN", Some(constraint), false)
        }
        JoinOperator::Left(constraint) | JoinOperator::LeftOuter(constraint) => {
            ("LEFT JOIN", Some(constraint), false)
        }
        JoinOperator::Right(constraint) | JoinOperator::RightOuter(constraint) => {
            ("RIGHT JOIN", Some(constraint), false)
        }
        JoinOperator::FullOuter(constraint) => ("FULL JOIN", Some(constraint), false),
        JoinOperator::CrossJoin(JoinConstraint::None) => ("JOIN", None, false),
        JoinOperator::CrossApply => ("JOIN", None, true),
        JoinOperator::OuterApply => ("LEFT JOIN", None, true),
        other => return Err(SqlError::unsupported(format_args!("join {other:?}"))),
    };
    let before = scope.sources.len();
    let right = factor(scope, &join.relation, apply)?;
    let optional = |sources: &mut [RowSource]| {
        for column in sources.iter_mut().flat_map(|source| &mut source.columns) {
            column.nullable = true;
        }
    };
    if matches!(keyword, "LEFT JOIN" | "FULL JOIN") {
        optional(&mut scope.sources[before..]);
    }
    if matches!(keyword, "RIGHT JOIN" | "FULL JOIN") {
        optional(&mut scope.sources[start..before]);
    }
    let on = match constraint {
        None => "1".to_owned(),
        Some(JoinConstraint::On(on)) => condition(scope, on)?,
        Some(_) => return Err(SqlError::new(102, "Incorrect syntax: a join needs ON.")),
    };
    Ok(format!(" {keyword} {right} ON {on}"))
}

/// One FROM item; `lateral` when it stands after APPLY and sees the items before it.
fn factor(scope: &mut Scope<'_>, factor: &TableFactor, lateral: bool) -> Result<String, SqlError> {
    match factor {
        TableFactor::Table {
            name,
            alias,
            args,
            with_hints: _,
            version: None,
            with_ordinality: false,
            partitions,
            json_path: None,
            sample: None,
            index_hints,
        } if partitions.is_empty() && index_hints.is_empty() => {
            let alias = plain_alias(alias.as_ref())?;
            match args {
                None => named(scope, name, alias),
                Some(args) if args.settings.is_none() => {
                    table_function(scope, name, &args.args, alias, lateral)
                }
                Some(_) => Err(SqlError::unsupported(format_args!("table function {name}"))),
            }
        }
        TableFactor::Derived {
            lateral: false,
            subquery,
            alias: Some(alias),
            sample: None,
        } => derived(scope, subquery, alias, lateral),
        TableFactor::Derived { alias: None, .. } => Err(SqlError::new(
            102,
            "Incorrect syntax near ')': a derived table needs an alias.",
        )),
        TableFactor::OpenJsonTable {
            json_expr,
            json_path,
            columns,
            alias,
        } => {
            let path = json_path.as_ref().map(|path| Expr::Value(path.clone()));
            let (sql, source) =
                rows_of_json::open_json(scope, json_expr, path.as_ref(), columns, lateral)?;
            placed(scope, source, alias.as_ref(), sql)
        }
        TableFactor::NestedJoin {
            table_with_joins,
            alias: None,
        } => Ok(format!("({})", joined(scope, table_with_joins)?)),
        other => Err(SqlError::unsupported(format_args!("{other} in FROM"))),
    }
}

/// An alias without a column list.
fn plain_alias(alias: Option<&TableAlias>) -> Result<Option<&TableAlias>, SqlError> {
    match alias {
        Some(alias) if !alias.columns.is_empty() || alias.at.is_some() => {
            Err(SqlError::unsupported(format_args!("alias {alias}")))
        }
        alias => Ok(alias),
    }
}

/// Adds a source under its alias. Error 1011 or 1013 when the name is taken.
fn push(scope: &mut Scope<'_>, source: RowSource, has_alias: bool) -> Result<(), SqlError> {
    if scope.source(&source.name).is_some() {
        return Err(if has_alias {
            SqlError::new(
                1011,
                format!(
                    "The correlation name '{}' is specified multiple times in a FROM clause.",
                    source.name
                ),
            )
        } else {
            SqlError::new(
                1013,
                format!(
                    "The objects \"{0}\" and \"{0}\" in the FROM clause have the same exposed names. Use correlation names to distinguish them.",
                    source.name
                ),
            )
        });
    }
    scope.sources.push(source);
    Ok(())
}

/// A source whose alias gives its name and, with a column list, the names of its columns.
fn placed(
    scope: &mut Scope<'_>,
    mut source: RowSource,
    alias: Option<&TableAlias>,
    sql: String,
) -> Result<String, SqlError> {
    if let Some(alias) = alias {
        source.name.clone_from(&alias.name.value);
        let mut columns: Vec<Column> = source
            .columns
            .iter()
            .map(|column| Column {
                name: column.name.clone(),
                sql_type: column.sql_type,
                nullable: column.nullable,
            })
            .collect();
        common_tables::rename(&mut columns, alias)?;
        for (column, renamed) in source.columns.iter_mut().zip(columns) {
            column.name = renamed.name;
        }
    }
    push(scope, source, alias.is_some())?;
    Ok(sql)
}

fn unknown_table(name: &ObjectName) -> SqlError {
    let written: Vec<&str> = name
        .0
        .iter()
        .filter_map(|part| part.as_ident())
        .map(|part| part.value.as_str())
        .collect();
    SqlError::new(208, format!("Invalid object name '{}'.", written.join(".")))
}

/// A table, table variable, common table expression or system view by name.
fn named(
    scope: &mut Scope<'_>,
    name: &ObjectName,
    alias: Option<&TableAlias>,
) -> Result<String, SqlError> {
    let parts: Vec<&str> = name
        .0
        .iter()
        .filter_map(|part| part.as_ident())
        .map(|part| part.value.as_str())
        .collect();
    let given = |own: &str| alias.map_or(own.to_owned(), |alias| alias.name.value.clone());
    let statement = scope.statement;
    let database = &statement.session.database;
    let table = match parts.as_slice() {
        [variable] if variable.starts_with('@') => {
            let found = statement.table_variables.get(variable).ok_or_else(|| {
                SqlError::new(
                    1087,
                    format!("Must declare the table variable \"{variable}\"."),
                )
            })?;
            let source =
                RowSource::of_table(statement, &given(variable), &found.storage, &found.table);
            return table_text(scope, source, alias);
        }
        [temporary] if temporary.starts_with('#') => {
            return Err(SqlError::unsupported(format_args!(
                "temporary table {temporary}"
            )));
        }
        [cte] if scope.cte(cte).is_some() => {
            let Some(found) = scope.cte(cte).cloned() else {
                return Err(unknown_table(name));
            };
            let source = columns_source(scope, &given(cte), &found.columns);
            let sql = format!("{} AS {}", found.sqlite_name, source.alias);
            push(scope, source, alias.is_some())?;
            return Ok(sql);
        }
        [schema, view] | [_, schema, view]
            if same_name(schema, "sys") || same_name(schema, "INFORMATION_SCHEMA") =>
        {
            if statement.session.restricted {
                // Which rows a user sees there depends on its rights, which is not modelled.
                return Err(SqlError::unsupported(format_args!(
                    "{schema}.{view} for a user who is not the owner"
                )));
            }
            let (sql, mut source) =
                system_views::view(statement, schema, view).ok_or_else(|| unknown_table(name))?;
            source.name = given(view);
            push(scope, source, alias.is_some())?;
            return Ok(sql);
        }
        [table] => table,
        [schema, table] if same_name(schema, "dbo") => table,
        [catalog, schema, table]
            if same_name(catalog, database) && (same_name(schema, "dbo") || schema.is_empty()) =>
        {
            table
        }
        _ => return Err(unknown_table(name)),
    };
    let found = statement
        .catalog
        .table(table)
        .ok_or_else(|| unknown_table(name))?;
    statement.accesses.note(found.object_id, Verb::Select, None);
    let source = RowSource::of_table(statement, &given(table), &found.name, found);
    table_text(scope, source, alias)
}

fn table_text(
    scope: &mut Scope<'_>,
    source: RowSource,
    alias: Option<&TableAlias>,
) -> Result<String, SqlError> {
    let sql = format!(
        "{} AS {}",
        quote_name(source.table.as_deref().unwrap_or_default()),
        source.alias
    );
    push(scope, source, alias.is_some())?;
    Ok(sql)
}

/// A source whose SQLite columns are `c0`, `c1`, ….
fn columns_source(scope: &Scope<'_>, name: &str, columns: &[Column]) -> RowSource {
    let alias = scope.statement.fresh_alias();
    let columns = columns
        .iter()
        .enumerate()
        .map(|(at, column)| SourceColumn {
            name: column.name.clone(),
            sql_type: column.sql_type,
            nullable: column.nullable,
            sql: format!("{alias}.c{at}"),
        })
        .collect();
    RowSource {
        name: name.to_owned(),
        alias,
        table: None,
        object: 0,
        columns,
    }
}

/// `(SELECT …) AS d`. After APPLY it sees the items before it, which SQLite allows only to the arguments of a table
/// function: its rows then travel as one JSON text through `json_each`.
fn derived(
    scope: &mut Scope<'_>,
    subquery: &sqlparser::ast::Query,
    alias: &TableAlias,
    lateral: bool,
) -> Result<String, SqlError> {
    if subquery.order_by.is_some()
        && subquery.limit_clause.is_none()
        && !query::has_top(&subquery.body)
    {
        return Err(common_tables::order_not_allowed());
    }
    let mut inner = if lateral {
        query::query(&Scope::inside(scope), subquery)?
    } else {
        query::query(&scope.without_sources(), subquery)?
    };
    common_tables::rename(&mut inner.columns, alias)?;
    if lateral {
        let (sql, source) = rows_of_json::of_query(scope, &alias.name.value, &inner);
        push(scope, source, true)?;
        return Ok(sql);
    }
    let TranslatedQuery { sql, columns } = inner;
    let source = columns_source(scope, &alias.name.value, &columns);
    let sql = format!("({sql}) AS {}", source.alias);
    push(scope, source, true)?;
    Ok(sql)
}

/// OPENJSON without WITH, and STRING_SPLIT. The parser reads `UPDATE TOP (1) t` as a table function named TOP; it ends here.
fn table_function(
    scope: &mut Scope<'_>,
    name: &ObjectName,
    arguments: &[FunctionArg],
    alias: Option<&TableAlias>,
    lateral: bool,
) -> Result<String, SqlError> {
    let arguments = arguments
        .iter()
        .map(|argument| match argument {
            FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => Ok(expr),
            other => Err(SqlError::unsupported(format_args!(
                "argument {other} of {name}"
            ))),
        })
        .collect::<Result<Vec<_>, _>>()?;
    let (sql, source) = match (
        name.to_string().to_uppercase().as_str(),
        arguments.as_slice(),
    ) {
        ("OPENJSON", [json]) => rows_of_json::open_json(scope, json, None, &[], lateral)?,
        ("OPENJSON", [json, path]) => {
            rows_of_json::open_json(scope, json, Some(path), &[], lateral)?
        }
        ("STRING_SPLIT", [text, separator]) => {
            rows_of_json::string_split(scope, text, separator, lateral)?
        }
        _ => return Err(SqlError::unsupported(format_args!("table function {name}"))),
    };
    placed(scope, source, alias, sql)
}

//! OUTPUT: expressions over `inserted` and `deleted`, to the client or into a table.

use rusqlite::types::{Value as Stored, ValueRef};
use sqlparser::ast::{Expr, SelectItem, SelectItemQualifiedWildcardKind};

use super::{Context, OutputRows, rows::insert_into};
use crate::batch::statement::{Output, Target};
use crate::error::SqlError;
use crate::translate::{self, Scope, SourceColumn, Typed, same_name};
use crate::value::{Column, SqlType, Value};

/// A column of an OUTPUT clause.
pub(super) struct OutputColumn {
    /// Name and type.
    pub(super) column: Column,
    /// Where its value comes from.
    pub(super) cell: Cell,
}

/// Where a value of an OUTPUT clause comes from.
pub(super) enum Cell {
    /// The new value of the column at this position of the target.
    Inserted(usize),
    /// An expression, to be computed by SQLite.
    Computed(String),
}

/// The columns of an OUTPUT clause. The scope knows `inserted` and `deleted`, as far as the statement has them.
pub(super) fn plan(scope: &Scope<'_>, output: &Output) -> Result<Vec<OutputColumn>, SqlError> {
    let mut columns = Vec::new();
    for item in &output.items {
        match item {
            SelectItem::UnnamedExpr(expression) => columns.push(column(scope, expression, None)?),
            SelectItem::ExprWithAlias { expr, alias } => {
                columns.push(column(scope, expr, Some(&alias.value))?);
            }
            SelectItem::QualifiedWildcard(SelectItemQualifiedWildcardKind::ObjectName(name), _) => {
                let name = name
                    .0
                    .last()
                    .and_then(|part| part.as_ident())
                    .map(|ident| ident.value.clone())
                    .unwrap_or_default();
                let source = scope
                    .source(&name)
                    .ok_or_else(|| not_bound(&format!("{name}.*")))?;
                for (position, from) in source.columns.iter().enumerate() {
                    source.column_read(scope.statement, position);
                    columns.push(source_column(&name, position, from));
                }
            }
            other => return Err(SqlError::unsupported(format_args!("OUTPUT {other}"))),
        }
    }
    Ok(columns)
}

fn column(
    scope: &Scope<'_>,
    expression: &Expr,
    alias: Option<&str>,
) -> Result<OutputColumn, SqlError> {
    let mut planned = match expression {
        Expr::CompoundIdentifier(parts) if parts.len() == 2 && is_image(&parts[0].value) => {
            let (image, name) = (&parts[0].value, &parts[1].value);
            let source = scope
                .source(image)
                .ok_or_else(|| not_bound(&format!("{image}.{name}")))?;
            let position = source
                .columns
                .iter()
                .position(|column| same_name(&column.name, name));
            let position = position
                .ok_or_else(|| SqlError::new(207, format!("Invalid column name '{name}'.")))?;
            source.column_read(scope.statement, position);
            source_column(image, position, &source.columns[position])
        }
        _ => {
            let typed = translate::expression(scope, expression)?;
            let name = match &typed.form {
                translate::Form::Column(name) => name.clone(),
                _ => String::new(),
            };
            OutputColumn {
                column: Column {
                    name,
                    sql_type: typed.sql_type,
                    nullable: typed.nullable,
                },
                cell: Cell::Computed(typed.sql),
            }
        }
    };
    if let Some(alias) = alias {
        alias.clone_into(&mut planned.column.name);
    }
    Ok(planned)
}

fn is_image(name: &str) -> bool {
    same_name(name, "inserted") || same_name(name, "deleted")
}

fn source_column(source: &str, position: usize, from: &SourceColumn) -> OutputColumn {
    let column = Column {
        name: from.name.clone(),
        sql_type: from.sql_type,
        nullable: from.nullable,
    };
    let cell = if same_name(source, "inserted") {
        Cell::Inserted(position)
    } else {
        Cell::Computed(from.sql.clone())
    };
    OutputColumn { column, cell }
}

fn not_bound(name: &str) -> SqlError {
    SqlError::new(
        4104,
        format!("The multi-part identifier \"{name}\" could not be bound."),
    )
}

/// Sends the rows of an OUTPUT clause where they belong.
pub(super) fn deliver(
    context: &mut Context<'_, '_>,
    output: &Output,
    columns: &[OutputColumn],
    rows: Vec<Vec<Stored>>,
    to_client: &mut Option<OutputRows>,
) -> Result<(), SqlError> {
    if let Some((target, names)) = &output.into {
        return into_table(context, target, names, columns, rows);
    }
    if to_client.is_some() {
        return Err(SqlError::unsupported("two OUTPUT clauses to the client"));
    }
    let decode = |row: Vec<Stored>| -> Result<Vec<Value>, SqlError> {
        row.iter()
            .zip(columns)
            .map(|(value, column)| translate::decode(ValueRef::from(value), column.column.sql_type))
            .collect()
    };
    *to_client = Some(OutputRows {
        columns: columns.iter().map(|column| column.column.clone()).collect(),
        rows: rows.into_iter().map(decode).collect::<Result<_, _>>()?,
    });
    Ok(())
}

fn into_table(
    context: &mut Context<'_, '_>,
    target: &Target,
    names: &[String],
    columns: &[OutputColumn],
    rows: Vec<Vec<Stored>>,
) -> Result<(), SqlError> {
    let types: Vec<(SqlType, bool)> = columns
        .iter()
        .map(|column| (column.column.sql_type, column.column.nullable))
        .collect();
    insert_into(context, target, names, &types, rows)
}

/// A source column that is read from a placeholder, as the rows that an INSERT wrote are.
pub(super) fn placeholder(
    name: &str,
    sql_type: SqlType,
    nullable: bool,
    place: String,
) -> SourceColumn {
    SourceColumn {
        name: name.to_owned(),
        sql_type,
        nullable,
        sql: Typed::new(place, sql_type, nullable).sql,
    }
}

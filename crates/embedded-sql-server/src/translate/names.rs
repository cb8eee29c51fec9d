//! Names in expressions: variables and columns.

use sqlparser::ast::Ident;

use super::{
    conversion, functions,
    scope::{Form, Scope, Typed, same_name},
    variables::undeclared,
};
use crate::error::SqlError;

/// A bare name: `@@GLOBAL`, `@variable` or a column.
pub(super) fn identifier(scope: &Scope<'_>, name: &Ident) -> Result<Typed, SqlError> {
    if name.quote_style.is_none() {
        if name.value.starts_with("@@") {
            return functions::global(scope, &name.value);
        }
        if name.value.starts_with('@') {
            return variable(scope, &name.value);
        }
    }
    column(scope, None, &name.value)?
        .ok_or_else(|| SqlError::new(207, format!("Invalid column name '{}'.", name.value)))
}

fn variable(scope: &Scope<'_>, name: &str) -> Result<Typed, SqlError> {
    let variable = scope
        .statement
        .variables
        .get(name)
        .ok_or_else(|| undeclared(name))?;
    let stored = conversion::encode(&variable.value, variable.sql_type)?;
    let sql = scope.statement.bind(&name.to_lowercase(), || stored);
    Ok(Typed::new(sql, variable.sql_type, true))
}

/// `alias.column` or `dbo.table.column`.
pub(super) fn qualified(scope: &Scope<'_>, parts: &[Ident]) -> Result<Typed, SqlError> {
    let written = || {
        parts
            .iter()
            .map(|part| part.value.as_str())
            .collect::<Vec<_>>()
            .join(".")
    };
    let unbound = || {
        SqlError::new(
            4104,
            format!(
                "The multi-part identifier \"{}\" could not be bound.",
                written()
            ),
        )
    };
    let (source, name) = match parts {
        [source, name] => (source, name),
        [schema, source, name] if same_name(&schema.value, "dbo") => (source, name),
        _ => return Err(SqlError::unsupported(format_args!("name {}", written()))),
    };
    let known = std::iter::successors(Some(scope), |scope| scope.parent)
        .any(|scope| scope.source(&source.value).is_some());
    if !known {
        return Err(unbound());
    }
    column(scope, Some(&source.value), &name.value)?
        .ok_or_else(|| SqlError::new(207, format!("Invalid column name '{}'.", name.value)))
}

/// The column in the nearest scope that has it. Error 209 where a scope has it twice, 8120 where the scope is grouped.
fn column(scope: &Scope<'_>, source: Option<&str>, name: &str) -> Result<Option<Typed>, SqlError> {
    for scope in std::iter::successors(Some(scope), |scope| scope.parent) {
        let mut found = scope
            .sources
            .iter()
            .filter(|candidate| source.is_none_or(|source| same_name(&candidate.name, source)))
            .flat_map(|candidate| {
                candidate
                    .columns
                    .iter()
                    .enumerate()
                    .filter(|(_, column)| same_name(&column.name, name))
                    .map(move |(position, column)| (candidate, position, column))
            });
        let Some((from, position, column)) = found.next() else {
            if source.is_some_and(|source| scope.source(source).is_some()) {
                return Ok(None);
            }
            continue;
        };
        if found.next().is_some() {
            return Err(SqlError::new(
                209,
                format!("Ambiguous column name '{name}'."),
            ));
        }
        if scope
            .grouping
            .as_ref()
            .is_some_and(|grouping| !grouping.keys.contains(&column.sql))
        {
            return Err(SqlError::new(
                8120,
                format!(
                    "Column '{}.{}' is invalid in the select list because it is not contained in either an aggregate function or the GROUP BY clause.",
                    from.name, column.name
                ),
            ));
        }
        from.column_read(scope.statement, position);
        return Ok(Some(Typed {
            sql: column.sql.clone(),
            sql_type: column.sql_type,
            nullable: column.nullable,
            form: Form::Column(column.name.clone()),
        }));
    }
    Ok(None)
}

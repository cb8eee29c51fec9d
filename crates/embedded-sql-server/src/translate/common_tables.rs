//! WITH, and the names that an alias gives to columns.

use sqlparser::ast;

use super::{
    query::{has_top, query},
    scope::{Cte, Scope, quote_name, same_name},
};
use crate::{error::SqlError, value::Column};

/// Translates the WITH of a statement and answers the SQLite text to put before it; the scope knows the tables from here on.
pub fn common_tables(scope: &mut Scope<'_>, with: &ast::With) -> Result<String, SqlError> {
    if with.recursive {
        return Err(SqlError::unsupported("WITH RECURSIVE"));
    }
    let mut parts = Vec::new();
    for table in &with.cte_tables {
        if table.from.is_some() || table.materialized.is_some() || table.alias.at.is_some() {
            return Err(SqlError::unsupported(format_args!(
                "this form of common table expression: {table}"
            )));
        }
        let own = format!("Invalid object name '{}'.", table.alias.name.value);
        let mut inner = query(&scope.without_sources(), &table.query).map_err(|error| {
            if error.number == 208 && same_name(&error.message, &own) {
                SqlError::unsupported("a common table expression that names itself")
            } else {
                error
            }
        })?;
        if table.query.order_by.is_some()
            && table.query.limit_clause.is_none()
            && !has_top(&table.query.body)
        {
            return Err(order_not_allowed());
        }
        rename(&mut inner.columns, &table.alias)?;
        let name = quote_name(&format!(
            "cte {}",
            scope.statement.fresh_alias().replace('"', "")
        ));
        parts.push(format!("{name} AS ({})", inner.sql));
        scope.ctes.push(Cte {
            name: table.alias.name.value.clone(),
            sqlite_name: name,
            columns: inner.columns,
        });
    }
    Ok(format!("WITH {} ", parts.join(", ")))
}

/// Error 1033.
pub(super) fn order_not_allowed() -> SqlError {
    SqlError::new(
        1033,
        "The ORDER BY clause is invalid in views, inline functions, derived tables, subqueries, and common table expressions, unless TOP, OFFSET or FOR XML is also specified.",
    )
}

/// Gives the columns the names after an alias, and checks that every column of a table has one (8155) and only one (8156).
pub(super) fn rename(columns: &mut [Column], alias: &ast::TableAlias) -> Result<(), SqlError> {
    if !alias.columns.is_empty() {
        if alias.columns.len() != columns.len() {
            let number = if alias.columns.len() < columns.len() {
                8158
            } else {
                8159
            };
            return Err(SqlError::new(
                number,
                format!(
                    "'{}' has {} columns than were specified in the column list.",
                    alias.name.value,
                    if number == 8158 { "more" } else { "fewer" }
                ),
            ));
        }
        for (column, given) in columns.iter_mut().zip(&alias.columns) {
            if given.data_type.is_some() {
                return Err(SqlError::unsupported(
                    "a type in the column list of an alias",
                ));
            }
            column.name.clone_from(&given.name.value);
        }
    }
    for (at, column) in columns.iter().enumerate() {
        if column.name.is_empty() {
            return Err(SqlError::new(
                8155,
                format!(
                    "No column name was specified for column {} of '{}'.",
                    at + 1,
                    alias.name.value
                ),
            ));
        }
        if columns[..at]
            .iter()
            .any(|earlier| same_name(&earlier.name, &column.name))
        {
            return Err(SqlError::new(
                8156,
                format!(
                    "The column '{}' was specified multiple times for '{}'.",
                    column.name, alias.name.value
                ),
            ));
        }
    }
    Ok(())
}

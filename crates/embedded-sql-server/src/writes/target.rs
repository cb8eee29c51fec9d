//! The table that a write is for.

use crate::batch::statement::Target;
use crate::catalog::Table;
use crate::error::SqlError;
use crate::translate::{RowSource, Scope, Statement, same_name};

/// A table or table variable, found.
#[derive(Debug, Clone, Copy)]
pub(super) struct Found<'a> {
    /// Its SQLite table, not quoted.
    pub(super) storage: &'a str,
    /// Its definition.
    pub(super) table: &'a Table,
    /// Whether it is a table variable.
    pub(super) is_variable: bool,
}

/// Error 208 or 1087 when there is none.
pub(super) fn find<'a>(
    statement: &'a Statement<'_>,
    target: &Target,
) -> Result<Found<'a>, SqlError> {
    match target {
        Target::Table(name) => {
            let table = statement
                .catalog
                .table(name)
                .ok_or_else(|| SqlError::new(208, format!("Invalid object name '{name}'.")))?;
            Ok(Found {
                storage: &table.name,
                table,
                is_variable: false,
            })
        }
        Target::Variable(name) => {
            let variable = statement.table_variables.get(name);
            let variable = variable.ok_or_else(|| SqlError {
                class: 15,
                ..SqlError::new(1087, format!("Must declare the table variable \"{name}\"."))
            })?;
            Ok(Found {
                storage: &variable.storage,
                table: &variable.table,
                is_variable: true,
            })
        }
    }
}

/// The source among the FROM items that an UPDATE or DELETE means: by alias, or the only one of that table.
pub(super) fn find_source<'a>(
    scope: &Scope<'_>,
    statement: &'a Statement<'_>,
    target: &Target,
) -> Result<(RowSource, Found<'a>), SqlError> {
    let name = match target {
        Target::Table(name) | Target::Variable(name) => name,
    };
    let missing = || SqlError::new(208, format!("Invalid object name '{name}'."));
    let by_alias = scope
        .sources
        .iter()
        .find(|source| same_name(&source.name, name));
    let source = if let Some(source) = by_alias {
        source
    } else {
        let found = find(statement, target)?;
        let of_table = |source: &&RowSource| {
            source
                .table
                .as_deref()
                .is_some_and(|table| same_name(table, found.storage))
        };
        let mut sources = scope.sources.iter().filter(of_table);
        match (sources.next(), sources.next()) {
            (Some(source), None) => source,
            (Some(_), Some(_)) => {
                return Err(SqlError::new(
                    8154,
                    format!("The table '{name}' is ambiguous."),
                ));
            }
            (None, _) => {
                return Err(SqlError::unsupported(format_args!(
                    "a FROM without the table {name} that is written to"
                )));
            }
        }
    };
    let storage = source.table.as_deref().ok_or_else(|| {
        SqlError::unsupported(format_args!("writing to {name}, which is not a table"))
    })?;
    let found = of_storage(statement, storage).ok_or_else(missing)?;
    Ok((source.clone(), found))
}

fn of_storage<'a>(statement: &'a Statement<'_>, storage: &str) -> Option<Found<'a>> {
    if let Some(variable) = statement
        .table_variables
        .iter()
        .find(|variable| variable.storage == storage)
    {
        return Some(Found {
            storage: &variable.storage,
            table: &variable.table,
            is_variable: true,
        });
    }
    let table = statement.catalog.table(storage)?;
    Some(Found {
        storage: &table.name,
        table,
        is_variable: false,
    })
}

impl Found<'_> {
    /// As messages name it: with schema, or with its `@`.
    pub(super) fn shown(&self) -> String {
        if self.is_variable {
            self.table.name.clone()
        } else {
            format!("dbo.{}", self.table.name)
        }
    }

    /// With database, as messages 515 and 2628 name it.
    pub(super) fn shown_in(&self, database: &str) -> String {
        if self.is_variable {
            self.table.name.clone()
        } else {
            format!("{database}.dbo.{}", self.table.name)
        }
    }
}

/// Error 207.
pub(super) fn no_column(name: &str) -> SqlError {
    SqlError::new(207, format!("Invalid column name '{name}'."))
}

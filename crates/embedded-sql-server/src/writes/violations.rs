//! A table's rule that a row breaks: what SQLite says of it, with SQL Server's number and words.

use rusqlite::{Connection, Error, params_from_iter, types::Value as Stored};

use super::Context;
use super::target::Found;
use crate::catalog::{Constraint, IndexColumn, Rule, Table};
use crate::error::SqlError;
use crate::failure::sqlite_error;
use crate::translate::{quote_name, same_name};

/// What was being done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verb {
    Insert,
    Update,
    Delete,
}

impl Verb {
    fn word(self) -> &'static str {
        match self {
            Self::Insert => "INSERT",
            Self::Update => "UPDATE",
            Self::Delete => "DELETE",
        }
    }
}

/// Whether it was a unique key.
pub(crate) fn is_duplicate(error: &Error) -> bool {
    matches!(error, Error::SqliteFailure(_, Some(message)) if message.starts_with("UNIQUE constraint failed"))
}

/// The error for a row (all its columns, as they would be) that SQLite refused.
pub(super) fn violation(
    error: &Error,
    context: &Context<'_, '_>,
    found: &Found<'_>,
    verb: Verb,
    row: &[Stored],
) -> SqlError {
    let Error::SqliteFailure(_, Some(message)) = error else {
        return sqlite_error(error);
    };
    let known = if let Some(what) = message.strip_prefix("UNIQUE constraint failed: ") {
        broken_constraint(context, found, verb, row).or_else(|| duplicate(found, what, row))
    } else if let Some(what) = message.strip_prefix("NOT NULL constraint failed: ") {
        Some(null_in(context.database, found, what, verb))
    } else if let Some(name) = message.strip_prefix("CHECK constraint failed: ") {
        Some(conflict(
            context.database,
            verb,
            "CHECK",
            name,
            &found.shown(),
            None,
        ))
    } else if message.starts_with("FOREIGN KEY constraint failed") {
        foreign_key(context, found, verb, row)
    } else {
        None
    };
    known.unwrap_or_else(|| sqlite_error(error))
}

/// The first PRIMARY KEY or UNIQUE constraint that a new row breaks. SQLite tells of the youngest key, SQL Server of the oldest.
fn broken_constraint(
    context: &Context<'_, '_>,
    found: &Found<'_>,
    verb: Verb,
    row: &[Stored],
) -> Option<SqlError> {
    if verb != Verb::Insert {
        return None;
    }
    found.table.constraints.iter().find_map(|constraint| {
        let (Rule::PrimaryKey(key) | Rule::Unique(key)) = &constraint.rule else {
            return None;
        };
        let columns: Vec<String> = key.iter().map(|column| column.name.clone()).collect();
        let taken = exists(
            &context.engine.connection,
            found.storage,
            &columns,
            &values(found.table, &columns, row)?,
        );
        taken
            .then(|| duplicate_of(found, constraint, row))
            .flatten()
    })
}

fn duplicate_of(found: &Found<'_>, constraint: &Constraint, row: &[Stored]) -> Option<SqlError> {
    let (kind, key) = match &constraint.rule {
        Rule::PrimaryKey(key) => ("PRIMARY KEY", key),
        Rule::Unique(key) => ("UNIQUE KEY", key),
        _ => return None,
    };
    let (name, table, value) = (
        &constraint.name,
        found.shown(),
        key_text(found.table, key, row),
    );
    let message = format!(
        "Violation of {kind} constraint '{name}'. Cannot insert duplicate key in object '{table}'. The duplicate key value is ({value})."
    );
    Some(SqlError {
        class: 14,
        ..SqlError::new(2627, message)
    })
}

/// Errors 2627 and 2601. SQLite names an index on expressions, and the columns of any other.
fn duplicate(found: &Found<'_>, what: &str, row: &[Stored]) -> Option<SqlError> {
    let name = what
        .strip_prefix("index '")
        .and_then(|rest| rest.strip_suffix('\''))
        .and_then(|index| index.strip_prefix(found.storage)?.strip_prefix('.'));
    let prefix = format!("{}.", found.storage);
    let columns: Vec<&str> = what
        .split(", ")
        .map(|column| column.strip_prefix(&prefix).unwrap_or(column))
        .collect();
    let is_it = |its_name: &str, its_columns: &[IndexColumn]| match name {
        Some(name) => name == its_name,
        None => {
            its_columns.len() == columns.len()
                && its_columns
                    .iter()
                    .zip(&columns)
                    .all(|(its, column)| same_name(&its.name, column))
        }
    };
    for constraint in &found.table.constraints {
        if let Rule::PrimaryKey(key) | Rule::Unique(key) = &constraint.rule
            && is_it(&constraint.name, key)
        {
            return duplicate_of(found, constraint, row);
        }
    }
    let index = found
        .table
        .indexes
        .iter()
        .find(|index| index.unique && is_it(&index.name, &index.columns))?;
    let (name, table, value) = (
        &index.name,
        found.shown(),
        key_text(found.table, &index.columns, row),
    );
    let message = format!(
        "Cannot insert duplicate key row in object '{table}' with unique index '{name}'. The duplicate key value is ({value})."
    );
    Some(SqlError {
        class: 14,
        ..SqlError::new(2601, message)
    })
}

fn key_text(table: &Table, key: &[IndexColumn], row: &[Stored]) -> String {
    let value = |column: &IndexColumn| match table
        .column_position(&column.name)
        .and_then(|position| row.get(position))
    {
        None | Some(Stored::Null) => "<NULL>".to_owned(),
        Some(Stored::Integer(number)) => number.to_string(),
        Some(Stored::Real(number)) => number.to_string(),
        Some(Stored::Text(text)) => text.clone(),
        Some(Stored::Blob(bytes)) => bytes
            .iter()
            .fold("0x".to_owned(), |text, byte| text + &format!("{byte:02x}")),
    };
    key.iter().map(value).collect::<Vec<_>>().join(", ")
}

/// Error 515.
fn null_in(database: &str, found: &Found<'_>, what: &str, verb: Verb) -> SqlError {
    let column = what
        .strip_prefix(&format!("{}.", found.storage))
        .unwrap_or(what);
    let (table, verb) = (found.shown_in(database), verb.word());
    let message = format!(
        "Cannot insert the value NULL into column '{column}', table '{table}'; column does not allow nulls. {verb} fails."
    );
    SqlError {
        state: 2,
        ..SqlError::new(515, message)
    }
}

/// Error 547.
fn conflict(
    database: &str,
    verb: Verb,
    kind: &str,
    name: &str,
    table: &str,
    column: Option<&str>,
) -> SqlError {
    let column = column.map_or_else(String::new, |column| format!(", column '{column}'"));
    let message = format!(
        "The {} statement conflicted with the {kind} constraint \"{name}\". The conflict occurred in database \"{database}\", table \"{table}\"{column}.",
        verb.word()
    );
    SqlError {
        state: 0,
        ..SqlError::new(547, message)
    }
}

/// SQLite does not say which foreign key it was, so each is asked.
fn foreign_key(
    context: &Context<'_, '_>,
    found: &Found<'_>,
    verb: Verb,
    row: &[Stored],
) -> Option<SqlError> {
    let connection = &context.engine.connection;
    for constraint in &found.table.constraints {
        if let Rule::ForeignKey {
            columns,
            table,
            referenced,
        } = &constraint.rule
            && verb != Verb::Delete
        {
            let key = values(found.table, columns, row)?;
            if !key.contains(&&Stored::Null) && !exists(connection, table, referenced, &key) {
                let column = single(referenced);
                return Some(conflict(
                    context.database,
                    verb,
                    "FOREIGN KEY",
                    &constraint.name,
                    &format!("dbo.{table}"),
                    column,
                ));
            }
        }
    }
    for other in context.statement.catalog.tables() {
        for constraint in &other.constraints {
            if let Rule::ForeignKey {
                columns,
                table,
                referenced,
            } = &constraint.rule
                && same_name(table, &found.table.name)
            {
                let broken = match verb {
                    // The row as it was is still there: the refused statement did nothing.
                    Verb::Delete => values(found.table, referenced, row)
                        .is_some_and(|key| exists(connection, &other.name, columns, &key)),
                    _ => true,
                };
                if broken {
                    let kind = if same_name(&other.name, &found.table.name) {
                        "SAME TABLE REFERENCE"
                    } else {
                        "REFERENCE"
                    };
                    return Some(conflict(
                        context.database,
                        verb,
                        kind,
                        &constraint.name,
                        &format!("dbo.{}", other.name),
                        single(columns),
                    ));
                }
            }
        }
    }
    None
}

fn single(columns: &[String]) -> Option<&str> {
    match columns {
        [column] => Some(column),
        _ => None,
    }
}

fn values<'r>(table: &Table, columns: &[String], row: &'r [Stored]) -> Option<Vec<&'r Stored>> {
    columns
        .iter()
        .map(|column| row.get(table.column_position(column)?))
        .collect()
}

fn exists(connection: &Connection, table: &str, columns: &[String], key: &[&Stored]) -> bool {
    let tests: Vec<String> = columns
        .iter()
        .enumerate()
        .map(|(place, column)| format!("{} IS ?{}", quote_name(column), place + 1))
        .collect();
    let sql = format!(
        "SELECT 1 FROM {} WHERE {}",
        quote_name(table),
        tests.join(" AND ")
    );
    connection
        .prepare_cached(&sql)
        .and_then(|mut prepared| prepared.exists(params_from_iter(key)))
        .unwrap_or(false)
}

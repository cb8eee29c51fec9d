//! Expressions, conditions and queries of a batch, translated and run.

use std::collections::BTreeSet;

use rusqlite::{Connection, params_from_iter};
use sqlparser::ast::{Expr, Query};

use super::frame::Frame;
use crate::sink::Sink;
use crate::translate::{self, Scope};
use crate::value::{Column, SqlType, Value};
use crate::{error::SqlError, failure::sqlite_error, session::Session};

/// Gives `act` a translation and the connection to run it on. What reads no tables does not wait for its turn.
pub(crate) fn with_translation<T>(
    session: &mut Session,
    frame: &Frame,
    reads: bool,
    act: impl FnOnce(&Connection, &translate::Statement<'_>) -> Result<T, SqlError>,
) -> Result<T, SqlError> {
    let facts = session.facts(frame);
    if reads {
        let mut accesses = BTreeSet::new();
        let result = session.in_turn(|engine, database| {
            let catalog = database.catalog();
            let statement =
                translate::Statement::new(&catalog, &frame.variables, &frame.tables, &facts);
            let result = act(&engine.connection, &statement);
            accesses = statement.accesses.noted();
            result
        });
        session.note(&facts, &accesses, result.is_ok());
        result
    } else {
        let catalog = session.database.catalog();
        let scratch = session.database.scratch();
        act(
            &scratch,
            &translate::Statement::new(&catalog, &frame.variables, &frame.tables, &facts),
        )
    }
}

/// The value of an expression, and its type.
pub(crate) fn value(
    connection: &Connection,
    statement: &translate::Statement<'_>,
    expression: &Expr,
) -> Result<(Value, SqlType), SqlError> {
    let typed = translate::expression(&Scope::new(statement), expression)?;
    statement.permitted()?;
    let mut values = Err(SqlError::unsupported("an expression without a value"));
    each_row(
        connection,
        statement,
        &format!("SELECT {}", typed.sql),
        &[typed.sql_type],
        |mut row| {
            values = Ok(row.pop().unwrap_or(Value::Null));
        },
    )?;
    values.map(|value| (value, typed.sql_type))
}

/// Whether a condition is true; unknown is false.
pub(crate) fn holds(
    connection: &Connection,
    statement: &translate::Statement<'_>,
    condition: &Expr,
) -> Result<bool, SqlError> {
    let sql = translate::condition(&Scope::new(statement), condition)?;
    statement.permitted()?;
    let mut holds = false;
    each_row(
        connection,
        statement,
        &format!("SELECT coalesce({sql}, 0)"),
        &[SqlType::Bit],
        |row| holds = row == [Value::Bit(true)],
    )?;
    Ok(holds)
}

/// Sends a query's rows, and answers how many.
pub(crate) fn send(
    connection: &Connection,
    statement: &translate::Statement<'_>,
    query: &Query,
    sink: &mut dyn Sink,
) -> Result<i64, SqlError> {
    let translated = translate::query(&Scope::new(statement), query)?;
    statement.permitted()?;
    // A text that SQLite cannot prepare must not leave a result set without rows behind.
    connection
        .prepare_cached(&translated.sql)
        .map_err(|error| sqlite_error(&error))?;
    let types = types(&translated.columns);
    sink.columns(&translated.columns);
    let mut count = 0;
    each_row(connection, statement, &translated.sql, &types, |row| {
        sink.row(&row);
        count += 1;
    })?;
    Ok(count)
}

/// The last row of a query, with the types of its columns, and how many rows there were.
pub(crate) type LastRow = (Option<Vec<Value>>, Vec<SqlType>, i64);

/// Reads a query for the values of its last row.
pub(crate) fn last_row(
    connection: &Connection,
    statement: &translate::Statement<'_>,
    query: &Query,
) -> Result<LastRow, SqlError> {
    let translated = translate::query(&Scope::new(statement), query)?;
    statement.permitted()?;
    let types = types(&translated.columns);
    let (mut last, mut count) = (None, 0);
    each_row(connection, statement, &translated.sql, &types, |row| {
        last = Some(row);
        count += 1;
    })?;
    Ok((last, types, count))
}

fn types(columns: &[Column]) -> Vec<SqlType> {
    columns.iter().map(|column| column.sql_type).collect()
}

fn each_row(
    connection: &Connection,
    statement: &translate::Statement<'_>,
    sql: &str,
    types: &[SqlType],
    mut take: impl FnMut(Vec<Value>),
) -> Result<(), SqlError> {
    let mut prepared = connection
        .prepare_cached(sql)
        .map_err(|error| sqlite_error(&error))?;
    let bindings = statement.bindings_for(prepared.parameter_count());
    let mut rows = prepared
        .query(params_from_iter(bindings))
        .map_err(|error| sqlite_error(&error))?;
    while let Some(row) = rows.next().map_err(|error| sqlite_error(&error))? {
        let cells = types.iter().enumerate().map(|(position, sql_type)| {
            let stored = row
                .get_ref(position)
                .map_err(|error| sqlite_error(&error))?;
            translate::decode(stored, *sql_type)
        });
        take(cells.collect::<Result<_, _>>()?);
    }
    Ok(())
}

//! INSERT, UPDATE and DELETE. Each first reads all that it will write, then writes row by row:
//! the statement sees the old state throughout, as in SQL Server, and an error knows its row.

pub(crate) mod delete;
pub(crate) mod insert;
mod output;
pub(crate) mod parse;
mod rows;
mod target;
pub(crate) mod update;
mod violations;

pub(crate) use violations::is_duplicate;

use std::collections::BTreeSet;

use rusqlite::{CachedStatement, Connection, params_from_iter, types::Value as Stored};

use crate::batch::frame::Frame;
use crate::database::Engine;
use crate::value::{Column, SqlType, Value};
use crate::{error::SqlError, failure::sqlite_error, session::Session, translate};

/// What a write works with.
pub(crate) struct Context<'a, 'e> {
    pub(super) engine: &'e mut Engine,
    pub(super) database: &'a str,
    pub(super) statement: &'a translate::Statement<'a>,
}

/// What a write has to tell.
#[derive(Debug, Default)]
pub(crate) struct Written {
    /// Rows inserted, updated or deleted.
    pub(crate) count: i64,
    /// OUTPUT to the client.
    pub(crate) output: Option<OutputRows>,
    /// Variables that an UPDATE set.
    pub(crate) variables: Vec<(String, Value, SqlType)>,
    /// The last IDENTITY value given.
    pub(crate) identity: Option<i64>,
}

/// A result set made by OUTPUT.
#[derive(Debug, Default)]
pub(crate) struct OutputRows {
    pub(crate) columns: Vec<Column>,
    pub(crate) rows: Vec<Vec<Value>>,
}

/// Runs a write as one statement: all of it, or nothing.
pub(crate) fn run(
    session: &mut Session,
    frame: &Frame,
    act: impl FnOnce(&mut Context<'_, '_>) -> Result<Written, SqlError>,
) -> Result<Written, SqlError> {
    let facts = session.facts(frame);
    let mut accesses = BTreeSet::new();
    let result = session.write(|engine, database| {
        let catalog = database.catalog();
        let statement =
            translate::Statement::new(&catalog, &frame.variables, &frame.tables, &facts);
        let result = act(&mut Context {
            engine,
            database: database.name(),
            statement: &statement,
        });
        accesses = statement.accesses.noted();
        // What was not allowed is undone with the statement.
        statement.permitted()?;
        result
    });
    session.note(&facts, &accesses, result.is_ok());
    result
}

/// All rows of a translated text, as SQLite keeps them.
fn read(
    connection: &Connection,
    statement: &translate::Statement<'_>,
    sql: &str,
) -> Result<Vec<Vec<Stored>>, SqlError> {
    let mut prepared = prepare(connection, sql)?;
    let bindings = statement.bindings_for(prepared.parameter_count());
    read_prepared(&mut prepared, &bindings)
}

fn read_prepared(
    prepared: &mut CachedStatement<'_>,
    bindings: &[Stored],
) -> Result<Vec<Vec<Stored>>, SqlError> {
    let width = prepared.column_count();
    let mut rows = prepared
        .query(params_from_iter(bindings))
        .map_err(|error| sqlite_error(&error))?;
    let mut all = Vec::new();
    while let Some(row) = rows.next().map_err(|error| sqlite_error(&error))? {
        let row: rusqlite::Result<Vec<Stored>> = (0..width).map(|column| row.get(column)).collect();
        all.push(row.map_err(|error| sqlite_error(&error))?);
    }
    Ok(all)
}

fn prepare<'c>(connection: &'c Connection, sql: &str) -> Result<CachedStatement<'c>, SqlError> {
    connection
        .prepare_cached(sql)
        .map_err(|error| sqlite_error(&error))
}

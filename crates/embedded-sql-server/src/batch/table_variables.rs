//! Table variables: temporary SQLite tables, whose rows a rollback does not take back.

use rusqlite::{Connection, params_from_iter, types::Value as Stored};

use super::frame::Frame;
use crate::definitions::{shape, statement::TableDefinition};
use crate::translate::quote_name;
use crate::{error::SqlError, failure::sqlite_error, session::Session};

/// DECLARE @t TABLE. Met again in a loop, it leaves the rows alone, as T-SQL does.
pub(crate) fn declare(
    session: &mut Session,
    frame: &mut Frame,
    name: &str,
    definition: &TableDefinition,
) -> Result<(), SqlError> {
    if frame.tables.get(name).is_some() {
        return Ok(());
    }
    let storage = format!("{}#{}#{}", name.to_lowercase(), session.id, frame.nesting);
    let created = session.database.clock().now();
    let table = session.in_turn(|engine, _| {
        engine.leftovers.retain(|leftover| *leftover != storage);
        engine.identities.forget(&storage);
        let (table, statements) = shape::table_variable(&storage, name, definition, created)?;
        let quoted = quote_name(&storage);
        let run = |text: &str| {
            engine
                .connection
                .execute_batch(text)
                .map_err(|error| sqlite_error(&error))
        };
        run(&format!("DROP TABLE IF EXISTS temp.{quoted}"))?;
        statements.iter().try_for_each(|text| run(text))?;
        Ok(table)
    })?;
    session.table_variables.push(storage.clone());
    frame.tables.declare(name, storage, table);
    Ok(())
}

/// A table variable on its way around a rollback.
pub(crate) struct Kept {
    storage: String,
    definitions: Vec<String>,
    rows: Vec<Vec<Stored>>,
}

/// Reads the rows of table variables before a rollback.
pub(crate) fn take_rows(
    connection: &Connection,
    storages: &[String],
) -> Result<Vec<Kept>, SqlError> {
    let take = |storage: &String| -> rusqlite::Result<Kept> {
        let definitions = connection
            .prepare_cached("SELECT sql FROM temp.sqlite_master WHERE tbl_name = ?1 AND sql IS NOT NULL ORDER BY type DESC")?
            .query_map([storage], |row| row.get::<_, String>(0))?
            .collect::<Result<Vec<_>, _>>()?;
        let mut select = connection.prepare(&format!(
            "SELECT * FROM temp.{} ORDER BY rowid",
            quote_name(storage)
        ))?;
        let width = select.column_count();
        let rows = select
            .query_map([], |row| (0..width).map(|column| row.get(column)).collect())?
            .collect::<Result<Vec<_>, _>>()?;
        Ok(Kept {
            storage: storage.clone(),
            definitions,
            rows,
        })
    };
    storages
        .iter()
        .map(|storage| take(storage).map_err(|error| sqlite_error(&error)))
        .collect()
}

/// Puts them back after the rollback.
pub(crate) fn put_rows(connection: &Connection, kept: &[Kept]) -> Result<(), SqlError> {
    let put = |kept: &Kept| -> rusqlite::Result<()> {
        let quoted = quote_name(&kept.storage);
        connection.execute_batch(&format!("DROP TABLE IF EXISTS temp.{quoted}"))?;
        for definition in &kept.definitions {
            // sqlite_master keeps `CREATE TABLE` without TEMP, and the index without its schema.
            let definition = definition
                .strip_prefix("CREATE TABLE ")
                .map(|rest| format!("CREATE TEMP TABLE {rest}"))
                .or_else(|| {
                    definition
                        .strip_prefix("CREATE UNIQUE INDEX ")
                        .map(|rest| format!("CREATE UNIQUE INDEX temp.{rest}"))
                })
                .or_else(|| {
                    definition
                        .strip_prefix("CREATE INDEX ")
                        .map(|rest| format!("CREATE INDEX temp.{rest}"))
                })
                .unwrap_or_else(|| definition.clone());
            connection.execute_batch(&definition)?;
        }
        if let Some(first) = kept.rows.first() {
            let places = vec!["?"; first.len()].join(", ");
            let mut insert =
                connection.prepare(&format!("INSERT INTO temp.{quoted} VALUES ({places})"))?;
            for row in &kept.rows {
                insert.execute(params_from_iter(row))?;
            }
        }
        Ok(())
    };
    kept.iter()
        .try_for_each(|kept| put(kept).map_err(|error| sqlite_error(&error)))
}

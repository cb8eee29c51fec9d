//! What is remembered in the file beside the rows: the text of every definition in order, from which the catalog is made again,
//! and the last IDENTITY values.

use std::collections::BTreeMap;

use rusqlite::{Connection, params};
use time::{OffsetDateTime, PrimitiveDateTime, UtcOffset};

use super::apply::apply;
use crate::batch::{parse, statement::Action};
use crate::catalog::Catalog;
use crate::database::Engine;
use crate::error::SqlError;
use crate::failure::sqlite_error;

/// Makes the tables for it in a new file.
pub(crate) fn prepare(connection: &Connection) -> Result<(), SqlError> {
    let text = "CREATE TABLE IF NOT EXISTS embedded$definition (number INTEGER PRIMARY KEY, created INTEGER NOT NULL, text TEXT NOT NULL) STRICT;
        CREATE TABLE IF NOT EXISTS embedded$identity (name TEXT PRIMARY KEY, last INTEGER NOT NULL) STRICT;";
    connection
        .execute_batch(text)
        .map_err(|error| sqlite_error(&error))
}

/// Takes a definition down. A database in memory needs no record.
pub(super) fn append(
    engine: &Engine,
    text: &str,
    created: PrimitiveDateTime,
) -> Result<(), SqlError> {
    if !engine.identities.is_persistent() {
        return Ok(());
    }
    let insert = || {
        let mut insert = engine
            .connection
            .prepare_cached("INSERT INTO embedded$definition (created, text) VALUES (?1, ?2)")?;
        insert.execute(params![created.assume_utc().unix_timestamp(), text])
    };
    insert().map(drop).map_err(|error| sqlite_error(&error))
}

/// The catalog as the file's definitions make it.
pub(crate) fn read_catalog(connection: &Connection) -> Result<Catalog, SqlError> {
    let read = || {
        let mut select =
            connection.prepare("SELECT created, text FROM embedded$definition ORDER BY number")?;
        select
            .query_map([], |row| {
                Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?))
            })?
            .collect::<rusqlite::Result<Vec<_>>>()
    };
    let mut catalog = Catalog::default();
    for (created, text) in read().map_err(|error| sqlite_error(&error))? {
        let created = OffsetDateTime::from_unix_timestamp(created)
            .unwrap_or(OffsetDateTime::UNIX_EPOCH)
            .to_offset(UtcOffset::UTC);
        let created = PrimitiveDateTime::new(created.date(), created.time());
        for statement in parse::batch(&text)? {
            if let Action::Define { definition, .. } = &statement.action {
                apply(&mut catalog, definition, created)?;
            }
        }
    }
    Ok(catalog)
}

/// The IDENTITY values given last, by table.
pub(crate) fn read_identities(connection: &Connection) -> Result<BTreeMap<String, i64>, SqlError> {
    let read = || {
        let mut select = connection.prepare("SELECT name, last FROM embedded$identity")?;
        select
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<rusqlite::Result<_>>()
    };
    read().map_err(|error| sqlite_error(&error))
}

/// Writes the IDENTITY values down.
pub(crate) fn save_identities(
    connection: &Connection,
    last: &BTreeMap<String, i64>,
) -> Result<(), SqlError> {
    let save = || {
        connection.execute("DELETE FROM embedded$identity", [])?;
        let mut insert = connection
            .prepare_cached("INSERT INTO embedded$identity (name, last) VALUES (?1, ?2)")?;
        for (name, last) in last.iter().filter(|(name, _)| !name.starts_with('@')) {
            insert.execute(params![name, last])?;
        }
        Ok(())
    };
    save().map_err(|error: rusqlite::Error| sqlite_error(&error))
}

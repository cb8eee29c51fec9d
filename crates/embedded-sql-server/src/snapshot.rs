//! The rows of a database at one moment, to go back to: a test that tries one statement in many ways begins each time at the same place.

use std::{fmt::Write as _, sync::atomic::AtomicBool};

use rusqlite::{Connection, backup::Backup, types::ValueRef};

use crate::{
    catalog::Table,
    database::{Database, Engine, Identities},
    error::SqlError,
    failure::sqlite_error,
    translate::scope::quote_name,
};

/// The rows and the last values of IDENTITY columns at one moment. What is defined is not in it.
#[derive(Debug)]
pub struct Snapshot {
    rows: Connection,
    identities: Identities,
}

/// Sessions have numbers from 51.
const NO_SESSION: u64 = 0;

/// Every table by name, with its rows: each as it is kept, what is not NULL, for comparing and for showing what differs.
pub type Tables = Vec<(String, Vec<String>)>;

impl Database {
    /// Remembers every row, once no transaction is open.
    ///
    /// # Errors
    /// SQLite cannot copy, or a transaction does not end.
    pub fn snapshot(&self) -> Result<Snapshot, SqlError> {
        self.in_turn(|engine| {
            let mut rows = Connection::open_in_memory().map_err(|error| sqlite_error(&error))?;
            copy(&engine.connection, &mut rows)?;
            Ok(Snapshot {
                rows,
                identities: engine.identities.clone(),
            })
        })
    }

    /// Goes back to what was remembered, once no transaction is open. Nothing may have been defined since.
    ///
    /// # Errors
    /// SQLite cannot copy, or a transaction does not end.
    pub fn restore(&self, snapshot: &Snapshot) -> Result<(), SqlError> {
        self.in_turn(|engine| {
            copy(&snapshot.rows, &mut engine.connection)?;
            engine.identities = snapshot.identities.clone();
            Ok(())
        })
    }

    fn in_turn<T>(
        &self,
        act: impl FnOnce(&mut Engine) -> Result<T, SqlError>,
    ) -> Result<T, SqlError> {
        self.take_turn(NO_SESSION, None, &AtomicBool::new(false))?;
        let done = act(&mut self.engine());
        self.end_turn(NO_SESSION);
        done
    }

    /// Every row of every table, in the order in which they were written, once no transaction is open.
    ///
    /// # Errors
    /// A table cannot be read, or a transaction does not end.
    pub fn tables(&self) -> Result<Tables, SqlError> {
        let catalog = self.catalog();
        self.in_turn(|engine| {
            catalog
                .tables()
                .map(|table| {
                    let rows = rows(&engine.connection, table);
                    let rows = rows.map_err(|error| sqlite_error(&error))?;
                    Ok((table.name.clone(), rows))
                })
                .collect()
        })
    }
}

fn rows(connection: &Connection, table: &Table) -> rusqlite::Result<Vec<String>> {
    let text = format!("SELECT * FROM {} ORDER BY rowid", quote_name(&table.name));
    let mut statement = connection.prepare_cached(&text)?;
    let rows = statement.query_map([], |row| {
        let mut text = String::new();
        for (place, column) in table.columns.iter().enumerate() {
            let value = row.get_ref(place)?;
            if value != ValueRef::Null {
                let blank = if text.is_empty() { "" } else { ", " };
                // Writing to a text does not fail.
                write!(text, "{blank}{}: {}", column.name, words(value)).ok();
            }
        }
        Ok(text)
    })?;
    rows.collect()
}

fn words(value: ValueRef<'_>) -> String {
    match value {
        ValueRef::Null => "NULL".to_owned(),
        ValueRef::Integer(number) => number.to_string(),
        ValueRef::Real(number) => number.to_string(),
        ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned(),
        ValueRef::Blob(bytes) => format!("{bytes:02x?}"),
    }
}

fn copy(from: &Connection, to: &mut Connection) -> Result<(), SqlError> {
    let copied = Backup::new(from, to).and_then(|backup| backup.step(-1));
    copied.map(drop).map_err(|error| sqlite_error(&error))
}

#[cfg(test)]
mod tests {
    use crate::{collect::Collected, database::Storage};

    use super::*;

    fn run(database: &Database, text: &str) -> Collected {
        let mut answer = Collected::default();
        database.session().batch(text, &mut answer);
        assert_eq!(answer.errors, []);
        answer
    }

    #[test]
    fn rows_and_identities_are_as_they_were() {
        let database = Database::open(&Storage::Memory, "T").unwrap();
        run(
            &database,
            "CREATE TABLE dbo.T (Id int NOT NULL IDENTITY(1,1) PRIMARY KEY, Name nvarchar(9)); INSERT INTO dbo.T (Name) VALUES (N'a');",
        );
        let before = database.tables().unwrap();
        let snapshot = database.snapshot().unwrap();
        for _ in 0..2 {
            run(
                &database,
                "INSERT INTO dbo.T (Name) VALUES (N'b'); UPDATE dbo.T SET Name = N'c';",
            );
            let changed = database.tables().unwrap();
            assert_ne!(changed, before);
            assert_eq!(changed[0].1[1], "Id: 2, Name: c");
            database.restore(&snapshot).unwrap();
            assert_eq!(database.tables().unwrap(), before);
        }
    }
}

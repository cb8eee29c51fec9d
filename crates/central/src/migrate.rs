//! Sets a database up: applies the files of infra/sql, in order, each once, recorded with its checksum.
//!
//! Runs for tools only (cargo feature `migrate`), with a login that may create tables; the lambdas neither carry the files
//! nor need the right. Two runs at once are safe: the record of a file is written first in the file's transaction, so the
//! second waits for the first and then finds the file applied.

mod files;
mod report;
mod script;

use tiberius::{Query, Row};

use self::files::{File, Kind};
pub use self::{
    report::{Outcome, Report},
    script::{Script, load, number},
};
use crate::{
    Settings,
    pool::{self, Connection},
};

/// Which part of infra/sql is applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// The tables of AltaworxCentral: for a fresh database.
    Central,
    /// What this system adds: for any AltaworxCentral.
    Changes,
    /// One after the other.
    Both,
}

/// Why a database was not set up, or not to the end; files applied before stay applied.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// No connection came about.
    #[error("the database cannot be reached")]
    Unreachable(#[source] crate::error::ConnectError),
    /// The tables of somebody else are not ours to lay down.
    #[error(
        "refused: this database has a table dbo.Device that this runner did not create; an AltaworxCentral that exists \
         takes the part `changes` only"
    )]
    Foreign,
    /// A file was changed after it had been applied; the database and the file no longer tell the same.
    #[error(
        "refused: {0} was changed after it had been applied; a new file makes the change instead"
    )]
    Changed(&'static str),
    /// A statement failed; its file was rolled back.
    #[error("{file} failed")]
    Failed {
        /// Which file, or which step of the runner.
        file: &'static str,
        /// What the server said.
        #[source]
        source: tiberius::error::Error,
    },
    /// Rows of a script cannot be written as JSON.
    #[error("the rows of {file} cannot be written")]
    Parameter {
        /// Which file.
        file: &'static str,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
}

const STATE: &str = include_str!("migrate/state.sql");
const APPLIED: &str = include_str!("migrate/applied.sql");
const TABLE: &str = include_str!("migrate/table.sql");
const RECORD: &str = include_str!("migrate/record.sql");
const PROCEDURE: &str = include_str!("migrate/procedure.sql");

/// Applies what is not applied yet.
pub async fn apply(settings: Settings, which: Which) -> Result<Report, MigrateError> {
    let connection = pool::connect(&settings)
        .await
        .map_err(MigrateError::Unreachable)?;
    let mut runner = Runner {
        settings,
        connection,
    };
    let files = files::of(which);
    let recorded = runner.prepare(&files).await?;
    let mut report = Report::default();
    for file in files {
        let outcome = match recorded.iter().find(|(name, _)| name == file.name) {
            Some((_, checksum)) if *checksum == file.checksum() => Outcome::AlreadyThere,
            Some(_) => return Err(MigrateError::Changed(file.name)),
            None => runner.apply(&file).await?,
        };
        report.push(file.name, outcome);
    }
    Ok(report)
}

struct Runner {
    settings: Settings,
    connection: Connection,
}

impl Runner {
    /// Refuses a foreign database, makes the migrations table and reads what it holds: names and checksums.
    async fn prepare(&mut self, files: &[File]) -> Result<Vec<(String, String)>, MigrateError> {
        let state = self.rows("state.sql", Query::new(STATE)).await?;
        let present = |column: &str| {
            state
                .first()
                .and_then(|row| row.try_get::<i32, _>(column).ok().flatten())
                .is_some()
        };
        let has_record = present("Migrations");
        let recorded = if has_record {
            self.rows("applied.sql", Query::new(APPLIED))
                .await?
                .iter()
                .filter_map(|row| {
                    let name: &str = row.try_get("Name").ok().flatten()?;
                    let checksum: &str = row.try_get("Checksum").ok().flatten()?;
                    Some((name.to_owned(), checksum.to_owned()))
                })
                .collect()
        } else {
            Vec::new()
        };
        let lays_tables = files.iter().any(|file| file.kind == Kind::Central);
        let device_is_ours = recorded.iter().any(|(name, _)| name == files::DEVICE);
        if lays_tables && present("Device") && !device_is_ours {
            return Err(MigrateError::Foreign);
        }
        if has_record {
            return Ok(recorded);
        }
        match self.batch("table.sql", TABLE).await {
            // Somebody else has made it since we looked, and may have applied files: look again.
            Err(MigrateError::Failed { source, .. }) if source.code() == Some(2714) => {
                self.connection = pool::connect(&self.settings)
                    .await
                    .map_err(MigrateError::Unreachable)?;
                Box::pin(self.prepare(files)).await
            }
            made => made.map(|()| recorded),
        }
    }

    async fn apply(&mut self, file: &File) -> Result<Outcome, MigrateError> {
        if let Kind::Procedure { names } = file.kind {
            for name in names {
                let mut query = Query::new(PROCEDURE);
                query.bind(format!("dbo.{name}"));
                query.bind(file.name);
                let rows = self.rows(file.name, query).await?;
                let exists = rows
                    .first()
                    .and_then(|row| row.try_get::<i32, _>("Id").ok().flatten())
                    .is_some();
                if exists {
                    return Ok(Outcome::Skipped { procedure: name });
                }
            }
        }
        self.batch(file.name, "BEGIN TRANSACTION").await?;
        let mut record = Query::new(RECORD);
        record.bind(file.name);
        record.bind(file.checksum());
        match self.rows(file.name, record).await {
            Ok(_) => {}
            // Somebody else has applied it since we looked; closing the connection rolls back.
            Err(MigrateError::Failed { source, .. }) if source.code() == Some(2627) => {
                self.connection = pool::connect(&self.settings)
                    .await
                    .map_err(MigrateError::Unreachable)?;
                return Ok(Outcome::AlreadyThere);
            }
            Err(error) => return Err(error),
        }
        for batch in file.batches() {
            self.batch(file.name, &batch).await?;
        }
        self.batch(file.name, "COMMIT TRANSACTION").await?;
        Ok(Outcome::Applied)
    }

    async fn batch(&mut self, file: &'static str, text: &str) -> Result<(), MigrateError> {
        let failed = |source| MigrateError::Failed { file, source };
        self.connection
            .client
            .simple_query(text.to_owned())
            .await
            .map_err(failed)?
            .into_results()
            .await
            .map_err(failed)?;
        Ok(())
    }

    async fn rows(
        &mut self,
        file: &'static str,
        query: Query<'_>,
    ) -> Result<Vec<Row>, MigrateError> {
        let failed = |source| MigrateError::Failed { file, source };
        query
            .query(&mut self.connection.client)
            .await
            .map_err(failed)?
            .into_results()
            .await
            .map(|sets| sets.into_iter().next().unwrap_or_default())
            .map_err(failed)
    }
}

//! Sets a database up: applies the files of infra/sql, in order, each once, recorded with its checksum.
//!
//! Runs for tools only (cargo feature `migrate`), with a login that may create tables; the lambdas neither carry the files
//! nor need the right. Two runs at once are safe: the record of a file is written first in the file's transaction, so the
//! second waits for the first and then finds the file applied.

mod calls;
mod files;
mod indexes;
mod needs;
mod report;
mod script;

use tiberius::{Query, Row};

pub use self::{
    calls::CallFault,
    indexes::{NEEDED as NEEDED_INDEXES, NeededIndex},
    needs::{Fault, Unfit},
    report::{Outcome, Report},
    script::{Script, load, number},
};
use self::{
    files::{File, Kind},
    needs::{Column, Found, Needed},
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
    /// A database that somebody else made lacks what the statements need.
    #[error("{0}")]
    Unfit(Unfit),
    /// Roles are given rights on tables, so the tables come first.
    #[error(
        "refused: the part `changes` was not applied to this database; it comes before the rights"
    )]
    RightsBeforeTables,
    /// A file failed after others had been applied.
    #[error("{}", stopped(failed, applied, left))]
    Stopped {
        /// The file that failed; it was rolled back.
        failed: &'static str,
        /// Applied by this run before it; they stay.
        applied: Vec<&'static str>,
        /// Not tried.
        left: Vec<&'static str>,
        /// Why it failed.
        #[source]
        source: Box<MigrateError>,
    },
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

/// Applies what is not applied yet. Of a database that somebody else made it is found out first whether it has what the
/// statements need, and all that is missing is told at once.
pub async fn apply(settings: Settings, which: Which) -> Result<Report, MigrateError> {
    let connection = pool::connect(&settings)
        .await
        .map_err(MigrateError::Unreachable)?;
    let mut runner = Runner {
        settings,
        connection,
    };
    let files = files::of(which);
    let mut report = Report::default();
    if which == Which::Changes {
        report.missing_indexes = runner.check_needs().await?;
    }
    let recorded = runner.prepare(&files).await?;
    let checksum_of = |file: &File| recorded.iter().find(|(name, _)| name == file.name);
    for file in &files {
        if checksum_of(file).is_some_and(|(_, checksum)| *checksum != file.checksum()) {
            return Err(MigrateError::Changed(file.name));
        }
    }
    for (place, file) in files.iter().enumerate() {
        let outcome = if checksum_of(file).is_some() {
            Outcome::AlreadyThere
        } else {
            let done = runner.apply(file).await;
            done.map_err(|source| MigrateError::Stopped {
                failed: file.name,
                applied: report.names_applied(),
                left: files[place + 1..].iter().map(|file| file.name).collect(),
                source: Box::new(source),
            })?
        };
        report.push(file.name, outcome);
    }
    Ok(report)
}

/// Lays the roles of infra/sql/rights down, each time anew: what was granted before stays, so twice is as good as once.
///
/// What they hold depends on the database (which procedures it has of its own), so it is nothing to be recorded.
pub async fn rights(settings: Settings) -> Result<Report, MigrateError> {
    let connection = pool::connect(&settings)
        .await
        .map_err(MigrateError::Unreachable)?;
    let mut runner = Runner {
        settings,
        connection,
    };
    let state = runner.rows("state.sql", Query::new(STATE)).await?;
    if !present(&state, "Migrations") {
        return Err(MigrateError::RightsBeforeTables);
    }
    let mut report = Report::default();
    for file in files::RIGHTS {
        runner.batch(file.name, "BEGIN TRANSACTION").await?;
        for batch in file.batches() {
            runner.batch(file.name, &batch).await?;
        }
        runner.batch(file.name, "COMMIT TRANSACTION").await?;
        report.push(file.name, Outcome::Applied);
    }
    Ok(report)
}

/// Whether the state of a database names this object.
fn present(state: &[Row], column: &str) -> bool {
    state
        .first()
        .and_then(|row| row.try_get::<i32, _>(column).ok().flatten())
        .is_some()
}

fn stopped(failed: &str, applied: &[&str], left: &[&str]) -> String {
    let list = |names: &[&str]| match names {
        [] => "nothing".to_owned(),
        names => names.join(", "),
    };
    format!(
        "{failed} failed and was rolled back. Applied by this run and kept: {}. Not tried: {}. When the cause is mended, the \
         same command goes on from there",
        list(applied),
        list(left)
    )
}

struct Runner {
    settings: Settings,
    connection: Connection,
}

impl Runner {
    /// Refuses a foreign database, makes the migrations table and reads what it holds: names and checksums.
    async fn prepare(&mut self, files: &[File]) -> Result<Vec<(String, String)>, MigrateError> {
        let state = self.rows("state.sql", Query::new(STATE)).await?;
        let has_record = present(&state, "Migrations");
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
        if lays_tables && present(&state, "Device") && !device_is_ours {
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

    /// Compares the database with what the statements need. Answers what would make them fast and is not there.
    async fn check_needs(&mut self) -> Result<Vec<NeededIndex>, MigrateError> {
        let unreadable = |source| MigrateError::Parameter {
            file: "needed.json",
            source,
        };
        let needed = Needed::read().map_err(unreadable)?;
        let tables = serde_json::to_string(&needed.tables()).map_err(unreadable)?;
        let procedures: Vec<&str> = calls::names().collect();
        let procedures = serde_json::to_string(&procedures).map_err(unreadable)?;
        let mut query = Query::new(needs::NEEDS);
        query.bind(tables);
        query.bind(procedures);
        let sets = self.sets("needs.sql", query).await?;
        let found = found(&sets).map_err(|source| MigrateError::Failed {
            file: "needs.sql",
            source,
        })?;
        let faults = needed.compare(&found);
        if faults.is_empty() {
            Ok(indexes::missing(&found.leading))
        } else {
            Err(MigrateError::Unfit(Unfit(faults)))
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
        let sets = self.sets(file, query).await?;
        Ok(sets.into_iter().next().unwrap_or_default())
    }

    async fn sets(
        &mut self,
        file: &'static str,
        query: Query<'_>,
    ) -> Result<Vec<Vec<Row>>, MigrateError> {
        let failed = |source| MigrateError::Failed { file, source };
        query
            .query(&mut self.connection.client)
            .await
            .map_err(failed)?
            .into_results()
            .await
            .map_err(failed)
    }
}

/// The result sets of `needs.sql`, told apart by their columns: the driver leaves a set without rows out.
fn found(sets: &[Vec<Row>]) -> Result<Found, tiberius::error::Error> {
    let text = |row: &Row, column: &str| -> Result<String, tiberius::error::Error> {
        let text: Option<&str> = row.try_get(column)?;
        Ok(text.unwrap_or_default().to_owned())
    };
    let mut found = Found::default();
    for row in sets.iter().flatten() {
        let first = row.columns().first().map(tiberius::Column::name);
        match first {
            Some("TableName") => found.columns.push(Column {
                table: text(row, "TableName")?,
                name: text(row, "ColumnName")?,
                type_name: text(row, "TypeName")?,
                bytes: row.try_get("Bytes")?.unwrap_or_default(),
                demanded: row.try_get("IsDemanded")?.unwrap_or_default(),
            }),
            Some("ProcedureName") => {
                let name = text(row, "ProcedureName")?;
                let parameter = text(row, "ParameterName")?;
                if found
                    .procedures
                    .last()
                    .is_none_or(|(last, _)| *last != name)
                {
                    found.procedures.push((name, Vec::new()));
                }
                if let Some((_, parameters)) = found.procedures.last_mut()
                    && !parameter.is_empty()
                {
                    parameters.push((parameter, text(row, "TypeName")?));
                }
            }
            Some("IndexedTable") => {
                let table = text(row, "IndexedTable")?;
                found.leading.push((table, text(row, "LeadingColumn")?));
            }
            _ => {
                let collation = text(row, "Collation")?.to_uppercase();
                found.case_counts = collation.contains("_CS_") || collation.contains("_BIN");
            }
        }
    }
    Ok(found)
}

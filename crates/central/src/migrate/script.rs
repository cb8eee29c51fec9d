//! Runs the `.sql` files of tools: sample data, for example.

use serde::Serialize;
use tiberius::Query;

use super::{MigrateError, Runner};
use crate::{Settings, pool};

/// A file with at most one parameter, `@P1`.
#[derive(Debug, Clone)]
pub struct Script {
    name: &'static str,
    text: &'static str,
    parameter: Option<String>,
}

impl Script {
    /// A file without a parameter.
    #[must_use]
    pub fn new(name: &'static str, text: &'static str) -> Self {
        Self {
            name,
            text,
            parameter: None,
        }
    }

    /// With a text.
    #[must_use]
    pub fn with(mut self, parameter: String) -> Self {
        self.parameter = Some(parameter);
        self
    }

    /// With a set of rows, for `OPENJSON(@P1)`.
    pub fn with_json<T: Serialize + ?Sized>(self, rows: &T) -> Result<Self, MigrateError> {
        let file = self.name;
        let rows = serde_json::to_string(rows)
            .map_err(|source| MigrateError::Parameter { file, source })?;
        Ok(self.with(rows))
    }

    fn query(&self) -> Query<'_> {
        let mut query = Query::new(self.text);
        if let Some(parameter) = &self.parameter {
            query.bind(parameter.as_str());
        }
        query
    }
}

/// Runs files in one transaction: all of them or none.
pub async fn load(settings: &Settings, scripts: &[Script]) -> Result<(), MigrateError> {
    let mut runner = runner(settings).await?;
    runner
        .batch("BEGIN TRANSACTION", "BEGIN TRANSACTION")
        .await?;
    for script in scripts {
        runner.rows(script.name, script.query()).await?;
    }
    runner
        .batch("COMMIT TRANSACTION", "COMMIT TRANSACTION")
        .await
}

/// The number that a file answers, as bigint; 0 when it answers no row.
pub async fn number(settings: &Settings, script: &Script) -> Result<i64, MigrateError> {
    let rows = runner(settings)
        .await?
        .rows(script.name, script.query())
        .await?;
    rows.first()
        .map(|row| row.try_get(0))
        .transpose()
        .map(|number| number.flatten().unwrap_or_default())
        .map_err(|source| MigrateError::Failed {
            file: script.name,
            source,
        })
}

async fn runner(settings: &Settings) -> Result<Runner, MigrateError> {
    Ok(Runner {
        connection: pool::connect(settings)
            .await
            .map_err(MigrateError::Unreachable)?,
        settings: settings.clone(),
    })
}

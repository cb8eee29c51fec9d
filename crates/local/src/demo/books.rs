//! The demo's own look into the database, to check what the lambdas say about it.

use anyhow::Context;
use tiberius::{Client, Config, Row, ToSql};
use tokio::net::TcpStream;
use tokio_util::compat::{Compat, TokioAsyncWriteCompatExt};

/// A connection that only reads.
pub(super) struct Books {
    client: Client<Compat<TcpStream>>,
}

impl Books {
    pub(super) async fn open(connection_string: &str) -> anyhow::Result<Self> {
        let config = Config::from_ado_string(connection_string)?;
        let stream = TcpStream::connect(config.get_addr())
            .await
            .context("the database does not answer")?;
        stream.set_nodelay(true)?;
        let client = Client::connect(config, stream.compat_write())
            .await
            .context("the database refuses the demo")?;
        Ok(Self { client })
    }

    /// Every row of one statement.
    pub(super) async fn rows(
        &mut self,
        statement: &str,
        parameters: &[&dyn ToSql],
    ) -> anyhow::Result<Vec<Row>> {
        Ok(self
            .client
            .query(statement, parameters)
            .await?
            .into_first_result()
            .await?)
    }

    /// The one row of a statement that has exactly one.
    pub(super) async fn row(
        &mut self,
        statement: &str,
        parameters: &[&dyn ToSql],
    ) -> anyhow::Result<Row> {
        let mut rows = self.rows(statement, parameters).await?;
        let row = rows.pop().context("the database has no such row")?;
        anyhow::ensure!(rows.is_empty(), "the database has several such rows");
        Ok(row)
    }
}

/// A column that is not NULL.
pub(super) fn column<'a, T>(row: &'a Row, name: &str) -> anyhow::Result<T>
where
    T: tiberius::FromSql<'a>,
{
    row.try_get(name)?
        .with_context(|| format!("the column {name} is NULL"))
}

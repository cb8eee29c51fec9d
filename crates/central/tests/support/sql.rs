//! Plain statements of a test, beside the ones that are tested.

use std::sync::Arc;

use tiberius::{Client, Config, Row, ToSql};
use tokio::{net::TcpStream, sync::Mutex};
use tokio_util::compat::{Compat, TokioAsyncWriteCompatExt};

/// A connection of the test's own.
#[derive(Clone)]
pub struct Sql(Arc<Mutex<Client<Compat<TcpStream>>>>);

impl Sql {
    pub async fn connect(connection_string: &str) -> Self {
        let config = Config::from_ado_string(connection_string).expect("a connection string");
        let stream = TcpStream::connect(config.get_addr())
            .await
            .expect("a connection");
        stream.set_nodelay(true).expect("nodelay");
        let client = Client::connect(config, stream.compat_write())
            .await
            .expect("a login");
        Self(Arc::new(Mutex::new(client)))
    }

    /// The rows of the last result set.
    pub async fn rows(&self, text: &str, parameters: &[&dyn ToSql]) -> Vec<Row> {
        let mut client = self.0.lock().await;
        let stream = client
            .query(text, parameters)
            .await
            .unwrap_or_else(|error| panic!("{error}\n{text}"));
        let mut sets = stream
            .into_results()
            .await
            .unwrap_or_else(|error| panic!("{error}\n{text}"));
        sets.pop().unwrap_or_default()
    }

    /// The rows of the last result set, or none when the statement is refused with one of these numbers.
    pub async fn try_rows(
        &self,
        text: &str,
        parameters: &[&dyn ToSql],
        refused: &[u32],
    ) -> Option<Vec<Row>> {
        let mut client = self.0.lock().await;
        let answered = match client.query(text, parameters).await {
            Ok(stream) => stream.into_results().await,
            Err(error) => Err(error),
        };
        match answered {
            Ok(mut sets) => Some(sets.pop().unwrap_or_default()),
            Err(error) if error.code().is_some_and(|code| refused.contains(&code)) => None,
            Err(error) => panic!("{error}\n{text}"),
        }
    }

    pub async fn run(&self, text: &str, parameters: &[&dyn ToSql]) {
        self.rows(text, parameters).await;
    }

    /// The error number that a statement is refused with.
    pub async fn error(&self, text: &str) -> Option<u32> {
        let mut client = self.0.lock().await;
        match client.simple_query(text.to_owned()).await {
            Ok(stream) => stream.into_results().await.err()?.code(),
            Err(error) => error.code(),
        }
    }

    /// A count, as bigint: `SELECT COUNT_BIG(*) …`.
    pub async fn count(&self, text: &str, parameters: &[&dyn ToSql]) -> i64 {
        let rows = self.rows(text, parameters).await;
        rows[0].get(0).expect("a count")
    }

    /// The first column of each row, as text.
    pub async fn texts(&self, text: &str, parameters: &[&dyn ToSql]) -> Vec<Option<String>> {
        let rows = self.rows(text, parameters).await;
        rows.iter()
            .map(|row| row.get::<&str, _>(0).map(str::to_owned))
            .collect()
    }
}

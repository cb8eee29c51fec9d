//! The tables, seen from outside: a connection of its own, apart from the code under test.

use tiberius::{Client, Config, Row, ToSql};
use tokio::net::TcpStream;
use tokio_util::compat::{Compat, TokioAsyncWriteCompatExt};

/// A connection to the database under test.
pub struct Sql {
    client: Client<Compat<TcpStream>>,
}

impl Sql {
    /// Connects with an ADO connection string.
    pub async fn connect(connection_string: &str) -> Self {
        let config = Config::from_ado_string(connection_string).unwrap();
        let tcp = TcpStream::connect(config.get_addr()).await.unwrap();
        tcp.set_nodelay(true).unwrap();
        Self {
            client: Client::connect(config, tcp.compat_write()).await.unwrap(),
        }
    }

    /// The rows of the last result set.
    pub async fn query(&mut self, text: &str, parameters: &[&dyn ToSql]) -> Vec<Row> {
        let mut sets = self
            .client
            .query(text, parameters)
            .await
            .unwrap()
            .into_results()
            .await
            .unwrap();
        sets.pop().unwrap_or_default()
    }

    /// The error number that a statement is refused with.
    pub async fn refusal(&mut self, text: &str) -> Option<u32> {
        match self.client.simple_query(text).await {
            Ok(stream) => stream.into_results().await.err()?.code(),
            Err(error) => error.code(),
        }
    }

    /// The rows of a query without parameters.
    pub async fn rows(&mut self, text: &str) -> Vec<Row> {
        self.query(text, &[]).await
    }

    /// The one number that a query answers; a COUNT_BIG or a bigint column.
    pub async fn number(&mut self, text: &str) -> i64 {
        self.rows(text).await[0].get::<i64, _>(0).unwrap()
    }
}

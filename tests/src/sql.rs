//! The tables, seen from outside: a connection of its own, apart from the code under test.

use tiberius::{Client, Config, Row};
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
        Self { client: Client::connect(config, tcp.compat_write()).await.unwrap() }
    }

    /// All rows of one query.
    pub async fn rows(&mut self, query: &str) -> Vec<Row> {
        self.client.simple_query(query).await.unwrap().into_first_result().await.unwrap()
    }

    /// The one number that a query answers; a COUNT_BIG or a bigint column.
    pub async fn number(&mut self, query: &str) -> i64 {
        self.rows(query).await[0].get::<i64, _>(0).unwrap()
    }

    /// Runs a statement.
    pub async fn execute(&mut self, statement: &str) {
        self.client.simple_query(statement).await.unwrap().into_results().await.unwrap();
    }
}

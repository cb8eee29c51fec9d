//! The server as its users see it: tiberius in front, the engine behind.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a failed step is the failure of its test"
)]

#[path = "wire/faults.rs"]
mod faults;
#[path = "wire/project_files.rs"]
mod project_files;
#[path = "wire/round_trips.rs"]
mod round_trips;
#[path = "wire/transactions.rs"]
mod transactions;

use embedded_sql_server::{
    database::{Database, Storage},
    server::{Options, Server},
};
use tiberius::{Client, Config, Row};
use tokio::net::TcpStream;
use tokio_util::compat::{Compat, TokioAsyncWriteCompatExt};

type Tiberius = Client<Compat<TcpStream>>;

async fn server() -> Server {
    let database = Database::open(&Storage::Memory, "AltaworxCentral").unwrap();
    Server::start(Options::new(database)).await.unwrap()
}

async fn try_connect(server: &Server) -> tiberius::Result<Tiberius> {
    let config = Config::from_ado_string(&server.connection_string())?;
    let stream = TcpStream::connect(config.get_addr()).await?;
    Client::connect(config, stream.compat_write()).await
}

async fn connect(server: &Server) -> Tiberius {
    try_connect(server).await.unwrap()
}

/// Runs a batch and expects no error.
async fn run(client: &mut Tiberius, text: &str) {
    let outcome = client
        .simple_query(text)
        .await
        .unwrap()
        .into_results()
        .await;
    outcome.unwrap_or_else(|error| panic!("{error}\n{text}"));
}

/// The only row of a batch.
async fn row(client: &mut Tiberius, text: &str) -> Row {
    client
        .simple_query(text)
        .await
        .unwrap()
        .into_row()
        .await
        .unwrap_or_else(|error| panic!("{error}\n{text}"))
        .unwrap()
}

/// The number that a batch selects.
async fn number(client: &mut Tiberius, text: &str) -> i32 {
    row(client, text).await.get(0).unwrap()
}

/// The number of the error that a batch ends with.
async fn error_of(client: &mut Tiberius, text: &str) -> Option<u32> {
    match client.simple_query(text).await {
        Ok(stream) => stream.into_results().await.err(),
        Err(error) => Some(error),
    }
    .and_then(|error| error.code())
}

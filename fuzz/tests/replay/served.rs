//! The corpus of the wire against a server that runs: whatever a client sends, the next one is served.

use std::time::Duration;

use embedded_sql_server::{
    database::{Database, Storage},
    server::{Options, Server},
};
use tiberius::{Client, Config};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};
use tokio_util::compat::TokioAsyncWriteCompatExt;

use crate::corpus::inputs;

/// A server with an empty database.
pub(crate) async fn server() -> Server {
    let database = Database::open(&Storage::Memory, "AltaworxCentral").unwrap();
    Server::start(Options::new(database)).await.unwrap()
}

/// Sends bytes and reads until the server hangs up, which it does as soon as nothing more can come.
async fn send(server: &Server, bytes: &[u8]) {
    let mut stream = TcpStream::connect(server.address()).await.unwrap();
    // The server may have hung up before it has read all of it.
    let _ = stream.write_all(bytes).await;
    let _ = stream.shutdown().await;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    assert!(answer.len() < 1 << 20, "{} bytes of answer", answer.len());
}

#[tokio::test]
async fn whatever_a_client_sends_the_next_one_is_served() {
    let server = server().await;
    let inputs = inputs("tds");
    let login = inputs
        .iter()
        .find(|(name, _)| name == "session-numbers")
        .unwrap();
    for (name, input) in &inputs {
        // As the first bytes of a connection, and after a login.
        let logged_in = [&login.1, input.as_slice()].concat();
        for bytes in [input.as_slice(), &logged_in] {
            let sent = timeout(Duration::from_mins(1), send(&server, bytes)).await;
            assert!(
                sent.is_ok(),
                "{name}: the server neither answers nor hangs up"
            );
        }
        let stream = TcpStream::connect(server.address()).await.unwrap();
        let config = Config::from_ado_string(&server.connection_string()).unwrap();
        let mut client = Client::connect(config, stream.compat_write())
            .await
            .unwrap();
        let row = client
            .simple_query("SELECT 1")
            .await
            .unwrap()
            .into_row()
            .await
            .unwrap();
        assert_eq!(row.unwrap().get::<i32, _>(0), Some(1), "after {name}");
    }
    println!("{} inputs, twice each", inputs.len());
}

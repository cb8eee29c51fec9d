//! A database for a test: the embedded server with the project's own schema, or the server that `CENTRAL_TEST_CONNECTION` names.
//!
//! Every test makes its own tenants ([`World`]), so that tests on one server do not see each other.
#![allow(
    dead_code,
    unused_imports,
    reason = "each test binary uses its own part of the module"
)]
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "a test that cannot be set up fails"
)]

pub mod foreign;
mod sql;
pub mod submission;
mod world;

use central::{
    Central, Settings,
    migrate::{self, Which},
};
use embedded_sql_server::{database::Database, database::Storage, server::Options, server::Server};

pub use self::{
    sql::Sql,
    world::{Device, World},
};

/// A database with schema and nothing else.
pub struct Base {
    server: Option<Server>,
    connection_string: String,
    /// As the lambdas use it.
    pub central: Central,
    /// For what a test lays down and looks up.
    pub sql: Sql,
}

impl Base {
    /// The embedded server, or the one that the environment names.
    pub async fn start() -> Self {
        match std::env::var("CENTRAL_TEST_CONNECTION") {
            Ok(text) if !text.is_empty() => Self::on(text, None).await,
            _ => Self::embedded().await,
        }
    }

    /// The embedded server, for tests that need faults or its clock.
    pub async fn embedded() -> Self {
        let (server, text) = empty().await;
        Self::on(text, Some(server)).await
    }

    async fn on(connection_string: String, server: Option<Server>) -> Self {
        let settings = settings(&connection_string);
        migrate::apply(settings.clone(), Which::Both)
            .await
            .expect("infra/sql is applied");
        Self {
            central: Central::connect(settings).await.expect("a pool"),
            sql: Sql::connect(&connection_string).await,
            server,
            connection_string,
        }
    }

    /// The embedded server; only tests of a file named `embedded_*.rs` ask for it.
    pub fn server(&self) -> &Server {
        self.server.as_ref().expect("the embedded server")
    }

    /// Stops the embedded server and starts it again, at the same address and with the same data.
    pub async fn restart(&mut self) {
        let server = self.server.take().expect("the embedded server");
        let mut options = Options::new(server.database().clone());
        options.address = server.address();
        server.stop().await;
        self.server = Some(Server::start(options).await.expect("the same port"));
        self.sql = Sql::connect(&self.connection_string).await;
    }

    /// A second instance: a pool of its own.
    pub async fn another(&self) -> Central {
        Central::connect(self.settings()).await.expect("a pool")
    }

    /// To change time-outs before [`Central::connect`].
    pub fn settings(&self) -> Settings {
        settings(&self.connection_string)
    }
}

/// An embedded server with an empty database, and its connection string.
pub async fn empty() -> (Server, String) {
    let database = Database::open(&Storage::Memory, "AltaworxCentral").expect("a database");
    let server = Server::start(Options::new(database))
        .await
        .expect("a free port");
    let text = server.connection_string();
    (server, text)
}

pub fn settings(connection_string: &str) -> Settings {
    let mut settings =
        Settings::from_connection_string(connection_string).expect("a connection string");
    settings.pool_size = 8;
    settings
}

//! The schema and the logins of the embedded database, laid down once in a process: each world begins with a copy.

use central::migrate::{self, Which};
use embedded_sql_server::{
    database::Database,
    server::{Options, Server},
};
use tokio::sync::OnceCell;

use crate::{
    logins::Logins,
    world::{empty, settings},
};

static PREPARED: OnceCell<Database> = OnceCell::const_new();

/// A database with schema and logins, and no rows of a tenant.
pub(crate) async fn database() -> Database {
    PREPARED.get_or_init(prepare).await.copy().unwrap()
}

async fn prepare() -> Database {
    let database = empty();
    let server = Server::start(Options::new(database.clone())).await.unwrap();
    let owner = server.connection_string();
    migrate::apply(settings(&owner), Which::Both).await.unwrap();
    Logins::lay(&owner).await;
    server.stop().await;
    database
}

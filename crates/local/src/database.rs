//! AltaworxCentral on this machine: the embedded server with the project's tables, procedures and sample data.

use std::{io, net::SocketAddr};

use anyhow::{Context, bail};
use central::migrate::{self, Which};
use embedded_sql_server::{
    database::{Database, Storage},
    server::{self, Server},
};

use crate::{logins, sample};

/// The name that everything which uses the database expects.
const NAME: &str = "AltaworxCentral";

/// How a [`LocalDatabase`] starts.
#[derive(Debug)]
pub struct Options {
    /// Port on 127.0.0.1; 0 takes a free one.
    pub port: u16,
    /// In memory, or in a file that keeps what was done.
    pub storage: Storage,
    /// Where the sample data says that Rev.io is.
    pub rev_url: String,
}

/// A running database. Dropping it cuts its connections.
pub struct LocalDatabase {
    server: Server,
    connection_string: String,
}

impl LocalDatabase {
    /// Starts the server and applies infra/sql; an empty database gets the sample data.
    pub async fn start(options: Options) -> anyhow::Result<Self> {
        let database = Database::open(&options.storage, NAME)
            .with_context(|| format!("cannot open the database ({:?})", options.storage))?;
        let address = SocketAddr::from(([127, 0, 0, 1], options.port));
        let server = match Server::start(server::Options {
            address,
            ..server::Options::new(database)
        })
        .await
        {
            Ok(server) => server,
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => bail!(
                "port {} on 127.0.0.1 is taken by another program: choose another port, or 0 for a free one",
                options.port
            ),
            Err(error) => {
                return Err(error).with_context(|| format!("cannot listen on {address}"));
            }
        };
        let connection_string = server.connection_string();
        let settings = central::Settings::from_connection_string(&connection_string)?;
        migrate::apply(settings.clone(), Which::Both)
            .await
            .context("infra/sql could not be applied")?;
        logins::lay_down(&settings)
            .await
            .context("roles and logins could not be laid down")?;
        sample::lay_down(&settings, &sample::Options::new(&options.rev_url))
            .await
            .context("the sample data could not be laid down")?;
        Ok(Self {
            server,
            connection_string,
        })
    }

    /// For a client who may everything: ADO form.
    #[must_use]
    pub fn connection_string(&self) -> &str {
        &self.connection_string
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// The certificate (DER) of its TLS, which was made at its start.
    #[must_use]
    pub fn certificate(&self) -> &[u8] {
        self.server.certificate()
    }

    /// Cuts all connections and returns when their sessions have ended.
    pub async fn stop(self) {
        self.server.stop().await;
    }
}

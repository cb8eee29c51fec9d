//! The server: a listener, a task for each connection, and what they share.

mod connection;
mod login;
mod session_thread;
mod transport;
#[cfg(test)]
mod wire_tests;

use std::{
    convert::Infallible,
    fmt, io,
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use tokio::{
    net::{TcpListener, TcpStream},
    sync::mpsc,
    task::JoinSet,
};
use tokio_rustls::TlsAcceptor;

use crate::{database::Database, faults::Faults, interrupted::Interrupted};
use session_thread::{Requests, RunningCount};

/// How a server is started.
#[derive(Clone)]
pub struct Options {
    /// Where to listen; port 0 takes any free one.
    pub address: SocketAddr,
    /// The owner, who may everything; CREATE LOGIN makes others. Names of users are compared without case.
    pub user: String,
    /// The password of the user.
    pub password: String,
    /// What is served.
    pub database: Database,
    /// A client that has not logged in after this time is dropped.
    pub login_within: Duration,
}

impl Options {
    /// On any free port of this machine, for `sa` with a made-up password.
    #[must_use]
    pub fn new(database: Database) -> Self {
        Self {
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            user: "sa".to_owned(),
            password: "Embedded-Only-1".to_owned(),
            database,
            login_within: Duration::from_secs(15),
        }
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The password stays out of every log.
        formatter
            .debug_struct("Options")
            .field("address", &self.address)
            .field("user", &self.user)
            .field("database", &self.database.name())
            .finish_non_exhaustive()
    }
}

/// Opens a session for this user.
type Open = dyn Fn(&str) -> Box<dyn Requests + Send> + Send + Sync;

/// What all connections of a server share.
struct Shared {
    user: String,
    password: String,
    database: String,
    /// Knows the logins beside the owner's.
    served: Database,
    login_within: Duration,
    faults: Faults,
    interrupted: Interrupted,
    tls: TlsAcceptor,
    certificate: Vec<u8>,
    open: Box<Open>,
    /// Each session holds one; all are gone when the last session has ended.
    alive: mpsc::Sender<Infallible>,
    running: RunningCount,
}

/// A running server. Dropping it cuts its connections.
pub struct Server {
    address: SocketAddr,
    options: Options,
    shared: Arc<Shared>,
    /// Holds the connections.
    accepting: JoinSet<()>,
    sessions: mpsc::Receiver<Infallible>,
}

impl Server {
    /// Listens, and serves from now on.
    ///
    /// # Errors
    /// The address cannot be listened on.
    pub async fn start(options: Options) -> io::Result<Self> {
        let database = options.database.clone();
        let open = move |user: &str| -> Box<dyn Requests + Send> {
            let mut session = database.session();
            session.set_user(user);
            Box::new(session)
        };
        Self::start_with(options, Box::new(open)).await
    }

    async fn start_with(options: Options, open: Box<Open>) -> io::Result<Self> {
        let listener = TcpListener::bind(options.address).await?;
        let address = listener.local_addr()?;
        let (alive, sessions) = mpsc::channel(1);
        let (tls, certificate) = transport::acceptor()?;
        let shared = Arc::new(Shared {
            user: options.user.clone(),
            password: options.password.clone(),
            database: options.database.name().to_owned(),
            served: options.database.clone(),
            login_within: options.login_within,
            faults: Faults::default(),
            interrupted: Interrupted::default(),
            tls,
            certificate,
            open,
            alive,
            running: RunningCount::default(),
        });
        let mut accepting = JoinSet::new();
        accepting.spawn(accept(listener, Arc::clone(&shared)));
        tracing::debug!(%address, "the embedded SQL Server listens");
        Ok(Self {
            address,
            options,
            shared,
            accepting,
            sessions,
        })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// An ADO.NET connection string, as tiberius reads it.
    ///
    /// `Encrypt=DANGER_PLAINTEXT` is tiberius's word for no TLS at all. `Encrypt=false` (TLS for the login) and
    /// `Encrypt=true` work as well, with a certificate that has to be trusted unseen; they only take longer.
    #[must_use]
    pub fn connection_string(&self) -> String {
        format!(
            "Server=tcp:{},{};Database={};User Id={};Password={};Encrypt=DANGER_PLAINTEXT;TrustServerCertificate=true",
            self.address.ip(),
            self.address.port(),
            self.options.database.name(),
            self.options.user,
            self.options.password,
        )
    }

    /// The certificate (DER) that was made at the start, for `localhost` and 127.0.0.1: a client that trusts it can check it.
    #[must_use]
    pub fn certificate(&self) -> &[u8] {
        &self.shared.certificate
    }

    /// What is served.
    #[must_use]
    pub fn database(&self) -> &Database {
        &self.options.database
    }

    /// How many sessions there are: one for each client that is logged in, until what it ran has ended too.
    #[must_use]
    pub fn sessions(&self) -> usize {
        // One is the server's own.
        self.shared.alive.strong_count().saturating_sub(1)
    }

    /// How many requests run now or wait for their turn. Whoever moves clocks by hand lets none of them wait for no reason.
    #[must_use]
    pub fn requests_running(&self) -> usize {
        self.shared.running.now()
    }

    /// What is to go wrong.
    #[must_use]
    pub fn faults(&self) -> &Faults {
        &self.shared.faults
    }

    /// Which connections were interrupted, and what was asked of them afterwards.
    #[must_use]
    pub fn interrupted(&self) -> &Interrupted {
        &self.shared.interrupted
    }

    /// Stops listening, cuts all connections and waits until their sessions have ended.
    pub async fn stop(self) {
        let Self {
            mut accepting,
            shared,
            mut sessions,
            ..
        } = self;
        accepting.shutdown().await;
        drop(shared);
        // Nothing is ever sent: it ends when the last session is gone.
        while sessions.recv().await.is_some() {}
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    // Dropped with this task, which cuts the connections.
    let mut connections = JoinSet::new();
    let mut number: u16 = 50;
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => {
                    if shared.faults.refuses_connections() {
                        tracing::debug!(%peer, "a connection is refused, as asked for");
                        continue;
                    }
                    // Numbers of sessions up to 50 are SQL Server's own.
                    number = number.checked_add(1).unwrap_or(51);
                    connections.spawn(serve(stream, peer, number, Arc::clone(&shared)));
                }
                // Too many open files, or a client that is gone already: the next one may do.
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn serve(stream: TcpStream, peer: SocketAddr, number: u16, shared: Arc<Shared>) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%peer, number, %error, "the connection cannot be set up");
    }
    match connection::serve(stream, number, &shared).await {
        Ok(()) => tracing::debug!(%peer, number, "the connection has ended"),
        Err(end) if end.is_expected() => {
            tracing::debug!(%peer, number, %end, "the connection has ended");
        }
        Err(end) => tracing::warn!(%peer, number, %end, "the connection was ended"),
    }
}

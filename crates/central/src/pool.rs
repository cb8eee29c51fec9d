//! The pool: connections that were interrupted are dropped, never given back.
//!
//! After an error tiberius loses ENVCHANGE tokens and keeps a stale transaction descriptor, so a connection is marked dirty
//! before a statement is sent and clean after its last row was read without an error. A connection that the server closed
//! while it lay in the pool is found out at checkout by a look at its socket, without a round trip.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use bb8::{ErrorSink, ManageConnection, Pool};
use bb8_tiberius::{ConnectionManager, rt::Client};
use tokio::time::Instant;

use crate::{
    Settings,
    authority::Authorities,
    error::ConnectError,
    login::{Login, Logins},
    socket::Socket,
};

/// A connection and whether its last statement was read to the end.
pub(crate) struct Connection {
    pub(crate) client: Client,
    pub(crate) dirty: bool,
    socket: Socket,
}

/// Wraps the manager of bb8-tiberius, which thinks that every connection is whole.
pub(crate) struct Manager {
    config: tiberius::Config,
    logins: Option<Arc<dyn Logins>>,
    authorities: Option<Arc<Authorities>>,
    connect_timeout: Duration,
    last_error: LastConnectError,
}

impl Manager {
    /// Logs in; with a newer login if this one is refused and there is one.
    async fn log_in(&self) -> Result<Connection, ConnectError> {
        let Some(logins) = &self.logins else {
            return self.encrypted(self.config.clone()).await;
        };
        let login = logins.login(None).await.map_err(ConnectError::NoLogin)?;
        let refused = match self.encrypted(self.with(&login)).await {
            Err(error) if error.is_login_refused() => error,
            other => return other,
        };
        let newer = logins
            .login(Some(&login))
            .await
            .map_err(ConnectError::NoLogin)?;
        if newer == login {
            return Err(refused);
        }
        self.encrypted(self.with(&newer)).await
    }

    fn with(&self, login: &Login) -> tiberius::Config {
        let mut config = self.config.clone();
        login.put_into(&mut config);
        config
    }

    /// Connects with the authority that the server's certificate comes from.
    async fn encrypted(&self, config: tiberius::Config) -> Result<Connection, ConnectError> {
        let Some(authorities) = &self.authorities else {
            return self.once(config).await;
        };
        let mut untrusted = None;
        for (place, file) in authorities.candidates() {
            let mut config = config.clone();
            config.trust_cert_ca(file.to_string_lossy());
            match self.once(config).await {
                Err(error) if error.is_untrusted() => untrusted = Some(error),
                other => {
                    if other.is_ok() {
                        authorities.remember(place);
                    }
                    return other;
                }
            }
        }
        Err(untrusted.unwrap_or(ConnectError::Closed))
    }

    async fn once(&self, config: tiberius::Config) -> Result<Connection, ConnectError> {
        let socket = Socket::default();
        let opened = socket.clone();
        ConnectionManager::new(config)
            .with_modify_tcp_stream(move |stream| opened.remember(stream))
            .connect()
            .await
            .map(|client| Connection {
                client,
                dirty: false,
                socket,
            })
            .map_err(|error| refused(Arc::new(error)))
    }
}

fn refused(error: Arc<bb8_tiberius::Error>) -> ConnectError {
    // The driver keeps nothing but the words of rustls. A signature is bad when an authority has the right name and another key.
    let words = format!("{error:?}");
    if words.contains("UnknownIssuer") || words.contains("BadSignature") {
        ConnectError::Untrusted(error)
    } else {
        ConnectError::Driver(error)
    }
}

impl ManageConnection for Manager {
    type Connection = Connection;
    type Error = ConnectError;

    async fn connect(&self) -> Result<Connection, ConnectError> {
        let connected = tokio::time::timeout(self.connect_timeout, self.log_in())
            .await
            .unwrap_or(Err(ConnectError::TimedOut(self.connect_timeout)));
        if connected.is_ok() {
            self.last_error.forget();
        }
        connected
    }

    async fn is_valid(&self, connection: &mut Connection) -> Result<(), ConnectError> {
        if connection.socket.is_quiet() {
            Ok(())
        } else {
            Err(ConnectError::Closed)
        }
    }

    fn has_broken(&self, connection: &mut Connection) -> bool {
        connection.dirty
    }
}

/// Keeps why connecting failed: bb8 itself only says that it took too long.
#[derive(Debug, Clone, Default)]
pub(crate) struct LastConnectError(Arc<Mutex<Option<(Instant, ConnectError)>>>);

impl LastConnectError {
    /// The last failure, if it is no older and no connection came about since. It stays for others who wait for a connection, too.
    pub(crate) fn within(&self, time: Duration) -> Option<ConnectError> {
        let last = self.lock();
        let (at, error) = last.as_ref()?;
        (at.elapsed() <= time).then(|| error.clone())
    }

    fn forget(&self) {
        *self.lock() = None;
    }

    fn lock(&self) -> MutexGuard<'_, Option<(Instant, ConnectError)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ErrorSink<ConnectError> for LastConnectError {
    fn sink(&self, error: ConnectError) {
        *self.lock() = Some((Instant::now(), error));
    }

    fn boxed_clone(&self) -> Box<dyn ErrorSink<ConnectError>> {
        Box::new(self.clone())
    }
}

/// A pool that connects when it is first asked; the database need not be up.
pub(crate) async fn open(
    settings: &Settings,
) -> Result<(Pool<Manager>, LastConnectError), ConnectError> {
    let last_error = LastConnectError::default();
    let pool = Pool::builder()
        .max_size(settings.pool_size.max(1))
        .connection_timeout(settings.checkout_timeout)
        .test_on_check_out(true)
        .error_sink(last_error.boxed_clone())
        .build(manager(settings, last_error.clone()))
        .await?;
    Ok((pool, last_error))
}

fn manager(settings: &Settings, last_error: LastConnectError) -> Manager {
    Manager {
        config: settings.config.clone(),
        logins: settings.logins.clone(),
        authorities: settings.authorities.clone(),
        connect_timeout: settings.connect_timeout,
        last_error,
    }
}

/// One connection of its own, outside of any pool.
#[cfg(feature = "migrate")]
pub(crate) async fn connect(settings: &Settings) -> Result<Connection, ConnectError> {
    manager(settings, LastConnectError::default())
        .connect()
        .await
}

//! A stand-in for the sign-in service (an `OpenID` Connect issuer), for local runs and tests.
//!
//! It signs with keys made at start and hands a token to whoever asks, so it listens on loopback only.
//! What a real issuer guarantees about its tokens is decided in `intake`; here the interesting part is how
//! easily a test gets a good token and every kind of bad one ([`bad_tokens`]).

pub mod bad_tokens;
mod claims;
mod code_flow;
mod endpoints;
pub mod event_key;
mod keys;
pub mod people;

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc, OnceLock, PoisonError, RwLock,
        atomic::{AtomicUsize, Ordering},
    },
};

use tokio::{net::TcpListener, task::JoinHandle};

pub use claims::{Claims, Permission};
use keys::SigningKeys;
pub use keys::{Algorithm, KeyError};

/// The audience of tokens for which nobody named one.
pub const DEFAULT_AUDIENCE: &str = "m2m-portal";

/// How a [`SignIn`] starts.
#[derive(Debug, Clone)]
pub struct Options {
    /// Port on 127.0.0.1; 0 takes a free one.
    pub port: u16,
    /// `aud` of every token whose claims name no other.
    pub audience: String,
    /// `iss` of every token, when it is to be another address than the one where this one listens.
    pub issuer: Option<String>,
    /// Serve the key of the samples in events/ too ([`event_key`]).
    pub with_event_key: bool,
    /// Begin with the keys that the first such one of this process made: making some takes a tenth of a second, which adds up in a
    /// test of many worlds.
    pub keys_of_the_process: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            port: 0,
            audience: DEFAULT_AUDIENCE.to_owned(),
            issuer: None,
            with_event_key: false,
            keys_of_the_process: false,
        }
    }
}

/// Why the stand-in did not start, or could not make new keys.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// Somebody listens there already.
    #[error(
        "port {port} on 127.0.0.1 is taken by another program: choose another port, or 0 for a free one"
    )]
    PortTaken {
        /// The port that was asked for.
        port: u16,
    },
    /// Listening failed for another reason.
    #[error("cannot listen on 127.0.0.1:{port}")]
    Listen {
        /// The port that was asked for.
        port: u16,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The cryptography library made no key.
    #[error("no signing key could be made")]
    Keys(#[from] KeyError),
}

/// A running issuer. Dropping it ends the server.
#[derive(Debug)]
pub struct SignIn {
    desk: Arc<Desk>,
    server: JoinHandle<()>,
}

/// What the server and the in-process handle share.
#[derive(Debug)]
pub(crate) struct Desk {
    address: String,
    issuer: String,
    with_event_key: bool,
    audience: String,
    keys: RwLock<Arc<SigningKeys>>,
    key_fetches: AtomicUsize,
    codes: code_flow::Codes,
}

impl Desk {
    fn keys(&self) -> Arc<SigningKeys> {
        Arc::clone(&self.keys.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn token(&self, claims: &Claims) -> String {
        self.keys().sign(
            claims.algorithm,
            &claims.payload(&self.issuer, &self.audience),
        )
    }
}

impl SignIn {
    /// Makes the keys and begins to listen.
    pub async fn start(options: Options) -> Result<Self, SignInError> {
        let port = options.port;
        let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port)))
            .await
            .map_err(|source| listen_error(port, source))?;
        let address = listener
            .local_addr()
            .map_err(|source| SignInError::Listen { port, source })?;
        let address = format!("http://{address}");
        let desk = Arc::new(Desk {
            issuer: options.issuer.unwrap_or_else(|| address.clone()),
            address,
            with_event_key: options.with_event_key,
            audience: options.audience,
            keys: RwLock::new(if options.keys_of_the_process {
                keys_of_the_process()?
            } else {
                Arc::new(SigningKeys::generate()?)
            }),
            key_fetches: AtomicUsize::new(0),
            codes: code_flow::Codes::default(),
        });
        let router = endpoints::router(Arc::clone(&desk));
        let server = tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, router).await {
                tracing::error!(%error, "the sign-in stand-in stopped");
            }
        });
        Ok(Self { desk, server })
    }

    /// Where it listens: `http://127.0.0.1:<port>`, no slash at the end.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.desk.address
    }

    /// The issuer (`iss`), which is also the address when [`Options::issuer`] names no other.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.desk.issuer
    }

    /// Where the public keys are served.
    #[must_use]
    pub fn jwks_url(&self) -> String {
        format!("{}/jwks.json", self.desk.address)
    }

    /// The audience of tokens for which nobody named one.
    #[must_use]
    pub fn audience(&self) -> &str {
        &self.desk.audience
    }

    /// An access token with these claims, signed with a key that `/jwks.json` serves.
    #[must_use]
    pub fn token(&self, claims: &Claims) -> String {
        self.desk.token(claims)
    }

    /// How often `/jwks.json` was fetched since the start.
    #[must_use]
    pub fn key_fetches(&self) -> usize {
        self.desk.key_fetches.load(Ordering::SeqCst)
    }

    /// Signs with new keys from now on and no longer serves the old ones, as an issuer does after a leak.
    pub fn rotate_keys(&self) -> Result<(), SignInError> {
        let keys = Arc::new(SigningKeys::generate()?);
        *self
            .desk
            .keys
            .write()
            .unwrap_or_else(PoisonError::into_inner) = keys;
        Ok(())
    }

    pub(crate) fn keys(&self) -> Arc<SigningKeys> {
        self.desk.keys()
    }
}

/// Made when they are first asked for.
fn keys_of_the_process() -> Result<Arc<SigningKeys>, KeyError> {
    static KEYS: OnceLock<Arc<SigningKeys>> = OnceLock::new();
    if let Some(keys) = KEYS.get() {
        return Ok(Arc::clone(keys));
    }
    let made = Arc::new(SigningKeys::generate()?);
    Ok(Arc::clone(KEYS.get_or_init(|| made)))
}

impl Drop for SignIn {
    fn drop(&mut self) {
        self.server.abort();
    }
}

fn listen_error(port: u16, source: io::Error) -> SignInError {
    if source.kind() == io::ErrorKind::AddrInUse {
        SignInError::PortTaken { port }
    } else {
        SignInError::Listen { port, source }
    }
}

#[cfg(test)]
mod tests;

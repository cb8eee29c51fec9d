//! What can be wrong before any call is made.

/// Why a text is not a base URL that money may be spent at.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BaseUrlRefused {
    /// The text is no URL.
    #[error("the base URL of Rev.io cannot be read")]
    Unreadable(#[source] url::ParseError),
    /// Neither https nor, where the settings allow it, http to this machine.
    #[error("the base URL of Rev.io must begin with https://")]
    NotHttps,
    /// The host, or the port beside it, is not on the allow-list.
    #[error("the host {host:?} is not on the list of allowed Rev.io hosts")]
    HostNotAllowed {
        /// Host as written, with the port when one is given.
        host: String,
    },
    /// A user name, password, query or fragment has no place in a base URL.
    #[error("the base URL of Rev.io must be scheme, host and path only")]
    MoreThanAPath,
}

/// Why the client could not be made.
#[cfg(feature = "client")]
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The HTTP client could not be set up, for example because no certificate store was found.
    #[error("the HTTP client for Rev.io could not be set up")]
    Http(#[source] reqwest::Error),
}

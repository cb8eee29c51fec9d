//! Which connections were interrupted, and whether anything was asked of them afterwards.
//!
//! A client that gives a connection back to its pool although a statement on it did not come to its end is found out here, whatever it
//! thinks of itself.

use std::{
    collections::{BTreeMap, btree_map::Entry},
    sync::{Mutex, MutexGuard, PoisonError},
};

/// So much of a statement names it.
const NAMED_BY: usize = 60;

/// Connections that a fault struck or that were answered with an error.
#[derive(Debug, Default)]
pub struct Interrupted(Mutex<BTreeMap<u16, Vec<String>>>);

impl Interrupted {
    /// How many connections were interrupted since the server started.
    pub fn connections(&self) -> usize {
        self.lock().len()
    }

    /// What was asked of connections after they had been interrupted: the beginnings of the statements.
    pub fn asked_again(&self) -> Vec<String> {
        self.lock().values().flatten().cloned().collect()
    }

    pub(crate) fn mark(&self, connection: u16) {
        self.lock().entry(connection).or_default();
    }

    /// A statement has come in.
    pub(crate) fn asked(&self, connection: u16, statement: &str) {
        if let Entry::Occupied(mut asked) = self.lock().entry(connection) {
            asked
                .get_mut()
                .push(statement.chars().take(NAMED_BY).collect());
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<u16, Vec<String>>> {
        // Nothing within the lock can leave its data half changed.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

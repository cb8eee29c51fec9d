//! What users with limited rights really did: for tests that compare it with what they were given.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::{Access, Explored, Right};
use crate::database::Database;
use crate::value::Parameter;

/// By user, in lower case.
#[derive(Debug, Default)]
pub(crate) struct Ledger(Mutex<BTreeMap<String, Entry>>);

#[derive(Debug, Default)]
struct Entry {
    used: BTreeSet<Access>,
    /// How many batches with parameters it sent.
    requests: u64,
    /// The batches with parameters that it sent, each with the parameters of the first time.
    batches: BTreeMap<String, Vec<Parameter>>,
}

impl Ledger {
    fn entries(&self) -> MutexGuard<'_, BTreeMap<String, Entry>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A statement that was allowed has run.
    pub(crate) fn used(&self, user: &str, accesses: &BTreeSet<Access>) {
        let mut entries = self.entries();
        entries
            .entry(user.to_lowercase())
            .or_default()
            .used
            .extend(accesses);
    }

    /// A batch was sent.
    pub(crate) fn sent(&self, user: &str, text: &str, parameters: &[Parameter]) {
        let mut entries = self.entries();
        let entry = entries.entry(user.to_lowercase()).or_default();
        entry.requests += 1;
        let batches = &mut entry.batches;
        if !batches.contains_key(text) {
            batches.insert(text.to_owned(), parameters.to_vec());
        }
    }
}

impl Database {
    /// What a role or user was granted itself.
    #[must_use]
    pub fn rights_granted(&self, principal: &str) -> BTreeSet<Right> {
        let catalog = self.catalog();
        catalog.principals.granted(&catalog, principal)
    }

    /// What the statements that a user ran so far really needed.
    #[must_use]
    pub fn rights_used(&self, user: &str) -> BTreeSet<Right> {
        let catalog = self.catalog();
        let entries = self.ledger().entries();
        entries
            .get(&user.to_lowercase())
            .into_iter()
            .flat_map(|entry| &entry.used)
            .filter_map(|access| access.named(&catalog))
            .collect()
    }

    /// How many batches with parameters a user sent so far, repeated ones included.
    #[must_use]
    pub fn requests_of(&self, user: &str) -> u64 {
        let entries = self.ledger().entries();
        entries
            .get(&user.to_lowercase())
            .map_or(0, |entry| entry.requests)
    }

    /// The batches with parameters that a user sent so far.
    #[must_use]
    pub fn batches_of(&self, user: &str) -> Vec<String> {
        let entries = self.ledger().entries();
        entries
            .get(&user.to_lowercase())
            .map(|entry| entry.batches.keys().cloned().collect())
            .unwrap_or_default()
    }

    /// What every branch of the batches that a user sent so far could need, whichever way they went.
    #[must_use]
    pub fn rights_needed(&self, user: &str) -> Explored {
        let batches = {
            let entries = self.ledger().entries();
            entries
                .get(&user.to_lowercase())
                .map(|entry| entry.batches.clone())
                .unwrap_or_default()
        };
        let mut all = Explored::default();
        for (text, parameters) in batches {
            all.add(self.explore(&text, &parameters));
        }
        all
    }
}

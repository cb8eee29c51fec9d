//! Rev accounts as the claims bring them: read with a claim, kept for a while, so that no round trip is spent on them.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use association::ids::{BulkChangeId, IntegrationAuthenticationId};
use rev::{Account, Credentials};

/// After this time the credentials are read again, so that a rotation needs no restart.
const KEPT: Duration = Duration::from_mins(5);

/// The accounts that this instance has seen, and which bulk change is billed by which.
#[derive(Default)]
pub(crate) struct Accounts {
    known: Mutex<State>,
}

#[derive(Default)]
struct State {
    accounts: HashMap<IntegrationAuthenticationId, (Instant, Account)>,
    bulk_changes: HashMap<BulkChangeId, (Instant, IntegrationAuthenticationId)>,
    /// What Rev did not take last.
    refused: HashMap<IntegrationAuthenticationId, Credentials>,
}

/// The account of a bulk change, if it was read not long ago.
pub(crate) struct Known(Option<Account>);

impl Known {
    pub(crate) fn account(&self) -> Option<&Account> {
        self.0.as_ref()
    }

    pub(crate) fn into_account(self) -> Option<Account> {
        self.0
    }
}

impl Accounts {
    /// The account that a bulk change is billed by.
    pub(crate) fn of(&self, bulk_change: BulkChangeId) -> Known {
        let state = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let account = state
            .bulk_changes
            .get(&bulk_change)
            .and_then(|(_, id)| state.accounts.get(id))
            .filter(|(read, _)| read.elapsed() < KEPT)
            .map(|(_, account)| account.clone());
        Known(account)
    }

    /// Keeps an account that was just read.
    pub(crate) fn keep(&self, bulk_change: BulkChangeId, account: Account) {
        let now = Instant::now();
        let mut state = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        state
            .bulk_changes
            .retain(|_, (read, _)| read.elapsed() < KEPT);
        state.bulk_changes.insert(bulk_change, (now, account.id));
        state.accounts.insert(account.id, (now, account));
    }

    /// Forgets an account whose credentials were refused: the next claim reads them again.
    pub(crate) fn forget(&self, id: IntegrationAuthenticationId) {
        let mut state = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, account)) = state.accounts.remove(&id) {
            state.refused.insert(id, account.credentials);
        }
    }

    /// The credentials of an account that were refused last, here.
    pub(crate) fn refused(&self, id: IntegrationAuthenticationId) -> Option<Credentials> {
        let state = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        state.refused.get(&id).cloned()
    }
}

//! What the answers of one claim say about the Rev account itself, and who stands back for how long.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use association::ids::IntegrationAuthenticationId;
use central::facts::AccountFact;
use rev::Class;

/// How long who got the answer that stopped the account stands back: longer than the 5 minutes from probe to probe, so that
/// the next probe is another's. Should the answer be about this one alone, the account goes on without it.
pub(crate) const AFTER_A_STOP: Duration = Duration::from_mins(15);

/// Set by the first answer that concerns the account: calls that have not begun are handed back.
#[derive(Default)]
pub(crate) struct AccountState {
    probe: bool,
    facts: Mutex<Vec<AccountFact>>,
    no_sign_in: Mutex<Option<String>>,
}

impl AccountState {
    /// Remembers a fact.
    pub(crate) fn told(&self, fact: AccountFact) {
        self.facts
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(fact);
    }

    /// Whether no further call may begin.
    pub(crate) fn halted(&self) -> bool {
        let facts = self.facts.lock().unwrap_or_else(PoisonError::into_inner);
        facts
            .iter()
            .any(|fact| !matches!(fact, AccountFact::Working))
    }

    /// The state at the beginning of a claim.
    pub(crate) fn of(probe: bool) -> Self {
        Self {
            probe,
            ..Self::default()
        }
    }

    /// Remembers that the account takes calls, where that is news and nothing else is known of it.
    pub(crate) fn working(&self) {
        if !self.probe {
            return;
        }
        let mut facts = self.facts.lock().unwrap_or_else(PoisonError::into_inner);
        if facts.is_empty() {
            facts.push(AccountFact::Working);
        }
    }

    /// Remembers that signing in got no answer.
    pub(crate) fn could_not_sign_in(&self, reason: String) {
        *self
            .no_sign_in
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = Some(reason);
    }

    /// Why signing in got no answer, if it got none.
    pub(crate) fn without_sign_in(&self) -> Option<String> {
        self.no_sign_in
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Everything that was remembered of the account.
    pub(crate) fn into_facts(self) -> Vec<AccountFact> {
        self.facts
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// What an answer says about the account, whatever it was asked.
pub(crate) fn concerns_account<T>(class: &Class<T>) -> Option<AccountFact> {
    match class {
        Class::Throttled { retry_after } => Some(AccountFact::Throttled {
            retry_after: *retry_after,
        }),
        Class::Token => Some(AccountFact::Stopped {
            reason: "Rev refuses the credentials of the account".to_owned(),
        }),
        Class::Misconfigured { reason } => Some(AccountFact::Stopped {
            reason: reason.clone(),
        }),
        _ => None,
    }
}

/// Raises the alarm: nobody but a person can mend what stops an account. Rev's words stand in RevCallBudget.
pub(crate) fn tell_of_a_stop(account: IntegrationAuthenticationId, facts: &[AccountFact]) {
    if facts
        .iter()
        .any(|fact| matches!(fact, AccountFact::Stopped { .. }))
    {
        tracing::error!(
            integration_authentication_id = account.get(),
            "rev_account_stopped"
        );
    }
}

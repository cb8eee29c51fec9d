//! What the work needs from outside, put together once and used by every message.

use std::{sync::Arc, time::Duration};

use central::{Central, budget::BudgetLimits};
use queue::Queue;
use tokio::sync::Semaphore;

use crate::{accounts::Accounts, notifier::Notifier, rev_logins::RevLogins};

/// The consumer's ways to the outside, and its limits.
pub struct Consumer {
    pub(crate) central: Central,
    pub(crate) rev: rev::Client,
    pub(crate) queue: Arc<dyn Queue>,
    pub(crate) queues: OtherQueues,
    pub(crate) notifier: Option<Notifier>,
    pub(crate) accounts: Accounts,
    pub(crate) rev_logins: Option<RevLogins>,
    pub(crate) limits: Limits,
    /// Billing calls in the air over all messages of this instance.
    pub(crate) in_the_air: Semaphore,
}

/// The queues beside device-bulk-change-queue; each is optional.
#[derive(Clone, Default)]
pub struct OtherQueues {
    /// Takes the messages about bulk changes of other types and portals.
    pub other_changes: Option<Arc<dyn Queue>>,
    /// Is offered the carrier plan changes that are made when a bulk change finishes.
    pub carrier_changes: Option<Arc<dyn Queue>>,
}

/// How much at once and for how long.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Changes claimed at most at once.
    pub chunk: u32,
    /// How long a claim holds its rows.
    pub lease: Duration,
    /// How far ahead call slots are taken.
    pub horizon: Duration,
    /// How long one Rev call may take; the same as in the client's settings.
    pub call_timeout: Duration,
    /// Rev calls of this instance that are in the air at once.
    pub calls_in_the_air: usize,
    /// What the Rev account may be asked.
    pub budget: BudgetLimits,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            chunk: 100,
            lease: Duration::from_secs(75),
            horizon: Duration::from_secs(20),
            call_timeout: Duration::from_secs(20),
            calls_in_the_air: 64,
            budget: BudgetLimits {
                calls_per_minute: 475,
                calls_per_day: 150_000,
                burst: 10,
                reserve_per_minute: 0,
            },
        }
    }
}

impl Consumer {
    /// Puts a consumer together. Nothing is connected yet.
    #[must_use]
    pub fn new(
        central: Central,
        rev: rev::Client,
        queue: Arc<dyn Queue>,
        notifier: Option<Notifier>,
        limits: Limits,
    ) -> Self {
        let in_the_air = Semaphore::new(limits.calls_in_the_air.max(1));
        Self {
            central,
            rev,
            queue,
            queues: OtherQueues::default(),
            notifier,
            accounts: Accounts::default(),
            rev_logins: None,
            limits,
            in_the_air,
        }
    }

    /// The same with credentials of Rev accounts out of a secret.
    #[must_use]
    pub fn with_rev_logins(mut self, logins: Option<RevLogins>) -> Self {
        self.rev_logins = logins;
        self
    }

    /// The same with queues beside its own.
    #[must_use]
    pub fn with_queues(mut self, queues: OtherQueues) -> Self {
        self.queues = queues;
        self
    }
}

//! Faults on demand: what a server, a network or a gateway does at the worst moment, exactly when a test wants it.
//!
//! A statement here is one request of a client: a batch, or a remote procedure call such as `sp_executesql`.

use std::{
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::sync::watch;

use crate::error::SqlError;

/// Which statement a fault strikes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trigger {
    /// The n-th statement of any connection from now on; 1 is the next.
    Nth(u64),
    /// The n-th statement from now on whose text (or procedure name) contains this, without regard to case.
    Matching {
        /// Part of the text.
        text: String,
        /// Which of those that match; 1 is the next.
        nth: u64,
    },
}

impl Trigger {
    /// The next statement whose text contains this.
    pub fn matching(text: impl Into<String>) -> Self {
        Self::Matching {
            text: text.into(),
            nth: 1,
        }
    }

    fn concerns(&self, statement: &str) -> bool {
        match self {
            Self::Nth(_) => true,
            Self::Matching { text, .. } => statement.to_lowercase().contains(&text.to_lowercase()),
        }
    }

    fn nth(&self) -> u64 {
        match self {
            Self::Nth(nth) | Self::Matching { nth, .. } => *nth,
        }
    }
}

/// What happens to the statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// The connection is cut and the statement is not run.
    DropBefore,
    /// The statement is run, and the connection is cut in place of the answer. A transaction that is open is rolled back.
    DropAfter,
    /// The statement is run, and the connection is cut when the first part of its answer was sent. What fits into one part
    /// (64 KiB) is sent whole.
    DropMidway,
    /// The statement is run, and the connection is cut when so many bytes of its answer were sent, or all of them.
    DropWithin {
        /// Of the packets, their heads included.
        bytes: usize,
    },
    /// The statement is not run and answered with this error.
    ///
    /// 1205 rolls the transaction back first, as it does in SQL Server; errors of class 20 and up (40501) end the connection.
    Error {
        /// SQL Server's number; -2 is the time-out that drivers of .NET make up by themselves.
        number: i32,
    },
    /// The statement is run and its answer replaced by this error: what broke off did so after the effect.
    ErrorAfter {
        /// SQL Server's number.
        number: i32,
    },
    /// The statement is run after this time.
    Delay(Duration),
    /// The statement is run, and its answer comes after this time.
    DelayAfter(Duration),
    /// The statement is not run and never answered: the client waits until it gives up.
    Silence,
    /// The statement is run and never answered.
    SilenceAfter,
}

#[derive(Debug)]
struct Fault {
    trigger: Trigger,
    action: Action,
    seen: u64,
    repeats: bool,
}

/// The faults of one server. All methods take effect at once and for all connections.
#[derive(Debug)]
pub struct Faults {
    planned: Mutex<Vec<Fault>>,
    statements: AtomicU64,
    struck: AtomicU64,
    login_error: Mutex<Option<i32>>,
    refuse_connections: AtomicBool,
    cuts: watch::Sender<u64>,
}

impl Default for Faults {
    fn default() -> Self {
        Self {
            planned: Mutex::default(),
            statements: AtomicU64::new(0),
            struck: AtomicU64::new(0),
            login_error: Mutex::default(),
            refuse_connections: AtomicBool::new(false),
            cuts: watch::Sender::new(0),
        }
    }
}

impl Faults {
    /// Plans a fault that strikes once.
    ///
    /// Of several that a statement sets off, the one planned first strikes and the others stay for later statements.
    pub fn add(&self, trigger: Trigger, action: Action) {
        self.plan(trigger, action, false);
    }

    /// Plans a fault that strikes at the n-th statement and at each one after it, until [`Faults::clear`].
    pub fn add_lasting(&self, trigger: Trigger, action: Action) {
        self.plan(trigger, action, true);
    }

    fn plan(&self, trigger: Trigger, action: Action, repeats: bool) {
        lock(&self.planned).push(Fault {
            trigger,
            action,
            seen: 0,
            repeats,
        });
    }

    /// Refuses logins with 18456, or accepts them again. Connections that are logged in stay.
    pub fn refuse_logins(&self, refuse: bool) {
        self.refuse_logins_with(refuse.then_some(18_456));
    }

    /// Refuses logins with this number, for example 40613 (database not available); `None` accepts them again.
    pub fn refuse_logins_with(&self, number: Option<i32>) {
        *lock(&self.login_error) = number;
    }

    /// Cuts each new connection before a word is said, or lets them in again. Connections that stand stay.
    pub fn refuse_connections(&self, refuse: bool) {
        self.refuse_connections.store(refuse, Ordering::SeqCst);
    }

    /// Cuts every connection that stands. Open transactions are rolled back.
    pub fn cut_all(&self) {
        self.cuts.send_modify(|count| *count += 1);
    }

    /// How many statements have come in since the server started, those that a fault struck included.
    pub fn statements(&self) -> u64 {
        self.statements.load(Ordering::SeqCst)
    }

    /// How many faults have struck since the server started.
    pub fn struck(&self) -> u64 {
        self.struck.load(Ordering::SeqCst)
    }

    /// How many planned faults have not struck yet.
    pub fn waiting(&self) -> usize {
        lock(&self.planned).len()
    }

    /// Forgets what is planned and accepts logins and connections again. The counts stay.
    pub fn clear(&self) {
        lock(&self.planned).clear();
        self.refuse_logins(false);
        self.refuse_connections(false);
    }

    /// Counts a statement and says what is to happen to it.
    pub(crate) fn next(&self, statement: &str) -> Option<Action> {
        self.statements.fetch_add(1, Ordering::SeqCst);
        let mut planned = lock(&self.planned);
        let mut due = None;
        for (index, fault) in planned.iter_mut().enumerate() {
            if fault.trigger.concerns(statement) {
                fault.seen += 1;
                if due.is_none() && fault.seen >= fault.trigger.nth() {
                    due = Some((index, fault.action.clone(), fault.repeats));
                }
            }
        }
        let (index, action, repeats) = due?;
        if !repeats {
            planned.remove(index);
        }
        self.struck.fetch_add(1, Ordering::SeqCst);
        Some(action)
    }

    pub(crate) fn login_error(&self) -> Option<i32> {
        *lock(&self.login_error)
    }

    pub(crate) fn refuses_connections(&self) -> bool {
        self.refuse_connections.load(Ordering::SeqCst)
    }

    /// Changes each time that all connections are to be cut.
    pub(crate) fn cuts(&self) -> watch::Receiver<u64> {
        self.cuts.subscribe()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing within these locks can leave its data half changed.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The error with this number, in SQL Server's words where they are known.
pub(crate) fn server_error(number: i32, database: &str, user: &str) -> SqlError {
    let (class, state, message) = match number {
        1205 => (
            13,
            45,
            "Transaction (Process ID 51) was deadlocked on lock resources with another process and has been chosen as the deadlock victim. \
             Rerun the transaction."
                .to_owned(),
        ),
        1222 => (16, 45, "Lock request time out period exceeded.".to_owned()),
        4060 => (11, 1, format!("Cannot open database \"{database}\" requested by the login. The login failed.")),
        18_456 => (14, 1, format!("Login failed for user '{user}'.")),
        40_197 => (20, 1, "The service has encountered an error processing your request. Please try again. Error code 40613.".to_owned()),
        40_501 => (
            20,
            1,
            "The service is currently busy. Retry the request after 10 seconds. Incident ID: 00000000-0000-0000-0000-000000000000. Code: 131075."
                .to_owned(),
        ),
        40_613 => (
            17,
            1,
            format!(
                "Database '{database}' on server 'embedded' is not currently available. Please retry the connection later. \
                 If the problem persists, contact customer support, and provide them the session tracing ID of \
                 '00000000-0000-0000-0000-000000000000'."
            ),
        ),
        -2 => (
            11,
            0,
            "Execution Timeout Expired.  The timeout period elapsed prior to completion of the operation or the server is not responding."
                .to_owned(),
        ),
        other => (16, 1, format!("Error {other}, asked for as a fault.")),
    };
    SqlError {
        number: number.cast_unsigned(),
        state,
        class,
        message,
        line: 1,
        procedure: String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_strikes_at_its_statement_and_only_once() {
        let faults = Faults::default();
        faults.add(Trigger::Nth(2), Action::DropBefore);
        assert_eq!(faults.next("a"), None);
        assert_eq!(faults.next("b"), Some(Action::DropBefore));
        assert_eq!(faults.next("c"), None);
        assert_eq!(
            (faults.statements(), faults.struck(), faults.waiting()),
            (3, 1, 0)
        );
    }

    #[test]
    fn a_fault_on_a_text_counts_only_statements_with_that_text() {
        let faults = Faults::default();
        faults.add(
            Trigger::Matching {
                text: "update DBO.T".into(),
                nth: 2,
            },
            Action::DropAfter,
        );
        assert_eq!(faults.next("UPDATE dbo.t SET a = 1"), None);
        assert_eq!(faults.next("SELECT 1"), None);
        assert_eq!(
            faults.next("UPDATE dbo.t SET a = 2"),
            Some(Action::DropAfter)
        );
    }

    #[test]
    fn a_lasting_fault_strikes_until_cleared() {
        let faults = Faults::default();
        faults.add_lasting(Trigger::Nth(2), Action::Error { number: 40_501 });
        assert_eq!(faults.next("a"), None);
        assert!(faults.next("a").is_some() && faults.next("a").is_some());
        faults.clear();
        assert_eq!(faults.next("a"), None);
    }

    #[test]
    fn of_two_faults_on_one_statement_the_second_waits() {
        let faults = Faults::default();
        faults.add(Trigger::Nth(1), Action::DropBefore);
        faults.add(Trigger::Nth(1), Action::DropAfter);
        assert_eq!(faults.next("a"), Some(Action::DropBefore));
        assert_eq!(faults.next("a"), Some(Action::DropAfter));
    }
}

//! The one lock of a database: sessions get it in the order in which they asked.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Held by one session at a time, for a statement or for a whole transaction.
#[derive(Debug, Default)]
pub(crate) struct FairLock {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    holder: Option<u64>,
    waiting: VecDeque<u64>,
}

/// Why a session did not get the lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refused {
    /// The time to wait was over.
    TimedOut,
    /// The client gave the statement up.
    Cancelled,
}

/// How often a waiting session looks whether its client gave up.
const CANCEL_CHECK: Duration = Duration::from_millis(50);

impl FairLock {
    /// Waits for the lock, at most `wait` (without end when `None`). A session that holds it gets it at once.
    pub(crate) fn acquire(
        &self,
        session: u64,
        wait: Option<Duration>,
        cancelled: &AtomicBool,
    ) -> Result<(), Refused> {
        let deadline = wait.and_then(|wait| Instant::now().checked_add(wait));
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.holder == Some(session) {
            return Ok(());
        }
        state.waiting.push_back(session);
        loop {
            if state.holder.is_none() && state.waiting.front() == Some(&session) {
                state.waiting.pop_front();
                state.holder = Some(session);
                return Ok(());
            }
            let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
            let refused = if cancelled.load(Ordering::Relaxed) {
                Some(Refused::Cancelled)
            } else if left.is_some_and(|left| left.is_zero()) {
                Some(Refused::TimedOut)
            } else {
                None
            };
            if let Some(refused) = refused {
                state.waiting.retain(|waiting| *waiting != session);
                self.changed.notify_all();
                return Err(refused);
            }
            let pause = left.map_or(CANCEL_CHECK, |left| left.min(CANCEL_CHECK));
            state = self
                .changed
                .wait_timeout(state, pause)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
    }

    /// Gives the lock to the session that waits longest. Does nothing when `session` does not hold it.
    pub(crate) fn release(&self, session: u64) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.holder == Some(session) {
            state.holder = None;
            self.changed.notify_all();
        }
    }

    /// How many sessions wait, for tests that need one to be waiting.
    #[cfg(test)]
    pub(crate) fn waiting(&self) -> usize {
        self.state
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .waiting
            .len()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn sessions_get_the_lock_in_the_order_in_which_they_asked() {
        let lock = Arc::new(FairLock::default());
        let order = Arc::new(Mutex::new(Vec::new()));
        let never = AtomicBool::new(false);
        lock.acquire(1, None, &never).unwrap();
        let threads: Vec<_> = (2..6)
            .map(|session| {
                let (lock, order) = (Arc::clone(&lock), Arc::clone(&order));
                let thread = std::thread::spawn({
                    let lock = Arc::clone(&lock);
                    move || {
                        lock.acquire(session, None, &AtomicBool::new(false))
                            .unwrap();
                        order.lock().unwrap().push(session);
                        lock.release(session);
                    }
                });
                while lock.waiting() < usize::try_from(session - 1).unwrap() {
                    std::thread::yield_now();
                }
                thread
            })
            .collect();
        lock.release(1);
        for thread in threads {
            thread.join().unwrap();
        }
        assert_eq!(*order.lock().unwrap(), [2, 3, 4, 5]);
    }

    #[test]
    fn waiting_ends_when_the_time_is_over() {
        let lock = FairLock::default();
        let never = AtomicBool::new(false);
        lock.acquire(1, None, &never).unwrap();
        assert_eq!(
            lock.acquire(2, Some(Duration::ZERO), &never),
            Err(Refused::TimedOut)
        );
        lock.release(1);
        assert_eq!(lock.acquire(2, Some(Duration::ZERO), &never), Ok(()));
    }

    #[test]
    fn waiting_ends_when_the_client_gives_up() {
        let lock = FairLock::default();
        lock.acquire(1, None, &AtomicBool::new(false)).unwrap();
        assert_eq!(
            lock.acquire(2, None, &AtomicBool::new(true)),
            Err(Refused::Cancelled)
        );
    }
}

//! The clock that `SYSUTCDATETIME()` reads. Tests move it; nothing else in the server knows what time it is.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use time::{OffsetDateTime, PrimitiveDateTime};

/// UTC, plus what tests added to it, or standing still. Clones share one clock.
#[derive(Debug, Clone, Default)]
pub struct Clock(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    offset: Duration,
    frozen: Option<PrimitiveDateTime>,
}

impl Clock {
    /// The time in UTC that statements see.
    #[must_use]
    pub fn now(&self) -> PrimitiveDateTime {
        self.with(|state| state.frozen.unwrap_or_else(system_time) + state.offset)
    }

    /// Moves the clock forward, for leases to run out and sweeps to come due.
    pub fn advance(&self, by: Duration) {
        self.with(|state| state.offset += by);
    }

    /// How far the clock was moved in all.
    #[must_use]
    pub fn offset(&self) -> Duration {
        self.with(|state| state.offset)
    }

    /// Stops the clock at what it shows; [`Self::advance`] still moves it.
    pub fn freeze(&self) {
        self.with(|state| {
            if state.frozen.is_none() {
                state.frozen = Some(system_time());
            }
        });
    }

    /// Stops the clock at this time (UTC), forgetting what was added.
    pub fn freeze_at(&self, time: PrimitiveDateTime) {
        self.with(|state| {
            *state = State {
                offset: Duration::ZERO,
                frozen: Some(time),
            }
        });
    }

    /// Lets the clock run with the system's again; what was added stays.
    pub fn unfreeze(&self) {
        self.with(|state| state.frozen = None);
    }

    fn with<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn system_time() -> PrimitiveDateTime {
    let now = OffsetDateTime::now_utc();
    PrimitiveDateTime::new(now.date(), now.time())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frozen_clock_moves_only_when_told() {
        let clock = Clock::default();
        clock.freeze();
        let before = clock.now();
        assert_eq!(clock.now(), before);
        clock.advance(Duration::from_secs(75));
        assert_eq!(clock.now(), before + Duration::from_secs(75));
        assert_eq!(clock.offset(), Duration::from_secs(75));
    }

    #[test]
    fn clones_share_one_clock() {
        let clock = Clock::default();
        let twin = clock.clone();
        clock.advance(Duration::from_hours(1));
        assert_eq!(twin.offset(), Duration::from_hours(1));
    }
}

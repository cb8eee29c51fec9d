//! The stand-in's own time: the real one plus what it was moved by.

use time::{Duration, OffsetDateTime};

/// Only ever moves forward.
#[derive(Debug, Default)]
pub(super) struct Clock {
    moved: Duration,
}

impl Clock {
    pub(super) fn now(&self) -> OffsetDateTime {
        OffsetDateTime::now_utc() + self.moved
    }

    pub(super) fn advance(&mut self, by: std::time::Duration) {
        let by = Duration::try_from(by).unwrap_or(Duration::MAX);
        self.moved = self.moved.saturating_add(by);
    }
}

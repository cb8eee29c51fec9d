//! The stand-in's own time: the real one plus what it was moved by, or standing still.

use time::{Duration, OffsetDateTime};

/// Only ever moves forward.
#[derive(Debug, Default)]
pub(super) struct Clock {
    moved: Duration,
    frozen: Option<OffsetDateTime>,
}

impl Clock {
    pub(super) fn now(&self) -> OffsetDateTime {
        self.frozen.unwrap_or_else(OffsetDateTime::now_utc) + self.moved
    }

    /// From here on only [`Self::advance`] moves it.
    pub(super) fn freeze(&mut self) {
        self.frozen.get_or_insert_with(OffsetDateTime::now_utc);
    }

    pub(super) fn advance(&mut self, by: std::time::Duration) {
        let by = Duration::try_from(by).unwrap_or(Duration::MAX);
        self.moved = self.moved.saturating_add(by);
    }
}

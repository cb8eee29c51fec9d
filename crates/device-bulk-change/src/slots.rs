//! Call slots: when a Rev call may begin. A slot that was missed lapses.
//!
//! Moments are tokio's, whose clock a test or a benchmark can move.

use std::time::Duration;

use tokio::time::Instant;

/// How late a call may begin: the window of Rev's limit is measured there, not here, and 15 calls of room cover this.
const TOLERANCE: Duration = Duration::from_secs(2);

/// The slots of one claim, measured on this machine's own monotonic clock from before the claim was sent.
pub(crate) struct Slots {
    starts: std::vec::IntoIter<Instant>,
    probe: bool,
}

impl Slots {
    /// Slots as the claim gave them: delays from the moment it was executed, which is after `sent`.
    ///
    /// Counting from `answered` makes every slot late by at most one round trip, never early.
    pub(crate) fn new(answered: Instant, delays: &[Duration]) -> Self {
        let starts: Vec<Instant> = delays.iter().map(|delay| answered + *delay).collect();
        Self {
            starts: starts.into_iter(),
            probe: false,
        }
    }

    /// The slots of a claim; those of a stopped account are its probe.
    pub(crate) fn of_claim(answered: Instant, delays: &[Duration], probe: bool) -> Self {
        Self {
            probe,
            ..Self::new(answered, delays)
        }
    }

    /// Whether the account is stopped, and a call that Rev takes ends the stop.
    pub(crate) fn are_a_probe(&self) -> bool {
        self.probe
    }

    /// The next one.
    pub(crate) fn take(&mut self) -> Option<Slot> {
        self.starts.next().map(Slot)
    }
}

/// The right to begin one call at one moment.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Slot(Instant);

impl Slot {
    /// Waits for the moment.
    pub(crate) async fn wait(self) {
        tokio::time::sleep_until(self.0).await;
    }

    /// Whether it is too late by now.
    pub(crate) fn lapsed(self) -> bool {
        Instant::now() > self.0 + TOLERANCE
    }

    /// Whether a call that begins at the moment and takes `longest` ends before `end`.
    pub(crate) fn fits(self, longest: Duration, end: Instant) -> bool {
        self.0 + TOLERANCE + longest < end
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slot_lapses_and_fits_by_its_own_moment() {
        let now = Instant::now();
        let mut slots = Slots::new(now, &[Duration::ZERO, Duration::from_secs(10)]);
        let (first, second) = (slots.take().unwrap(), slots.take().unwrap());
        assert!(slots.take().is_none());
        assert!(!first.lapsed() && !second.lapsed());
        assert!(first.fits(Duration::from_secs(20), now + Duration::from_secs(23)));
        assert!(!second.fits(Duration::from_secs(20), now + Duration::from_secs(23)));
        let missed = Slots::new(
            now.checked_sub(Duration::from_secs(3)).unwrap(),
            &[Duration::ZERO],
        )
        .take()
        .unwrap();
        assert!(missed.lapsed());
    }
}

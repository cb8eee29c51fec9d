//! What must hold: at each call, after each event, and in the end.

use association::{follow::MOST_ATTEMPTS, ids::ServiceLineId};

use super::{
    event::{CHANGES, Fate},
    rows::End,
    run::World,
    worker::CALL,
};

/// What must never be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Broken {
    /// The customer pays for two lines of one change.
    BilledTwice,
    /// A call began that was not covered by a lease until its end.
    CalledWithoutLease,
    /// A call began whose intent is not recorded.
    CalledWithoutIntent,
    /// A change ended without the line that is open for it, or with another.
    LostLine,
    /// A change ended more than once, or not within the quiet turns.
    NotEndedOnce,
    /// A person is asked though nothing was uncertain.
    NeedlessReview,
}

/// How often what happened, so that one sees that the schedules come to where it hurts.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Tally {
    pub(super) opened: usize,
    pub(super) adopted: usize,
    pub(super) sent_again: usize,
    pub(super) stale: usize,
    pub(super) reviews: usize,
    pub(super) failed: usize,
    pub(super) processed: usize,
}

impl Tally {
    pub(super) fn add(&mut self, other: Self) {
        self.opened += other.opened;
        self.adopted += other.adopted;
        self.sent_again += other.sent_again;
        self.stale += other.stale;
        self.reviews += other.reviews;
        self.failed += other.failed;
        self.processed += other.processed;
    }

    /// How many changes came to an end.
    pub(super) fn changes(&self) -> usize {
        self.reviews + self.failed + self.processed
    }

    /// What must not be rare.
    pub(super) fn what_hurts(&self) -> [(&'static str, usize); 5] {
        [
            ("a line was adopted", self.adopted),
            ("a change was sent again", self.sent_again),
            ("a fact came with an old fence", self.stale),
            ("a person was asked", self.reviews),
            ("a change failed", self.failed),
        ]
    }
}

impl World {
    fn breaks(&mut self, change: usize, broken: Broken) {
        if !self.broken.contains(&(change, broken)) {
            self.broken.push((change, broken));
        }
    }

    /// What must hold whenever a call begins.
    pub(super) fn look_at_call(&mut self, worker: usize, change: usize, fence: i64, fate: Fate) {
        if matches!(fate, Fate::NotSent { .. }) {
            return;
        }
        let row = &self.rows[change];
        let until = self.now + CALL;
        let covered = row.fence == fence
            && row
                .lease
                .is_some_and(|lease| lease.owner == worker && lease.until >= until);
        let intent = row.intent;
        if !covered {
            self.breaks(change, Broken::CalledWithoutLease);
        }
        if !intent {
            self.breaks(change, Broken::CalledWithoutIntent);
        }
    }

    /// What must hold after every event.
    pub(super) fn look(&mut self) {
        for change in 0..CHANGES {
            if self.rev.bills(change, self.now).count() > 1 {
                self.breaks(change, Broken::BilledTwice);
            }
        }
    }

    /// What must hold in the end.
    pub(super) fn look_back(&mut self) {
        for change in 0..CHANGES {
            let row = self.rows[change].clone();
            let billed: Vec<ServiceLineId> = self.rev.bills(change, self.now).collect();
            if row.is_open() || row.ends + usize::from(row.review) != 1 {
                self.breaks(change, Broken::NotEndedOnce);
            }
            let kept = match row.end {
                Some(End::Processed) => billed.as_slice() == row.line.as_slice(),
                // What the old system billed before is known to nobody until it is looked up.
                Some(End::Failed) => self.rev.opened(change, self.now) == 0,
                None => true,
            };
            if !kept {
                self.breaks(change, Broken::LostLine);
            }
            let asked_for_a_reason =
                self.taken[change] || self.uncertain[change] || row.attempts >= MOST_ATTEMPTS;
            if row.review && !asked_for_a_reason {
                self.breaks(change, Broken::NeedlessReview);
            }
            self.tally.reviews += usize::from(row.review);
            self.tally.failed += usize::from(row.end == Some(End::Failed));
            self.tally.processed += usize::from(row.end == Some(End::Processed));
        }
    }

    /// How every change stands, for the message of a failed test.
    pub(super) fn told(&self) -> String {
        let mut told = String::new();
        for (change, row) in self.rows.iter().enumerate() {
            let billed: Vec<ServiceLineId> = self.rev.bills(change, self.now).collect();
            let line = format!("  change {change}: Rev bills {billed:?}; {row:?}\n");
            told.push_str(&line);
        }
        told
    }
}

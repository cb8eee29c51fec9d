//! The rules that keep a device from being billed twice. All of them hold, unless a test takes some out to see that the schedules
//! notice it.

/// One rule, and where the product keeps it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rule {
    /// An unknown answer is looked up, never sent again (`follow::after_opening`).
    UnknownIsLookedUp,
    /// A decision or a record is written by the holder of the newest fence alone (facts.sql, record.sql).
    Fence,
    /// Only rows without a live lease are claimed (claim.sql).
    LeaseAtTheClaim,
    /// No call begins that could outlive the lease (billing.rs).
    LeaseAtTheCall,
    /// The lease is measured from before the claim on the worker's own clock, not read off the database's (chunk.rs).
    LeaseByOwnClock,
    /// "Not there" counts from 60 s after the end of the lease on (claim.sql, facts.sql).
    AbsenceWaits,
    /// Only a second "not there", 30 s after the first, decides (`follow::after_look_up`, facts.sql).
    AbsenceTwice,
    /// A claim that finds an intent takes the row to the look-up (claim.sql).
    IntentGoesToTheLookUp,
    /// A row that comes with an earlier intent is not sent (`follow::turn`).
    IntentIsDoubted,
}

/// Those that do not hold.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Rules {
    out: &'static [Rule],
}

impl Rules {
    pub(super) fn without(out: &'static [Rule]) -> Self {
        Self { out }
    }

    pub(super) fn hold(self, rule: Rule) -> bool {
        !self.out.contains(&rule)
    }
}

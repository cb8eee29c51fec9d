//! The rows as the database keeps them: what claim.sql, facts.sql, record.sql and sweep.sql do to one change, in the words of
//! those files. Only what billing depends on; budget, preflight and the tables of the business are left out.

use association::{ids::ServiceLineId, steps::Step};

use super::rules::{Rule, Rules};

/// How long a claim holds its rows.
pub(super) const LEASE: i64 = 75;
/// From so long after the end of the lease on, "not there" counts.
const SETTLING: i64 = 60;
/// Between two "not there" that decide.
const BETWEEN_ABSENCES: i64 = 30;

/// The work row of one change.
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub(super) chunk: usize,
    pub(super) step: Step,
    pub(super) not_before: i64,
    offered_at: i64,
    pub(super) lease: Option<Lease>,
    pub(super) fence: i64,
    pub(super) intent: bool,
    settle_after: Option<i64>,
    absent_at: Option<i64>,
    pub(super) unknowns: i32,
    pub(super) attempts: i32,
    pub(super) line: Option<ServiceLineId>,
    pub(super) review: bool,
    /// How it ended, and how often something ended it.
    pub(super) end: Option<End>,
    pub(super) ends: usize,
}

/// Who holds a row; kept when it has run out, until somebody frees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Lease {
    pub(super) owner: usize,
    pub(super) until: i64,
}

/// How a change ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Processed,
    Failed,
}

/// A row as a claim returns it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Claimed {
    pub(super) change: usize,
    pub(super) fence: i64,
    pub(super) step: Step,
    pub(super) earlier_intent: bool,
    pub(super) line: Option<ServiceLineId>,
    pub(super) unknowns: i32,
    pub(super) attempts: i32,
    pub(super) settle_due: bool,
    pub(super) absent_since_30s: Option<bool>,
    pub(super) lease_until: i64,
}

/// What became of a call: a row of facts.sql.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fact {
    pub(super) change: usize,
    pub(super) fence: i64,
    pub(super) kind: Kind,
}

/// The kinds of facts.sql.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    LineOpened(ServiceLineId),
    Unknown,
    NotSent { again: i64, counted: bool },
    StillAbsent,
    NotYetCounted,
    NotCreated,
    Wait { again: i64, counted: bool },
}

/// How a change is to be recorded: a row of record.sql.
#[derive(Debug, Clone, Copy)]
pub(super) struct Record {
    pub(super) change: usize,
    pub(super) fence: i64,
    pub(super) ending: Ending,
}

/// The endings of record.sql.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    Assign(Option<ServiceLineId>),
    Failed,
    Review,
}

impl Row {
    pub(super) fn new(chunk: usize, foreign: bool) -> Self {
        Self {
            chunk,
            step: if foreign {
                Step::Settle
            } else {
                Step::OpenLine
            },
            not_before: if foreign { SETTLING } else { 0 },
            offered_at: 0,
            lease: None,
            fence: 0,
            intent: false,
            settle_after: foreign.then_some(SETTLING),
            absent_at: None,
            unknowns: 0,
            attempts: 0,
            line: None,
            review: false,
            end: None,
            ends: 0,
        }
    }

    /// Neither ended nor with a person.
    pub(super) fn is_open(&self) -> bool {
        self.end.is_none() && !self.review
    }

    fn is_free(&self, now: i64) -> bool {
        self.lease.is_none_or(|lease| lease.until <= now)
    }

    /// claim.sql for one row.
    pub(super) fn claim(
        &mut self,
        change: usize,
        owner: usize,
        now: i64,
        rules: Rules,
    ) -> Option<Claimed> {
        let free = self.is_free(now) || !rules.hold(Rule::LeaseAtTheClaim);
        if !self.is_open() || self.not_before > now || !free {
            return None;
        }
        let earlier_intent = self.intent;
        if matches!(self.step, Step::OpenLine | Step::Settle) {
            let lost_lease = self.lease.map_or(now, |lease| lease.until);
            let counts_from = if rules.hold(Rule::AbsenceWaits) {
                lost_lease + SETTLING
            } else {
                now
            };
            self.settle_after = match (self.step, self.intent) {
                (Step::OpenLine, false) => None,
                _ => Some(self.settle_after.unwrap_or(counts_from)),
            };
            if self.step == Step::OpenLine && self.intent && rules.hold(Rule::IntentGoesToTheLookUp)
            {
                self.unknowns += 1;
                self.step = Step::Settle;
            }
            if self.step == Step::OpenLine {
                self.intent = true;
            }
        }
        let lease = Lease {
            owner,
            until: now + LEASE,
        };
        self.lease = Some(lease);
        self.fence += 1;
        self.offered_at = now;
        Some(Claimed {
            change,
            fence: self.fence,
            step: self.step,
            earlier_intent,
            line: self.line,
            unknowns: self.unknowns,
            attempts: self.attempts,
            settle_due: self.settle_after.is_some_and(|after| after <= now),
            absent_since_30s: self.absent_at.map(|at| at + BETWEEN_ABSENCES <= now),
            lease_until: lease.until,
        })
    }

    /// facts.sql for one row. Whether the line is one too many (`second-line`).
    pub(super) fn fact(&mut self, fact: Fact, now: i64, rules: Rules) -> bool {
        let newest = self.fence == fact.fence || !rules.hold(Rule::Fence);
        if let Kind::LineOpened(line) = fact.kind {
            // Whoever brings it, also without the newest fence.
            return self.store(line, now);
        }
        let Some(lease) = self.lease.filter(|_| newest && self.is_open()) else {
            return false;
        };
        let may = match fact.kind {
            Kind::Wait { .. } => true,
            Kind::NotCreated => self.line.is_none() && self.may_be_sent_again(now, rules),
            _ => self.line.is_none(),
        };
        if may {
            self.decide(fact.kind, lease, now, rules);
            self.lease = None;
        }
        false
    }

    fn store(&mut self, line: ServiceLineId, now: i64) -> bool {
        let ended = self.end.is_some();
        let fresh = self.line.is_none();
        if fresh {
            self.line = Some(line);
            self.intent = true;
            self.not_before = now;
            if !ended {
                self.step = Step::Assign;
            }
        }
        let surplus = self.line != Some(line) || (fresh && ended);
        if surplus {
            self.review = true;
            self.lease = None;
        }
        surplus
    }

    fn may_be_sent_again(&self, now: i64, rules: Rules) -> bool {
        let settled = self.settle_after.is_some_and(|after| after <= now);
        let twice = self
            .absent_at
            .is_some_and(|at| at + BETWEEN_ABSENCES <= now);
        self.step == Step::Settle && settled && (twice || !rules.hold(Rule::AbsenceTwice))
    }

    fn decide(&mut self, kind: Kind, lease: Lease, now: i64, rules: Rules) {
        let settled = self.settle_after.is_some_and(|after| after <= now);
        match kind {
            Kind::LineOpened(_) => {}
            Kind::Unknown => {
                let counts_from = if rules.hold(Rule::AbsenceWaits) {
                    lease.until.max(now) + SETTLING
                } else {
                    now
                };
                self.step = Step::Settle;
                self.unknowns += 1;
                self.settle_after = Some(counts_from);
                self.absent_at = None;
                self.not_before = counts_from;
            }
            Kind::NotSent { again, counted } => {
                if self.step == Step::OpenLine {
                    self.intent = false;
                }
                self.attempts += i32::from(counted);
                self.not_before = now + again;
            }
            Kind::StillAbsent => {
                if settled {
                    self.absent_at.get_or_insert(now);
                }
                self.not_before = if settled {
                    now + BETWEEN_ABSENCES
                } else {
                    self.settle_after.unwrap_or(now)
                };
            }
            Kind::NotYetCounted => {
                let waits_until = self.settle_after.filter(|after| *after > now);
                self.not_before = waits_until.unwrap_or(now + BETWEEN_ABSENCES);
            }
            Kind::NotCreated => {
                self.step = Step::OpenLine;
                self.intent = false;
                self.settle_after = None;
                self.absent_at = None;
                self.attempts = 0;
                self.not_before = now;
            }
            Kind::Wait { again, counted } => {
                self.attempts += i32::from(counted);
                self.not_before = now + again;
            }
        }
    }

    /// record.sql for one row; `taken` is its check c.
    pub(super) fn record(&mut self, record: Record, taken: bool, rules: Rules) {
        let newest = self.fence == record.fence || !rules.hold(Rule::Fence);
        let knows_the_line = record.ending != Ending::Assign(None) || self.line.is_none();
        if !newest || !self.is_open() || !knows_the_line {
            return;
        }
        if let Ending::Assign(Some(line)) = record.ending {
            self.line.get_or_insert(line);
        }
        let end = match record.ending {
            Ending::Assign(line) if line != self.line => None,
            Ending::Assign(_) if !taken => Some(End::Processed),
            Ending::Assign(_) | Ending::Failed => self.line.is_none().then_some(End::Failed),
            Ending::Review => None,
        };
        self.lease = None;
        match end {
            Some(end) => {
                self.step = Step::Done;
                self.end = Some(end);
                self.ends += 1;
            }
            None => self.review = true,
        }
    }

    /// Whether sweep.sql offers it; it is marked as offered then.
    pub(super) fn sweep(&mut self, now: i64) -> bool {
        let due = self.is_open() && self.not_before <= now && self.is_free(now);
        let left = |since: i64| since + 30 <= now && self.offered_at < since;
        let offers = due
            && (self.offered_at + 300 <= now
                || self.lease.is_some_and(|lease| left(lease.until))
                || left(self.not_before));
        if offers {
            self.offered_at = now;
        }
        offers
    }

    /// When finish.sql says that it is due, if nobody holds it; it is marked as offered for then.
    pub(super) fn due(&mut self, now: i64) -> Option<i64> {
        if !self.is_open() || !self.is_free(now) {
            return None;
        }
        let due = self.not_before.max(now);
        self.offered_at = due.min(now + 900);
        Some(due)
    }
}

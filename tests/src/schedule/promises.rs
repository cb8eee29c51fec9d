//! What must hold after each event and in the end, seen from outside; and how often what happened.

use std::collections::{BTreeMap, HashMap};

use local::rev;

use crate::schedule::{conductor::Conductor, plan::Kind};

/// How often what happened in a schedule.
#[derive(Debug, Default, Clone, Copy)]
pub struct Tally {
    /// Points that instances came to.
    pub points: usize,
    /// Instances that were killed in mid-work.
    pub killed: usize,
    /// Deliveries of a message that another instance had at that moment.
    pub side_by_side: usize,
    /// Calls that Rev got.
    pub calls: usize,
    /// Look-ups among them.
    pub look_ups: usize,
    /// Faults that struck the database.
    pub struck: usize,
    /// Changes, and those of them in review.
    pub changes: usize,
    /// Changes in review.
    pub reviews: usize,
    /// Changes that were processed.
    pub processed: usize,
    /// Minutes until everything had ended, once it was quiet.
    pub quiet_turns: usize,
}

impl Tally {
    /// The sum.
    pub fn add(&mut self, other: Self) {
        self.points += other.points;
        self.killed += other.killed;
        self.side_by_side += other.side_by_side;
        self.calls += other.calls;
        self.look_ups += other.look_ups;
        self.struck += other.struck;
        self.changes += other.changes;
        self.reviews += other.reviews;
        self.processed += other.processed;
        self.quiet_turns += other.quiet_turns;
    }
}

impl Conductor<'_> {
    /// What must hold at every moment.
    pub(super) fn look(&self) {
        let mut lines: HashMap<String, Vec<i64>> = HashMap::new();
        for line in self.world.rev.lines() {
            let of = line.reference.unwrap_or_else(|| line.number.clone());
            lines.entry(of).or_default().push(line.id);
        }
        for (of, ids) in lines {
            assert!(ids.len() <= 1, "G1: Rev bills {of} with {ids:?}");
        }
    }

    /// What must hold in the end, seen from outside.
    pub(super) async fn look_back(&mut self) {
        let mut unknowns = BTreeMap::new();
        let mut sql = self.world.sql().await;
        for row in sql
            .rows("SELECT ChangeId, Unknowns FROM dbo.DeviceChangeWork")
            .await
        {
            unknowns.insert(row.get::<i64, _>(0).unwrap(), row.get::<i32, _>(1).unwrap());
        }
        for (id, kind) in self.submitted.clone() {
            if kind == Kind::Plan {
                self.world.assert_never_billed(id).await;
            } else {
                for review in self.world.assert_billed_once(id).await {
                    let twice = unknowns.get(&review.id).is_some_and(|count| *count >= 2);
                    assert!(twice, "G2: a person is asked for no reason: {review:?}");
                    self.tally.reviews += 1;
                }
            }
            let statuses = self.world.statuses(id).await;
            self.tally.changes += statuses.values().sum::<usize>();
            self.tally.processed += statuses.get("PROCESSED").copied().unwrap_or_default();
        }
        // A notice names the tenant alone, so they can only be counted.
        let told = self.world.amop.told().len() - self.told_before;
        assert!(
            told >= self.submitted.len(),
            "{told} notices for {} bulk changes",
            self.submitted.len()
        );
        let calls = self.world.rev.calls();
        self.tally.look_ups = calls
            .iter()
            .filter(|call| call.call == rev::Call::Lines)
            .count();
        self.tally.calls = calls.len();
        let struck = self.world.server().faults().struck() - self.struck_before;
        self.tally.struck = usize::try_from(struck).unwrap();
    }
}

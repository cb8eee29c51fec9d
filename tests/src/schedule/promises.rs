//! What must hold after each event and in the end, seen from outside; and how often what happened.

use std::collections::{BTreeMap, HashMap, HashSet};

use local::rev;

use crate::schedule::{
    conductor::Conductor,
    plan::{Kind, REFUSAL},
};

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
    /// Changes that Rev refused for good.
    pub refused: usize,
    /// Changes whose device another change had.
    pub taken: usize,
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
        self.refused += other.refused;
        self.taken += other.taken;
        self.quiet_turns += other.quiet_turns;
    }
}

impl Conductor<'_> {
    /// What must hold at every moment.
    pub(super) fn look(&self) {
        let mut lines: HashMap<String, Vec<i64>> = HashMap::new();
        for line in self.world.rev.lines() {
            let device = format!("{} for {}", line.number, line.customer_id);
            for of in line.reference.into_iter().chain([device]) {
                lines.entry(of).or_default().push(line.id);
            }
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
            let mut reviewed = Vec::new();
            if kind == Kind::Plan {
                self.world.assert_never_billed(id).await;
            } else {
                let others = self.lines_of_others(id).await;
                let reviews = self.world.assert_billed_once_beside(id, &others).await;
                for review in reviews {
                    let twice = unknowns.get(&review.id).is_some_and(|count| *count >= 2);
                    assert!(twice, "G2: a person is asked for no reason: {review:?}");
                    self.tally.reviews += 1;
                    reviewed.push(review.id);
                }
            }
            self.assert_failed_for_a_reason(id, &reviewed).await;
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

    /// Lines of the changes of other bulk changes, which may be about the same devices.
    async fn lines_of_others(&self, id: i64) -> Vec<i64> {
        let changes = self.world.changes(id).await;
        let own: HashSet<String> = changes
            .iter()
            .map(|change| format!("AMOP-{}", change.id))
            .collect();
        let lines = self.world.rev.lines().into_iter();
        lines
            .filter(|line| !line.reference.as_ref().is_some_and(|it| own.contains(it)))
            .map(|line| line.id)
            .collect()
    }

    /// A device fails for what Rev refused for good, or because another change has it; for nothing else that happened.
    async fn assert_failed_for_a_reason(&mut self, id: i64, reviewed: &[i64]) {
        for change in self.world.changes(id).await {
            if change.status == "PROCESSED" || reviewed.contains(&change.id) {
                continue;
            }
            let others = ["unfinished-change:", "active-service-line:"];
            let taken = others.iter().any(|code| change.details.starts_with(code));
            self.tally.refused += usize::from(!taken);
            self.tally.taken += usize::from(taken);
            assert!(
                taken || change.details.contains(REFUSAL),
                "G2: failed for no reason: {change:?}"
            );
        }
    }
}

//! What Rev holds: every line that was ever opened, from when on it is there, and from when on look-ups show it.

use association::{follow::LookedUp, ids::ServiceLineId};

use super::{event::Fate, rows::LEASE};

/// A call reaches Rev within so long after the end of the lease it was made under. Nothing can hold a call back for longer, as
/// far as the rules assume (docs/decisions/0020): "not there" counts from then on.
const ARRIVES_WITHIN: i64 = 60;
/// And a look-up shows the line before the second "not there" that decides.
const SHOWN_WITHIN: i64 = ARRIVES_WITHIN + 29;

/// A line that is or will be there.
#[derive(Debug, Clone, Copy)]
struct Line {
    id: ServiceLineId,
    change: usize,
    opened: i64,
    shown: i64,
}

/// What is true at Rev.
#[derive(Debug, Default)]
pub(super) struct Rev {
    lines: Vec<Line>,
    /// Changes whose number has a line that is not ours; whether the old system opened it for the change.
    before: Vec<(usize, bool)>,
}

/// The id of the old system's line of a change.
fn old_line(change: usize) -> ServiceLineId {
    ServiceLineId::new(i64::try_from(change).unwrap() + 1).unwrap()
}

impl Rev {
    pub(super) fn had(&mut self, change: usize, for_the_change: bool) {
        self.before.push((change, for_the_change));
    }

    /// A call comes in that was made under a lease that ends at `lease_end`. The id, when a line was or will be opened.
    pub(super) fn open(
        &mut self,
        change: usize,
        fate: Fate,
        now: i64,
        lease_end: i64,
    ) -> Option<ServiceLineId> {
        let (late, hidden) = match fate {
            Fate::Answered => (0, 0),
            Fate::ShownLate(hidden) | Fate::Done(hidden) => (0, hidden),
            Fate::Late(late, hidden) => (late, hidden),
            Fate::Nothing | Fate::Refused | Fate::NotSent { .. } => return None,
        };
        // Later than the rules assume is not what these schedules are about. A call that begins after its lease has ended
        // breaks a rule, and arrives as late after its beginning as any other.
        let from = lease_end.max(now + LEASE - 40);
        let opened = (now + late).min(from + ARRIVES_WITHIN).max(now);
        let id = ServiceLineId::new(i64::try_from(self.lines.len()).unwrap() + 101).unwrap();
        self.lines.push(Line {
            id,
            change,
            opened,
            shown: (opened + hidden).min(from + SHOWN_WITHIN).max(opened),
        });
        Some(id)
    }

    /// The lines that are there now for a change of ours: what the customer pays for.
    pub(super) fn bills(&self, change: usize, now: i64) -> impl Iterator<Item = ServiceLineId> {
        let ours = self.lines.iter();
        let ours = ours.filter(move |line| line.change == change && line.opened <= now);
        let old = self
            .before
            .iter()
            .filter(move |(of, old)| *of == change && *old);
        ours.map(|line| line.id)
            .chain(old.map(|(of, _)| old_line(*of)))
    }

    /// How many of them we opened.
    pub(super) fn opened(&self, change: usize, now: i64) -> usize {
        let ours = self.lines.iter();
        ours.filter(|line| line.change == change && line.opened <= now)
            .count()
    }

    /// A complete look-up (`rev::settle` and `rev::settle_uncalled`).
    pub(super) fn look_up(&self, change: usize, uncalled: bool, now: i64) -> LookedUp {
        let shown = self.lines.iter();
        let ours: Vec<ServiceLineId> = shown
            .filter(|line| line.change == change && line.shown <= now)
            .map(|line| line.id)
            .collect();
        let before = self.before.iter().find(|(of, _)| *of == change);
        match (ours.as_slice(), before) {
            ([one], _) => LookedUp::Ours(*one),
            ([], None) => LookedUp::Absent,
            ([], Some((_, true))) if uncalled => LookedUp::OldSystems(old_line(change)),
            ([], Some((_, true))) => LookedUp::Suspicious,
            ([], Some((_, false))) => LookedUp::Foreign,
            _ => LookedUp::SeveralOurs(ours),
        }
    }
}

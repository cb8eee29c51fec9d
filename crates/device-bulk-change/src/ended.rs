//! What a business write made of its devices, for the metrics.

use std::collections::{BTreeMap, HashMap};

use association::{ids::ChangeId, plan::Reason};
use central::record::{Ending, Record, Recorded};
use telemetry::measure;

/// Counts what was written. A write that is repeated finds its rows stale, so nothing counts twice.
pub(crate) fn tell(records: &[Record], recorded: &[(ChangeId, Recorded)]) {
    let records: HashMap<ChangeId, &Record> = records
        .iter()
        .map(|record| (record.change, record))
        .collect();
    let (mut processed, mut in_review) = (0, 0);
    let mut failed: BTreeMap<&'static str, usize> = BTreeMap::new();
    for (change, recorded) in recorded {
        let record = records.get(change);
        match recorded {
            Recorded::Assigned => processed += 1,
            Recorded::Review => in_review += 1,
            // With an open line a person decides.
            Recorded::AssignedToOther if record.is_some_and(|it| it.service_line.is_some()) => {
                in_review += 1;
            }
            Recorded::AssignedToOther => {
                *failed
                    .entry(Reason::AssignedToOtherCustomer.code())
                    .or_default() += 1;
            }
            Recorded::Failed => {
                let reason = match record.map(|record| &record.ending) {
                    Some(Ending::Failed { reason, .. }) => *reason,
                    // It was to be assigned, and the database refused the row for good.
                    _ => Reason::Unrecordable,
                };
                *failed.entry(reason.code()).or_default() += 1;
            }
            Recorded::Stale | Recorded::Deferred => {}
        }
    }
    measure::devices_processed(processed);
    measure::devices_in_review(in_review);
    tell_failed(failed);
}

/// Counts rows of another producer that the checks refused.
pub(crate) fn tell_refused(reasons: impl Iterator<Item = Reason>) {
    let mut failed: BTreeMap<&'static str, usize> = BTreeMap::new();
    for reason in reasons {
        *failed.entry(reason.code()).or_default() += 1;
    }
    tell_failed(failed);
}

fn tell_failed(failed: BTreeMap<&'static str, usize>) {
    for (reason, devices) in failed {
        measure::devices_failed(reason, devices);
    }
}

//! One bad row never fails the others: a set that the database refuses is halved until the bad row stands alone.

use std::time::Duration;

use association::{follow::backoff, ids::ChangeId, plan::Reason, service_line::Reference};

use super::{Ending, FailedStatus, LogEntry, Record, Recorded, record};
use crate::{
    Central, CentralError,
    claim::ClaimedBulkChange,
    error::is_of_a_row,
    facts::{Fact, FactKind, FactResult, facts},
};

/// How long a row with a line waits after the database refused it: a person has to act before it can succeed.
const REFUSED_WAITS: Duration = Duration::from_mins(15);

/// Records changes whatever single rows are like.
///
/// A row that the database refuses for good ends in `ERROR`, [`Reason::Unrecordable`], when no line was opened for it; with
/// a line it stays open, says why, and is tried again later. Errors that are not a row's own (the database is away, a
/// procedure or a permission is missing) are returned, and nothing is decided for any row that was not recorded yet.
pub async fn record_all(
    central: &Central,
    bulk: &ClaimedBulkChange,
    records: &[Record],
    logs: &[LogEntry],
) -> Result<Vec<(ChangeId, Recorded)>, CentralError> {
    let mut results = Vec::with_capacity(records.len());
    // The first half comes off the end first, so that rows are tried in their order.
    let mut left: Vec<&[Record]> = vec![records];
    while let Some(set) = left.pop() {
        let logs = if set.len() == records.len() {
            logs.to_vec()
        } else {
            of(set, logs)
        };
        match record(central, bulk, set, &logs).await {
            Ok(recorded) => results.extend(recorded),
            Err(error) if !is_of_a_row(&error) => return Err(error),
            Err(error) => match set {
                [] => return Err(error),
                [bad] => results.push((bad.change, refused(central, bulk, bad, &error).await?)),
                set => {
                    let (first, second) = set.split_at(set.len() / 2);
                    left.push(second);
                    left.push(first);
                }
            },
        }
    }
    Ok(results)
}

/// The log entries of a part of the set.
fn of(set: &[Record], logs: &[LogEntry]) -> Vec<LogEntry> {
    logs.iter()
        .filter(|entry| set.iter().any(|record| record.change == entry.change))
        .cloned()
        .collect()
}

/// Writes down that one row cannot be recorded, with nothing of the row itself but its id.
async fn refused(
    central: &Central,
    bulk: &ClaimedBulkChange,
    bad: &Record,
    error: &CentralError,
) -> Result<Recorded, CentralError> {
    tracing::error!(
        change_id = bad.change.get(),
        number = error.number(),
        "record_refused"
    );
    let number = error.number().unwrap_or_default();
    if bad.service_line.is_some() {
        let wait = Fact {
            change: bad.change,
            fence: bad.fence,
            reference: Reference::of(bad.change),
            kind: FactKind::Wait {
                again_in: REFUSED_WAITS.max(backoff(0)),
                error: Some(format!(
                    "the database refuses to record the service line (error {number})"
                )),
            },
        };
        let stored = facts(central, None, &[wait]).await?;
        return Ok(match stored.first() {
            Some((_, FactResult::Stored)) => Recorded::Deferred,
            _ => Recorded::Stale,
        });
    }
    let failed = Record {
        ending: Ending::Failed {
            status: FailedStatus::Error,
            reason: Reason::Unrecordable,
            words: format!("the database refuses to record this change (error {number})"),
        },
        plan: None,
        api_details: None,
        ..bad.clone()
    };
    let recorded = record(central, bulk, &[failed], &[]).await?;
    Ok(recorded
        .first()
        .map_or(Recorded::Stale, |(_, recorded)| *recorded))
}

//! Writes what a person decided about changes in review.

use association::ids::{ChangeId, ServiceLineId};
use serde::Serialize;

use super::{Signed, review::Review};
use crate::{Central, CentralError, driver::json, statement::Statement};

// Not run again after an unknown outcome: the second run would find nothing to settle and say that somebody else was quicker.
const SETTLE: Statement = Statement::once("settle", include_str!("settle.sql"));

/// What a person decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// The line with this id at Rev is the change's: store it and go on with the assignment.
    Adopt(ServiceLineId),
    /// No line was opened: the change may be sent again, with the same reference.
    NotCreated,
    /// The change ends as it stands.
    GiveUp,
    /// Somebody saw to a line too many of a change that has ended.
    Acknowledge,
}

impl Decision {
    /// Its name, in the log and on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Adopt(_) => "adopt",
            Self::NotCreated => "not-created",
            Self::GiveUp => "give-up",
            Self::Acknowledge => "acknowledge",
        }
    }
}

/// One row of `OPENJSON` in settle.sql.
#[derive(Serialize)]
struct Row<'a> {
    change: ChangeId,
    decision: &'static str,
    line: Option<ServiceLineId>,
    fence: i64,
    #[serde(rename = "knownLine")]
    known_line: Option<ServiceLineId>,
    words: Option<&'a str>,
}

/// Settles changes as they were seen, in one round trip and one transaction. Answers for each change whether it was settled: not when
/// anything about it changed since it was seen, which includes that it was settled in the meantime.
///
/// `seen` comes from [`super::review::review`]; changes without a work row are passed over.
pub async fn settle(
    central: &Central,
    seen: &[Review],
    decision: Decision,
    signed: &Signed<'_>,
) -> Result<Vec<(ChangeId, bool)>, CentralError> {
    let rows: Vec<Row<'_>> = seen
        .iter()
        .filter_map(|review| {
            let work = review.work.as_ref()?;
            Some(Row {
                change: review.change,
                decision: decision.name(),
                line: match decision {
                    Decision::Adopt(line) => Some(line),
                    _ => None,
                },
                fence: work.fence,
                known_line: work.known_line,
                words: work.words.as_deref(),
            })
        })
        .collect();
    let rows = json(&SETTLE, &rows)?;
    let mut answer = central
        .query(&SETTLE, &[&rows, &signed.by, &signed.reason])
        .await?;
    answer.rows("settled", |row| {
        Ok((row.parsed("ChangeId", ChangeId::new)?, row.get("Settled")?))
    })
}

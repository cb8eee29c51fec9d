//! What Rev said of customer and products, once per bulk change, before the first line is opened.

use std::time::Duration;

use association::{ids::BulkChangeId, plan::Reason};
use uuid::Uuid;

use crate::{Central, CentralError, facts::cut, slots::whole_milliseconds, statement::Statement};

const PREFLIGHT: Statement = Statement::repeatable("preflight", include_str!("preflight.sql"));

/// What the preflight came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Lines may be opened.
    Passed,
    /// Every row without an intent or a line ends API_FAILED.
    Refused {
        /// The stable code.
        reason: Reason,
        /// Rev's words.
        words: String,
    },
    /// Nothing is known yet.
    Wait {
        /// When to ask again.
        again_in: Duration,
    },
}

/// Writes the verdict, in one round trip. False: another holds the lease by now, and nothing was written of the verdict.
///
/// Safe to repeat. What the calls said of the account is written by [`crate::facts::facts`], before.
pub async fn preflight(
    central: &Central,
    id: BulkChangeId,
    owner: Uuid,
    verdict: &Verdict,
) -> Result<bool, CentralError> {
    let (state, again, details) = match verdict {
        Verdict::Passed => ("passed", None, None),
        Verdict::Refused { reason, words } => {
            ("refused", None, Some(cut(&reason.details(words), 4000)))
        }
        Verdict::Wait { again_in } => ("open", Some(whole_milliseconds(*again_in)), None),
    };
    let mut answer = central
        .query(
            &PREFLIGHT,
            &[&id.get(), &owner, &state, &again, &details.as_deref()],
        )
        .await?;
    answer.one("ours", |row| row.get("Ours"))
}

//! Lets Rev be called for an account again.

use association::ids::IntegrationAuthenticationId;

use crate::{
    Central, CentralError,
    share_budget::{BudgetOf, LIMITS_OF_REV, with_budget},
    statement::Statement,
};

const RESUME: Statement = Statement::repeatable("resume", include_str!("resume.sql"));

/// What was done; nothing of it when there was nothing to resume.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Resumed {
    /// A pause was ended.
    pub pause_cleared: bool,
    /// The next probe of the stopped account is due now.
    pub probe_due: bool,
}

/// What is ended beside the pause of a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Also {
    /// The pause that Rev itself asked for; else it goes on holding.
    pub rev: bool,
    /// The wait of a stopped account: its next probe is due now.
    pub stopped: bool,
}

/// Resumes an account, and with it all accounts that are one at Rev: what a person paused is taken back, and what Rev asked for stays.
/// One round trip, and two more when the budget was not as it is written down. Safe to repeat: the second run finds nothing to resume.
pub async fn resume(
    central: &Central,
    account: IntegrationAuthenticationId,
    also: Also,
    by: &str,
    reason: Option<&str>,
) -> Result<Resumed, CentralError> {
    let id = account.get();
    let mut answer = with_budget(central, BudgetOf::Account(id), LIMITS_OF_REV, || async {
        central
            .query(&RESUME, &[&id, &also.stopped, &by, &reason, &also.rev])
            .await
    })
    .await?;
    answer.one("resume", |row| {
        Ok(Resumed {
            pause_cleared: row.get("Resumed")?,
            probe_due: row.get("Probe")?,
        })
    })
}

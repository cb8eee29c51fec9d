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
    /// The pause was cleared.
    pub pause_cleared: bool,
    /// The next probe of the stopped account is due now.
    pub probe_due: bool,
}

/// Resumes an account, and with it all accounts that are one at Rev. `also_stopped`: the next probe of a stopped account is due now.
/// One round trip, and two more when the budget was not as it is written down. Safe to repeat: the second run finds nothing to resume.
pub async fn resume(
    central: &Central,
    account: IntegrationAuthenticationId,
    also_stopped: bool,
    by: &str,
    reason: Option<&str>,
) -> Result<Resumed, CentralError> {
    let id = account.get();
    let mut answer = with_budget(central, BudgetOf::Account(id), LIMITS_OF_REV, || async {
        central
            .query(&RESUME, &[&id, &also_stopped, &by, &reason])
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

//! Lets Rev be called for an account again.

use association::ids::IntegrationAuthenticationId;

use crate::{Central, CentralError, statement::Statement};

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
/// One round trip. Safe to repeat: the second run finds nothing to resume.
pub async fn resume(
    central: &Central,
    account: IntegrationAuthenticationId,
    also_stopped: bool,
    by: &str,
    reason: Option<&str>,
) -> Result<Resumed, CentralError> {
    let mut answer = central
        .query(&RESUME, &[&account.get(), &also_stopped, &by, &reason])
        .await?;
    answer.one("resume", |row| {
        Ok(Resumed {
            pause_cleared: row.get("Resumed")?,
            probe_due: row.get("Probe")?,
        })
    })
}

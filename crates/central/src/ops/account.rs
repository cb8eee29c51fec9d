//! How a billing account stands: whether Rev may be called for it now, who said so, and what waits for it.

use association::ids::{IntegrationAuthenticationId, TenantId};
use serde::Serialize;

use super::moment::Moment;
use crate::{Central, CentralError, decode::Fields, statement::Statement};

const ACCOUNT: Statement = Statement::repeatable("account", include_str!("account.sql"));

/// A billing account. Times are UTC.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AccountState {
    /// `Integration_Authentication.id`.
    pub account: IntegrationAuthenticationId,
    /// The account whose row holds slots, rate, pause and day for this one too.
    pub budget_of: IntegrationAuthenticationId,
    /// Other accounts that share that row.
    pub shared_with: Vec<IntegrationAuthenticationId>,
    /// Whose.
    pub tenant: TenantId,
    /// `Tenant.Name`.
    pub tenant_name: Option<String>,
    /// The database's clock when this was read.
    pub as_of: Moment,
    /// None: nobody has called Rev for it yet.
    pub budget: Option<Budget>,
    /// Not called until then.
    pub paused_until: Option<Moment>,
    /// Until when Rev itself asked not to be called; a person's pause may hold longer.
    pub rev_paused_until: Option<Moment>,
    /// Rev refuses its credentials or its configuration.
    pub stopped: Option<Stopped>,
    /// Billing calls that wait, of all accounts that share the budget.
    pub waiting_calls: i64,
    /// Of how many bulk changes.
    pub waiting_bulk_changes: i64,
    /// What people did to it, the newest first.
    pub actions: Vec<AccountAction>,
}

/// The call budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Budget {
    /// Calls a minute, the reserve taken off.
    pub per_minute: i32,
    /// Calls a day.
    pub per_day: i32,
    /// Calls since midnight UTC.
    pub today: i32,
    /// After a 429: the rate that recovers from that moment on (the end of the pause that Rev asked for).
    pub reduced: Option<(i32, Moment)>,
}

/// An account that Rev does not serve.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Stopped {
    /// Since when.
    pub since: Moment,
    /// Why.
    pub reason: Option<String>,
    /// When one call may try again.
    pub next_probe_at: Option<Moment>,
}

/// What a person did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AccountAction {
    /// The account that was named.
    pub account: IntegrationAuthenticationId,
    /// `pause` or `resume`.
    pub action: String,
    /// Of a pause.
    pub paused_until: Option<Moment>,
    /// Who.
    pub by: String,
    /// Why.
    pub reason: Option<String>,
    /// When.
    pub at: Moment,
}

/// The state of an account; none when there is no such account. One round trip.
pub async fn account(
    central: &Central,
    account: IntegrationAuthenticationId,
) -> Result<Option<AccountState>, CentralError> {
    let mut answer = central.query(&ACCOUNT, &[&account.get()]).await?;
    let Some(mut state) = answer.row("account", read)? else {
        return Ok(None);
    };
    state.shared_with = answer.rows("shared with", |row| {
        row.parsed("Account", IntegrationAuthenticationId::new)
    })?;
    (state.waiting_calls, state.waiting_bulk_changes) = answer.one("waiting", |row| {
        Ok((row.get("Calls")?, row.get("BulkChanges")?))
    })?;
    state.actions = answer.rows("actions", |row| {
        Ok(AccountAction {
            account: row.parsed("Account", IntegrationAuthenticationId::new)?,
            action: row.text("Action")?,
            paused_until: Moment::optional(row, "PausedUntil")?,
            by: row.text("ActedBy")?,
            reason: row.optional_text("Reason")?,
            at: Moment::get(row, "ActedAt")?,
        })
    })?;
    Ok(Some(state))
}

fn read(row: &Fields<'_>) -> Result<AccountState, CentralError> {
    let has_budget: bool = row.get("HasBudget")?;
    let reduced_to: Option<i32> = row.optional("ReducedTo")?;
    let stopped: Option<Moment> = Moment::optional(row, "StoppedSince")?;
    Ok(AccountState {
        account: row.parsed("Account", IntegrationAuthenticationId::new)?,
        budget_of: row.parsed("BudgetId", IntegrationAuthenticationId::new)?,
        shared_with: Vec::new(),
        tenant: row.parsed("TenantId", TenantId::new)?,
        tenant_name: row.optional_text("TenantName")?,
        as_of: Moment::get(row, "AsOf")?,
        budget: if has_budget {
            Some(Budget {
                per_minute: row.get("CallsPerMinute")?,
                per_day: row.get("CallsPerDay")?,
                today: row.get("CallsToday")?,
                reduced: reduced_to.zip(Moment::optional(row, "ReducedAt")?),
            })
        } else {
            None
        },
        paused_until: Moment::optional(row, "PausedUntil")?,
        rev_paused_until: Moment::optional(row, "RevPausedUntil")?,
        stopped: stopped
            .map(|since| {
                Ok::<_, CentralError>(Stopped {
                    since,
                    reason: row.optional_text("StoppedReason")?,
                    next_probe_at: Moment::optional(row, "NextProbeAt")?,
                })
            })
            .transpose()?,
        waiting_calls: 0,
        waiting_bulk_changes: 0,
        actions: Vec::new(),
    })
}

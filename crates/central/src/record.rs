//! The business write: who owns the device from now on, what is billed, what changed, what happened.

use association::{
    ids::{ChangeId, DeviceId, IntegrationAuthenticationId, RevCustomerId, ServiceLineId, SiteId},
    plan::Reason,
};
use rust_decimal::Decimal;
use serde::Serialize;
use time::Date;

use crate::{Central, CentralError, claim::ClaimedBulkChange, driver::json, statement::Statement};

mod halve;

pub use halve::record_all;

const RECORD: Statement = Statement::repeatable("record", include_str!("record.sql"));

/// How a change ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    /// Ownership is taken over. The members of [`Record`] say what.
    Assign,
    /// It failed. With a line at Rev it goes to review instead.
    Failed {
        /// Whose word it is.
        status: FailedStatus,
        /// The stable code.
        reason: Reason,
        /// For people.
        words: String,
    },
    /// A person decides: `API_FAILED` for the reader, open for the person.
    Review {
        /// The stable code.
        reason: Reason,
        /// For people.
        words: String,
    },
}

/// Which failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailedStatus {
    /// `ERROR`: our own checks.
    Error,
    /// `API_FAILED`: Rev's word.
    ApiFailed,
}

/// One change to record. All members but the first three matter for [`Ending::Assign`] only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Which change.
    pub change: ChangeId,
    /// Of the claim that holds it.
    pub fence: i64,
    /// How it ends.
    pub ending: Ending,
    /// Which device; that of the change when missing.
    pub device: Option<DeviceId>,
    /// Who is billed from now on.
    pub account_number: Option<RevCustomerId>,
    /// At which Rev account.
    pub integration_authentication: Option<IntegrationAuthenticationId>,
    /// The customer's Site.
    pub site: Option<SiteId>,
    /// From when the rate plan counts; one in the future waits in the queue table.
    pub effective_date: Option<Date>,
    /// The rate plan, if one is asked for.
    pub plan: Option<CustomerPlan>,
    /// The line, if one was opened.
    pub service_line: Option<RecordedLine>,
    /// Rev's answer for `StatusDetails`, when Rev was called.
    pub api_details: Option<String>,
}

/// A customer rate plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomerPlan {
    /// `JasperCustomerRatePlan.id`.
    pub id: i32,
    /// `CustomerRatePool.id`.
    pub pool: Option<i32>,
    /// Megabytes.
    pub allocation_mb: Option<Decimal>,
}

/// A line that was opened, for RevService.
///
/// Provider, service type, usage plan group and package are not told: RevService holds local ids of tables that are synchronised
/// by another system, so those columns stay NULL until it fills them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedLine {
    /// Rev's id.
    pub id: ServiceLineId,
    /// The number it is for.
    pub number: String,
    /// The day the service counts as active.
    pub activated_date: Date,
    /// The user's text.
    pub description: Option<String>,
    /// Whether the first month is billed in part.
    pub prorate: bool,
}

/// One row of DeviceBulkChangeLog.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LogEntry {
    /// Which change.
    pub change: ChangeId,
    /// The step, in the words of the existing system.
    pub description: String,
    /// What was asked.
    pub request: Option<String>,
    /// Whether it failed.
    pub has_errors: bool,
    /// `PROCESSED`, `ERROR` or `API_FAILED`.
    pub response_status: String,
    /// What was answered.
    pub response: Option<String>,
    /// What went wrong.
    pub error: Option<String>,
}

/// What became of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recorded {
    /// The device belongs to the customer.
    Assigned,
    /// The change has ended without.
    Failed,
    /// A person decides.
    Review,
    /// Another customer got the device in the meantime: `ERROR`, or a review when a line exists.
    AssignedToOther,
    /// The change is not the caller's any more, or has ended: nothing was written.
    Stale,
    /// The database refuses this row for good, and a line exists: it stays open and is tried again later.
    Deferred,
}

impl Recorded {
    fn read(text: &str) -> Result<Self, String> {
        match text {
            "assigned" => Ok(Self::Assigned),
            "failed" => Ok(Self::Failed),
            "review" => Ok(Self::Review),
            "assigned-to-other" => Ok(Self::AssignedToOther),
            "stale" => Ok(Self::Stale),
            other => Err(format!("`{other}` is no outcome of a record")),
        }
    }
}

/// One row of `OPENJSON` in record.sql.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Row<'a> {
    change: ChangeId,
    fence: i64,
    ending: &'static str,
    status: Option<&'static str>,
    details: Option<String>,
    device: Option<DeviceId>,
    account_number: Option<&'a RevCustomerId>,
    account: Option<IntegrationAuthenticationId>,
    site: Option<SiteId>,
    effective_date: Option<String>,
    plan: Option<i32>,
    pool: Option<i32>,
    allocation_mb: Option<Decimal>,
    line: Option<ServiceLineId>,
    line_number: Option<&'a str>,
    line_activated: Option<String>,
    line_description: Option<&'a str>,
    line_prorate: Option<bool>,
    api_details: Option<&'a str>,
}

/// Records a set of changes of one bulk change, in one round trip and one transaction: all of them or none.
///
/// Safe to repeat: what was recorded is [`Recorded::Stale`] then.
pub async fn record(
    central: &Central,
    bulk: &ClaimedBulkChange,
    records: &[Record],
    logs: &[LogEntry],
) -> Result<Vec<(ChangeId, Recorded)>, CentralError> {
    let rows: Vec<Row<'_>> = records.iter().map(row).collect();
    let mut answer = central
        .query(
            &RECORD,
            &[
                &bulk.id.get(),
                &bulk.actor.tenant().get(),
                &bulk.service_provider.get(),
                &bulk.actor.name(),
                &json(&RECORD, &rows)?.as_str(),
                &json(&RECORD, logs)?.as_str(),
            ],
        )
        .await?;
    answer.skip_to_last();
    answer.rows("outcomes", |row| {
        Ok((
            row.parsed("ChangeId", ChangeId::new)?,
            row.parsed("Outcome", Recorded::read)?,
        ))
    })
}

fn row(record: &Record) -> Row<'_> {
    let (ending, status, details) = match &record.ending {
        Ending::Assign => ("assign", None, None),
        Ending::Failed {
            status,
            reason,
            words,
        } => (
            "failed",
            Some(match status {
                FailedStatus::Error => "ERROR",
                FailedStatus::ApiFailed => "API_FAILED",
            }),
            Some(reason.details(words)),
        ),
        Ending::Review { reason, words } => ("review", None, Some(reason.details(words))),
    };
    let line = record.service_line.as_ref();
    Row {
        change: record.change,
        fence: record.fence,
        ending,
        status,
        details,
        device: record.device,
        account_number: record.account_number.as_ref(),
        account: record.integration_authentication,
        site: record.site,
        effective_date: record.effective_date.map(day),
        plan: record.plan.as_ref().map(|plan| plan.id),
        pool: record.plan.as_ref().and_then(|plan| plan.pool),
        allocation_mb: record.plan.as_ref().and_then(|plan| plan.allocation_mb),
        line: line.map(|line| line.id),
        line_number: line.map(|line| line.number.as_str()),
        line_activated: line.map(|line| day(line.activated_date)),
        line_description: line.and_then(|line| line.description.as_deref()),
        line_prorate: line.map(|line| line.prorate),
        api_details: record.api_details.as_deref(),
    }
}

/// `yyyy-MM-dd`.
fn day(date: Date) -> String {
    format!(
        "{:04}-{:02}-{:02}",
        date.year(),
        u8::from(date.month()),
        date.day()
    )
}

#[cfg(test)]
#[path = "record_tests.rs"]
mod tests;

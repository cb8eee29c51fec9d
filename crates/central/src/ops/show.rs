//! What happened to one device: everything that is known, in one question.

use super::moment::Moment;
use crate::{Central, CentralError, decode::Fields, slots::whole, statement::Statement};
use association::ids::{BulkChangeId, ChangeId, DeviceId, Iccid, TenantId};
use serde::Serialize;

const SHOW: Statement = Statement::repeatable("show", include_str!("show.sql"));

/// Everything that is known of an ICCID. Times are UTC.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Shown {
    /// One for each provider that has the ICCID, archived ones included.
    pub devices: Vec<ShownDevice>,
    /// Whose they are, or were.
    pub assignments: Vec<Assignment>,
    /// The newest first.
    pub changes: Vec<ShownChange>,
    /// The log of these changes, the oldest first.
    pub log: Vec<LogLine>,
    /// What changed at the devices, the newest first.
    pub history: Vec<HistoryLine>,
    /// Plans that wait for their day.
    pub queued_plans: Vec<QueuedPlan>,
}

/// A row of Device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ShownDevice {
    /// `Device.id`.
    pub device: DeviceId,
    /// `ServiceProvider.id`.
    pub provider: i32,
    /// `ServiceProvider.Name`.
    pub provider_name: Option<String>,
    /// The provider's tenant.
    pub tenant: TenantId,
    /// `Tenant.Name`.
    pub tenant_name: Option<String>,
    /// The number, if it has one.
    pub msisdn: Option<String>,
    /// As people call it.
    pub status: Option<String>,
    /// It does not count any more.
    pub archived: bool,
    /// The carrier's plan.
    pub carrier_plan: Option<String>,
}

/// A row of Device_Tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Assignment {
    /// Of which device.
    pub device: DeviceId,
    /// In which tenant.
    pub tenant: TenantId,
    /// `Tenant.Name`.
    pub tenant_name: Option<String>,
    /// The account number of the customer; none: nobody's.
    pub customer: Option<String>,
    /// `Integration_Authentication.id`.
    pub account: Option<i32>,
    /// `Sites.Name`.
    pub site: Option<String>,
    /// Rev's id of the line.
    pub line: Option<i64>,
    /// When Rev disconnected it, as Rev writes it.
    pub line_disconnected: Option<String>,
    /// `JasperCustomerRatePlan.RatePlanName`.
    pub plan: Option<String>,
    /// `CustomerRatePool.Name`.
    pub pool: Option<String>,
    /// It counts.
    pub active: bool,
    /// Who wrote it last.
    pub changed_by: String,
    /// When.
    pub changed_at: Moment,
}

/// A row of M2M_DeviceChange, with its work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ShownChange {
    /// `M2M_DeviceChange.id`.
    pub change: ChangeId,
    /// Of which bulk change.
    pub bulk_change: BulkChangeId,
    /// 4: an association; 2: a carrier plan.
    pub change_type: i32,
    /// Whose.
    pub tenant: TenantId,
    /// Of the bulk change.
    pub bulk_status: String,
    /// PENDING, PROCESSING, PROCESSED, ERROR or API_FAILED.
    pub status: String,
    /// Reason code and words.
    pub details: Option<String>,
    /// Who asked for it.
    pub created_by: String,
    /// When.
    pub created_at: Moment,
    /// When it ended, as the caller sees it.
    pub processed_at: Option<Moment>,
    /// The customer it is for; none when it was refused at once, or is of another type.
    pub customer: Option<String>,
    /// When the bulk change was finished.
    pub finished_at: Option<Moment>,
    /// None: it was refused at once, or nobody has taken it up.
    pub work: Option<ShownWork>,
}

/// A row of DeviceChangeWork.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ShownWork {
    /// `open-line`, `settle`, `assign` or `done`.
    pub step: String,
    /// Which message it travels in.
    pub chunk: i32,
    /// Rev's id of the line.
    pub line: Option<i64>,
    /// What was meant to be sent.
    pub intent: Option<Intent>,
    /// Calls that did not leave the house, look-ups that decided nothing.
    pub attempts: i32,
    /// Calls that ended without a known outcome.
    pub unknowns: i32,
    /// Somebody holds it until then.
    pub leased_until: Option<Moment>,
    /// Not due before.
    pub not_before: Option<Moment>,
    /// The last words about it.
    pub last_error: Option<String>,
    /// Waits for a person since.
    pub review_since: Option<Moment>,
    /// Ended.
    pub closed_at: Option<Moment>,
}

/// A call that was recorded before it was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Intent {
    /// What the description of the line ends with.
    pub reference: String,
    /// For which number.
    pub number: Option<String>,
    /// For which customer.
    pub customer: Option<String>,
    /// When.
    pub at: Option<Moment>,
}

/// A row of DeviceBulkChangeLog.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LogLine {
    /// Of which change.
    pub change: ChangeId,
    /// When.
    pub at: Moment,
    /// Which step.
    pub description: String,
    /// It went wrong.
    pub has_errors: bool,
    /// PROCESSED, ERROR or API_FAILED.
    pub status: Option<String>,
    /// What was asked, without credentials.
    pub request: Option<String>,
    /// What was answered.
    pub response: Option<String>,
    /// What went wrong.
    pub error: Option<String>,
    /// Whose.
    pub by: String,
}

/// A row of DeviceActionHistory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct HistoryLine {
    /// Of which bulk change.
    pub bulk_change: Option<i64>,
    /// Of which device.
    pub device: DeviceId,
    /// When.
    pub at: Moment,
    /// What changed.
    pub field: Option<String>,
    /// The value before.
    pub before: Option<String>,
    /// And after.
    pub after: Option<String>,
    /// By which event.
    pub event: Option<String>,
    /// Whose.
    pub by: Option<String>,
    /// In which tenant.
    pub tenant: Option<i32>,
}

/// A row of Device_CustomerRatePlanOrRatePool_Queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct QueuedPlan {
    /// For which device.
    pub device: DeviceId,
    /// In which tenant.
    pub tenant: TenantId,
    /// From when on.
    pub from: Moment,
    /// `JasperCustomerRatePlan.RatePlanName`.
    pub plan: Option<String>,
    /// `CustomerRatePool.Name`.
    pub pool: Option<String>,
    /// Whose.
    pub by: String,
    /// When it was queued.
    pub queued_at: Moment,
}

/// Everything that is known of an ICCID, with its newest `most` changes; of one tenant or of all. One round trip.
pub async fn show(
    central: &Central,
    iccid: &Iccid,
    tenant: Option<TenantId>,
    most: u32,
) -> Result<Shown, CentralError> {
    let mut answer = central
        .query(
            &SHOW,
            &[&iccid.as_str(), &tenant.map(TenantId::get), &whole(most)],
        )
        .await?;
    Ok(Shown {
        devices: answer.rows("devices", device)?,
        assignments: answer.rows("assignments", assignment)?,
        changes: answer.rows("changes", change)?,
        log: answer.rows("log", log_line)?,
        history: answer.rows("history", history_line)?,
        queued_plans: answer.rows("queued plans", queued_plan)?,
    })
}

fn device(row: &Fields<'_>) -> Result<ShownDevice, CentralError> {
    Ok(ShownDevice {
        device: row.parsed("DeviceId", DeviceId::new)?,
        provider: row.get("ServiceProviderId")?,
        provider_name: row.optional_text("ProviderName")?,
        tenant: row.parsed("TenantId", TenantId::new)?,
        tenant_name: row.optional_text("TenantName")?,
        msisdn: row.optional_text("MSISDN")?,
        status: row.optional_text("DeviceStatus")?,
        archived: row.get("Archived")?,
        carrier_plan: row.optional_text("RatePlan")?,
    })
}

fn assignment(row: &Fields<'_>) -> Result<Assignment, CentralError> {
    Ok(Assignment {
        device: row.parsed("DeviceId", DeviceId::new)?,
        tenant: row.parsed("TenantId", TenantId::new)?,
        tenant_name: row.optional_text("TenantName")?,
        customer: row.optional_text("AccountNumber")?,
        account: row.optional("Account")?,
        site: row.optional_text("SiteName")?,
        line: row.optional::<i32>("ServiceLineId")?.map(i64::from),
        line_disconnected: row.optional_text("DisconnectedDate")?,
        plan: row.optional_text("RatePlanName")?,
        pool: row.optional_text("PoolName")?,
        active: row.get("Active")?,
        changed_by: row.text("ChangedBy")?,
        changed_at: Moment::get(row, "ChangedAt")?,
    })
}

fn change(row: &Fields<'_>) -> Result<ShownChange, CentralError> {
    Ok(ShownChange {
        change: row.parsed("ChangeId", ChangeId::new)?,
        bulk_change: row.parsed("BulkChangeId", BulkChangeId::new)?,
        change_type: row.get("ChangeRequestTypeId")?,
        tenant: row.parsed("TenantId", TenantId::new)?,
        bulk_status: row.text("BulkStatus")?,
        status: row.text("Status")?,
        details: row.optional_text("StatusDetails")?,
        created_by: row.text("CreatedBy")?,
        created_at: Moment::get(row, "CreatedDate")?,
        processed_at: Moment::optional(row, "ProcessedDate")?,
        customer: row.optional_text("RevCustomerId")?,
        finished_at: Moment::optional(row, "FinishedAt")?,
        work: work(row)?,
    })
}

fn work(row: &Fields<'_>) -> Result<Option<ShownWork>, CentralError> {
    let Some(step) = row.optional_text("Step")? else {
        return Ok(None);
    };
    let intent = row
        .optional_text("IntentReference")?
        .map(|reference| {
            Ok::<_, CentralError>(Intent {
                reference,
                number: row.optional_text("IntentNumber")?,
                customer: row.optional_text("IntentCustomer")?,
                at: Moment::optional(row, "IntentAt")?,
            })
        })
        .transpose()?;
    Ok(Some(ShownWork {
        step,
        chunk: row.get("Chunk")?,
        line: row.optional("RevServiceLineId")?,
        intent,
        attempts: row.get("Attempts")?,
        unknowns: row.get("Unknowns")?,
        leased_until: Moment::optional(row, "LeaseUntil")?,
        not_before: Moment::optional(row, "NotBefore")?,
        last_error: row.optional_text("LastError")?,
        review_since: Moment::optional(row, "ReviewSince")?,
        closed_at: Moment::optional(row, "ClosedAt")?,
    }))
}

fn log_line(row: &Fields<'_>) -> Result<LogLine, CentralError> {
    Ok(LogLine {
        change: row.parsed("ChangeId", ChangeId::new)?,
        at: Moment::get(row, "CreatedDate")?,
        description: row.text("LogEntryDescription")?,
        has_errors: row.get("HasErrors")?,
        status: row.optional_text("ResponseStatus")?,
        request: row.optional_text("RequestText")?,
        response: row.optional_text("ResponseText")?,
        error: row.optional_text("ErrorText")?,
        by: row.text("CreatedBy")?,
    })
}

fn history_line(row: &Fields<'_>) -> Result<HistoryLine, CentralError> {
    Ok(HistoryLine {
        bulk_change: row.optional("BulkChangeId")?,
        device: row.parsed("DeviceId", DeviceId::new)?,
        at: Moment::get(row, "DateOfChange")?,
        field: row.optional_text("ChangedField")?,
        before: row.optional_text("PreviousValue")?,
        after: row.optional_text("CurrentValue")?,
        event: row.optional_text("ChangeEventType")?,
        by: row.optional_text("ChangedBy")?,
        tenant: row.optional("TenantId")?,
    })
}

fn queued_plan(row: &Fields<'_>) -> Result<QueuedPlan, CentralError> {
    Ok(QueuedPlan {
        device: row.parsed("DeviceId", DeviceId::new)?,
        tenant: row.parsed("TenantId", TenantId::new)?,
        from: Moment::get(row, "EffectiveDate")?,
        plan: row.optional_text("RatePlanName")?,
        pool: row.optional_text("PoolName")?,
        by: row.text("CreatedBy")?,
        queued_at: Moment::get(row, "CreatedDate")?,
    })
}

//! Asks how far a bulk change is, in one round trip.

use association::{
    actor::Actor,
    change_request::ChangeRequest,
    ids::{BulkChangeId, ChangeId, DeviceId, ServiceLineId},
    request::Options,
};
use time::PrimitiveDateTime;

use crate::{
    Central, CentralError,
    account::{self, Account},
    decode::Fields,
    statement::Statement,
};

const STATUS: Statement = Statement::repeatable("status", include_str!("status.sql"));

/// Which devices are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// From 1.
    pub page: u32,
    /// Devices a page.
    pub size: u32,
    /// Only those that stand here.
    pub outcome: Option<Outcome>,
}

/// Where a device stands: the names of the counts. `InReview` is part of `Failed`; the others exclude each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Nobody works on it now.
    Waiting,
    /// Under a lease.
    InWork,
    /// Ended without an error.
    Processed,
    /// Ended with an error.
    Failed,
    /// A person has to settle what Rev did.
    InReview,
}

impl Outcome {
    /// Every one.
    pub const ALL: [Self; 5] = [
        Self::Waiting,
        Self::InWork,
        Self::Processed,
        Self::Failed,
        Self::InReview,
    ];

    /// As the count is called.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::InWork => "inWork",
            Self::Processed => "processed",
            Self::Failed => "failed",
            Self::InReview => "inReview",
        }
    }
}

/// What a bulk change does to its devices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeType {
    /// 4: a customer gets the devices.
    CustomerAssignment,
    /// 2: the carrier puts them on another plan.
    CarrierRatePlanChange,
    /// One of the types that other systems work on.
    Other(i32),
}

impl ChangeType {
    /// Of `ChangeRequestTypeId`.
    #[must_use]
    pub const fn of(id: i32) -> Self {
        match id {
            2 => Self::CarrierRatePlanChange,
            4 => Self::CustomerAssignment,
            other => Self::Other(other),
        }
    }

    /// As answers call it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::CustomerAssignment => "customer-assignment",
            Self::CarrierRatePlanChange => "carrier-rate-plan-change",
            Self::Other(_) => "other",
        }
    }
}

/// A bulk change as its caller sees it. Every device is in one of four places: waiting, in work, processed, failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BulkChangeStatus {
    /// `DeviceBulkChange.id`.
    pub id: BulkChangeId,
    /// What it does.
    pub change_type: ChangeType,
    /// NEW, PROCESSING, PROCESSED or ERROR.
    pub status: String,
    /// UTC.
    pub created_at: PrimitiveDateTime,
    /// The audit name of who asked for it.
    pub created_by: String,
    /// The account number; none before a bulk change of another producer was taken up.
    pub customer_account: Option<String>,
    /// `RevCustomer.CustomerName`.
    pub customer_name: Option<String>,
    /// All devices.
    pub total: i64,
    /// Nobody works on it now.
    pub waiting: i64,
    /// Under a lease.
    pub in_work: i64,
    /// Ended without an error.
    pub processed: i64,
    /// Ended with an error, rejected ones and those in review included.
    pub failed: i64,
    /// Of the failed ones: those whose billing a person has to settle.
    pub in_review: i64,
    /// It has work rows: this system has taken it up.
    pub worked_on: bool,
    /// What happens once, at the end, has happened. False for what this system does not work on.
    pub finished: bool,
    /// The carrier rate plan change that followed, and its status.
    pub linked: Option<(BulkChangeId, String)>,
    /// The bulk change that this one followed.
    pub linked_from: Option<BulkChangeId>,
    /// One page of devices, in the order of the request.
    pub items: Vec<ItemStatus>,
    /// Its Rev account, with the calls that wait for it.
    pub account: Account,
}

impl BulkChangeStatus {
    /// The devices that stand somewhere, or all.
    #[must_use]
    pub const fn count(&self, outcome: Option<Outcome>) -> i64 {
        match outcome {
            None => self.total,
            Some(Outcome::Waiting) => self.waiting,
            Some(Outcome::InWork) => self.in_work,
            Some(Outcome::Processed) => self.processed,
            Some(Outcome::Failed) => self.failed,
            Some(Outcome::InReview) => self.in_review,
        }
    }
}

/// One device of a bulk change, with the facts that its success indicators are made of.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an indicator of its own, and all combinations occur"
)]
pub struct ItemStatus {
    /// `M2M_DeviceChange.id`.
    pub change: ChangeId,
    /// `Device.id`; none while no device was found.
    pub device: Option<DeviceId>,
    /// As it was asked for.
    pub iccid: String,
    /// The number, if the device has one.
    pub msisdn: Option<String>,
    /// PENDING, PROCESSING, PROCESSED, ERROR or API_FAILED.
    pub status: String,
    /// A reason's code and words, or what Rev answered.
    pub details: Option<String>,
    /// UTC; none while it is not processed.
    pub processed_at: Option<PrimitiveDateTime>,
    /// Rev's id of the line that was opened.
    pub service_line: Option<ServiceLineId>,
    /// The device exists within provider and tenant.
    pub found: bool,
    /// It passed every check of the request.
    pub permission: bool,
    /// A service line was asked for.
    pub service_asked: bool,
    /// A service line is known.
    pub service_created: bool,
    /// Device_Tenant names the new customer.
    pub ownership: bool,
    /// A customer rate plan was asked for.
    pub plan_asked: bool,
    /// It was given, or queued for its day.
    pub plan_assigned: bool,
    /// DeviceActionHistory has it.
    pub history_recorded: bool,
    /// Processed without an error.
    pub completed: bool,
    /// A person has to settle what Rev did.
    pub review: bool,
}

/// How far a bulk change is; none when it does not exist, or not for this caller.
pub async fn status(
    central: &Central,
    actor: &Actor,
    id: BulkChangeId,
    page: Page,
) -> Result<Option<BulkChangeStatus>, CentralError> {
    let skipped = i64::from(page.page.saturating_sub(1)) * i64::from(page.size);
    let mut answer = central
        .query(
            &STATUS,
            &[
                &actor.tenant().get(),
                &actor.user(),
                &actor.may_use_all_customers(),
                &id.get(),
                &skipped,
                &i64::from(page.size),
                &page.outcome.map(Outcome::name),
            ],
        )
        .await?;
    let Some((mut status, options)) = answer.row("bulk change", bulk_change)? else {
        return Ok(None);
    };
    answer
        .one("counts", |row| {
            Ok([
                row.get("Total")?,
                row.get("InWork")?,
                row.get("Processed")?,
                row.get("Failed")?,
                row.get("InReview")?,
            ])
        })
        .map(|[total, in_work, processed, failed, in_review]: [i64; 5]| {
            status.total = total;
            status.in_work = in_work;
            status.processed = processed;
            status.failed = failed;
            status.in_review = in_review;
            status.waiting = total - in_work - processed - failed;
        })?;
    status.items = answer.rows("devices", |row| item(row, options.as_ref()))?;
    status.account = account::read(&mut answer)?;
    Ok(Some(status))
}

fn bulk_change(row: &Fields<'_>) -> Result<(BulkChangeStatus, Option<Options>), CentralError> {
    let linked = row.optional_parsed("LinkedBulkChangeId", BulkChangeId::new)?;
    let linked_status = row.optional_text("LinkedStatus")?;
    let options = row.optional_parsed("Options", |text: &str| serde_json::from_str(text))?;
    let status = BulkChangeStatus {
        id: row.parsed("id", BulkChangeId::new)?,
        change_type: ChangeType::of(row.get("ChangeRequestTypeId")?),
        status: row.text("Status")?,
        created_at: row.get("CreatedDate")?,
        created_by: row.text("CreatedBy")?,
        customer_account: row.optional_text("CustomerAccount")?,
        customer_name: row.optional_text("CustomerName")?,
        total: 0,
        waiting: 0,
        in_work: 0,
        processed: 0,
        failed: 0,
        in_review: 0,
        worked_on: row.get("WorkedOn")?,
        finished: row.get("Finished")?,
        linked: linked.zip(linked_status),
        linked_from: row.optional_parsed("LinkedFrom", BulkChangeId::new)?,
        items: Vec::new(),
        account: Account::unknown(row.get("CreatedDate")?),
    };
    Ok((status, options))
}

fn item(row: &Fields<'_>, options: Option<&Options>) -> Result<ItemStatus, CentralError> {
    let service_line = row.optional_parsed("RevServiceLineId", ServiceLineId::new)?;
    let completed = row.get("Completed")?;
    // What asks for nothing that can be read shows no mark of it; the reason of its failure says the rest.
    let asked: Option<ChangeRequest> = row
        .optional_text("ChangeRequest")?
        .and_then(|text| serde_json::from_str(&text).ok());
    let (service_asked, plan_asked) = match &asked {
        Some(change) => (change.create_rev_service, change.add_customer_rate_plan),
        None => (
            options.is_some_and(|options| options.rev_service.is_some()),
            options.is_some_and(|options| options.customer_plan.is_some()),
        ),
    };
    Ok(ItemStatus {
        change: row.parsed("ChangeId", ChangeId::new)?,
        device: row.optional_parsed("DeviceId", DeviceId::new)?,
        iccid: row.text("ICCID")?,
        msisdn: row.optional_text("MSISDN")?,
        status: row.text("Status")?,
        details: row.optional_text("StatusDetails")?,
        processed_at: row.optional("ProcessedDate")?,
        service_line,
        found: row.get("Found")?,
        permission: row.get("Permitted")?,
        service_asked,
        service_created: service_line.is_some(),
        ownership: completed || row.get("Assigned")?,
        plan_asked,
        plan_assigned: row.get("PlanAssigned")?,
        history_recorded: row.get("HistoryRecorded")?,
        completed,
        review: row.get("InReview")?,
    })
}

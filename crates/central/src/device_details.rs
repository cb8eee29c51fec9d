//! Asks everything about one device that its page shows, in one round trip.

use association::{
    actor::Actor,
    ids::{BulkChangeId, DeviceId},
};
use rust_decimal::Decimal;
use time::PrimitiveDateTime;

use crate::{
    Central, CentralError,
    decode::Fields,
    device_history::{HistoryRow, history_row},
    inventory::{Device, Named, read_device},
    listing::Slice,
    statement::Statement,
    status::ChangeType,
};

const DEVICE_DETAILS: Statement =
    Statement::repeatable("device_details", include_str!("device_details.sql"));

/// One device with all that hangs on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceDetails {
    /// As the inventory shows it.
    pub device: Device,
    /// What the inventory leaves out.
    pub more: More,
    /// Its time with the customer that `device` names; none when it is assigned to nobody.
    pub assignment: Option<Assignment>,
    /// Megabytes; none for a device without a customer rate plan.
    pub data_allocation_mb: Option<Decimal>,
    /// Plans that wait for their day, the next one first.
    pub queued: Vec<QueuedPlan>,
    /// The newest changes that were asked for it, newest first.
    pub changes: Vec<Change>,
    /// The newest of what has changed at it, and how much that is.
    pub history: Slice<HistoryRow>,
}

/// What only the details of a device show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct More {
    /// `IMSI`.
    pub imsi: Option<String>,
    /// `IpAddress`.
    pub ip_address: Option<String>,
    /// `DeviceDescription`.
    pub description: Option<String>,
    /// `CommunicationPlan`, of the carrier.
    pub communication_plan: Option<String>,
    /// `APN`.
    pub apn: Option<String>,
    /// `CostCenter`.
    pub cost_center: Option<String>,
}

/// Since when, by whom, and what is billed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment {
    /// UTC: when the customer got it, or, where no history tells, when the assignment was written last.
    pub since: PrimitiveDateTime,
    /// The audit name of who asked for it.
    pub by: Option<String>,
    /// The service line that it is linked with.
    pub service: Option<ServiceLine>,
}

/// A line of RevService. Its dates stand as Rev writes them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceLine {
    /// Rev's own id.
    pub rev_service: i32,
    /// What Rev knows the device by.
    pub number: Option<String>,
    /// From when it is billed.
    pub activated: Option<String>,
    /// Since when it is not.
    pub disconnected: Option<String>,
}

/// A customer rate plan or pool with a day to come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueuedPlan {
    /// None when only the pool changes.
    pub plan: Option<Named>,
    /// None when only the plan changes.
    pub pool: Option<Named>,
    /// Midnight UTC of its day.
    pub effective: PrimitiveDateTime,
}

/// The device in one bulk change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Which.
    pub bulk_change: BulkChangeId,
    /// What it does.
    pub change_type: ChangeType,
    /// PENDING, PROCESSING, PROCESSED, ERROR or API_FAILED.
    pub status: String,
    /// A reason's code and words, or what Rev answered.
    pub details: Option<String>,
    /// UTC.
    pub created_at: PrimitiveDateTime,
    /// UTC; none while it is not processed.
    pub processed_at: Option<PrimitiveDateTime>,
    /// The audit name of who asked for it.
    pub created_by: String,
}

/// Everything about a device, with this many changes and history rows at most; none when the caller sees no such device.
pub async fn device_details(
    central: &Central,
    actor: &Actor,
    device: DeviceId,
    changes: u32,
    history: u32,
) -> Result<Option<DeviceDetails>, CentralError> {
    let mut answer = central
        .query(
            &DEVICE_DETAILS,
            &[
                &actor.tenant().get(),
                &actor.user(),
                &actor.may_use_all_customers(),
                &device.get(),
                &i64::from(changes),
                &i64::from(history),
            ],
        )
        .await?;
    let Some(mut details) = answer.row("device", details)? else {
        return Ok(None);
    };
    details.queued = answer.rows("queued plans", queued)?;
    details.changes = answer.rows("changes", change)?;
    details.history.total = answer.one("history total", |row| row.get("Total"))?;
    details.history.items = answer.rows("history", history_row)?;
    Ok(Some(details))
}

fn details(row: &Fields<'_>) -> Result<DeviceDetails, CentralError> {
    let device = read_device(row)?;
    let assignment = match device.customer {
        None => None,
        Some(_) => Some(Assignment {
            since: row.get("AssignedSince")?,
            by: row.optional_text("AssignedBy")?,
            service: service_line(row)?,
        }),
    };
    Ok(DeviceDetails {
        device,
        more: More {
            imsi: row.optional_text("IMSI")?,
            ip_address: row.optional_text("IpAddress")?,
            description: row.optional_text("DeviceDescription")?,
            communication_plan: row.optional_text("CommunicationPlan")?,
            apn: row.optional_text("APN")?,
            cost_center: row.optional_text("CostCenter")?,
        },
        assignment,
        data_allocation_mb: row.optional("CustomerDataAllocationMB")?,
        queued: Vec::new(),
        changes: Vec::new(),
        history: Slice {
            items: Vec::new(),
            total: 0,
        },
    })
}

fn service_line(row: &Fields<'_>) -> Result<Option<ServiceLine>, CentralError> {
    let Some(rev_service) = row.optional("RevServiceId")? else {
        return Ok(None);
    };
    Ok(Some(ServiceLine {
        rev_service,
        number: row.optional_text("ServiceNumber")?,
        activated: row.optional_text("ServiceActivatedDate")?,
        disconnected: row.optional_text("ServiceDisconnectedDate")?,
    }))
}

fn queued(row: &Fields<'_>) -> Result<QueuedPlan, CentralError> {
    let named = |id: &'static str, name: &'static str| -> Result<Option<Named>, CentralError> {
        let id = row.optional(id)?;
        let name = row.optional_text(name)?;
        Ok(id.zip(name).map(|(id, name)| Named { id, name }))
    };
    Ok(QueuedPlan {
        plan: named("CustomerRatePlanId", "CustomerRatePlanName")?,
        pool: named("CustomerRatePoolId", "CustomerRatePoolName")?,
        effective: row.get("EffectiveDate")?,
    })
}

fn change(row: &Fields<'_>) -> Result<Change, CentralError> {
    Ok(Change {
        bulk_change: row.parsed("BulkChangeId", BulkChangeId::new)?,
        change_type: ChangeType::of(row.get("ChangeRequestTypeId")?),
        status: row.text("Status")?,
        details: row.optional_text("StatusDetails")?,
        created_at: row.get("CreatedDate")?,
        processed_at: row.optional("ProcessedDate")?,
        created_by: row.text("CreatedBy")?,
    })
}

//! `GET /M2M/DeviceDetails/{deviceId}`: everything about one device. One round trip.

use association::ids::BulkChangeId;
use axum::{
    Json,
    extract::{Path, Request, State},
};
use central::{
    device_details::{self, Assignment, DeviceDetails, More, QueuedPlan, ServiceLine},
    inventory::{Customer, Device, Named},
};
use rust_decimal::Decimal;
use serde::Serialize;
use utoipa::ToSchema;

use super::{CurrentCustomer, history::Change};
use crate::{
    Intake, customers::CustomerName, ids, moment, problem::Problem, query::Query,
    token::Permission, unavailable,
};

/// Changes that are told at most.
const CHANGES: u32 = 20;
/// Rows of history that are told at most; `/api/devices/{deviceId}/history` has them all.
const HISTORY: u32 = 25;

/// What a device is, whose, on which plans, and what was done to it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DeviceDetails)]
#[serde(rename_all = "camelCase")]
pub struct Details {
    device: About,
    assignment: Option<Assigned>,
    plans: Plans,
    /// The newest that the caller may see, newest first.
    changes: Vec<Asked>,
    /// The bulk change that works on it.
    unfinished_change: Option<i64>,
    history: History,
}

/// The members of a device in the inventory, and more.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DeviceAbout)]
#[serde(rename_all = "camelCase")]
struct About {
    device_id: i32,
    iccid: String,
    msisdn: Option<String>,
    eid: Option<String>,
    imei: Option<String>,
    status: Option<String>,
    status_color: Option<String>,
    allows_assignment: bool,
    service_provider_id: i32,
    service_provider: String,
    customer: Option<CurrentCustomer>,
    carrier_rate_plan: Option<String>,
    customer_rate_plan: Option<Name>,
    customer_rate_pool: Option<Name>,
    usage_bytes: Option<i64>,
    sms_usage: Option<i64>,
    #[schema(format = DateTime)]
    last_usage_date: Option<String>,
    #[schema(format = DateTime)]
    activated_date: Option<String>,
    #[schema(format = DateTime)]
    added_date: Option<String>,
    #[schema(format = DateTime)]
    billing_cycle_end_date: Option<String>,
    archived: bool,
    unfinished_change: Option<i64>,
    imsi: Option<String>,
    ip_address: Option<String>,
    description: Option<String>,
    communication_plan: Option<String>,
    apn: Option<String>,
    cost_center: Option<String>,
}

/// A plan or a pool.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = NamedPlan)]
struct Name {
    id: i32,
    name: String,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DeviceAssignment)]
#[serde(rename_all = "camelCase")]
#[expect(
    clippy::struct_field_names,
    reason = "members are called as the contract calls them"
)]
struct Assigned {
    customer: CustomerName,
    site_id: Option<i32>,
    site: Option<String>,
    /// When the customer got it.
    #[schema(format = DateTime)]
    assigned_since: String,
    assigned_by: Option<String>,
    service: Option<Service>,
}

/// The service line at Rev; its dates stand as Rev writes them.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DeviceServiceLine)]
#[serde(rename_all = "camelCase")]
struct Service {
    rev_service_id: i32,
    number: Option<String>,
    activated_date: Option<String>,
    disconnected_date: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DevicePlans)]
#[serde(rename_all = "camelCase")]
struct Plans {
    carrier_rate_plan: Option<String>,
    customer_rate_plan: Option<Name>,
    customer_rate_pool: Option<Name>,
    /// Megabytes: a decimal number, written as text.
    #[schema(value_type = Option<String>)]
    #[serde(rename = "customerDataAllocationMB")]
    customer_data_allocation_mb: Option<Decimal>,
    /// Plans that wait for their day.
    queued: Vec<Queued>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = QueuedRatePlan)]
#[serde(rename_all = "camelCase")]
struct Queued {
    customer_rate_plan: Option<Name>,
    customer_rate_pool: Option<Name>,
    #[schema(format = DateTime)]
    effective_date: String,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DeviceChange)]
#[serde(rename_all = "camelCase")]
struct Asked {
    bulk_change_id: i64,
    change_type: &'static str,
    status: String,
    status_details: Option<String>,
    #[schema(format = DateTime)]
    created_date: String,
    #[schema(format = DateTime)]
    processed_date: Option<String>,
    created_by: String,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DeviceHistory)]
struct History {
    /// The newest, newest first.
    items: Vec<Change>,
    total: i64,
}

/// Answers for one device.
pub async fn show(
    State(intake): State<Intake>,
    Path(device): Path<String>,
    request: Request,
) -> Result<Json<Details>, Problem> {
    let caller = intake
        .verifier
        .caller(request.headers(), Permission::Read)
        .await?;
    Query::open(request.uri(), &[]).finish(())?;
    let device = ids::device(&device)?;
    let found =
        device_details::device_details(&intake.central, caller.actor(), device, CHANGES, HISTORY)
            .await
            .map_err(|error| unavailable::reading(&error))?
            .ok_or_else(Problem::not_found)?;
    Ok(Json(Details::of(found)))
}

impl Details {
    fn of(found: DeviceDetails) -> Self {
        let device = found.device;
        let customer = device.customer.clone().zip(found.assignment);
        Self {
            assignment: customer.map(|(customer, assignment)| Assigned::of(customer, assignment)),
            plans: Plans {
                carrier_rate_plan: device.carrier_rate_plan.clone(),
                customer_rate_plan: device.customer_rate_plan.clone().map(Name::of),
                customer_rate_pool: device.customer_rate_pool.clone().map(Name::of),
                customer_data_allocation_mb: found.data_allocation_mb.map(|mb| mb.normalize()),
                queued: found.queued.into_iter().map(Queued::of).collect(),
            },
            changes: found.changes.into_iter().map(Asked::of).collect(),
            unfinished_change: device.unfinished_change.map(BulkChangeId::get),
            history: History {
                total: found.history.total,
                items: found.history.items.into_iter().map(Change::of).collect(),
            },
            device: About::of(device, found.more),
        }
    }
}

impl About {
    fn of(device: Device, more: More) -> Self {
        Self {
            device_id: device.id.get(),
            iccid: device.iccid,
            msisdn: device.msisdn,
            eid: device.eid,
            imei: device.imei,
            status: device.status,
            status_color: device.status_color,
            allows_assignment: device.allows_assignment,
            service_provider_id: device.service_provider.get(),
            service_provider: device.service_provider_name,
            customer: device.customer.map(current_customer),
            carrier_rate_plan: device.carrier_rate_plan,
            customer_rate_plan: device.customer_rate_plan.map(Name::of),
            customer_rate_pool: device.customer_rate_pool.map(Name::of),
            usage_bytes: device.usage_bytes,
            sms_usage: device.sms_usage,
            last_usage_date: device.last_usage.map(moment::written),
            activated_date: device.activated.map(moment::written),
            added_date: device.added.map(moment::written),
            billing_cycle_end_date: device.billing_cycle_end.map(moment::written),
            archived: device.archived,
            unfinished_change: device.unfinished_change.map(BulkChangeId::get),
            imsi: more.imsi,
            ip_address: more.ip_address,
            description: more.description,
            communication_plan: more.communication_plan,
            apn: more.apn,
            cost_center: more.cost_center,
        }
    }
}

fn current_customer(customer: Customer) -> CurrentCustomer {
    let (site_id, site) = customer.site.map(|site| (site.id, site.name)).unzip();
    CurrentCustomer {
        rev_customer_id: customer.account_number,
        name: customer.name,
        site_id,
        site,
    }
}

impl Name {
    fn of(named: Named) -> Self {
        Self {
            id: named.id,
            name: named.name,
        }
    }
}

impl Assigned {
    fn of(customer: Customer, assignment: Assignment) -> Self {
        let (site_id, site) = customer.site.map(|site| (site.id, site.name)).unzip();
        Self {
            customer: CustomerName {
                rev_customer_id: customer.account_number,
                name: customer.name,
            },
            site_id,
            site,
            assigned_since: moment::written(assignment.since),
            assigned_by: assignment.by,
            service: assignment.service.map(Service::of),
        }
    }
}

impl Service {
    fn of(line: ServiceLine) -> Self {
        Self {
            rev_service_id: line.rev_service,
            number: line.number,
            activated_date: line.activated,
            disconnected_date: line.disconnected,
        }
    }
}

impl Queued {
    fn of(queued: QueuedPlan) -> Self {
        Self {
            customer_rate_plan: queued.plan.map(Name::of),
            customer_rate_pool: queued.pool.map(Name::of),
            effective_date: moment::written(queued.effective),
        }
    }
}

impl Asked {
    fn of(change: device_details::Change) -> Self {
        Self {
            bulk_change_id: change.bulk_change.get(),
            change_type: change.change_type.name(),
            status: change.status,
            status_details: change.details,
            created_date: moment::written(change.created_at),
            processed_date: change.processed_at.map(moment::written),
            created_by: change.created_by,
        }
    }
}

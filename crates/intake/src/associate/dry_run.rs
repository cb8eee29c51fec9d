//! `validateOnly=true`: the checks of a request, and what would happen to each device. One round trip, which only reads.
//!
//! What is the same for all devices is told once (`serviceLine`, `customerRatePlan`, `carrierRatePlan`), so that an answer about
//! 10,000 of them fits into the 6 MB that a lambda may answer.

use std::collections::HashMap;

use association::{
    check::{DeviceRow, Found},
    decide,
    ids::{DeviceId, Iccid},
    plan::{Plan, PlannedChange, Rejection},
    request::AssociateRequest,
    service_line::{Billed, Product},
};
use axum::{
    Json,
    response::{IntoResponse, Response},
};
use central::check;
use rust_decimal::Decimal;
use serde::{Serialize, Serializer};
use time::{Date, OffsetDateTime, PrimitiveDateTime};
use utoipa::ToSchema;

use super::{answer, refused};
use crate::{
    Intake,
    estimate::{Estimate, WaitsFor},
    openapi::{BilledProduct, IccidText, RejectedDevice},
    problem::Problem,
    token::Caller,
    unavailable,
};

/// Checks and tells. The problems are those that the same request without `validateOnly` is answered with.
pub(super) async fn answer(
    intake: &Intake,
    caller: &Caller,
    asked: &AssociateRequest,
) -> Result<Response, Problem> {
    let checked = check::check(&intake.central, caller.actor(), asked, None)
        .await
        .map_err(|error| unavailable::reading(&error))?;
    let plan = decide::plan(asked, &checked.found).map_err(refused)?;
    let estimate = answer::estimate(
        caller.actor().tenant(),
        asked,
        &plan,
        &checked.account,
        intake.budget,
    );
    tracing::info!(
        accepted = plan.accepted.len(),
        rejected = plan.rejected.len(),
        duplicates = asked.duplicates.len(),
        "request checked only"
    );
    let preview = Preview::of(asked, &checked.found, &plan, &estimate, checked.account.now);
    Ok(Json(preview).into_response())
}

/// What a request would do.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Preview<'a> {
    success: bool,
    validate_only: bool,
    accepted: usize,
    customer: Customer<'a>,
    service_line: Option<ServiceLine<'a>>,
    customer_rate_plan: Option<CustomerRatePlan<'a>>,
    carrier_rate_plan: Option<CarrierRatePlan<'a>>,
    devices: Vec<Device<'a>>,
    #[schema(value_type = Vec<RejectedDevice>)]
    rejected: &'a [Rejection],
    #[schema(value_type = Vec<IccidText>)]
    duplicates: &'a [Iccid],
    /// Lines, and what comes before the first: a token, and the look at customer and products.
    rev_calls: u64,
    /// From now to the estimated finish, rounded up; null when nobody can tell.
    minutes: Option<i64>,
    #[schema(format = DateTime)]
    estimated_finish: Option<String>,
    waits_for: Option<&'a WaitsFor>,
}

/// Who gets the devices.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PreviewCustomer)]
#[serde(rename_all = "camelCase")]
struct Customer<'a> {
    account_number: &'a str,
    name: &'a str,
    site: &'a str,
    integration_authentication_id: i32,
}

/// The line that each device would get.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PreviewServiceLine)]
#[serde(rename_all = "camelCase")]
struct ServiceLine<'a> {
    service_type_id: i32,
    provider_id: i32,
    rev_package_id: Option<i32>,
    #[schema(value_type = Vec<BilledProduct>)]
    products: &'a [Product],
    prorate: bool,
    usage_plan_group_id: Option<i32>,
    description: Option<&'a str>,
}

/// The plan that each device would get from its effective date on.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PreviewCustomerRatePlan)]
#[serde(rename_all = "camelCase")]
struct CustomerRatePlan<'a> {
    id: i32,
    name: Option<&'a str>,
    pool_id: Option<i32>,
    /// A decimal number, written as text.
    #[schema(value_type = Option<String>)]
    data_allocation_mb: Option<Decimal>,
}

/// The carrier's plan, changed in a bulk change of its own afterwards.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PreviewCarrierRatePlan)]
#[serde(rename_all = "camelCase")]
struct CarrierRatePlan<'a> {
    code: &'a str,
    comm_plan: Option<&'a str>,
}

/// What would happen to one device.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PreviewDevice)]
#[serde(rename_all = "camelCase")]
struct Device<'a> {
    #[serde(rename = "device")]
    #[schema(value_type = IccidText)]
    iccid: &'a Iccid,
    /// Under which Rev.io would know it; only with a service line.
    #[serde(skip_serializing_if = "Option::is_none")]
    number: Option<&'a str>,
    effective_date: Day,
    #[serde(skip_serializing_if = "Option::is_none")]
    activated_date: Option<Day>,
    /// The account that it belongs to now; null: nobody's.
    assigned_to: Option<&'a str>,
    steps: Vec<Step>,
    /// The customer rate plan does not begin at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    queued_plan: Option<QueuedPlan>,
}

/// What is done with a device, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = PreviewStep)]
#[serde(rename_all = "kebab-case")]
enum Step {
    /// A billed line is opened at Rev.io.
    OpenServiceLine,
    /// The customer becomes the device's.
    TakeOwnership,
    /// It is the device's customer already: its Site and its plans are written again.
    KeepOwnership,
    /// The customer rate plan counts at once.
    AssignCustomerRatePlan,
    /// The customer rate plan waits for its day.
    QueueCustomerRatePlan,
    /// A bulk change of its own follows.
    ChangeCarrierRatePlan,
}

/// Written `yyyy-MM-dd`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ToSchema)]
#[schema(value_type = String, format = Date)]
struct Day(Date);

impl Serialize for Day {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

/// A plan that waits for its day.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PreviewQueuedPlan)]
#[serde(rename_all = "camelCase")]
struct QueuedPlan {
    from: Day,
}

impl<'a> Preview<'a> {
    fn of(
        asked: &'a AssociateRequest,
        found: &'a Found,
        plan: &'a Plan,
        estimate: &'a Estimate,
        now: PrimitiveDateTime,
    ) -> Self {
        let options = &asked.options;
        let rows: HashMap<DeviceId, &DeviceRow> =
            found.devices.iter().map(|row| (row.device, row)).collect();
        let plan_row = found.customer_plan.as_ref();
        Self {
            success: true,
            validate_only: true,
            accepted: plan.accepted.len(),
            customer: Customer {
                account_number: asked.rev_customer.as_str(),
                name: &plan.customer_name,
                site: &plan.site_name,
                integration_authentication_id: plan.integration_authentication.get(),
            },
            service_line: options.rev_service.as_ref().map(|line| {
                let (package, products) = match &line.billed {
                    Billed::Package(package) => (Some(*package), [].as_slice()),
                    Billed::Products(products) => (None, products.as_slice()),
                };
                ServiceLine {
                    service_type_id: line.service_type_id,
                    provider_id: line.provider_id,
                    rev_package_id: package,
                    products,
                    prorate: line.prorate,
                    usage_plan_group_id: line.usage_plan_group_id,
                    description: line.description.as_deref(),
                }
            }),
            customer_rate_plan: options
                .customer_plan
                .as_ref()
                .map(|wanted| CustomerRatePlan {
                    id: wanted.customer_rate_plan,
                    name: plan_row.map(|row| row.name.as_str()),
                    pool_id: wanted.customer_rate_pool,
                    data_allocation_mb: wanted
                        .data_allocation_mb
                        .or_else(|| plan_row.and_then(|row| row.plan_mb)),
                }),
            carrier_rate_plan: options.carrier_plan.as_ref().map(|wanted| CarrierRatePlan {
                code: &wanted.carrier_rate_plan,
                comm_plan: wanted.comm_plan.as_deref(),
            }),
            devices: plan
                .accepted
                .iter()
                .map(|change| Device::of(change, rows.get(&change.device).copied(), now.date()))
                .collect(),
            rejected: &plan.rejected,
            duplicates: &asked.duplicates,
            rev_calls: answer::rev_calls(asked, plan),
            minutes: estimate.finish.map(|finish| minutes(now, finish)),
            estimated_finish: estimate.written(),
            waits_for: estimate.waits_for.as_ref(),
        }
    }
}

impl<'a> Device<'a> {
    fn of(planned: &'a PlannedChange, row: Option<&'a DeviceRow>, today: Date) -> Self {
        let change = &planned.change;
        let assigned_to = row
            .and_then(|row| row.assignment.as_ref())
            .and_then(|assignment| assignment.account.as_deref());
        let mut steps = Vec::with_capacity(4);
        if change.create_rev_service {
            steps.push(Step::OpenServiceLine);
        }
        steps.push(if assigned_to == Some(change.rev_customer_id.as_str()) {
            Step::KeepOwnership
        } else {
            Step::TakeOwnership
        });
        let queued = change.add_customer_rate_plan && change.effective_date > today;
        if change.add_customer_rate_plan {
            steps.push(if queued {
                Step::QueueCustomerRatePlan
            } else {
                Step::AssignCustomerRatePlan
            });
        }
        if change.add_carrier_rate_plan {
            steps.push(Step::ChangeCarrierRatePlan);
        }
        Self {
            iccid: &planned.iccid,
            number: change.create_rev_service.then_some(change.number.as_str()),
            effective_date: Day(change.effective_date),
            activated_date: change
                .create_rev_service
                .then_some(Day(change.activated_date)),
            assigned_to,
            steps,
            queued_plan: queued.then_some(QueuedPlan {
                from: Day(change.effective_date),
            }),
        }
    }
}

fn minutes(now: PrimitiveDateTime, finish: OffsetDateTime) -> i64 {
    let seconds = (finish - now.assume_utc()).whole_seconds().max(0);
    seconds / 60 + i64::from(seconds % 60 > 0)
}

//! What a caller asks for: one association of many devices, read once and never changed.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use time::Date;

use crate::{
    ids::{Iccid, IntegrationAuthenticationId, RevCustomerId, ServiceProviderId},
    service_line::Billed,
};

/// A request that is well-formed: every member has its type and keeps to the length of its column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AssociateRequest {
    /// Each device once, in the order given; 1 to [`MOST_DEVICES`](crate::limits::MOST_DEVICES).
    pub devices: Vec<Iccid>,
    /// Devices that were named more than once (taken once, named in the answer).
    pub duplicates: Vec<Iccid>,
    /// The carrier account that all devices belong to.
    pub service_provider: ServiceProviderId,
    /// Who is billed from now on.
    pub rev_customer: RevCustomerId,
    /// Decides between two billing integrations of one tenant that share the customer number.
    pub integration_authentication: Option<IntegrationAuthenticationId>,
    /// From when.
    pub effective: Effective,
    /// What else is to be done.
    pub options: Options,
}

/// The day that dates are taken from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Effective {
    /// The UTC date of the submit, fixed then.
    SubmitDay,
    /// A day that the request names.
    On(Date),
    /// Each device's own first active day at the carrier.
    CarrierActivation,
}

/// The three options of a request; each brings its own members.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Options {
    /// Create Rev Service.
    pub rev_service: Option<RevServiceOptions>,
    /// Add Carrier Rate Plan.
    pub carrier_plan: Option<CarrierPlanOptions>,
    /// Add Customer Rate Plan.
    pub customer_plan: Option<CustomerPlanOptions>,
}

/// How the service lines are opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RevServiceOptions {
    /// Rev's service type.
    pub service_type_id: i32,
    /// Rev's provider; Rev.io requires it.
    pub provider_id: i32,
    /// Package or products.
    pub billed: Billed,
    /// Whether the first month is billed in part.
    pub prorate: bool,
    /// The user's text for the line.
    pub description: Option<String>,
    /// Rev's usage plan group.
    pub usage_plan_group_id: Option<i32>,
    /// The day the service counts as active; the effective date when missing.
    pub activated_date: Option<Date>,
}

/// Which carrier plan the devices get afterwards, in a bulk change of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CarrierPlanOptions {
    /// `JasperCarrierRatePlan.RatePlanCode`.
    pub carrier_rate_plan: String,
    /// The carrier's communication plan.
    pub comm_plan: Option<String>,
}

/// Which customer plan the devices get.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CustomerPlanOptions {
    /// `JasperCustomerRatePlan.id`.
    pub customer_rate_plan: i32,
    /// `CustomerRatePool.id`.
    pub customer_rate_pool: Option<i32>,
    /// Megabytes; the plan's PlanMB when missing.
    pub data_allocation_mb: Option<Decimal>,
}

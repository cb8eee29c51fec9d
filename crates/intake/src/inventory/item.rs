//! One device as the API shows it.

use association::ids::BulkChangeId;
use central::inventory::{Customer, Device, Named};
use serde::Serialize;
use utoipa::ToSchema;

use crate::moment;

/// A device. Moments are UTC; a member that is not known is null.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = InventoryItem)]
#[serde(rename_all = "camelCase")]
pub struct Item {
    /// Ours, for the other routes.
    pub device_id: i32,
    /// The card's number.
    pub iccid: String,
    /// The telephone number.
    pub msisdn: Option<String>,
    /// The number of an embedded card.
    pub eid: Option<String>,
    /// The number of the hardware.
    pub imei: Option<String>,
    /// The name of the status.
    pub status: Option<String>,
    /// How AMOP colours the status.
    pub status_color: Option<String>,
    /// Whether a device in this status can be assigned.
    pub allows_assignment: bool,
    /// The carrier account.
    pub service_provider_id: i32,
    /// Its name.
    pub service_provider: String,
    /// Null: assigned to nobody.
    pub customer: Option<ItemCustomer>,
    /// The code of the carrier rate plan.
    pub carrier_rate_plan: Option<String>,
    /// The customer rate plan.
    pub customer_rate_plan: Option<ItemPlan>,
    /// The customer rate pool.
    pub customer_rate_pool: Option<ItemPlan>,
    /// Bytes of the carrier's cycle.
    pub usage_bytes: Option<i64>,
    /// Messages of the carrier's cycle.
    pub sms_usage: Option<i64>,
    /// When it was last used.
    pub last_usage_date: Option<String>,
    /// When the carrier activated it.
    pub activated_date: Option<String>,
    /// When the carrier added it.
    pub added_date: Option<String>,
    /// When the carrier's cycle ends.
    pub billing_cycle_end_date: Option<String>,
    /// It is archived.
    pub archived: bool,
    /// The bulk change that works on it.
    pub unfinished_change: Option<i64>,
}

/// Whose a device is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = InventoryCustomer)]
#[serde(rename_all = "camelCase")]
pub struct ItemCustomer {
    /// The account number.
    pub rev_customer_id: String,
    /// None when the customer is not known here any more.
    pub name: Option<String>,
    /// The Site that the device is assigned to.
    pub site_id: Option<i32>,
    /// Its name.
    pub site: Option<String>,
}

/// Something with an id and a name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = IdAndName)]
#[serde(rename_all = "camelCase")]
pub struct ItemPlan {
    /// Ours.
    pub id: i32,
    /// As people know it.
    pub name: String,
}

impl Item {
    /// A device of the database.
    #[must_use]
    pub fn of(device: Device) -> Self {
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
            customer: device.customer.map(ItemCustomer::of),
            carrier_rate_plan: device.carrier_rate_plan,
            customer_rate_plan: device.customer_rate_plan.map(ItemPlan::of),
            customer_rate_pool: device.customer_rate_pool.map(ItemPlan::of),
            usage_bytes: device.usage_bytes,
            sms_usage: device.sms_usage,
            last_usage_date: device.last_usage.map(moment::written),
            activated_date: device.activated.map(moment::written),
            added_date: device.added.map(moment::written),
            billing_cycle_end_date: device.billing_cycle_end.map(moment::written),
            archived: device.archived,
            unfinished_change: device.unfinished_change.map(BulkChangeId::get),
        }
    }
}

impl ItemCustomer {
    fn of(customer: Customer) -> Self {
        let (site_id, site) = customer
            .site
            .map_or((None, None), |site| (Some(site.id), Some(site.name)));
        Self {
            rev_customer_id: customer.account_number,
            name: customer.name,
            site_id,
            site,
        }
    }
}

impl ItemPlan {
    pub(super) fn of(named: Named) -> Self {
        Self {
            id: named.id,
            name: named.name,
        }
    }
}

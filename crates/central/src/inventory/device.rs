//! One device as lists and details show it.

use association::ids::{BulkChangeId, DeviceId, ServiceProviderId};
use time::PrimitiveDateTime;

use crate::{CentralError, decode::Fields};

/// Something with an id and a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// Of its table.
    pub id: i32,
    /// As people know it.
    pub name: String,
}

/// Whose a device is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Customer {
    /// `Device_Tenant.AccountNumber`.
    pub account_number: String,
    /// `RevCustomer.CustomerName`; none when no Rev customer has the number.
    pub name: Option<String>,
    /// The Site that the device is assigned to.
    pub site: Option<Named>,
}

/// A device with its assignment in the caller's tenant. Moments are UTC.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    /// `Device.id`.
    pub id: DeviceId,
    /// `ICCID`.
    pub iccid: String,
    /// `MSISDN`, if it has one.
    pub msisdn: Option<String>,
    /// `EID`, if it has one.
    pub eid: Option<String>,
    /// `IMEI`, if it is known.
    pub imei: Option<String>,
    /// The name of its status.
    pub status: Option<String>,
    /// How AMOP colours the status.
    pub status_color: Option<String>,
    /// Whether the status allows an assignment: check d of a submit.
    pub allows_assignment: bool,
    /// Whose carrier account.
    pub service_provider: ServiceProviderId,
    /// Its name.
    pub service_provider_name: String,
    /// None: it is assigned to nobody.
    pub customer: Option<Customer>,
    /// The code of its carrier rate plan.
    pub carrier_rate_plan: Option<String>,
    /// Its customer rate plan.
    pub customer_rate_plan: Option<Named>,
    /// Its customer rate pool.
    pub customer_rate_pool: Option<Named>,
    /// Bytes of the carrier's cycle.
    pub usage_bytes: Option<i64>,
    /// Messages of the carrier's cycle.
    pub sms_usage: Option<i64>,
    /// When it was last used.
    pub last_usage: Option<PrimitiveDateTime>,
    /// When the carrier activated it.
    pub activated: Option<PrimitiveDateTime>,
    /// When the carrier added it.
    pub added: Option<PrimitiveDateTime>,
    /// When the carrier's cycle ends.
    pub billing_cycle_end: Option<PrimitiveDateTime>,
    /// It is archived.
    pub archived: bool,
    /// The bulk change that works on it, as a submit would find it.
    pub unfinished_change: Option<BulkChangeId>,
}

/// Reads a row with the columns that inventory.sql gives a device.
pub(crate) fn read(row: &Fields<'_>) -> Result<Device, CentralError> {
    let named = |id: &'static str, name: &'static str| -> Result<Option<Named>, CentralError> {
        let id = row.optional(id)?;
        let name = row.optional_text(name)?;
        Ok(id.zip(name).map(|(id, name)| Named { id, name }))
    };
    let account = row.optional_text("AccountNumber")?;
    let name = row.optional_text("CustomerName")?;
    let site = named("SiteId", "SiteName")?;
    Ok(Device {
        id: row.parsed("DeviceId", DeviceId::new)?,
        iccid: row.text("ICCID")?,
        msisdn: row.optional_text("MSISDN")?,
        eid: row.optional_text("EID")?,
        imei: row.optional_text("IMEI")?,
        status: row.optional_text("DeviceStatus")?,
        status_color: row.optional_text("StatusColor")?,
        allows_assignment: row.get("AllowsAssignment")?,
        service_provider: row.parsed("ServiceProviderId", ServiceProviderId::new)?,
        service_provider_name: row.text("ServiceProviderName")?,
        customer: account.map(|account_number| Customer {
            account_number,
            name,
            site,
        }),
        carrier_rate_plan: row.optional_text("CarrierRatePlan")?,
        customer_rate_plan: named("CustomerRatePlanId", "CustomerRatePlanName")?,
        customer_rate_pool: named("CustomerRatePoolId", "CustomerRatePoolName")?,
        usage_bytes: row.optional("CtdDataUsage")?,
        sms_usage: row.optional("CtdSmsUsage")?,
        last_usage: row.optional("LastUsageDate")?,
        activated: row.optional("ProviderDateActivated")?,
        added: row.optional("ProviderDateAdded")?,
        billing_cycle_end: row.optional("BillingCycleEndDate")?,
        archived: row.get("Archived")?,
        unfinished_change: row.optional_parsed("UnfinishedChange", BulkChangeId::new)?,
    })
}

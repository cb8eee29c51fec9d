//! The checks of a request: decided here, from rows that one question to the database returned.

use rust_decimal::Decimal;
use time::Date;
use uuid::Uuid;

use crate::ids::{BulkChangeId, DeviceId, Iccid, IntegrationAuthenticationId, SiteId};

/// What the database knows about a request.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Found {
    /// The UTC date on the database's clock.
    pub today: Option<Date>,
    /// Whether the service provider exists within the caller's tenant.
    pub service_provider: bool,
    /// Every Rev customer of the tenant with exactly this number (several: one per integration authentication).
    pub customers: Vec<CustomerRow>,
    /// The customer rate plan that was asked for, if it exists for provider and tenant.
    pub customer_plan: Option<CustomerPlanRow>,
    /// Whether the pool that was asked for exists for provider and tenant.
    pub customer_pool: bool,
    /// Whether the carrier rate plan that was asked for exists for the provider and is not retired.
    pub carrier_plan: bool,
    /// The requested devices that exist within provider and tenant; archived ones included.
    pub devices: Vec<DeviceRow>,
}

/// A Rev customer of the caller's tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomerRow {
    /// `RevCustomer.id`.
    pub id: Uuid,
    /// `RevCustomer.CustomerName`.
    pub name: String,
    /// Active, not deleted and not CLOSED.
    pub active: bool,
    /// Its billing account.
    pub integration_authentication: Option<IntegrationAuthenticationId>,
    /// The first active Site of the customer in the tenant, and its name.
    pub site: Option<(SiteId, String)>,
    /// Whether the caller may use it (a User_Role_Site row for its Site, or all customers).
    pub allowed: bool,
}

/// A customer rate plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomerPlanRow {
    /// `JasperCustomerRatePlan.id`.
    pub id: i32,
    /// For the history.
    pub name: String,
    /// `PlanMB`: the allocation unless the request gives one.
    pub plan_mb: Option<Decimal>,
}

/// One requested device as it stands now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceRow {
    /// As stored.
    pub iccid: Iccid,
    /// `Device.id`.
    pub device: DeviceId,
    /// `IsActive` = 0 and `IsDeleted` = 1.
    pub archived: bool,
    /// The number that Rev knows it by, if any.
    pub msisdn: Option<String>,
    /// For the reason text.
    pub status: Option<String>,
    /// DeviceStatusPolicy, else DeviceStatus.IsActiveStatus; a device without status does not allow it.
    pub status_allows: bool,
    /// The active Device_Tenant row of the caller's tenant.
    pub assignment: Option<Assignment>,
    /// Whether an active Device_Tenant row of any tenant names another account than the request's customer,
    /// or another tenant's row names any account.
    pub other_customer: bool,
    /// An unfinished change of the device.
    pub unfinished: Option<BulkChangeId>,
    /// A live line of the same customer, in RevService or held by a work row.
    pub active_service_line: bool,
    /// First active day at the carrier: DeviceStatusHistory, else Device.ProviderDateActivated.
    pub activation_date: Option<Date>,
}

/// What an active Device_Tenant row holds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Assignment {
    /// `AccountNumber`.
    pub account: Option<String>,
    /// `AccountNumberIntegrationAuthenticationId`.
    pub integration_authentication: Option<i32>,
    /// `SiteId`.
    pub site: Option<i32>,
    /// `CustomerRatePlanId`.
    pub customer_rate_plan: Option<i32>,
    /// `CustomerRatePoolId`.
    pub customer_rate_pool: Option<i32>,
    /// `CustomerDataAllocationMB`.
    pub data_allocation_mb: Option<Decimal>,
}

//! Asks for devices: a page of those that a caller may see, or all of them row by row, in one round trip.

mod device;

use std::ops::ControlFlow;

use association::{actor::Actor, ids::ServiceProviderId};
use serde::Serialize;

pub(crate) use device::read as read_device;
pub use device::{Customer, Device, Named};

use crate::{
    Central, CentralError,
    decode::Fields,
    driver::json,
    listing::{Direction, Filter, Page, Slice, Sort},
    statement::Statement,
};

const INVENTORY: Statement = Statement::repeatable("inventory", include_str!("inventory.sql"));

/// What the inventory can be ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SortBy {
    /// `Device.ICCID`.
    Iccid,
    /// `Device.MSISDN`.
    Msisdn,
    /// The name of the status.
    Status,
    /// The name of the service provider.
    Provider,
    /// The name of the customer.
    Customer,
    /// The code of the carrier rate plan.
    CarrierPlan,
    /// The name of the customer rate plan.
    CustomerPlan,
    /// Bytes of the carrier's cycle.
    Usage,
    /// When the carrier activated it.
    Activated,
    /// When the carrier added it.
    Added,
}

impl SortBy {
    /// Every one.
    pub const ALL: [Self; 10] = [
        Self::Iccid,
        Self::Msisdn,
        Self::Status,
        Self::Provider,
        Self::Customer,
        Self::CarrierPlan,
        Self::CustomerPlan,
        Self::Usage,
        Self::Activated,
        Self::Added,
    ];

    /// As parameters of a URL and of the statement name it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Iccid => "iccid",
            Self::Msisdn => "msisdn",
            Self::Status => "status",
            Self::Provider => "provider",
            Self::Customer => "customer",
            Self::CarrierPlan => "carrierPlan",
            Self::CustomerPlan => "customerPlan",
            Self::Usage => "usage",
            Self::Activated => "activated",
            Self::Added => "added",
        }
    }
}

/// Which devices are asked for: those for which everything that is given holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// In ICCID, MSISDN, IMEI, EID, or in name or account number of the customer.
    pub filter: Option<Filter>,
    /// Of this service provider.
    pub service_provider: Option<ServiceProviderId>,
    /// With the status of this name.
    pub status: Option<String>,
    /// Of the customer with this account number.
    pub customer: Option<String>,
    /// Assigned to a customer, or to none.
    pub assigned: Option<bool>,
    /// On the carrier rate plan with this code.
    pub carrier_rate_plan: Option<String>,
    /// On this customer rate plan.
    pub customer_rate_plan: Option<i32>,
    /// Archived devices instead of live ones.
    pub archived: bool,
    /// Those with one of these ICCIDs or MSISDNs.
    pub identifiers: Option<Vec<String>>,
}

/// What devices of a tenant can be filtered by.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facets {
    /// Active service providers.
    pub service_providers: Vec<Named>,
    /// Names of statuses, each once.
    pub statuses: Vec<String>,
    /// Codes of carrier rate plans that are not retired, each once.
    pub carrier_rate_plans: Vec<String>,
    /// Active customer rate plans.
    pub customer_rate_plans: Vec<Named>,
}

/// A page of devices, and what was asked beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The page.
    pub slice: Slice<Device>,
    /// The identifiers that no device of the whole list has, as they were asked for and in that order.
    pub missing: Vec<String>,
    /// Empty unless they were asked for.
    pub facets: Facets,
}

/// An identifier and its place in what was asked for.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Asked<'a> {
    place: usize,
    identifier: &'a str,
}

/// One page of the devices that the caller may see.
pub async fn inventory(
    central: &Central,
    actor: &Actor,
    wanted: &Wanted,
    sort: Sort<SortBy>,
    page: Page,
    with_facets: bool,
) -> Result<Found, CentralError> {
    let rows = Rows {
        before: page.rows_before(),
        most: page.rows(),
        refused_beyond: None,
        with_facets,
    };
    let mut sets = Sets::default();
    ask(central, actor, wanted, sort, rows, |set, row| {
        sets.take(set, row).map(ControlFlow::Continue)
    })
    .await?;
    Ok(Found {
        slice: Slice {
            items: sets.items,
            total: known(sets.total)?,
        },
        missing: sets.missing,
        facets: sets.facets,
    })
}

/// Hands every device on that the caller may see, in order, and answers how many there are. When there are more than `most`, none
/// is handed on. `take` may end it.
pub async fn all_devices(
    central: &Central,
    actor: &Actor,
    wanted: &Wanted,
    sort: Sort<SortBy>,
    most: i64,
    mut take: impl FnMut(Device) -> ControlFlow<()>,
) -> Result<i64, CentralError> {
    let rows = Rows {
        before: 0,
        most,
        refused_beyond: Some(most),
        with_facets: false,
    };
    let mut total = None;
    ask(central, actor, wanted, sort, rows, |set, row| match set {
        TOTAL => {
            total = Some(row.get("Total")?);
            Ok(ControlFlow::Continue(()))
        }
        DEVICES => device::read(row).map(&mut take),
        _ => Ok(ControlFlow::Continue(())),
    })
    .await?;
    known(total)
}

/// Which rows of the list.
struct Rows {
    before: i64,
    most: i64,
    refused_beyond: Option<i64>,
    with_facets: bool,
}

async fn ask(
    central: &Central,
    actor: &Actor,
    wanted: &Wanted,
    sort: Sort<SortBy>,
    rows: Rows,
    take: impl FnMut(usize, &Fields<'_>) -> Result<ControlFlow<()>, CentralError>,
) -> Result<(), CentralError> {
    let identifiers = wanted.identifiers.as_ref().map(|identifiers| {
        let asked: Vec<Asked<'_>> = identifiers
            .iter()
            .enumerate()
            .map(|(place, identifier)| Asked { place, identifier })
            .collect();
        json(&INVENTORY, &asked)
    });
    central
        .each_row(
            &INVENTORY,
            &[
                &actor.tenant().get(),
                &actor.user(),
                &actor.may_use_all_customers(),
                &wanted.service_provider.map(ServiceProviderId::get),
                &wanted.status,
                &wanted.customer,
                &wanted.assigned,
                &wanted.carrier_rate_plan,
                &wanted.customer_rate_plan,
                &wanted.archived,
                &wanted.filter.as_ref().map(Filter::pattern),
                &identifiers.transpose()?,
                &sort.by.name(),
                &(sort.direction == Direction::Descending),
                &rows.before,
                &rows.most,
                &rows.refused_beyond,
                &rows.with_facets,
            ],
            take,
        )
        .await
}

// The result sets of inventory.sql.
const TOTAL: usize = 0;
const DEVICES: usize = 1;
const MISSING: usize = 2;
const PROVIDERS: usize = 3;
const STATUSES: usize = 4;
const CARRIER_PLANS: usize = 5;
const CUSTOMER_PLANS: usize = 6;

/// Collects a page.
#[derive(Default)]
struct Sets {
    total: Option<i64>,
    items: Vec<Device>,
    missing: Vec<String>,
    facets: Facets,
}

impl Sets {
    fn take(&mut self, set: usize, row: &Fields<'_>) -> Result<(), CentralError> {
        let facets = &mut self.facets;
        match set {
            TOTAL => self.total = Some(row.get("Total")?),
            DEVICES => self.items.push(device::read(row)?),
            MISSING => self.missing.push(row.text("Identifier")?),
            PROVIDERS => facets.service_providers.push(named(row)?),
            STATUSES => facets.statuses.push(row.text("Name")?),
            CARRIER_PLANS => facets.carrier_rate_plans.push(row.text("Name")?),
            CUSTOMER_PLANS => facets.customer_rate_plans.push(named(row)?),
            _ => {}
        }
        Ok(())
    }
}

/// A total that did not come is a defect of the statement, not a list without rows.
fn known(total: Option<i64>) -> Result<i64, CentralError> {
    total.ok_or_else(|| CentralError::Decode {
        statement: INVENTORY.name,
        column: "Total",
        problem: "the result set is missing".to_owned(),
    })
}

fn named(row: &Fields<'_>) -> Result<Named, CentralError> {
    Ok(Named {
        id: row.get("Id")?,
        name: row.text("Name")?,
    })
}

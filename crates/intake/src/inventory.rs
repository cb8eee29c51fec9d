//! `GET /M2M/Index` (as data) and `GET /M2M/DeviceInventoryExport`: the devices that a caller may see, as a page or as a file.

mod asked;
mod cells;
mod comma_separated;
mod export;
mod item;
mod workbook;

use axum::{
    Json,
    extract::{Request, State},
};
use central::{
    inventory::{self, SortBy},
    listing::{Direction, Page, Sort},
};
use serde::Serialize;
use utoipa::ToSchema;

pub use asked::{LONGEST_TEXT, MOST_IDENTIFIERS};
pub use export::{FORMATS, ROUTE as EXPORT_ROUTE, export};
pub use item::{Item, ItemCustomer, ItemPlan};

use crate::{
    Intake,
    listing::{Asked, SortKey},
    problem::Problem,
    token::Permission,
    unavailable,
};

/// By ICCID.
pub const DEFAULT: Sort<SortBy> = Sort {
    by: SortBy::Iccid,
    direction: Direction::Ascending,
};

impl SortKey for SortBy {
    const ALL: &'static [Self] = &Self::ALL;

    fn name(self) -> &'static str {
        SortBy::name(self)
    }
}

/// One page of devices.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Inventory {
    /// The devices of the page, in order.
    pub items: Vec<Item>,
    /// Which page, from 1.
    pub page: u32,
    /// Devices a page at most.
    pub page_size: u32,
    /// Devices of all pages.
    pub total: i64,
    /// With `facets=true`: what the list can be filtered by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub facets: Option<Facets>,
    /// With `identifiers`: those that no device of the list has, in the order in which they were given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub missing: Option<Vec<String>>,
}

/// What an inventory can be filtered by.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = InventoryFacets)]
#[serde(rename_all = "camelCase")]
pub struct Facets {
    /// Carrier accounts of the tenant.
    pub service_providers: Vec<ItemPlan>,
    /// Names of statuses.
    pub statuses: Vec<String>,
    /// Codes of carrier rate plans.
    pub carrier_rate_plans: Vec<String>,
    /// Customer rate plans.
    pub customer_rate_plans: Vec<ItemPlan>,
}

/// Answers one page.
pub async fn list(
    State(intake): State<Intake>,
    request: Request,
) -> Result<Json<Inventory>, Problem> {
    let caller = intake
        .verifier
        .caller(request.headers(), Permission::Read)
        .await?;
    let mut query = crate::listing::open(request.uri(), &asked::LIST_NAMES);
    let Asked { page, sort, filter } = Asked::take(&mut query, DEFAULT);
    let wanted = asked::wanted(&mut query, filter);
    let with_facets = query.take("facets", |text| crate::query::flag("facets", text));
    let (wanted, page, sort) = query.finish((wanted, page, sort))?;
    let found = inventory::inventory(
        &intake.central,
        caller.actor(),
        &wanted,
        sort,
        page,
        with_facets,
    )
    .await
    .map_err(|error| unavailable::reading(&error))?;
    let pasted = wanted.identifiers.is_some();
    Ok(Json(Inventory::of(found, page, with_facets, pasted)))
}

impl Inventory {
    fn of(found: inventory::Found, page: Page, with_facets: bool, pasted: bool) -> Self {
        Self {
            items: found.slice.items.into_iter().map(Item::of).collect(),
            page: page.number,
            page_size: page.size,
            total: found.slice.total,
            facets: with_facets.then(|| Facets::of(found.facets)),
            missing: pasted.then_some(found.missing),
        }
    }
}

impl Facets {
    fn of(found: inventory::Facets) -> Self {
        let named = |all: Vec<inventory::Named>| all.into_iter().map(ItemPlan::of).collect();
        Self {
            service_providers: named(found.service_providers),
            statuses: found.statuses,
            carrier_rate_plans: found.carrier_rate_plans,
            customer_rate_plans: named(found.customer_rate_plans),
        }
    }
}

//! What can be asked about Rev customers, one round trip each:
//! `GET /M2M/GetRevCustomers` (who may be used), `GET /api/customers/{customerId}/sites` and
//! `GET /api/rate-plans/customer/{customerId}`. `customerId` is the account number. A customer of another tenant, or that the caller
//! may not use, answers like one that does not exist.

mod rate_plans;
mod sites;

use association::ids::{IntegrationAuthenticationId, SiteId};
use axum::{
    Json,
    extract::{Request, State},
};
use central::{
    listing::{Direction, Sort},
    rev_customers::{self, RevCustomer, SortBy},
};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    Intake,
    listing::{Asked, Listing, SortKey},
    problem::Problem,
    token::Permission,
    unavailable,
};

pub use rate_plans::{Plans, show as rate_plans};
pub(crate) use sites::DEFAULT as SITES_DEFAULT;
pub use sites::{Site, list as sites};

/// By name.
pub(crate) const DEFAULT: Sort<SortBy> = Sort {
    by: SortBy::Name,
    direction: Direction::Ascending,
};

impl SortKey for SortBy {
    const ALL: &'static [Self] = &Self::ALL;

    fn name(self) -> &'static str {
        SortBy::name(self)
    }
}

/// A customer as other answers name it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CustomerName {
    /// The account number.
    pub rev_customer_id: String,
    /// None when the customer is not known here any more.
    pub name: Option<String>,
}

/// One customer of the list.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RevCustomer)]
#[serde(rename_all = "camelCase")]
pub struct Item {
    #[schema(value_type = String, format = Uuid)]
    id: Uuid,
    /// The account number.
    rev_customer_id: String,
    /// Tells two customers with one account number apart.
    integration_authentication_id: Option<i32>,
    name: String,
    /// Devices can be assigned to it.
    active: bool,
    bill_period_end_day: Option<i32>,
    bill_period_end_hour: Option<i32>,
    /// The first one is the one that an association uses.
    sites: Vec<SiteName>,
}

/// A Site as other answers name it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SiteName {
    id: i32,
    name: String,
}

/// Answers one page.
pub async fn list(
    State(intake): State<Intake>,
    request: Request,
) -> Result<Json<Listing<Item>>, Problem> {
    let caller = intake
        .verifier
        .caller(request.headers(), Permission::Read)
        .await?;
    let Asked { page, sort, filter } = Asked::read(request.uri(), DEFAULT)?;
    let found =
        rev_customers::rev_customers(&intake.central, caller.actor(), page, sort, filter.as_ref())
            .await
            .map_err(|error| unavailable::reading(&error))?;
    Ok(Json(Listing::of(found, page, Item::of)))
}

impl Item {
    fn of(found: RevCustomer) -> Self {
        Self {
            id: found.id,
            rev_customer_id: found.account_number,
            integration_authentication_id: found
                .integration_authentication
                .map(IntegrationAuthenticationId::get),
            name: found.name,
            active: found.active,
            bill_period_end_day: found.bill_period_end_day,
            bill_period_end_hour: found.bill_period_end_hour,
            sites: found.sites.into_iter().map(SiteName::of).collect(),
        }
    }
}

impl SiteName {
    fn of((id, name): (SiteId, String)) -> Self {
        Self { id: id.get(), name }
    }
}

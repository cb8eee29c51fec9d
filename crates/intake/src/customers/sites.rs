//! `GET /api/customers/{customerId}/sites`: the active Sites of a Rev customer.

use axum::{
    Json,
    extract::{Path, Request, State},
};
use central::{
    listing::{Direction, Sort},
    sites::{self, SortBy},
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    Intake, ids,
    listing::{Asked, Listing, SortKey},
    problem::Problem,
    token::Permission,
    unavailable,
};

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

/// One Site.
#[derive(Debug, Serialize, ToSchema)]
pub struct Site {
    id: i32,
    name: String,
    city: Option<String>,
    state: Option<String>,
    country: Option<String>,
}

/// Answers one page.
pub async fn list(
    State(intake): State<Intake>,
    Path(customer): Path<String>,
    request: Request,
) -> Result<Json<Listing<Site>>, Problem> {
    let caller = intake
        .verifier
        .caller(request.headers(), Permission::Read)
        .await?;
    let Asked { page, sort, filter } = Asked::read(request.uri(), DEFAULT)?;
    let customer = ids::customer(&customer)?;
    let found = sites::sites(
        &intake.central,
        caller.actor(),
        &customer,
        page,
        sort,
        filter.as_ref(),
    )
    .await
    .map_err(|error| unavailable::reading(&error))?
    .ok_or_else(Problem::not_found)?;
    Ok(Json(Listing::of(found, page, Site::of)))
}

impl Site {
    fn of(found: sites::Site) -> Self {
        Self {
            id: found.id.get(),
            name: found.name,
            city: found.city,
            state: found.state,
            country: found.country,
        }
    }
}

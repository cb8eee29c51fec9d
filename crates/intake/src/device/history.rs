//! `GET /api/devices/{deviceId}/history`: what has changed at a device, newest first. One round trip.

use association::ids::BulkChangeId;
use axum::{
    Json,
    extract::{Path, Request, State},
    http::Uri,
};
use central::{
    device_history::{self, HistoryRow},
    listing::Page,
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    Intake,
    customers::CustomerName,
    ids,
    listing::{LARGEST_PAGE, LAST_PAGE, Listing, PAGE_SIZE},
    moment,
    problem::Problem,
    query::{self, Query},
    token::Permission,
    unavailable,
};

/// One field that changed.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DeviceHistoryRow)]
#[serde(rename_all = "camelCase")]
#[expect(
    clippy::struct_field_names,
    reason = "members are called as the contract calls them"
)]
pub struct Change {
    id: i32,
    changed_field: Option<String>,
    /// Null too where it names a customer that the caller may not use.
    previous_value: Option<String>,
    current_value: Option<String>,
    change_event_type: Option<String>,
    #[schema(format = DateTime)]
    date_of_change: String,
    changed_by: Option<String>,
    bulk_change_id: Option<i64>,
    /// Whose the device was afterwards.
    customer: Option<CustomerName>,
}

/// Answers one page.
pub async fn list(
    State(intake): State<Intake>,
    Path(device): Path<String>,
    request: Request,
) -> Result<Json<Listing<Change>>, Problem> {
    let caller = intake
        .verifier
        .caller(request.headers(), Permission::Read)
        .await?;
    let page = page(request.uri())?;
    let device = ids::device(&device)?;
    let found = device_history::device_history(&intake.central, caller.actor(), device, page)
        .await
        .map_err(|error| unavailable::reading(&error))?
        .ok_or_else(Problem::not_found)?;
    Ok(Json(Listing::of(found, page, Change::of)))
}

/// There is one order and no filter.
fn page(uri: &Uri) -> Result<Page, Problem> {
    let mut query = Query::open(uri, &[&["page", "pageSize"]]);
    let page = Page {
        number: query.take("page", |text| query::number("page", text, 1, 1..=LAST_PAGE)),
        size: query.take("pageSize", |text| {
            query::number("pageSize", text, PAGE_SIZE, 1..=LARGEST_PAGE)
        }),
    };
    query.finish(page)
}

impl Change {
    pub(super) fn of(found: HistoryRow) -> Self {
        Self {
            id: found.id,
            changed_field: found.changed_field,
            previous_value: found.previous_value,
            current_value: found.current_value,
            change_event_type: found.change_event_type,
            date_of_change: moment::written(found.changed_at),
            changed_by: found.changed_by,
            bulk_change_id: found.bulk_change.map(BulkChangeId::get),
            customer: found.customer_account.map(|rev_customer_id| CustomerName {
                rev_customer_id,
                name: found.customer_name,
            }),
        }
    }
}

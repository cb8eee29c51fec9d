//! `GET /M2M/BulkChanges`: the bulk changes that the caller may see, newest first. One round trip.

use association::ids::BulkChangeId;
use axum::{
    Json,
    extract::{Request, State},
    http::Uri,
};
use central::{
    bulk_changes::{self, BulkChange, BulkStatus, Question, SortBy},
    listing::{Direction, Sort},
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    Intake,
    associate::status_url,
    customers::CustomerName,
    listing::{self, Asked, Listing, SortKey},
    moment,
    problem::Problem,
    query,
    status::Counts,
    token::Permission,
    unavailable,
};

/// Newest first.
pub(crate) const DEFAULT: Sort<SortBy> = Sort {
    by: SortBy::Created,
    direction: Direction::Descending,
};

impl SortKey for SortBy {
    const ALL: &'static [Self] = &Self::ALL;

    fn name(self) -> &'static str {
        SortBy::name(self)
    }
}

/// One bulk change of the list.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ListedBulkChange)]
#[serde(rename_all = "camelCase")]
pub struct Item {
    id: i64,
    change_type: &'static str,
    status: String,
    created_by: String,
    #[schema(format = DateTime)]
    created_date: String,
    service_provider_id: i32,
    service_provider: Option<String>,
    customer: Option<CustomerName>,
    counts: Counts,
    /// Devices that reached a final state, of 100, rounded down: 100 means all.
    percent: i64,
    /// The bulk change that this one followed.
    linked_from: Option<i64>,
    /// When its last device ended.
    #[schema(format = DateTime)]
    finished_date: Option<String>,
    status_url: String,
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
    let question = question(request.uri())?;
    let found = bulk_changes::bulk_changes(&intake.central, caller.actor(), &question)
        .await
        .map_err(|error| unavailable::reading(&error))?;
    Ok(Json(Listing::of(found, question.page, Item::of)))
}

fn question(uri: &Uri) -> Result<Question, Problem> {
    let mut query = listing::open(uri, &["status", "mine"]);
    let Asked { page, sort, filter } = Asked::take(&mut query, DEFAULT);
    let status = query.take("status", |text| {
        listing::one_of("status", text, &BulkStatus::ALL, BulkStatus::name)
    });
    let mine = query.take("mine", |text| query::flag("mine", text));
    query.finish(Question {
        page,
        sort,
        filter,
        status,
        mine,
    })
}

impl Item {
    fn of(found: BulkChange) -> Self {
        Self {
            change_type: found.change_type.name(),
            status_url: status_url(found.id),
            created_date: moment::written(found.created_at),
            customer: found.customer_account.map(|rev_customer_id| CustomerName {
                rev_customer_id,
                name: found.customer_name,
            }),
            percent: ((found.processed + found.failed) * 100)
                .checked_div(found.total)
                .unwrap_or(100),
            counts: Counts {
                total: found.total,
                waiting: found.waiting,
                in_work: found.in_work,
                processed: found.processed,
                failed: found.failed,
                in_review: found.in_review,
            },
            linked_from: found.linked_from.map(BulkChangeId::get),
            finished_date: found.finished_at.map(moment::written),
            id: found.id.get(),
            status: found.status,
            created_by: found.created_by,
            service_provider_id: found.service_provider,
            service_provider: found.service_provider_name,
        }
    }
}

//! The 202 answer: made before the write, stored with it, and given again word for word to the same key.

use association::{
    ids::{BulkChangeId, Iccid},
    plan::{Plan, Rejection},
    request::AssociateRequest,
};
use axum::{
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use central::budget::BudgetLimits;
use serde::Serialize;
use serde_json::{Map, Value};
use time::OffsetDateTime;

use crate::{
    estimate,
    problem::{Kind, Problem},
};

/// Marks an answer that was given before.
pub const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");
/// Seconds after which asking for the status is worthwhile.
const RETRY_AFTER: u16 = 5;
/// Calls before the first device: the customer, and a page of what it can be sold.
const PREFLIGHT_CALLS: u64 = 2;

/// What is stored: everything but the id, which the write gives.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Answer<'a> {
    success: bool,
    status: &'static str,
    accepted: usize,
    rejected: &'a [Rejection],
    duplicates: &'a [Iccid],
    estimated_finish: String,
}

/// The answer to an accepted request, without its id, as JSON.
///
/// The estimate counts this request's own calls at Rev.io; the status answer also knows what else waits for the account.
pub(super) fn of(
    asked: &AssociateRequest,
    plan: &Plan,
    budget: BudgetLimits,
    now: OffsetDateTime,
) -> String {
    let devices = plan.accepted.len() as u64;
    let calls = asked
        .options
        .rev_service
        .as_ref()
        .map_or(0, |_| devices + PREFLIGHT_CALLS);
    let takes = estimate::takes(calls, devices, budget.ours_per_minute());
    let answer = Answer {
        success: true,
        status: "NEW",
        accepted: plan.accepted.len(),
        rejected: &plan.rejected,
        duplicates: &asked.duplicates,
        estimated_finish: estimate::written(estimate::done_at(now, takes)),
    };
    // Texts, numbers and lists always serialise.
    serde_json::to_string(&answer).unwrap_or_default()
}

/// Where the status of a bulk change is.
pub(super) fn status_url(id: BulkChangeId) -> String {
    format!("/M2M/BulkChangeStatus/{id}")
}

/// The 202: a stored answer with the id it belongs to.
pub(super) fn accepted(
    stored: &str,
    id: BulkChangeId,
    replayed: bool,
) -> Result<Response, Problem> {
    let mut members: Map<String, Value> = serde_json::from_str(stored).map_err(|_| {
        Problem::new(
            Kind::Internal,
            format!("The request is recorded as bulk change {id}, and its answer cannot be read."),
        )
    })?;
    let url = status_url(id);
    members.insert("changeId".to_owned(), Value::from(id.get()));
    members.insert("statusUrl".to_owned(), Value::from(url.as_str()));
    let mut response = (StatusCode::ACCEPTED, axum::Json(members)).into_response();
    let headers = response.headers_mut();
    if let Ok(url) = HeaderValue::from_str(&url) {
        headers.insert(header::LOCATION, url);
    }
    headers.insert(header::RETRY_AFTER, HeaderValue::from(RETRY_AFTER));
    if replayed {
        headers.insert(REPLAYED, HeaderValue::from_static("true"));
    }
    Ok(response)
}

//! The 202 answer: made before the write, stored with it, and given again word for word to the same key.

use association::{
    ids::{BulkChangeId, Iccid, TenantId},
    plan::{Plan, Rejection},
    request::AssociateRequest,
};
use axum::{
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use central::{account::Account, budget::BudgetLimits};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::{
    estimate::{self, Estimate, WaitsFor, Work},
    openapi::{IccidText, RejectedDevice},
    problem::{Kind, Problem},
};

/// Marks an answer that was given before.
pub const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");
/// Seconds after which asking for the status is worthwhile.
const RETRY_AFTER: u16 = 5;
/// Calls before the first device: a token, the customer, and a page of what it can be sold.
const CALLS_BEFORE: u64 = 3;

/// What is stored: everything but the id, which the write gives.
#[derive(Serialize, ToSchema)]
#[schema(as = Accepted)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Answer<'a> {
    /// Always true: the request is recorded.
    success: bool,
    /// NEW.
    status: &'static str,
    /// Devices that the bulk change works on.
    accepted: usize,
    /// Devices that it does not work on, with the reason.
    #[schema(value_type = Vec<RejectedDevice>)]
    rejected: &'a [Rejection],
    /// Devices that were named more than once; each is taken once.
    #[schema(value_type = Vec<IccidText>)]
    duplicates: &'a [Iccid],
    /// When the last device will be done; null when nobody can tell.
    #[schema(format = DateTime)]
    estimated_finish: Option<String>,
    /// What the billing calls wait for, other than their turn.
    waits_for: Option<&'a WaitsFor>,
}

/// The calls at Rev.io that a request takes when nothing goes wrong.
pub(super) fn rev_calls(asked: &AssociateRequest, plan: &Plan) -> u64 {
    let lines = plan.accepted.len() as u64;
    asked
        .options
        .rev_service
        .as_ref()
        .map_or(0, |_| lines + CALLS_BEFORE)
}

/// When it would be done beside everything else that waits for the customer's Rev account.
pub(super) fn estimate(
    tenant: TenantId,
    asked: &AssociateRequest,
    plan: &Plan,
    account: &Account,
    limits: BudgetLimits,
) -> Estimate {
    let work = Work {
        tenant: Some(tenant),
        calls: rev_calls(asked, plan),
        devices: plan.accepted.len() as u64,
        settling: false,
    };
    estimate::estimate(account, work, &account.waiting, limits)
}

/// The answer to an accepted request, without its id, as JSON.
pub(super) fn of(asked: &AssociateRequest, plan: &Plan, estimate: &Estimate) -> String {
    let answer = Answer {
        success: true,
        status: "NEW",
        accepted: plan.accepted.len(),
        rejected: &plan.rejected,
        duplicates: &asked.duplicates,
        estimated_finish: estimate.written(),
        waits_for: estimate.waits_for.as_ref(),
    };
    // Texts, numbers and lists always serialise.
    serde_json::to_string(&answer).unwrap_or_default()
}

/// Where the status of a bulk change is.
pub(crate) fn status_url(id: BulkChangeId) -> String {
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

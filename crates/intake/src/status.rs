//! `GET /M2M/BulkChangeStatus/{id}`: how far a bulk change is, and what became of each device.
//!
//! A caller who watches sends back the entity tag of the last answer: 304 says that nothing has moved since. With `Prefer: wait=20`
//! the answer waits until something has.

mod log;
mod view;
mod watch;

use std::time::Duration;

use association::{ids::BulkChangeId, parse::MemberError};
use axum::{
    Json,
    extract::{Path, Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use central::{
    budget::BudgetLimits,
    status::{BulkChangeStatus, Outcome, Page},
};
use tokio::time::timeout;

pub use log::{LOG_ROUTE, Log, log};
pub use view::{Counts, Indicators, Item, StatusView};
pub use watch::Patience;

use crate::{
    Intake,
    entity_tag::{EntityTag, Known},
    prefer::{self, PREFERENCE_APPLIED},
    problem::Problem,
    query,
    token::Permission,
    unavailable,
};
use watch::Asked;

/// The path.
pub const ROUTE: &str = "/M2M/BulkChangeStatus/{id}";
/// Devices a page when nothing is said.
const PAGE_SIZE: u32 = 25;
/// Devices a page at most.
const LARGEST_PAGE: u32 = 500;
/// Beyond this no page of the largest request lies.
const LAST_PAGE: u32 = 1_000_000;
/// Beyond a wait the database has this long. With the longest wait it stays below the 29 s of the function (template.yaml), so that
/// a caller hears from us and not from API Gateway.
const SLOWEST: Duration = Duration::from_secs(6);
/// A 304 tells the caller to use an answer that it kept, so keeping must be allowed (RFC 9111, section 5.2.2): in the caller's own
/// cache, and never used without asking.
const CACHE_CONTROL: HeaderValue = HeaderValue::from_static("private, no-cache");

/// Answers one page. An id that is malformed, unknown, of another tenant or of another customer is "not found", all alike.
pub async fn show(
    State(intake): State<Intake>,
    Path(id): Path<String>,
    request: Request,
) -> Result<Response, Problem> {
    let headers = request.headers();
    let caller = intake.verifier.caller(headers, Permission::Read).await?;
    let page = page(request.uri())?;
    let id = bulk_change(&id).ok_or_else(Problem::not_found)?;
    tracing::Span::current().record("bulk_change_id", id.get());
    let known = Known::read(headers);
    let wait = prefer::wait(headers).map(|wait| wait.min(intake.patience.longest));
    let asked = Asked {
        central: &intake.central,
        actor: caller.actor(),
        id,
        page,
    };
    let found = match wait {
        None => asked.now().await,
        Some(wait) => {
            let mut first = None;
            let news = |status: &BulkChangeStatus| {
                let tag = shown(status.clone(), page, intake.budget).entity_tag();
                match &known {
                    Known::Nothing => first.get_or_insert_with(|| tag.clone()) != &tag,
                    known => !known.has(&tag),
                }
            };
            timeout(wait + SLOWEST, asked.until(wait, intake.patience, news))
                .await
                .map_err(|_| unavailable::no_answer())?
        }
    };
    let found = found
        .map_err(|error| unavailable::reading(&error))?
        .ok_or_else(Problem::not_found)?;
    let view = shown(found, page, intake.budget);
    let tag = view.entity_tag();
    let mut response = if known.has(&tag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        Json(view).into_response()
    };
    tell_caches(response.headers_mut(), &tag);
    if let Some(applied) = wait.and_then(|wait| applied(wait.as_secs())) {
        response.headers_mut().insert(PREFERENCE_APPLIED, applied);
    }
    Ok(response)
}

fn shown(status: BulkChangeStatus, page: Page, limits: BudgetLimits) -> StatusView {
    StatusView::of(status, page, limits)
}

/// A 304 carries what the 200 would have carried (RFC 9110, section 15.4.5).
fn tell_caches(headers: &mut HeaderMap, tag: &EntityTag) {
    if let Some(tag) = tag.header() {
        headers.insert(header::ETAG, tag);
    }
    headers.insert(header::CACHE_CONTROL, CACHE_CONTROL);
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
}

fn applied(seconds: u64) -> Option<HeaderValue> {
    HeaderValue::from_str(&format!("wait={seconds}")).ok()
}

fn bulk_change(text: &str) -> Option<BulkChangeId> {
    // `+7` and `007` would be second names of the same thing.
    let number: i64 = text.parse().ok()?;
    BulkChangeId::new(number)
        .ok()
        .filter(|id| id.to_string() == text)
}

fn page(uri: &axum::http::Uri) -> Result<Page, Problem> {
    let [page, size, outcome] = query::read(uri, ["page", "pageSize", "outcome"])?;
    let page = query::number("page", page.as_deref(), 1, 1..=LAST_PAGE);
    let size = query::number("pageSize", size.as_deref(), PAGE_SIZE, 1..=LARGEST_PAGE);
    let outcome = outcome.as_deref().map(read_outcome).transpose();
    match (page, size, outcome) {
        (Ok(page), Ok(size), Ok(outcome)) => Ok(Page {
            page,
            size,
            outcome,
        }),
        (page, size, outcome) => Err(query::invalid(
            [page.err(), size.err(), outcome.err()]
                .into_iter()
                .flatten()
                .collect(),
        )),
    }
}

fn read_outcome(text: &str) -> Result<Outcome, MemberError> {
    Outcome::ALL
        .into_iter()
        .find(|outcome| outcome.name() == text)
        .ok_or_else(|| {
            let names: Vec<&str> = Outcome::ALL.map(Outcome::name).to_vec();
            MemberError::new(
                "?outcome",
                "unknown-outcome",
                format!("must be one of {}", names.join(", ")),
            )
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bulk_change_has_one_spelling() {
        assert_eq!(bulk_change("7").map(BulkChangeId::get), Some(7));
        for bad in [
            "0",
            "-7",
            "+7",
            "007",
            "7 ",
            "x",
            "",
            "9223372036854775808",
            "7;--",
        ] {
            assert_eq!(bulk_change(bad), None, "{bad}");
        }
    }

    #[test]
    fn pages_have_defaults_and_limits() {
        let read = |uri: &str| page(&uri.parse().unwrap()).map_err(|_| ());
        let page = |page, size| {
            Ok(Page {
                page,
                size,
                outcome: None,
            })
        };
        let of = |outcome| {
            Ok(Page {
                page: 1,
                size: 25,
                outcome: Some(outcome),
            })
        };
        for (uri, expected) in [
            ("/", page(1, 25)),
            ("/?page=3&pageSize=500", page(3, 500)),
            ("/?pageSize=0", Err(())),
            ("/?pageSize=501", Err(())),
            ("/?page=0", Err(())),
            ("/?page=-1", Err(())),
            ("/?page=1&page=2", Err(())),
            ("/?outcome=failed", of(Outcome::Failed)),
            ("/?outcome=inReview", of(Outcome::InReview)),
            ("/?outcome=inreview", Err(())),
            ("/?outcome=", Err(())),
            ("/?sort=iccid", Err(())),
        ] {
            assert_eq!(read(uri), expected, "{uri}");
        }
    }
}

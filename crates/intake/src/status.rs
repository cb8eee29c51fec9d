//! `GET /M2M/BulkChangeStatus/{id}`: how far a bulk change is, and what became of each device.

mod view;

use association::ids::BulkChangeId;
use axum::{
    Json,
    extract::{Path, Request, State},
};
use central::status::{self, Page};
use time::OffsetDateTime;

pub use view::{Counts, Indicators, Item, StatusView};

use crate::{Intake, problem::Problem, query, token::Permission, unavailable};

/// Devices a page when nothing is said (HTTP contract, "Lists").
const PAGE_SIZE: u32 = 25;
/// Devices a page at most.
const LARGEST_PAGE: u32 = 500;
/// Beyond this no page of the largest request lies.
const LAST_PAGE: u32 = 1_000_000;

/// Answers one page. An id that is malformed, unknown, of another tenant or of another customer is "not found", all alike.
pub async fn show(
    State(intake): State<Intake>,
    Path(id): Path<String>,
    request: Request,
) -> Result<Json<StatusView>, Problem> {
    let caller = intake
        .verifier
        .caller(request.headers(), Permission::Read)
        .await?;
    let page = page(request.uri())?;
    let id = bulk_change(&id).ok_or_else(Problem::not_found)?;
    tracing::Span::current().record("bulk_change", id.get());
    let found = status::status(&intake.central, caller.actor(), id, page)
        .await
        .map_err(|error| unavailable::reading(&error))?
        .ok_or_else(Problem::not_found)?;
    Ok(Json(StatusView::of(
        found,
        page,
        intake.budget.ours_per_minute(),
        OffsetDateTime::now_utc(),
    )))
}

fn bulk_change(text: &str) -> Option<BulkChangeId> {
    // `+7` and `007` would be second names of the same thing.
    let number: i64 = text.parse().ok()?;
    BulkChangeId::new(number)
        .ok()
        .filter(|id| id.to_string() == text)
}

fn page(uri: &axum::http::Uri) -> Result<Page, Problem> {
    let [page, size] = query::read(uri, ["page", "pageSize"])?;
    let page = query::number("page", page.as_deref(), 1, 1..=LAST_PAGE);
    let size = query::number("pageSize", size.as_deref(), PAGE_SIZE, 1..=LARGEST_PAGE);
    match (page, size) {
        (Ok(page), Ok(size)) => Ok(Page { page, size }),
        (page, size) => Err(query::invalid(
            [page.err(), size.err()].into_iter().flatten().collect(),
        )),
    }
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
        let page = |page, size| Ok(Page { page, size });
        for (uri, expected) in [
            ("/", page(1, 25)),
            ("/?page=3&pageSize=500", page(3, 500)),
            ("/?pageSize=0", Err(())),
            ("/?pageSize=501", Err(())),
            ("/?page=0", Err(())),
            ("/?page=-1", Err(())),
            ("/?page=1&page=2", Err(())),
            ("/?outcome=failed", Err(())),
        ] {
            assert_eq!(read(uri), expected, "{uri}");
        }
    }
}

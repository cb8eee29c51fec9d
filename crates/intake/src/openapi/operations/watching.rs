//! Watching a bulk change.

use axum::http::header;
use central::{
    bulk_changes::{BulkStatus, SortBy},
    status::Outcome,
};
use portal::Page;
use serde_json::json;
use utoipa::openapi::{ObjectBuilder, ResponseBuilder, Type};

use super::{json as answer, page_or};
use crate::{
    bulk_changes,
    openapi::{
        headers,
        operation::{Described, Tag},
        parameters::{self, Sorted},
    },
    prefer::PREFERENCE_APPLIED,
    problem::Kind,
    status,
    token::Permission,
};

const ABOUT: &str = "\
Counts, percent, the estimated finish, and a page of devices with a mark for each step. Ask with `If-None-Match` and `Prefer: wait=20` \
to hear of news at once without asking all the time.";

pub(super) fn operations() -> Vec<Described> {
    let told = [
        header::ETAG,
        header::CACHE_CONTROL,
        header::VARY,
        PREFERENCE_APPLIED,
    ];
    let not_modified = ResponseBuilder::new().description("Nothing has moved since.");
    vec![
        Described::get(
            status::ROUTE,
            "bulkChangeStatus",
            Tag::BulkChanges,
            "How far a bulk change is, and what became of each device",
        )
        .about(ABOUT)
        .needs(Permission::Read)
        .takes([parameters::path(
            "id",
            "The bulk change: changeId of the 202.",
            bulk_change(),
            json!(17),
        )])
        .takes(parameters::paging())
        .takes([
            parameters::one_of(
                "outcome",
                "Only devices that count as this. `total` follows it, `counts` do not.",
                Outcome::ALL.map(Outcome::name),
            ),
            parameters::if_none_match(),
            parameters::prefer_wait(),
        ])
        .answers(200, answer("As it stands.", "BulkChangeStatus", &told))
        .answers(304, headers::with(not_modified, &told).build())
        .fails(&[Kind::NotFound, Kind::InvalidRequest])
        .asks_the_database(),
        Described::get(
            Page::BulkChanges.route(),
            "bulkChanges",
            Tag::BulkChanges,
            "The bulk changes that the caller may see",
        )
        .needs(Permission::Read)
        .takes(parameters::list(
            SortBy::ALL.map(SortBy::name),
            Sorted {
                by: bulk_changes::DEFAULT.by.name(),
                direction: bulk_changes::DEFAULT.direction,
            },
            "the customer's name or number, or the author's name; or the id, whole",
        ))
        .takes([
            parameters::one_of(
                "status",
                "Only those that stand here.",
                BulkStatus::ALL.map(BulkStatus::name),
            ),
            parameters::flag("mine", "Only those that the caller asked for."),
        ])
        .answers(200, page_or("One page.", "ListedBulkChangeList"))
        .fails(&[Kind::InvalidRequest])
        .asks_the_database(),
        Described::get(
            status::LOG_ROUTE,
            "deviceLog",
            Tag::BulkChanges,
            "What was done for one device of a bulk change, step by step",
        )
        .needs(Permission::Read)
        .takes([
            parameters::path("id", "The bulk change.", bulk_change(), json!(17)),
            parameters::iccid_in_path(),
        ])
        .answers(200, answer("Oldest first.", "DeviceLog", &[]))
        .fails(&[Kind::NotFound, Kind::InvalidRequest])
        .asks_the_database(),
    ]
}

fn bulk_change() -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(Type::Integer)
        .minimum(Some(1))
        .maximum(Some(i64::MAX))
}

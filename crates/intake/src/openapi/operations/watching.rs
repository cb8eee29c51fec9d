//! Watching a bulk change.

use axum::http::header;
use central::status::Outcome;
use serde_json::json;
use utoipa::openapi::{ObjectBuilder, ResponseBuilder, Type};

use super::json as answer;
use crate::{
    openapi::{
        headers,
        operation::{Described, Tag},
        parameters,
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
    let id = ObjectBuilder::new()
        .schema_type(Type::Integer)
        .minimum(Some(1))
        .maximum(Some(i64::MAX));
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
            id,
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
    ]
}

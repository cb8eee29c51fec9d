//! Headers of answers.

use axum::http::{HeaderName, header};
use serde_json::json;
use utoipa::openapi::{Header, HeaderBuilder, ObjectBuilder, Type, response::ResponseBuilder};

use crate::{associate::REPLAYED, envelope::REQUEST_ID, prefer::PREFERENCE_APPLIED};

/// As documents write header names; the wire does not care.
pub(super) fn title_case(name: &HeaderName) -> String {
    name.as_str()
        .split('-')
        .map(|word| match word {
            "id" => "ID".to_owned(),
            "etag" => "ETag".to_owned(),
            "www" => "WWW".to_owned(),
            word => {
                let mut letters = word.chars();
                let first = letters.next().map(|first| first.to_ascii_uppercase());
                first.into_iter().chain(letters).collect()
            }
        })
        .collect::<Vec<String>>()
        .join("-")
}

fn text(about: &str, example: &str) -> Header {
    HeaderBuilder::new()
        .schema(Some(ObjectBuilder::new().schema_type(Type::String)))
        .description(Some(about))
        .example(Some(json!(example)))
        .build()
}

fn seconds(about: &str, example: u16) -> Header {
    HeaderBuilder::new()
        .schema(Some(
            ObjectBuilder::new()
                .schema_type(Type::Integer)
                .minimum(Some(1)),
        ))
        .description(Some(about))
        .example(Some(json!(example)))
        .build()
}

/// What a header of ours means.
fn meaning(name: &HeaderName) -> Header {
    if *name == header::LOCATION {
        text(
            "Where the status of the bulk change is, or the page that follows.",
            "/M2M/BulkChangeStatus/17",
        )
    } else if *name == header::RETRY_AFTER {
        seconds("Ask again after so many seconds.", 5)
    } else if *name == header::ETAG {
        text(
            "A weak entity tag: send it back in If-None-Match, and 304 tells that nothing has moved.",
            "W/\"6f0c1b9a2d3e4f50617283940a1b2c3d\"",
        )
    } else if *name == header::CONTENT_DISPOSITION {
        text(
            "What the file is called.",
            "attachment; filename=\"ReportM2MInventory_20260301120000.xlsx\"",
        )
    } else if *name == header::VARY {
        text(
            "Which headers of the request the answer depends on.",
            "accept-encoding",
        )
    } else if *name == header::CACHE_CONTROL {
        text("Who may keep the answer.", "private, no-cache")
    } else if *name == header::WWW_AUTHENTICATE {
        text(
            "Why the token is not taken, or which permission it lacks (RFC 6750).",
            "Bearer error=\"insufficient_scope\", scope=\"m2m:create\"",
        )
    } else if *name == PREFERENCE_APPLIED {
        text(
            "The wait that was granted; only where one was asked for.",
            "wait=20",
        )
    } else if *name == REPLAYED {
        text(
            "`true`: the answer was given before, to the same request with the same key.",
            "true",
        )
    } else {
        text(
            "Leads to what happened, in our log.",
            "0d9b4a7e-3c52-4f1e-9a77-5b1c2d3e4f50",
        )
    }
}

/// Adds headers to an answer, and the request id, which every answer has.
pub(super) fn with(response: ResponseBuilder, names: &[HeaderName]) -> ResponseBuilder {
    names
        .iter()
        .chain([&REQUEST_ID])
        .fold(response, |response, name| {
            response.header(title_case(name), meaning(name))
        })
}

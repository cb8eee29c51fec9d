//! The service itself: liveness, and this document.

use axum::http::header;
use utoipa::openapi::{
    ContentBuilder, ObjectBuilder, Response, ResponseBuilder, Type, schema::AdditionalProperties,
};

use crate::{
    health,
    openapi::{
        self, headers,
        operation::{Described, Tag},
        parameters,
    },
    problem::Kind,
};

pub(super) fn operations() -> Vec<Described> {
    let kept = [header::ETAG, header::CACHE_CONTROL, header::VARY];
    let not_modified = ResponseBuilder::new().description("It is still the same.");
    let document = ContentBuilder::new().schema(Some(
        ObjectBuilder::new().additional_properties(Some(AdditionalProperties::FreeForm(true))),
    ));
    let document = ResponseBuilder::new()
        .description("OpenAPI 3.1.")
        .content("application/json", document.build());
    vec![
        Described::get(health::ALIVE, "alive", Tag::Service, "The process answers")
            .answers(200, state("ok")),
        Described::get(
            health::READY,
            "ready",
            Tag::Service,
            "The database answers too",
        )
        .answers(200, state("ready"))
        .fails(&[Kind::DatabaseUnavailable, Kind::Internal]),
        Described::get(openapi::ROUTE, "openApi", Tag::Service, "This document")
            .takes([parameters::if_none_match()])
            .answers(200, headers::with(document, &kept).build())
            .answers(304, headers::with(not_modified, &kept).build()),
    ]
}

fn state(word: &str) -> Response {
    let status = ObjectBuilder::new()
        .schema_type(Type::String)
        .enum_values(Some([word]));
    let form = ObjectBuilder::new()
        .property("status", status)
        .required("status");
    let content = ContentBuilder::new().schema(Some(form));
    let response = ResponseBuilder::new()
        .description("It does.")
        .content("application/json", content.build());
    headers::with(response, &[]).build()
}

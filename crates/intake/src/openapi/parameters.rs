//! What routes take beside a body.

use axum::http::header;
use serde_json::{Value, json};
use utoipa::openapi::{
    ObjectBuilder, RefOr, Required, Schema, Type,
    path::{Parameter, ParameterBuilder, ParameterIn},
};

use super::headers::title_case;
use crate::{
    associate::{IDEMPOTENCY_KEY, LONGEST_KEY},
    listing::{LARGEST_PAGE, LAST_PAGE, PAGE_SIZE},
    prefer::PREFER,
};

/// A part of the path.
pub(super) fn path(
    name: &str,
    about: &str,
    schema: impl Into<RefOr<Schema>>,
    example: Value,
) -> Parameter {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Path)
        .required(Required::True)
        .description(Some(about))
        .schema(Some(schema))
        .example(Some(example))
        .build()
}

/// A parameter of the query; none has to be there.
pub(super) fn query(name: &str, about: &str, schema: impl Into<RefOr<Schema>>) -> Parameter {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Query)
        .required(Required::False)
        .description(Some(about))
        .schema(Some(schema))
        .build()
}

/// `true` or `false`, which it is when missing.
pub(super) fn flag(name: &str, about: &str) -> Parameter {
    let schema = ObjectBuilder::new()
        .schema_type(Type::Boolean)
        .default(Some(json!(false)));
    query(name, about, schema)
}

/// One name of a closed list.
pub(super) fn one_of<'a>(
    name: &str,
    about: &str,
    names: impl IntoIterator<Item = &'a str>,
) -> Parameter {
    let schema = ObjectBuilder::new()
        .schema_type(Type::String)
        .enum_values(Some(names));
    query(name, about, schema)
}

/// `page` and `pageSize`.
pub(super) fn paging() -> [Parameter; 2] {
    let number = |from: u32, to: u32, default: u32| {
        ObjectBuilder::new()
            .schema_type(Type::Integer)
            .minimum(Some(from))
            .maximum(Some(to))
            .default(Some(json!(default)))
    };
    [
        query("page", "Which page.", number(1, LAST_PAGE, 1)),
        query(
            "pageSize",
            "Rows a page at most.",
            number(1, LARGEST_PAGE, PAGE_SIZE),
        ),
    ]
}

fn header(name: &axum::http::HeaderName, about: &str, schema: ObjectBuilder) -> Parameter {
    ParameterBuilder::new()
        .name(title_case(name))
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(about))
        .schema(Some(schema.schema_type(Type::String)))
        .build()
}

/// `Idempotency-Key`.
pub(super) fn idempotency_key() -> Parameter {
    let schema = ObjectBuilder::new()
        .min_length(Some(1))
        .max_length(Some(LONGEST_KEY))
        .pattern(Some("^[!-~]([ -~]*[!-~])?$"))
        .examples(["2026-03-01-fleet-a"]);
    header(
        &IDEMPOTENCY_KEY,
        "Makes it safe to send the request again: the same key and request get the same 202 again, marked by Idempotent-Replayed. It \
         belongs to tenant, user and route. With validateOnly it is not stored.",
        schema,
    )
}

/// `If-None-Match`.
pub(super) fn if_none_match() -> Parameter {
    let schema = ObjectBuilder::new().examples(["W/\"6f0c1b9a2d3e4f50617283940a1b2c3d\""]);
    header(
        &header::IF_NONE_MATCH,
        "The ETag of the answer that the caller has: 304 when it still holds.",
        schema,
    )
}

/// `Prefer`.
pub(super) fn prefer_wait() -> Parameter {
    let schema = ObjectBuilder::new().examples(["wait=20"]);
    header(
        &PREFER,
        "`wait=20`: answer as soon as something moves (against If-None-Match, else against the state at the start), or after so many \
         seconds, 1 to 20, as it is. What is not understood is passed over (RFC 7240).",
        schema,
    )
}

//! What routes take beside a body.

use association::limits::LARGEST_ID;
use axum::http::header;
use central::listing::{Direction, Filter};
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

/// What every list takes: a page, an order from a closed list, and a text to look for.
pub(super) fn list<'a>(
    sorts: impl IntoIterator<Item = &'a str>,
    default: Sorted,
    looks_in: &str,
) -> Vec<Parameter> {
    let name = |name: &str| {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .default(Some(json!(name)))
    };
    let by = name(default.by).enum_values(Some(sorts));
    let direction = ObjectBuilder::new()
        .schema_type(Type::String)
        .enum_values(Some(Direction::ALL.map(Direction::name)));
    let text = short_text(Filter::LONGEST);
    let mut parameters = paging().to_vec();
    parameters.extend([
        query("sort", "What the list is ordered by.", by),
        query(
            "sortDir",
            &format!(
                "Which end comes first: asc, but {} for {}.",
                default.direction.name(),
                default.by
            ),
            direction,
        ),
        query(
            "filter",
            &format!("Only rows with this text in {looks_in}. `%`, `_` and `[` stand for themselves; blanks around it do not count."),
            text,
        ),
    ]);
    parameters
}

/// A text without control characters.
pub(super) fn short_text(longest: usize) -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .max_length(Some(longest))
        .pattern(Some(r"^[^\u0000-\u001f\u007f-\u009f]*$"))
}

/// The order that a list has by itself.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sorted {
    pub(super) by: &'static str,
    pub(super) direction: Direction,
}

/// An id in the query.
pub(super) fn id(name: &str, about: &str) -> Parameter {
    query(name, about, positive())
}

/// An id in the path: what no id can be answers 404, like what does not exist.
pub(super) fn id_in_path(name: &str, about: &str, example: i64) -> Parameter {
    path(name, about, positive(), json!(example))
}

fn positive() -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(Type::Integer)
        .minimum(Some(1))
        .maximum(Some(LARGEST_ID))
}

/// The account number of a Rev customer in the path.
pub(super) fn customer_in_path() -> Parameter {
    path(
        "customerId",
        "The account number of the Rev customer (revCustomerId).",
        positive(),
        json!(1001),
    )
}

/// An ICCID in the path.
pub(super) fn iccid_in_path() -> Parameter {
    path(
        "iccid",
        "The number printed on a SIM.",
        super::answers::iccid(),
        json!("89000110000000001500"),
    )
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

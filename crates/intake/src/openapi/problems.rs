//! What can go wrong, as an answer of a route: the kinds of a status share it, each with an example that is written as a real one is.

use std::collections::BTreeMap;

use association::{
    ids::{BulkChangeId, Iccid},
    parse::MemberError,
    plan::{Reason, Rejection},
};
use axum::http::{HeaderName, header};
use serde_json::Value;
use utoipa::openapi::{
    AllOfBuilder, ContentBuilder, ObjectBuilder, Ref, RefOr, Response, ResponseBuilder, Type,
    example::{Example, ExampleBuilder},
};

use super::headers;
use crate::problem::{Kind, Problem};

/// What is answered.
pub(super) const MEDIA_TYPE: &str = "application/problem+json";
/// Of the examples.
const REQUEST_ID: &str = "0d9b4a7e-3c52-4f1e-9a77-5b1c2d3e4f50";

/// One answer for each status that these kinds have.
pub(super) fn responses(kinds: &[Kind]) -> BTreeMap<u16, Response> {
    let mut by_status: BTreeMap<u16, Vec<Kind>> = BTreeMap::new();
    for kind in kinds {
        let of_status = by_status.entry(kind.parts().0.as_u16()).or_default();
        if !of_status.contains(kind) {
            of_status.push(*kind);
        }
    }
    by_status
        .into_iter()
        .map(|(status, kinds)| (status, response(status, &kinds)))
        .collect()
}

fn response(status: u16, kinds: &[Kind]) -> Response {
    let about: Vec<String> = kinds
        .iter()
        .map(|kind| {
            let (_, name, title) = kind.parts();
            format!("`{name}`: {title}.")
        })
        .collect();
    let names = kinds.iter().map(|kind| kind.parts().1);
    let these = ObjectBuilder::new().property(
        "type",
        ObjectBuilder::new()
            .schema_type(Type::String)
            .enum_values(Some(names)),
    );
    let examples = kinds.iter().map(|kind| (short_name(*kind), example(*kind)));
    let content = ContentBuilder::new()
        .schema(Some(
            AllOfBuilder::new()
                .item(Ref::from_schema_name("Problem"))
                .item(these),
        ))
        .examples_from_iter(examples);
    let response = ResponseBuilder::new()
        .description(about.join("\n\n"))
        .content(MEDIA_TYPE, content.build());
    let names: &[HeaderName] = match status {
        401 | 403 => &[header::WWW_AUTHENTICATE],
        409 | 503 => &[header::RETRY_AFTER],
        _ => &[],
    };
    headers::with(response, names).build()
}

/// The end of the type.
fn short_name(kind: Kind) -> &'static str {
    let name = kind.parts().1;
    name.rsplit('/').next().unwrap_or(name)
}

fn example(kind: Kind) -> RefOr<Example> {
    let (_, _, title) = kind.parts();
    let document = sample(kind).document(REQUEST_ID);
    let value: Value = serde_json::from_str(&document).unwrap_or_default();
    ExampleBuilder::new()
        .summary(title)
        .value(Some(value))
        .into()
}

/// A problem of the kind as callers meet it.
fn sample(kind: Kind) -> Problem {
    match kind {
        Kind::NotFound => Problem::not_found(),
        Kind::MethodNotAllowed => Problem::method_not_allowed(),
        Kind::InvalidRequest => Problem::new(
            kind,
            "Nothing was written. errors names each member that is to be mended.",
        )
        .with_errors(vec![
            MemberError::new("/devices/3", "not-an-iccid", "an ICCID has 18 to 22 digits"),
            MemberError::new(
                "?pageSize",
                "out-of-range",
                "must be a whole number from 1 to 500",
            ),
        ]),
        Kind::NotJson => Problem::new(
            kind,
            "The body cannot be read: expected `,` or `}` at line 2 column 3.",
        )
        .with_errors(vec![MemberError::new(
            "",
            "not-json",
            "expected `,` or `}` at line 2 column 3",
        )]),
        Kind::NoDevice => Problem::new(
            kind,
            "Nothing was written. rejected names each device with its reason.",
        )
        .with_rejected(rejections()),
        Kind::Forbidden => Problem::new(
            kind,
            "This needs the permission m2m:create: ask an administrator for it.",
        ),
        Kind::DatabaseUnavailable => Problem::new(
            kind,
            "Nothing was written. Try again after the time in Retry-After.",
        ),
        Kind::Internal => Problem::new(
            kind,
            "The request id leads to what happened; trying again will not help.",
        ),
        _ => Problem::new(kind, format!("{}.", kind.parts().2)),
    }
}

/// A device that another bulk change holds, and one that does not exist.
pub(super) fn rejections() -> Vec<Rejection> {
    let rejection = |iccid, code, reason: &str, unfinished| {
        Some(Rejection {
            iccid: Iccid::parse(iccid).ok()?,
            code,
            reason: reason.to_owned(),
            device_id: None,
            unfinished,
        })
    };
    [
        rejection(
            "89000110000000000001",
            Reason::UnfinishedChange,
            "bulk change 16 is not finished with the device",
            BulkChangeId::new(16).ok(),
        ),
        rejection(
            "89000199000000000001",
            Reason::DeviceNotFound,
            "the service provider has no such device",
            None,
        ),
    ]
    .into_iter()
    .flatten()
    .collect()
}

//! The portal.

use axum::http::header;
use portal::Page;
use serde_json::json;
use utoipa::openapi::{ContentBuilder, ObjectBuilder, Response, ResponseBuilder, Type};

use super::page;
use crate::{
    openapi::{
        headers,
        operation::{Described, Tag},
        parameters,
    },
    problem::Kind,
};

pub(super) fn operations() -> Vec<Described> {
    let text = || ObjectBuilder::new().schema_type(Type::String);
    vec![
        Described::get(
            Page::AssociateCustomer.route(),
            "associatePage",
            Tag::Pages,
            "The association, step by step",
        )
        .answers(200, page()),
        Described::get(Page::SignIn.route(), "signInPage", Tag::Pages, "Sign-in")
            .answers(200, page()),
        Described::get("/", "home", Tag::Pages, "Leads to the inventory").answers(302, moved()),
        Described::get(
            // OpenAPI has no sign for a part that takes the rest of the address.
            "/assets/{hash}/{path}",
            "asset",
            Tag::Pages,
            "A script, a style or a picture of a page",
        )
        .takes([
            parameters::path(
                "hash",
                "Of all assets of a version; pages name it.",
                text(),
                json!("0123456789abcdef"),
            ),
            parameters::path("path", "May hold slashes.", text(), json!("portal.css")),
        ])
        .answers(200, file())
        .fails(&[Kind::NotFound]),
    ]
}

fn moved() -> Response {
    let response = ResponseBuilder::new().description("To the inventory.");
    headers::with(response, &[header::LOCATION]).build()
}

fn file() -> Response {
    let any = || ContentBuilder::new().schema(Some(ObjectBuilder::new().schema_type(Type::String)));
    let response = ["text/css", "text/javascript", "image/svg+xml"]
        .into_iter()
        .fold(
            ResponseBuilder::new().description("The file; it may be kept for a year."),
            |response, kind| response.content(kind, any().build()),
        );
    headers::with(response, &[header::CACHE_CONTROL]).build()
}

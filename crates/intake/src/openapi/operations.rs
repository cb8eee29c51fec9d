//! Every operation, in a file for each of their groups.

mod associating;
mod customers;
mod devices;
mod inventory;
mod pages;
mod service;
mod watching;

use axum::http::header;
use utoipa::openapi::{
    Content, ContentBuilder, ObjectBuilder, Ref, Response, ResponseBuilder, Type,
};

use super::{headers, operation::Described};

/// All of them.
pub(super) fn all() -> Vec<Described> {
    let groups = [
        associating::operations(),
        watching::operations(),
        customers::operations(),
        inventory::operations(),
        devices::operations(),
        pages::operations(),
        service::operations(),
    ];
    groups.into_iter().flatten().collect()
}

/// An answer in JSON, of a form that has a name.
fn json(about: &str, form: &str, names: &[axum::http::HeaderName]) -> Response {
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name(form)));
    let response = ResponseBuilder::new()
        .description(about)
        .content("application/json", content.build());
    headers::with(response, names).build()
}

/// An answer in JSON on a path that is a page to a browser.
fn page_or(about: &str, form: &str) -> Response {
    let mut response = json(about, form, &[header::VARY]);
    response
        .content
        .insert(HTML.to_owned(), page_content().into());
    response
}

/// A page.
fn page() -> Response {
    let response = ResponseBuilder::new()
        .description("The page.")
        .content(HTML, page_content());
    headers::with(response, &[header::CACHE_CONTROL, header::VARY]).build()
}

/// What browsers get.
const HTML: &str = "text/html";

fn page_content() -> Content {
    let text = ObjectBuilder::new().schema_type(Type::String);
    ContentBuilder::new().schema(Some(text)).build()
}

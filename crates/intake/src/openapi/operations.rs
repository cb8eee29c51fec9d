//! Every operation, in a file for each of their groups.

mod associating;
mod service;
mod watching;

use utoipa::openapi::{ContentBuilder, Ref, Response, ResponseBuilder};

use super::{headers, operation::Described};

/// All of them.
pub(super) fn all() -> Vec<Described> {
    let groups = [
        associating::operations(),
        watching::operations(),
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

//! `GET /openapi.json`: the description of this API (OpenAPI 3.1), made of what the code knows.
//!
//! Answers come from the types that are serialised ([`answers`]), problems from [`crate::problem::Kind`] ([`problems`]), limits from
//! `association::limits` ([`association_request`]), and each route has its operation in [`operations`]. docs/openapi.json is the same
//! document, compared by a test; `UPDATE_OPENAPI=1` makes that test write it.

mod answers;
mod association_request;
mod headers;
mod operation;
mod operations;
mod parameters;
mod problems;

use std::sync::{Arc, OnceLock};

use axum::{
    Extension,
    body::Bytes,
    extract::{Request, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{MethodRouter, get},
};
use utoipa::openapi::{
    Components, ComponentsBuilder, InfoBuilder, OpenApi, OpenApiBuilder, Paths,
    security::{HttpAuthScheme, HttpBuilder, OpenIdConnect, SecurityScheme},
    tag::TagBuilder,
};

use crate::{
    Intake,
    entity_tag::{EntityTag, Known},
};

pub(crate) use answers::{BilledProduct, IccidText, MemberFault, RejectedDevice};

/// Where the document is served.
pub const ROUTE: &str = "/openapi.json";
/// What stands in the committed document where a deployed one names its issuer.
pub const EXAMPLE_DISCOVERY: &str = "https://sign-in.example/.well-known/openid-configuration";
/// Changes with a deployment only; whoever holds an older one asks again after five minutes.
const CACHE_CONTROL: HeaderValue = HeaderValue::from_static("public, max-age=300");

const ABOUT: &str = "\
Moves SIM devices to a billing customer, up to 10,000 with one request, and shows what became of each.

**Tokens.** Every route but `/healthz`, `/healthz/ready`, this document and the pages takes `Authorization: Bearer <JWT>`, an access \
token of the configured issuer. The claims `tenant_id` and `user_id` say for whom; what belongs to another tenant answers exactly like \
what does not exist. Each operation names the permission that it needs (claim `permissions`, or `scope`).

**Names.** JSON is camelCase. Requests may be written in PascalCase too (`Devices`, `RevCustomerId`); a member or parameter that is not \
known is refused by name.

**Problems.** What goes wrong is answered as `application/problem+json` (RFC 9457). `type` is stable and meant for programs, `errors` \
points to each member that is wrong, and `requestId`, which every answer also carries as `X-Request-Id`, leads to our log.

**In front.** A gateway may answer before this API does, with a body of its own (`{\"message\": \"…\"}`): 401 for a token that it refuses, \
429 when too many requests come at once (send them again, later), 503 and 504 when the function did not answer.

**Tries.** A request with an `Idempotency-Key` may be sent again after any answer, or none: it is recorded at most once.";

/// The route, with the document, which is made when somebody first asks.
pub(crate) fn route() -> MethodRouter<Intake> {
    get(show).layer(Extension(Made::default()))
}

/// The document as it is served.
#[derive(Debug, Clone, Default)]
struct Made(Arc<OnceLock<(Bytes, EntityTag)>>);

/// Answers the document. No token: it tells nothing that is not in the source.
async fn show(
    State(intake): State<Intake>,
    Extension(made): Extension<Made>,
    request: Request,
) -> Response {
    let (text, tag) = made.0.get_or_init(|| {
        let text = written(&document(&intake.verifier.discovery()));
        let tag = EntityTag::of(&text);
        (text.into(), tag)
    });
    let mut response = if Known::read(request.headers()).has(tag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let json = HeaderValue::from_static("application/json");
        ([(header::CONTENT_TYPE, json)], text.clone()).into_response()
    };
    let headers = response.headers_mut();
    if let Some(tag) = tag.header() {
        headers.insert(header::ETAG, tag);
    }
    headers.insert(header::CACHE_CONTROL, CACHE_CONTROL);
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    response
}

/// The whole document; `discovery` is where the issuer of tokens describes itself.
#[must_use]
pub fn document(discovery: &str) -> OpenApi {
    let mut paths = Paths::new();
    for described in operations::all() {
        let (path, method, operation) = described.build();
        paths.add_path_operation(path, vec![method], operation);
    }
    OpenApiBuilder::new()
        .info(
            InfoBuilder::new()
                .title("Device association")
                .version(env!("CARGO_PKG_VERSION"))
                .description(Some(ABOUT)),
        )
        .paths(paths)
        .components(Some(components(discovery)))
        .tags(Some(operation::Tag::ALL.map(|tag| {
            TagBuilder::new()
                .name(tag.name())
                .description(Some(tag.about()))
                .build()
        })))
        .build()
}

/// As it is served and committed.
#[must_use]
pub fn written(document: &OpenApi) -> String {
    // Texts, numbers and lists always serialise.
    let mut text = serde_json::to_string_pretty(document).unwrap_or_default();
    text.push('\n');
    text
}

fn components(discovery: &str) -> Components {
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .bearer_format("JWT")
        .description(Some("An access token of the configured issuer."));
    let sign_in = OpenIdConnect::with_description(
        discovery,
        "Where such a token comes from: the sign-in service that this API is configured for.",
    );
    ComponentsBuilder::new()
        .schemas_from_iter(answers::schemas())
        .schemas_from_iter(association_request::schemas())
        .security_scheme(operation::BEARER, SecurityScheme::Http(bearer.build()))
        .security_scheme(operation::SIGN_IN, SecurityScheme::OpenIdConnect(sign_in))
        .build()
}

#[cfg(test)]
mod tests;

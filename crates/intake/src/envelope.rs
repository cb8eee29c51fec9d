//! What stands around every request: its id, its span, its log line, and the writing of problem answers.

use std::time::Instant;

use axum::{
    body::Body,
    extract::{MatchedPath, Request},
    http::{HeaderName, HeaderValue, header},
    middleware::Next,
    response::Response,
};
use lambda_http::request::RequestContext;
use tracing::{Instrument, field::Empty};
use uuid::Uuid;

use crate::problem::Problem;

/// Carries the request id back to the caller.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The id that ties a request to its log lines and messages. Found in the extensions of every request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestId(pub String);

impl RequestId {
    /// API Gateway's id, so that its access log and ours agree; one of our own elsewhere.
    fn of(request: &Request) -> Self {
        match request.extensions().get::<RequestContext>() {
            Some(RequestContext::ApiGatewayV2(context)) => context.request_id.clone(),
            _ => None,
        }
        .map_or_else(|| Self(Uuid::new_v4().to_string()), Self)
    }
}

/// Runs one request inside its span.
pub async fn wrap(mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let id = RequestId::of(&request);
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or("(none)", MatchedPath::as_str);
    let span = tracing::info_span!(
        "request",
        request_id = id.0,
        method = %request.method(),
        route,
        tenant = Empty,
        user = Empty,
        bulk_change = Empty,
    );
    request.extensions_mut().insert(id.clone());
    async {
        let mut response = next.run(request).await;
        let problem = response.extensions_mut().remove::<Problem>();
        if let Some(problem) = &problem {
            *response.body_mut() = Body::from(problem.document(&id.0));
            // The empty body before had a length of its own.
            response.headers_mut().remove(header::CONTENT_LENGTH);
        }
        if let Ok(value) = HeaderValue::from_str(&id.0) {
            response.headers_mut().insert(REQUEST_ID, value);
        }
        tracing::info!(
            status = response.status().as_u16(),
            problem = problem.as_ref().map(Problem::type_name),
            duration_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
            "answered"
        );
        response
    }
    .instrument(span)
    .await
}

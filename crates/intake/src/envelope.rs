//! What stands around every request: its id, its span, its log line, and the writing of problem answers.

use std::time::Instant;

use association::trace::TraceId;
use axum::{
    body::Body,
    extract::{MatchedPath, Request},
    http::{HeaderName, HeaderValue, header},
    middleware::Next,
    response::Response,
};
use lambda_http::{Context, request::RequestContext};
use telemetry::lines::Flush;
use tracing::{Instrument, field::Empty};
use uuid::Uuid;

use crate::problem::Problem;

/// Carries the request id back to the caller.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The id that ties a request to its log lines, its messages and the log lines of the consumer about them: what the caller is told
/// as `x-request-id`. Found in the extensions of every request. A client cannot choose it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestId(pub TraceId);

impl RequestId {
    /// API Gateway's id, so that its access log and ours agree; one of our own elsewhere.
    fn of(request: &Request) -> Self {
        match request.extensions().get::<RequestContext>() {
            Some(RequestContext::ApiGatewayV2(context)) => {
                context.request_id.as_deref().and_then(TraceId::parse)
            }
            _ => None,
        }
        .map_or_else(|| Self(TraceId::of(Uuid::new_v4())), Self)
    }
}

/// Runs one request inside its span.
pub async fn wrap(mut request: Request, next: Next) -> Response {
    let _metrics = Flush::at_the_end();
    let started = Instant::now();
    let id = RequestId::of(&request);
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or("(none)", MatchedPath::as_str);
    // Lambda's own id of the call, as its REPORT lines have it; elsewhere there is only ours.
    let of_lambda = request
        .extensions()
        .get::<Context>()
        .map_or(id.0.as_str(), |context| context.request_id.as_str());
    let span = tracing::info_span!(
        "request",
        request_id = of_lambda,
        trace_id = id.0.as_str(),
        method = %request.method(),
        route,
        tenant_id = Empty,
        user = Empty,
        bulk_change_id = Empty,
    );
    request.extensions_mut().insert(id.clone());
    async {
        let mut response = next.run(request).await;
        let problem = response.extensions_mut().remove::<Problem>();
        if let Some(problem) = &problem {
            *response.body_mut() = Body::from(problem.document(id.0.as_str()));
            // The empty body before had a length of its own.
            response.headers_mut().remove(header::CONTENT_LENGTH);
        }
        if let Ok(value) = HeaderValue::from_str(id.0.as_str()) {
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

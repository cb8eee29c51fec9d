//! Which path leads where.

use axum::{
    Router, middleware,
    routing::{get, post},
};

use crate::{
    Intake, associate, compression, envelope, health, problem::Problem, security_headers, status,
};

/// Every route of the lambda, with request ids, logs, problem answers and security headers around them.
pub fn router(intake: Intake) -> Router {
    Router::new()
        .route(associate::ROUTE, post(associate::post))
        .route("/M2M/BulkChangeStatus/{id}", get(status::show))
        .route("/healthz", get(health::alive))
        .route("/healthz/ready", get(health::ready))
        .fallback(async || Problem::not_found())
        .method_not_allowed_fallback(async || Problem::method_not_allowed())
        .with_state(intake)
        // The last one added is the first that a request meets.
        .layer(middleware::from_fn(envelope::wrap))
        .layer(middleware::map_response(security_headers::add))
        .layer(compression::layer())
}

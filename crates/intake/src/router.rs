//! Which path leads where, and what stands around every answer.

use axum::{Router, middleware};

use crate::{Intake, compression, envelope, pages, problem::Problem, routes, security_headers};

/// Every route of the lambda, with request ids, logs, problem answers and security headers around them.
pub fn router(intake: Intake) -> Router {
    routes::all()
        .into_iter()
        .fold(Router::new(), |router, route| {
            router.route(route.path, route.handler)
        })
        .fallback(async || Problem::not_found())
        .method_not_allowed_fallback(async || Problem::method_not_allowed())
        .with_state(intake.clone())
        // The last one added is the first that a request meets.
        .layer(middleware::from_fn_with_state(intake, pages::or_data))
        .layer(middleware::from_fn(envelope::wrap))
        .layer(middleware::map_response(security_headers::add))
        .layer(compression::layer())
}

//! Which path leads where.

use axum::{Router, middleware, routing::get};

use portal::Page;

use crate::{
    Intake, associate, compression, envelope, health, pages, problem::Problem, security_headers,
    status,
};

/// Every route of the lambda, with request ids, logs, problem answers and security headers around them.
pub fn router(intake: Intake) -> Router {
    Router::new()
        // Paths that are a page to a browser; those with data have a handler for it.
        .route(Page::Index.route(), get(pages::only_a_page))
        .route(
            Page::AssociateCustomer.route(),
            get(pages::only_a_page).post(associate::post),
        )
        .route(Page::BulkChanges.route(), get(pages::only_a_page))
        .route(Page::DeviceDetails.route(), get(pages::only_a_page))
        .route(Page::SignIn.route(), get(pages::only_a_page))
        .route("/", get(pages::home))
        .route(pages::ASSETS, get(pages::asset))
        .route("/M2M/BulkChangeStatus/{id}", get(status::show))
        .route("/healthz", get(health::alive))
        .route("/healthz/ready", get(health::ready))
        .fallback(async || Problem::not_found())
        .method_not_allowed_fallback(async || Problem::method_not_allowed())
        .with_state(intake.clone())
        // The last one added is the first that a request meets.
        .layer(middleware::from_fn_with_state(intake, pages::or_data))
        .layer(middleware::from_fn(envelope::wrap))
        .layer(middleware::map_response(security_headers::add))
        .layer(compression::layer())
}

//! The portal over HTTP: shells for browsers on the paths that also give data, assets, and `/`.
//!
//! A shell holds no data and needs no token; its scripts fetch the data with one.

use axum::{
    extract::{MatchedPath, Path, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use portal::{Page, SignIn};

use crate::{Intake, negotiate::wants_page, problem::Problem};

/// Where the assets are.
pub const ASSETS: &str = "/assets/{hash}/{*path}";

/// Shells are asked for each time, so that a new version shows at once.
const SHELL_CACHING: HeaderValue = HeaderValue::from_static("no-cache");
/// The hash in the path changes with the content.
const ASSET_CACHING: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

/// Around every route: a browser that asks for a path which is a page gets the shell, everybody else what the route gives.
pub async fn or_data(State(intake): State<Intake>, request: Request, next: Next) -> Response {
    let page = request
        .extensions()
        .get::<MatchedPath>()
        .and_then(|path| Page::at(path.as_str()))
        .filter(|_| matches!(*request.method(), Method::GET | Method::HEAD));
    let Some(page) = page else {
        return next.run(request).await;
    };
    let mut response = if wants_page(request.headers()) {
        shell(&intake, page).await
    } else {
        next.run(request).await
    };
    response
        .headers_mut()
        .append(header::VARY, HeaderValue::from_static("accept"));
    response
}

/// GET of a path that is a page and nothing else, by a program.
pub async fn only_a_page(State(intake): State<Intake>, path: MatchedPath) -> Response {
    match Page::at(path.as_str()) {
        Some(page) => shell(&intake, page).await,
        None => Problem::not_found().into_response(),
    }
}

/// GET of `/`.
pub async fn home() -> Response {
    (
        axum::http::StatusCode::FOUND,
        [(header::LOCATION, Page::Index.route())],
    )
        .into_response()
}

/// GET of one asset of this version.
pub async fn asset(Path((hash, path)): Path<(String, String)>) -> Result<Response, Problem> {
    let asset = portal::asset(&hash, &path).ok_or_else(Problem::not_found)?;
    let headers = [
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static(asset.content_type),
        ),
        (header::CACHE_CONTROL, ASSET_CACHING),
    ];
    Ok((headers, asset.bytes).into_response())
}

async fn shell(intake: &Intake, page: Page) -> Response {
    let shell = portal::page(page, &sign_in(intake).await);
    let mut headers = HeaderMap::new();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/html; charset=utf-8"),
    );
    headers.insert(header::CACHE_CONTROL, SHELL_CACHING);
    headers.insert(
        HeaderName::from_static("cross-origin-opener-policy"),
        HeaderValue::from_static("same-origin"),
    );
    // Made of origins, which are ASCII; without a policy the strictest one is added outside.
    if let Ok(policy) = HeaderValue::from_str(&shell.content_security_policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    (headers, shell.html).into_response()
}

/// What a page can tell about signing in, now.
async fn sign_in(intake: &Intake) -> SignIn {
    let Some(client) = &intake.portal else {
        return SignIn::NotConfigured;
    };
    let Some(endpoints) = intake.verifier.sign_in_endpoints().await else {
        return SignIn::Unavailable;
    };
    SignIn::Possible(portal::Client {
        issuer: intake.verifier.issuer().to_owned(),
        client_id: client.id.clone(),
        scope: client.scope.clone(),
        authorization_endpoint: endpoints.authorization.to_string(),
        token_endpoint: endpoints.token.to_string(),
        token_origin: endpoints.token.origin().ascii_serialization(),
        end_session_endpoint: endpoints.end_session.as_ref().map(ToString::to_string),
    })
}

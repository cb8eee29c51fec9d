//! What the stand-in serves over HTTP.

use std::{
    collections::HashMap,
    sync::{Arc, atomic::Ordering},
};

use axum::{
    Json, Router,
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    middleware,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{Algorithm, Claims, Desk, Permission, code_flow, event_key};

pub(super) fn router(desk: Arc<Desk>) -> Router {
    Router::new()
        .route("/.well-known/openid-configuration", get(configuration))
        .route("/jwks.json", get(key_set))
        .route("/authorize", get(code_flow::ask).post(code_flow::choose))
        .route(
            "/token",
            post(token)
                .options(async || StatusCode::NO_CONTENT)
                .layer(middleware::map_response(for_any_origin)),
        )
        .with_state(desk)
}

/// `OpenID` Connect Discovery 1.0, section 3: as much of it as a verifier reads.
async fn configuration(State(desk): State<Arc<Desk>>) -> Json<Value> {
    let address = &desk.address;
    Json(json!({
        "issuer": desk.issuer,
        "jwks_uri": format!("{address}/jwks.json"),
        "authorization_endpoint": format!("{address}/authorize"),
        "token_endpoint": format!("{address}/token"),
        "id_token_signing_alg_values_supported": ["RS256", "ES256"],
        "response_types_supported": ["code", "token"],
        "code_challenge_methods_supported": ["S256"],
        "scopes_supported": ["openid"],
        "subject_types_supported": ["public"],
    }))
}

async fn key_set(State(desk): State<Arc<Desk>>) -> Json<Value> {
    desk.key_fetches.fetch_add(1, Ordering::SeqCst);
    let mut set = desk.keys().public_set();
    if desk.with_event_key
        && let Some(keys) = set["keys"].as_array_mut()
    {
        keys.push(event_key::public());
    }
    Json(set)
}

/// What `POST /token` reads; every member has a default, and an unknown one is refused.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Wish {
    name: String,
    user_id: i64,
    tenant_id: i64,
    permissions: Vec<Permission>,
    audience: Option<String>,
    expires_in: i64,
    algorithm: Algorithm,
}

impl Default for Wish {
    fn default() -> Self {
        let claims = Claims::of(1, 1);
        Self {
            name: claims.name,
            user_id: claims.user,
            tenant_id: claims.tenant,
            permissions: claims.permissions,
            audience: claims.audience,
            expires_in: claims.expires_in,
            algorithm: claims.algorithm,
        }
    }
}

impl From<Wish> for Claims {
    fn from(wish: Wish) -> Self {
        Self {
            name: wish.name,
            user: wish.user_id,
            tenant: wish.tenant_id,
            permissions: wish.permissions,
            audience: wish.audience,
            expires_in: wish.expires_in,
            token_use: "access",
            algorithm: wish.algorithm,
        }
    }
}

/// The tokens for a code; without one, an access token for whoever asks, in the shape of RFC 6749, section 5.1.
async fn token(State(desk): State<Arc<Desk>>, headers: HeaderMap, body: String) -> Response {
    let form = headers.get(header::CONTENT_TYPE).is_some_and(|kind| {
        kind.as_bytes()
            .starts_with(b"application/x-www-form-urlencoded")
    });
    if form {
        let given: HashMap<String, String> = url::form_urlencoded::parse(body.as_bytes())
            .into_owned()
            .collect();
        if given.get("grant_type").map(String::as_str) == Some("authorization_code") {
            return match code_flow::exchange(&desk, &given) {
                Ok(tokens) => Json(tokens).into_response(),
                Err((error, words)) => refused(error, words),
            };
        }
    }
    let members = if form {
        Ok(form_members(&body))
    } else if body.trim().is_empty() {
        Ok(json!({}))
    } else {
        serde_json::from_str(&body)
    };
    match members.and_then(serde_json::from_value::<Wish>) {
        Ok(wish) => {
            let claims = Claims::from(wish);
            Json(json!({
                "access_token": desk.token(&claims),
                "token_type": "Bearer",
                "expires_in": claims.expires_in,
            }))
            .into_response()
        }
        Err(error) => refused("invalid_request", &error.to_string()),
    }
}

/// RFC 6749, section 5.2.
fn refused(error: &str, words: &str) -> Response {
    (
        StatusCode::BAD_REQUEST,
        Json(json!({ "error": error, "error_description": words })),
    )
        .into_response()
}

/// The portal's page asks from its own origin (the Fetch standard's CORS protocol); nothing here depends on cookies.
async fn for_any_origin(mut response: Response) -> Response {
    let headers = response.headers_mut();
    for (name, value) in [
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (header::ACCESS_CONTROL_ALLOW_METHODS, "POST"),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, "content-type"),
        (header::CACHE_CONTROL, "no-store"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

/// A form as the JSON it stands for: numbers where numbers belong, permissions separated by blanks or commas.
fn form_members(body: &str) -> Value {
    let mut members = Map::new();
    for (name, text) in url::form_urlencoded::parse(body.as_bytes()) {
        let value = match name.as_ref() {
            "user_id" | "tenant_id" | "expires_in" => text
                .parse::<i64>()
                .map_or_else(|_| json!(text), |number| json!(number)),
            "permissions" => text
                .split([' ', ','])
                .filter(|permission| !permission.is_empty())
                .map(|permission| json!(permission))
                .collect(),
            _ => json!(text),
        };
        members.insert(name.into_owned(), value);
    }
    Value::Object(members)
}

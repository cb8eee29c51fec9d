//! What the stand-in serves over HTTP.

use std::sync::{Arc, atomic::Ordering};

use axum::{
    Json, Router,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{Algorithm, Claims, Desk, Permission};

pub(super) fn router(desk: Arc<Desk>) -> Router {
    Router::new()
        .route("/.well-known/openid-configuration", get(configuration))
        .route("/jwks.json", get(key_set))
        .route("/token", post(token))
        .with_state(desk)
}

/// `OpenID` Connect Discovery 1.0, section 3: as much of it as a verifier reads.
async fn configuration(State(desk): State<Arc<Desk>>) -> Json<Value> {
    let issuer = &desk.issuer;
    Json(json!({
        "issuer": issuer,
        "jwks_uri": format!("{issuer}/jwks.json"),
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "id_token_signing_alg_values_supported": ["RS256", "ES256"],
        "response_types_supported": ["token"],
        "subject_types_supported": ["public"],
    }))
}

async fn key_set(State(desk): State<Arc<Desk>>) -> Json<Value> {
    desk.key_fetches.fetch_add(1, Ordering::SeqCst);
    Json(desk.keys().public_set())
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

/// An access token for whoever asks, in the shape of RFC 6749, section 5.1.
async fn token(State(desk): State<Arc<Desk>>, headers: HeaderMap, body: String) -> Response {
    let form = headers.get(header::CONTENT_TYPE).is_some_and(|kind| {
        kind.as_bytes()
            .starts_with(b"application/x-www-form-urlencoded")
    });
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
        Err(error) => (
            StatusCode::BAD_REQUEST,
            Json(json!({ "error": "invalid_request", "error_description": error.to_string() })),
        )
            .into_response(),
    }
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

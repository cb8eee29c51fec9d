//! The key of the token in events/*.json, which must be good on every machine and for years (docs/decisions/0197).
//!
//! Only its public half is here. [`mint`] makes a new pair, signs one token with it and forgets the private half.

use serde_json::Value;

use super::{Algorithm, Claims, DEFAULT_AUDIENCE, KeyError, SigningKeys};

/// `iss` of that token: where the sign-in stand-in of `make dev` listens.
pub const ISSUER: &str = "http://127.0.0.1:9400";

/// How the key's id begins, so that whoever meets it elsewhere knows what it is.
pub const ID: &str = "fake-events-only";

/// Seconds that the token is good for: 50 years.
const LIFE: i64 = 50 * 365 * 86_400;

/// The public half as a JSON Web Key.
#[must_use]
pub fn public() -> Value {
    serde_json::from_str(include_str!("event_key.json")).unwrap_or_default()
}

/// A token with these claims and the public half of the key that signed it. Nobody can sign another one with that key.
pub fn mint(claims: Claims) -> Result<(String, Value), KeyError> {
    let keys = SigningKeys::generate()?;
    let id = format!("{ID}-{}", uuid::Uuid::new_v4().simple());
    let claims = Claims {
        expires_in: LIFE,
        ..claims.signed_with(Algorithm::Es256)
    };
    let token = keys.sign_as(
        &id,
        Algorithm::Es256,
        &claims.payload(ISSUER, DEFAULT_AUDIENCE),
    );
    let mut key = keys.ec_public();
    key["kid"] = id.into();
    Ok((token, key))
}

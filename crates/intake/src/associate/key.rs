//! Idempotency keys: the same key and request gets the same answer.

use association::{actor::Actor, request::AssociateRequest};
use axum::http::{HeaderMap, HeaderName};
use sha2::{Digest, Sha256};

use crate::problem::{Kind, Problem};

/// Where a key stands.
pub const HEADER: HeaderName = HeaderName::from_static("idempotency-key");
/// Characters of a key at most.
pub const LONGEST: usize = 255;

/// The key of a request, if it has one: 1 to 255 printable ASCII characters, blanks around them do not count.
pub(super) fn read(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let mut given = headers.get_all(HEADER).iter();
    let Some(first) = given.next() else {
        return Ok(None);
    };
    let key = first.to_str().ok().map(str::trim);
    match key {
        Some(key) if given.next().is_none() && (1..=LONGEST).contains(&key.len()) => {
            Ok(Some(key.to_owned()))
        }
        _ => Err(Problem::new(
            Kind::InvalidIdempotencyKey,
            format!(
                "Give one Idempotency-Key of 1 to {LONGEST} printable ASCII characters, or none."
            ),
        )),
    }
}

/// What is kept of a key: a hash over tenant, user, route and key, so that no caller can meet another's.
pub(super) fn hash(actor: &Actor, route: &str, key: &str) -> [u8; 32] {
    let mut hasher = Sha256::new();
    hasher.update(actor.tenant().get().to_be_bytes());
    hasher.update(actor.user().unwrap_or_default().to_be_bytes());
    // The length keeps route and key apart.
    hasher.update(u64::try_from(route.len()).unwrap_or_default().to_be_bytes());
    hasher.update(route.as_bytes());
    hasher.update(key.as_bytes());
    hasher.finalize().into()
}

/// Tells whether two requests are the same: a hash over what was understood, so that spelling and order of members do not count.
pub(super) fn fingerprint(request: &AssociateRequest) -> [u8; 32] {
    // A request is made of texts, numbers and lists, which always serialise.
    let read = serde_json::to_vec(request).unwrap_or_default();
    Sha256::digest(read).into()
}

#[cfg(test)]
mod tests {
    use association::{ids::TenantId, parse::parse};
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn a_key_has_1_to_255_characters_and_stands_alone() {
        let with = |values: &[&str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(HEADER, HeaderValue::from_str(value).unwrap());
            }
            read(&headers)
        };
        assert_eq!(with(&[]).unwrap(), None);
        assert_eq!(with(&[" a key "]).unwrap().as_deref(), Some("a key"));
        assert!(with(&[&"x".repeat(255)]).unwrap().is_some());
        for bad in [
            &["", ""][..],
            &[" "],
            &["a", "b"],
            &["x".repeat(256).as_str()],
            &["é"],
        ] {
            assert!(with(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn tenant_user_route_and_key_each_change_the_hash() {
        let actor = |tenant, user| {
            Actor::from_verified_token(TenantId::new(tenant).unwrap(), user, "x", false)
        };
        let base = hash(&actor(1, 1), "/a", "b");
        assert_eq!(base, hash(&actor(1, 1), "/a", "b"));
        for other in [
            hash(&actor(2, 1), "/a", "b"),
            hash(&actor(1, 2), "/a", "b"),
            hash(&actor(1, 1), "/ab", ""),
            hash(&actor(1, 1), "/a", "c"),
        ] {
            assert_ne!(base, other);
        }
    }

    #[test]
    fn the_fingerprint_is_of_the_meaning() {
        let of = |text: &str| fingerprint(&parse(text.as_bytes()).unwrap());
        let one = of(
            r#"{"devices":["8900000000000000001"],"serviceProviderId":1,"revCustomerId":"1001"}"#,
        );
        assert_eq!(
            one,
            of(
                r#"{ "RevCustomerId": 1001, "ServiceProviderId": "1", "Devices": [" 8900000000000000001 "] }"#
            )
        );
        assert_ne!(
            one,
            of(
                r#"{"devices":["8900000000000000002"],"serviceProviderId":1,"revCustomerId":"1001"}"#
            )
        );
    }
}

//! The issuer's signing keys: fetched when first needed, kept, and fetched again when a token names one that is new.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
    time::{Duration, Instant},
};

use jsonwebtoken::{
    Algorithm, DecodingKey,
    jwk::{AlgorithmParameters, EllipticCurve, Jwk, JwkSet, KeyAlgorithm, PublicKeyUse},
};
use serde::{Deserialize, de::DeserializeOwned};
use tokio::sync::Mutex;

use super::issuer::{Issuer, protected};
use crate::logs;

/// One request for keys, connecting included.
const TIMEOUT: Duration = Duration::from_secs(5);

/// How often keys are fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// At most so often for keys that are not known, so that made-up key ids cannot make us ask without end.
    pub unknown: Duration,
    /// Keys this old are fetched again, so that a key that was taken back stops counting.
    pub fresh: Duration,
    /// While that fails, old keys count up to this age.
    pub stale: Duration,
    /// After a failure without any keys, the next try comes no sooner.
    pub failed: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            unknown: Duration::from_mins(1),
            fresh: Duration::from_mins(10),
            stale: Duration::from_hours(12),
            failed: Duration::from_secs(5),
        }
    }
}

/// Why there are no keys to check a token with.
#[derive(Debug, thiserror::Error)]
pub enum KeysUnavailable {
    /// The HTTP client could not be made.
    #[error("no HTTP client for the signing keys")]
    Client(#[source] reqwest::Error),
    /// The last try failed; it is in the log.
    #[error("the signing keys could not be fetched")]
    NotFetched,
}

/// Why one fetch failed.
#[derive(Debug, thiserror::Error)]
enum FetchError {
    #[error("the request failed")]
    Request(#[from] reqwest::Error),
    #[error("discovery answers for another issuer")]
    OtherIssuer,
    #[error(transparent)]
    Address(#[from] super::InvalidIssuer),
    #[error("the key set holds no key that can be used")]
    NoKey,
}

/// A key and the one algorithm it is for.
pub(super) struct Key {
    pub(super) algorithm: Algorithm,
    pub(super) key: DecodingKey,
}

struct KeySet {
    keys: HashMap<String, Arc<Key>>,
    fetched: Instant,
}

/// The keys of one issuer.
pub(super) struct Keys {
    issuer: Issuer,
    algorithms: Vec<Algorithm>,
    pace: Pace,
    http: reqwest::Client,
    current: RwLock<Option<Arc<KeySet>>>,
    /// Held while one request fetches for all; the moment of the last try.
    turn: Mutex<Option<Instant>>,
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keys")
            .field("issuer", &self.issuer)
            .finish_non_exhaustive()
    }
}

impl Keys {
    pub(super) fn new(
        issuer: Issuer,
        algorithms: Vec<Algorithm>,
        pace: Pace,
    ) -> Result<Self, KeysUnavailable> {
        let http = reqwest::Client::builder()
            .timeout(TIMEOUT)
            // An issuer that moved is configured anew; a redirect could lead anywhere.
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(KeysUnavailable::Client)?;
        Ok(Self {
            issuer,
            algorithms,
            pace,
            http,
            current: RwLock::default(),
            turn: Mutex::default(),
        })
    }

    /// What asks the issuer: impatient, and led nowhere by redirects.
    pub(super) fn http(&self) -> &reqwest::Client {
        &self.http
    }

    /// The key of this id; none when the issuer does not have it.
    pub(super) async fn find(&self, id: &str) -> Result<Option<Arc<Key>>, KeysUnavailable> {
        if let Some(set) = self.current()
            && set.fetched.elapsed() < self.pace.fresh
            && let Some(key) = set.keys.get(id)
        {
            return Ok(Some(Arc::clone(key)));
        }
        self.fetch_if_due(id).await;
        match self.current() {
            Some(set) if set.fetched.elapsed() < self.pace.stale => {
                Ok(set.keys.get(id).map(Arc::clone))
            }
            _ => Err(KeysUnavailable::NotFetched),
        }
    }

    fn current(&self) -> Option<Arc<KeySet>> {
        self.current
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// One request fetches, and those that come meanwhile wait for what it brings.
    async fn fetch_if_due(&self, id: &str) {
        let mut last_try = self.turn.lock().await;
        let current = self.current();
        let brought_meanwhile = current.as_ref().is_some_and(|set| {
            set.fetched.elapsed() < self.pace.fresh && set.keys.contains_key(id)
        });
        let pause = match current {
            Some(_) => self.pace.unknown,
            None => self.pace.failed,
        };
        if brought_meanwhile || last_try.is_some_and(|moment| moment.elapsed() < pause) {
            return;
        }
        *last_try = Some(Instant::now());
        match self.fetch().await {
            Ok(keys) => {
                tracing::info!(keys = keys.len(), "signing keys fetched");
                let set = KeySet {
                    keys,
                    fetched: Instant::now(),
                };
                *self.current.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(set));
            }
            Err(error) => {
                tracing::warn!(error = logs::told(&error), "signing keys not fetched");
            }
        }
    }

    async fn fetch(&self) -> Result<HashMap<String, Arc<Key>>, FetchError> {
        let address = if let Some(address) = self.issuer.keys() {
            address.clone()
        } else {
            let found: Discovery = self.get(&self.issuer.discovery()).await?;
            // OpenID Connect Discovery 1.0, section 4.3.
            if found.issuer != self.issuer.name() {
                return Err(FetchError::OtherIssuer);
            }
            protected(&found.jwks_uri)?
        };
        let set: JwkSet = self.get(address.as_str()).await?;
        let keys: HashMap<_, _> = set
            .keys
            .iter()
            .filter_map(|jwk| usable(jwk, &self.algorithms))
            .collect();
        if keys.is_empty() {
            return Err(FetchError::NoKey);
        }
        Ok(keys)
    }

    async fn get<T: DeserializeOwned>(&self, address: &str) -> Result<T, FetchError> {
        let answer = self.http.get(address).send().await?.error_for_status()?;
        Ok(answer.json().await?)
    }
}

#[derive(Deserialize)]
struct Discovery {
    issuer: String,
    jwks_uri: String,
}

/// A key for signatures with one of the pinned algorithms, under its id. The kind of key decides the algorithm:
/// a public RSA key is never taken for an HMAC secret.
fn usable(jwk: &Jwk, pinned: &[Algorithm]) -> Option<(String, Arc<Key>)> {
    let id = jwk.common.key_id.clone()?;
    let (algorithm, named) = match &jwk.algorithm {
        AlgorithmParameters::RSA(_) => (Algorithm::RS256, KeyAlgorithm::RS256),
        AlgorithmParameters::EllipticCurve(key) if key.curve == EllipticCurve::P256 => {
            (Algorithm::ES256, KeyAlgorithm::ES256)
        }
        _ => return None,
    };
    let for_signatures = jwk
        .common
        .public_key_use
        .as_ref()
        .is_none_or(|usage| *usage == PublicKeyUse::Signature);
    let agrees = jwk.common.key_algorithm.is_none_or(|name| name == named);
    if !for_signatures || !agrees || !pinned.contains(&algorithm) {
        return None;
    }
    let key = DecodingKey::from_jwk(jwk).ok()?;
    Some((id, Arc::new(Key { algorithm, key })))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn algorithm_of(key: Value, pinned: &[Algorithm]) -> Option<Algorithm> {
        let jwk: Jwk = serde_json::from_value(key).unwrap();
        usable(&jwk, pinned).map(|(_, key)| key.algorithm)
    }

    #[test]
    fn a_key_is_for_one_algorithm_and_only_for_signatures() {
        let both = [Algorithm::RS256, Algorithm::ES256];
        let rsa = json!({"kty": "RSA", "kid": "a", "n": "AQAB", "e": "AQAB"});
        let with = |name: &str, value: &str| {
            let mut key = rsa.clone();
            key[name] = json!(value);
            key
        };
        assert_eq!(algorithm_of(rsa.clone(), &both), Some(Algorithm::RS256));
        assert_eq!(
            algorithm_of(with("alg", "RS256"), &both),
            Some(Algorithm::RS256)
        );
        assert_eq!(algorithm_of(with("alg", "RS512"), &both), None);
        assert_eq!(algorithm_of(with("use", "enc"), &both), None);
        assert_eq!(algorithm_of(rsa.clone(), &[Algorithm::ES256]), None);
        let octets = json!({"kty": "oct", "kid": "a", "k": "AQAB"});
        assert_eq!(algorithm_of(octets, &both), None);
        let nameless = json!({"kty": "RSA", "n": "AQAB", "e": "AQAB"});
        assert_eq!(algorithm_of(nameless, &both), None);
    }
}

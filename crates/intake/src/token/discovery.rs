//! Where people sign in: read from the issuer's discovery document when a page first needs it, and kept.

use std::{
    sync::{Arc, OnceLock},
    time::{Duration, Instant},
};

use serde::Deserialize;
use tokio::sync::Mutex;
use url::Url;

use super::issuer::{InvalidIssuer, Issuer, protected};
use crate::logs;

/// The endpoints of the code flow (OpenID Connect Discovery 1.0, section 3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignInEndpoints {
    /// Where a person's browser is sent.
    pub authorization: Url,
    /// Where the code becomes a token.
    pub token: Url,
    /// Where people sign out (OpenID Connect RP-Initiated Logout 1.0), when there is such a place.
    pub end_session: Option<Url>,
}

/// Why the endpoints are not known.
#[derive(Debug, thiserror::Error)]
enum DiscoveryError {
    #[error("the request failed")]
    Request(#[from] reqwest::Error),
    #[error("discovery answers for another issuer")]
    OtherIssuer,
    #[error(transparent)]
    Address(#[from] InvalidIssuer),
}

/// As much of the document as is read here.
#[derive(Deserialize)]
struct Document {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    end_session_endpoint: Option<String>,
}

/// The endpoints of one issuer, once they are known.
#[derive(Debug, Default)]
pub(super) struct Endpoints {
    known: OnceLock<Arc<SignInEndpoints>>,
    /// Held while one request asks for all; the moment of the last failure.
    turn: Mutex<Option<Instant>>,
}

impl Endpoints {
    /// The endpoints; none while the issuer does not tell them. It is asked again after `pause` at the earliest.
    pub(super) async fn find(
        &self,
        issuer: &Issuer,
        http: &reqwest::Client,
        pause: Duration,
    ) -> Option<Arc<SignInEndpoints>> {
        if let Some(known) = self.known.get() {
            return Some(Arc::clone(known));
        }
        let mut failed = self.turn.lock().await;
        if let Some(known) = self.known.get() {
            return Some(Arc::clone(known));
        }
        if failed.is_some_and(|moment| moment.elapsed() < pause) {
            return None;
        }
        match fetch(issuer, http).await {
            Ok(endpoints) => Some(Arc::clone(self.known.get_or_init(|| Arc::new(endpoints)))),
            Err(error) => {
                tracing::warn!(error = logs::told(&error), "sign-in endpoints not fetched");
                *failed = Some(Instant::now());
                None
            }
        }
    }
}

async fn fetch(issuer: &Issuer, http: &reqwest::Client) -> Result<SignInEndpoints, DiscoveryError> {
    let answer = http.get(issuer.discovery()).send().await?;
    let document: Document = answer.error_for_status()?.json().await?;
    // OpenID Connect Discovery 1.0, section 4.3.
    if document.issuer != issuer.name() {
        return Err(DiscoveryError::OtherIssuer);
    }
    Ok(SignInEndpoints {
        authorization: protected(&document.authorization_endpoint)?,
        token: protected(&document.token_endpoint)?,
        end_session: document
            .end_session_endpoint
            .as_deref()
            .map(protected)
            .transpose()?,
    })
}

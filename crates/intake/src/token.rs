//! Says who asks: verifies the access token of a request (RFC 8725: the algorithm comes from the key, never from the token).
//!
//! API Gateway verifies it too; this makes the lambda safe without it. No switch turns it off.

mod claims;
mod discovery;
mod issuer;
mod keys;

use std::sync::Arc;

use association::actor::Actor;
use axum::http::{HeaderMap, HeaderValue, header};
use jsonwebtoken::{Algorithm, Validation, decode, decode_header};

pub use claims::Permission;
use claims::{Claims, Unfit};
pub use discovery::SignInEndpoints;
pub use issuer::{InvalidIssuer, Issuer};
use keys::Keys;
pub use keys::{KeysUnavailable, Pace};

use crate::problem::{Kind, Problem};

/// Clocks may differ by this much, in seconds.
const LEEWAY: u64 = 60;
/// Seconds after which the sign-in service may be there again.
const RETRY_AFTER: u16 = 10;

/// What a token must have to be taken.
#[derive(Debug, Clone)]
pub struct TokenSettings {
    /// Who issued it, and where the keys are.
    pub issuer: Issuer,
    /// `aud`, or `client_id` of a token without `aud` (Amazon Cognito).
    pub audience: String,
    /// Signatures that count; RS256 and ES256 are known.
    pub algorithms: Vec<Algorithm>,
    /// How often keys are fetched.
    pub pace: Pace,
}

/// Why a token is not taken.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// There is none.
    #[error("no bearer token")]
    Missing,
    /// It is no token of the issuer for this audience and time; the text is for the log, and short enough for the caller.
    #[error("{0}")]
    Refused(&'static str),
    /// Whether it is good cannot be told now.
    #[error("the signing keys are not at hand")]
    KeysUnavailable(#[from] KeysUnavailable),
}

/// Who asks, verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    actor: Actor,
    permissions: Vec<Permission>,
}

impl Caller {
    /// On whose behalf statements run.
    #[must_use]
    pub fn actor(&self) -> &Actor {
        &self.actor
    }

    /// Passes when the token grants the permission.
    pub fn require(&self, permission: Permission) -> Result<(), Problem> {
        if self.permissions.contains(&permission) {
            return Ok(());
        }
        let name = permission.name();
        let challenge = format!("Bearer error=\"insufficient_scope\", scope=\"{name}\"");
        let mut problem = Problem::new(
            Kind::Forbidden,
            format!("This needs the permission {name}: ask an administrator for it."),
        );
        if let Ok(challenge) = HeaderValue::from_str(&challenge) {
            problem = problem.with_header(header::WWW_AUTHENTICATE, challenge);
        }
        Err(problem)
    }
}

/// Verifies tokens of one issuer. Holds its keys; share one in a process.
#[derive(Debug)]
pub struct Verifier {
    settings: TokenSettings,
    keys: Keys,
    endpoints: discovery::Endpoints,
}

impl Verifier {
    /// Fetches nothing yet.
    pub fn new(settings: TokenSettings) -> Result<Self, KeysUnavailable> {
        let keys = Keys::new(
            settings.issuer.clone(),
            settings.algorithms.clone(),
            settings.pace,
        )?;
        Ok(Self {
            settings,
            keys,
            endpoints: discovery::Endpoints::default(),
        })
    }

    /// `iss` of the tokens that are taken.
    #[must_use]
    pub fn issuer(&self) -> &str {
        self.settings.issuer.name()
    }

    /// Where people sign in; none while the issuer does not tell.
    pub async fn sign_in_endpoints(&self) -> Option<Arc<SignInEndpoints>> {
        self.endpoints
            .find(
                &self.settings.issuer,
                self.keys.http(),
                self.settings.pace.failed,
            )
            .await
    }

    /// Where the issuer of its tokens describes itself (OpenID Connect Discovery).
    #[must_use]
    pub fn discovery(&self) -> String {
        self.settings.issuer.discovery()
    }

    /// Says who sent a request that needs a permission, and records tenant and user in the request's span.
    pub async fn caller(
        &self,
        headers: &HeaderMap,
        permission: Permission,
    ) -> Result<Caller, Problem> {
        let caller = match bearer(headers) {
            Ok(token) => self.verify(token).await,
            Err(error) => Err(error),
        }
        .map_err(|error| refusal(&error))?;
        let span = tracing::Span::current();
        span.record("tenant_id", caller.actor.tenant().get());
        span.record("user", caller.actor.user());
        caller.require(permission)?;
        Ok(caller)
    }

    /// Verifies a token: signature, issuer, audience, time, use, and the claims that say who it is.
    pub async fn verify(&self, token: &str) -> Result<Caller, TokenError> {
        let header = decode_header(token).map_err(|_| TokenError::Refused("not a token"))?;
        if header.crit.is_some() {
            return Err(TokenError::Refused("critical header not understood"));
        }
        let kid = header.kid.ok_or(TokenError::Refused("no key id"))?;
        let key = self
            .keys
            .find(&kid)
            .await?
            .ok_or(TokenError::Refused("unknown key"))?;
        let mut validation = Validation::new(key.algorithm);
        validation.set_issuer(&[self.settings.issuer.name()]);
        validation.set_required_spec_claims(&["exp", "iss", "sub"]);
        validation.leeway = LEEWAY;
        validation.validate_nbf = true;
        // `aud` or `client_id`: checked with the other claims.
        validation.validate_aud = false;
        let claims = decode::<Claims>(token, &key.key, &validation)
            .map_err(|error| TokenError::Refused(reason(error.kind())))?
            .claims;
        let of_access_type = header
            .typ
            .is_some_and(|typ| typ.eq_ignore_ascii_case("at+jwt"));
        let (actor, permissions) = claims
            .caller(&self.settings.audience, of_access_type)
            .map_err(|Unfit(reason)| TokenError::Refused(reason))?;
        Ok(Caller { actor, permissions })
    }
}

/// The one token of a request (RFC 6750, section 2.1).
fn bearer(headers: &HeaderMap) -> Result<&str, TokenError> {
    let mut given = headers.get_all(header::AUTHORIZATION).iter();
    let (first, second) = (given.next(), given.next());
    let value = first.ok_or(TokenError::Missing)?;
    if second.is_some() {
        return Err(TokenError::Refused("more than one Authorization header"));
    }
    let (scheme, token) = value
        .to_str()
        .ok()
        .and_then(|text| text.split_once(' '))
        .ok_or(TokenError::Missing)?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(TokenError::Missing);
    }
    Ok(token.trim())
}

fn reason(kind: &jsonwebtoken::errors::ErrorKind) -> &'static str {
    use jsonwebtoken::errors::ErrorKind;
    match kind {
        ErrorKind::InvalidSignature => "wrong signature",
        ErrorKind::ExpiredSignature => "expired",
        ErrorKind::ImmatureSignature => "not valid yet",
        ErrorKind::InvalidIssuer => "another issuer",
        ErrorKind::InvalidAlgorithm | ErrorKind::InvalidAlgorithmName => {
            "signed with another algorithm than its key is for"
        }
        ErrorKind::MissingRequiredClaim(_) => "a claim is missing",
        _ => "not a token",
    }
}

/// What a caller without a good token is told (RFC 6750, section 3).
fn refusal(error: &TokenError) -> Problem {
    let (detail, challenge) = match error {
        TokenError::KeysUnavailable(_) => {
            return Problem::new(
                Kind::SignInUnavailable,
                "Tokens cannot be checked now. Try again after the time in Retry-After.",
            )
            .retry_after(RETRY_AFTER);
        }
        TokenError::Missing => (
            "Send an access token: Authorization: Bearer <token>.".to_owned(),
            "Bearer".to_owned(),
        ),
        TokenError::Refused(reason) => {
            tracing::info!(reason, "token refused");
            (
                format!("The access token is refused ({reason}): sign in again."),
                format!("Bearer error=\"invalid_token\", error_description=\"{reason}\""),
            )
        }
    };
    let mut problem = Problem::new(Kind::Unauthenticated, detail);
    if let Ok(challenge) = HeaderValue::from_str(&challenge) {
        problem = problem.with_header(header::WWW_AUTHENTICATE, challenge);
    }
    problem
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(values: &[&'static str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(header::AUTHORIZATION, HeaderValue::from_static(value));
        }
        headers
    }

    #[test]
    fn exactly_one_bearer_token_is_read() {
        assert_eq!(bearer(&with(&["Bearer a.b.c"])).unwrap(), "a.b.c");
        assert_eq!(bearer(&with(&["bearer  a.b.c "])).unwrap(), "a.b.c");
        for missing in [with(&[]), with(&["Basic x"]), with(&["Bearer"])] {
            assert!(matches!(bearer(&missing), Err(TokenError::Missing)));
        }
        let two = with(&["Bearer a.b.c", "Bearer d.e.f"]);
        assert!(matches!(bearer(&two), Err(TokenError::Refused(_))));
    }
}

//! What a page is told about signing in.

use serde::Serialize;

/// Whether people can sign in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "camelCase")]
pub enum SignIn {
    /// No client id was configured: pages say so.
    NotConfigured,
    /// The issuer does not answer now: pages say so, and a reload asks again.
    Unavailable,
    /// By the code flow with PKCE of this client.
    Possible(Client),
}

/// The portal as a public client of an OpenID Connect issuer (OpenID Connect Core 1.0, section 3.1; RFC 7636).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Client {
    /// `iss` of the issuer's tokens.
    pub issuer: String,
    /// Under which the issuer knows the portal. No secret belongs to it.
    pub client_id: String,
    /// `scope` of the request; contains `openid`.
    pub scope: String,
    /// Where people sign in.
    pub authorization_endpoint: String,
    /// Where the code becomes a token.
    pub token_endpoint: String,
    /// Scheme, host and port of the token endpoint, which the page may talk to.
    #[serde(skip)]
    pub token_origin: String,
    /// Where people sign out, when the issuer has such a place.
    pub end_session_endpoint: Option<String>,
}

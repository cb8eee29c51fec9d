//! Tokens that must be refused, one function for each reason.
//!
//! Each takes claims that would be good and spoils exactly one thing, so that a test which sees 401 knows why.

use aws_lc_rs::hmac;
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use serde_json::{Value, json};

use super::{
    Claims, SignIn, SignInError,
    keys::{Algorithm, SigningKeys, signing_input},
};

/// Form in which the RSA public key is misused as an HMAC secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PublicKeyForm {
    /// PEM text with its BEGIN and END lines.
    Pem,
    /// The DER bytes inside the PEM.
    Der,
    /// The modulus as the key set spells it.
    Modulus,
}

impl SignIn {
    /// Expired five minutes ago, further than any leeway.
    #[must_use]
    pub fn expired_token(&self, claims: &Claims) -> String {
        self.token(&Claims {
            expires_in: -300,
            ..claims.clone()
        })
    }

    /// Good, but made for another application.
    #[must_use]
    pub fn token_for_another_audience(&self, claims: &Claims) -> String {
        self.token(&Claims {
            audience: Some("another-application".to_owned()),
            ..claims.clone()
        })
    }

    /// Signed with the right key, naming another issuer.
    #[must_use]
    pub fn token_of_another_issuer(&self, claims: &Claims) -> String {
        let payload = claims.payload("https://issuer.invalid", self.audience());
        self.keys().sign(claims.algorithm, &payload)
    }

    /// An identity token: it says who somebody is, and permits nothing.
    #[must_use]
    pub fn identity_token(&self, claims: &Claims) -> String {
        self.token(&Claims {
            token_use: "id",
            ..claims.clone()
        })
    }

    /// Names a key of the set, and is signed with another one.
    pub fn token_signed_with_another_key(&self, claims: &Claims) -> Result<String, SignInError> {
        let known = self.keys();
        let stranger = SigningKeys::generate()?;
        Ok(stranger.sign_as(
            known.id(claims.algorithm),
            claims.algorithm,
            &self.payload(claims),
        ))
    }

    /// Signed with a key that the set does not hold, under that key's own id.
    pub fn token_with_an_unknown_key(&self, claims: &Claims) -> Result<String, SignInError> {
        let stranger = SigningKeys::generate()?;
        Ok(stranger.sign(claims.algorithm, &self.payload(claims)))
    }

    /// `alg: none` (RFC 8725, section 2.1): no signature at all.
    #[must_use]
    pub fn unsigned_token(&self, claims: &Claims) -> String {
        let header = json!({ "alg": "none", "typ": "JWT", "kid": self.rsa_id() });
        format!("{}.", signing_input(&header, &self.payload(claims)))
    }

    /// HS256 with the RSA public key as the secret (RFC 8725, section 2.1): passes wherever the header chooses the algorithm.
    #[must_use]
    pub fn token_signed_with_the_public_key(&self, claims: &Claims, form: PublicKeyForm) -> String {
        let header = json!({ "alg": "HS256", "typ": "JWT", "kid": self.rsa_id() });
        let text = signing_input(&header, &self.payload(claims));
        let secret = self.public_key(form);
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &secret), text.as_bytes());
        format!("{text}.{}", URL_SAFE_NO_PAD.encode(tag))
    }

    /// A good token with one claim changed after signing.
    #[must_use]
    pub fn tampered_token(&self, claims: &Claims, claim: &str, value: Value) -> String {
        let good = self.token(claims);
        let mut parts = good.split('.');
        let header = parts.next().unwrap_or_default();
        let signature = parts.nth(1).unwrap_or_default();
        let mut payload = self.payload(claims);
        payload[claim] = value;
        let payload = URL_SAFE_NO_PAD.encode(payload.to_string());
        format!("{header}.{payload}.{signature}")
    }

    /// Properly signed, with one claim missing.
    #[must_use]
    pub fn token_without(&self, claims: &Claims, claim: &str) -> String {
        let mut payload = self.payload(claims);
        if let Some(members) = payload.as_object_mut() {
            members.remove(claim);
        }
        self.keys().sign(claims.algorithm, &payload)
    }

    fn payload(&self, claims: &Claims) -> Value {
        claims.payload(self.issuer(), self.audience())
    }

    fn rsa_id(&self) -> String {
        self.keys().id(Algorithm::Rs256).to_owned()
    }

    fn public_key(&self, form: PublicKeyForm) -> Vec<u8> {
        let keys = self.keys();
        let der = keys.rsa_public_der();
        match form {
            PublicKeyForm::Der => der,
            PublicKeyForm::Pem => pem(&der).into_bytes(),
            PublicKeyForm::Modulus => keys.public_set()["keys"][0]["n"]
                .as_str()
                .unwrap_or_default()
                .as_bytes()
                .to_vec(),
        }
    }
}

/// RFC 7468: lines of 64 characters.
fn pem(der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let mut lines = vec!["-----BEGIN PUBLIC KEY-----"];
    let mut rest = text.as_str();
    while !rest.is_empty() {
        let (line, after) = rest.split_at(rest.len().min(64));
        lines.push(line);
        rest = after;
    }
    lines.push("-----END PUBLIC KEY-----\n");
    lines.join("\n")
}

//! The keys that sign, and their public halves as a JSON Web Key Set (RFC 7517).

use aws_lc_rs::{
    encoding::{AsDer, PublicKeyX509Der},
    error::Unspecified,
    rand::SystemRandom,
    rsa::{KeySize, PublicKeyComponents},
    signature::{
        ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair,
    },
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

/// The two algorithms that this system accepts (RFC 7518, section 3.1).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
pub enum Algorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    #[default]
    #[serde(rename = "RS256")]
    Rs256,
    /// ECDSA on P-256 with SHA-256.
    #[serde(rename = "ES256")]
    Es256,
}

impl Algorithm {
    /// The name in a token's header.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Es256 => "ES256",
        }
    }
}

/// The cryptography library made no key; it says no more than that.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("the cryptography library refused to make a key")]
pub struct KeyError;

impl From<Unspecified> for KeyError {
    fn from(_: Unspecified) -> Self {
        Self
    }
}

/// One RSA and one elliptic curve key pair, each with the id (`kid`) that tokens name it by.
#[derive(Debug)]
pub(crate) struct SigningKeys {
    rsa: RsaKeyPair,
    rsa_id: String,
    ec: EcdsaKeyPair,
    ec_id: String,
}

impl SigningKeys {
    pub(super) fn generate() -> Result<Self, KeyError> {
        Ok(Self {
            rsa: RsaKeyPair::generate(KeySize::Rsa2048)?,
            rsa_id: format!("rsa-{}", Uuid::new_v4()),
            ec: EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING)?,
            ec_id: format!("ec-{}", Uuid::new_v4()),
        })
    }

    /// The id of the key that signs with this algorithm.
    pub(super) fn id(&self, algorithm: Algorithm) -> &str {
        match algorithm {
            Algorithm::Rs256 => &self.rsa_id,
            Algorithm::Es256 => &self.ec_id,
        }
    }

    /// A compact JWS (RFC 7515, section 7.1) over the payload.
    pub(super) fn sign(&self, algorithm: Algorithm, payload: &Value) -> String {
        self.sign_as(self.id(algorithm), algorithm, payload)
    }

    /// The same with any key id in the header.
    pub(super) fn sign_as(&self, id: &str, algorithm: Algorithm, payload: &Value) -> String {
        let header = json!({ "alg": algorithm.name(), "typ": "JWT", "kid": id });
        let text = signing_input(&header, payload);
        let signature = match algorithm {
            Algorithm::Rs256 => self.rsa_signature(text.as_bytes()),
            Algorithm::Es256 => self.ec_signature(text.as_bytes()),
        };
        format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    fn rsa_signature(&self, text: &[u8]) -> Vec<u8> {
        let mut signature = vec![0; self.rsa.public_modulus_len()];
        // Signing fails only when the buffer has another length than the modulus, or without randomness;
        // the zeros that are left then are a signature that nobody accepts.
        let _ = self.rsa.sign(
            &RSA_PKCS1_SHA256,
            &SystemRandom::new(),
            text,
            &mut signature,
        );
        signature
    }

    fn ec_signature(&self, text: &[u8]) -> Vec<u8> {
        self.ec
            .sign(&SystemRandom::new(), text)
            .map(|signature| signature.as_ref().to_vec())
            .unwrap_or_default()
    }

    /// The public halves, as `/jwks.json` serves them.
    pub(super) fn public_set(&self) -> Value {
        let rsa = PublicKeyComponents::<Vec<u8>>::from(self.rsa.public_key());
        json!({ "keys": [
            {
                "kty": "RSA", "use": "sig", "alg": "RS256", "kid": self.rsa_id,
                "n": URL_SAFE_NO_PAD.encode(rsa.n), "e": URL_SAFE_NO_PAD.encode(rsa.e),
            },
            self.ec_public(),
        ]})
    }

    /// The public half of the elliptic curve key.
    pub(super) fn ec_public(&self) -> Value {
        // An uncompressed point (SEC 1, section 2.3.3): 0x04, 32 bytes of x, 32 bytes of y.
        let point = self.ec.public_key().as_ref();
        let (x, y) = point
            .get(1..)
            .map(|xy| xy.split_at(xy.len() / 2))
            .unwrap_or_default();
        json!({
            "kty": "EC", "use": "sig", "alg": "ES256", "kid": self.ec_id, "crv": "P-256",
            "x": URL_SAFE_NO_PAD.encode(x), "y": URL_SAFE_NO_PAD.encode(y),
        })
    }

    /// The RSA public key as a `SubjectPublicKeyInfo` (RFC 5280), which anybody can make from the key set.
    pub(super) fn rsa_public_der(&self) -> Vec<u8> {
        let der: Result<PublicKeyX509Der<'_>, _> = self.rsa.public_key().as_der();
        der.map(|der| der.as_ref().to_vec()).unwrap_or_default()
    }
}

/// Header and payload as they are signed.
pub(super) fn signing_input(header: &Value, payload: &Value) -> String {
    format!(
        "{}.{}",
        URL_SAFE_NO_PAD.encode(header.to_string()),
        URL_SAFE_NO_PAD.encode(payload.to_string())
    )
}

//! Who issues tokens, and where its keys are.

use url::{Host, Url};

/// Why an issuer or a key address is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidIssuer {
    /// It is no URL.
    #[error("`{0}` is not a URL")]
    NotUrl(String),
    /// Keys that travel unprotected could be anybody's.
    #[error("`{0}` must begin with https:// (http:// is taken for this machine only)")]
    Unprotected(String),
}

/// An OpenID Connect issuer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issuer {
    name: String,
    keys: Option<Url>,
}

impl Issuer {
    /// Takes the issuer as tokens spell it, and where its keys are when discovery is not to be asked.
    pub fn parse(name: &str, keys: Option<&str>) -> Result<Self, InvalidIssuer> {
        let name = name.trim();
        protected(name)?;
        let keys = keys.map(protected).transpose()?;
        Ok(Self {
            name: name.to_owned(),
            keys,
        })
    }

    /// `iss` of its tokens, to the letter.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where its keys are, when that was configured.
    pub(super) fn keys(&self) -> Option<&Url> {
        self.keys.as_ref()
    }

    /// OpenID Connect Discovery 1.0, section 4.
    pub(super) fn discovery(&self) -> String {
        let base = self.name.trim_end_matches('/');
        format!("{base}/.well-known/openid-configuration")
    }
}

/// A URL whose answer nobody between can change: https, or http on this machine.
pub(super) fn protected(text: &str) -> Result<Url, InvalidIssuer> {
    let text = text.trim();
    let url = Url::parse(text).map_err(|_| InvalidIssuer::NotUrl(text.to_owned()))?;
    let loopback = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    match url.scheme() {
        "https" if url.has_host() => Ok(url),
        "http" if loopback => Ok(url),
        _ => Err(InvalidIssuer::Unprotected(text.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_is_taken_on_this_machine_only() {
        for good in [
            "https://issuer.example/pool",
            "http://127.0.0.1:8400",
            "http://localhost:8400/",
            "http://[::1]:8400",
        ] {
            assert!(protected(good).is_ok(), "{good}");
        }
        for bad in [
            "http://issuer.example",
            "http://localhost.issuer.example",
            "http://127.0.0.1.issuer.example",
            "http://127.0.0.1@issuer.example",
            "http://10.0.0.1",
            "file:///etc/keys",
            "issuer.example",
            "",
        ] {
            assert!(protected(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn discovery_lies_under_the_issuer() {
        for name in ["https://i.example/pool", "https://i.example/pool/"] {
            assert_eq!(
                Issuer::parse(name, None).unwrap().discovery(),
                "https://i.example/pool/.well-known/openid-configuration"
            );
        }
    }
}

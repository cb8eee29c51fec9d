//! A Rev account: where it is reached and with which credentials.

use std::{fmt, net::Ipv6Addr, time::Duration};

use association::ids::IntegrationAuthenticationId;
use sha2::{Digest, Sha256};
use url::{Host, Url};

use crate::error::BaseUrlRefused;

/// How the client behaves; the same for all accounts.
#[derive(Debug, Clone)]
pub struct Settings {
    /// How long a method of the client may take, sign-ins and second tries included.
    pub call_timeout: Duration,
    /// Hosts that a base URL may name, exactly; `host:port` for a port other than 443.
    pub allowed_hosts: Vec<String>,
    /// Whether `http://` to this machine is allowed, for the stand-in.
    pub allow_http_loopback: bool,
}

/// 20 s a call, `api.rev.io` only, https only.
impl Default for Settings {
    fn default() -> Self {
        Self {
            call_timeout: Duration::from_secs(20),
            allowed_hosts: vec!["api.rev.io".to_owned()],
            allow_http_loopback: false,
        }
    }
}

/// Where an account is reached: https and a host on the allow-list, or http to this machine where that is allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaseUrl(Url);

impl BaseUrl {
    /// Reads `Integration_Connection`'s URL; what it must be is said at [`BaseUrlRefused`].
    pub fn parse(text: &str, settings: &Settings) -> Result<Self, BaseUrlRefused> {
        let url = Url::parse(text.trim()).map_err(BaseUrlRefused::Unreadable)?;
        if !url.username().is_empty()
            || url.password().is_some()
            || url.query().is_some()
            || url.fragment().is_some()
        {
            return Err(BaseUrlRefused::MoreThanAPath);
        }
        let host = match url.port() {
            Some(port) => format!("{}:{port}", url.host_str().unwrap_or_default()),
            None => url.host_str().unwrap_or_default().to_owned(),
        };
        match url.scheme() {
            "https" => {
                let listed = |allowed: &String| allowed.trim().eq_ignore_ascii_case(&host);
                if settings.allowed_hosts.iter().any(listed) {
                    Ok(Self(url))
                } else {
                    Err(BaseUrlRefused::HostNotAllowed { host })
                }
            }
            "http" if settings.allow_http_loopback => {
                if is_loopback(&url) {
                    Ok(Self(url))
                } else {
                    Err(BaseUrlRefused::NotHttps)
                }
            }
            _ => Err(BaseUrlRefused::NotHttps),
        }
    }

    /// The URL of `path` (without a leading slash), below whatever path the base URL has itself.
    pub(crate) fn at(&self, path: &str) -> Url {
        let mut url = self.0.clone();
        let base = url.path().trim_end_matches('/').to_owned();
        url.set_path(&format!("{base}/{path}"));
        url
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address == Ipv6Addr::LOCALHOST,
        None => false,
    }
}

/// What an integration authentication signs in with. `Debug` shows nothing of it.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// Rev's code for the billing client.
    pub client_code: String,
    /// User name.
    pub user: String,
    /// Password.
    pub password: String,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials(…)")
    }
}

/// One integration authentication: one set of credentials, one call budget, one token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// `Integration_Authentication.id`.
    pub id: IntegrationAuthenticationId,
    /// Where it is reached.
    pub base_url: BaseUrl,
    /// What it signs in with.
    pub credentials: Credentials,
}

impl Account {
    /// An account at a base URL that still has to be checked.
    pub fn new(
        id: IntegrationAuthenticationId,
        base_url: &str,
        credentials: Credentials,
        settings: &Settings,
    ) -> Result<Self, BaseUrlRefused> {
        Ok(Self {
            id,
            base_url: BaseUrl::parse(base_url, settings)?,
            credentials,
        })
    }

    /// Tells one state of an account from another: a token got with a password that was changed since is not used on.
    pub(crate) fn fingerprint(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        for part in [
            self.base_url.0.as_str(),
            &self.credentials.client_code,
            &self.credentials.user,
            &self.credentials.password,
        ] {
            hash.update(part.len().to_be_bytes());
            hash.update(part);
        }
        hash.finalize().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(loopback: bool) -> Settings {
        Settings {
            allowed_hosts: vec!["api.rev.io".into(), "sandbox.rev.io:8443".into()],
            allow_http_loopback: loopback,
            ..Settings::default()
        }
    }

    #[test]
    fn a_base_url_is_https_to_a_host_on_the_list() {
        for good in [
            "https://api.rev.io",
            " https://API.rev.io/ ",
            "https://api.rev.io:443/billing/",
            "https://sandbox.rev.io:8443",
        ] {
            assert!(BaseUrl::parse(good, &settings(false)).is_ok(), "{good}");
        }
        for bad in [
            "",
            "api.rev.io",
            "http://api.rev.io",
            "ftp://api.rev.io",
            "https://api.rev.io.example.com",
            "https://evil.example/api.rev.io",
            "https://api.rev.io:8443",
            "https://sandbox.rev.io",
            "https://user@api.rev.io",
            "https://api.rev.io@evil.example",
            "https://api.rev.io/?x=1",
            "https://api.rev.io/#x",
            "http://127.0.0.1:9000",
        ] {
            assert!(BaseUrl::parse(bad, &settings(false)).is_err(), "{bad}");
        }
    }

    #[test]
    fn http_is_for_this_machine_only_and_only_when_allowed() {
        for good in [
            "http://127.0.0.1:9000",
            "http://localhost:9000",
            "http://[::1]:9000",
        ] {
            assert!(BaseUrl::parse(good, &settings(true)).is_ok(), "{good}");
            assert!(BaseUrl::parse(good, &settings(false)).is_err(), "{good}");
        }
        for bad in [
            "http://api.rev.io",
            "http://10.0.0.1",
            "http://localhost.example.com",
        ] {
            assert!(BaseUrl::parse(bad, &settings(true)).is_err(), "{bad}");
        }
    }

    #[test]
    fn paths_go_below_the_path_of_the_base_url() {
        let at = |base: &str| {
            BaseUrl::parse(base, &settings(false))
                .unwrap()
                .at("v1/service-lines")
                .to_string()
        };
        assert_eq!(
            at("https://api.rev.io"),
            "https://api.rev.io/v1/service-lines"
        );
        assert_eq!(
            at("https://api.rev.io/b/"),
            "https://api.rev.io/b/v1/service-lines"
        );
    }

    #[test]
    fn a_url_with_anything_that_signs_in_is_refused() {
        for bad in [
            "https://user@api.rev.io",
            "https://:not-a-password@api.rev.io",
            "https://user:not-a-password@api.rev.io",
        ] {
            assert!(
                matches!(
                    BaseUrl::parse(bad, &settings(false)),
                    Err(BaseUrlRefused::MoreThanAPath)
                ),
                "{bad}"
            );
        }
    }

    #[test]
    fn an_account_is_another_as_soon_as_any_of_its_parts_is() {
        let fingerprint = |base_url: &str, client_code: &str, user: &str, password: &str| {
            let credentials = Credentials {
                client_code: client_code.into(),
                user: user.into(),
                password: password.into(),
            };
            let id = IntegrationAuthenticationId::new(3).unwrap();
            Account::new(id, base_url, credentials, &settings(false))
                .unwrap()
                .fingerprint()
        };
        let one = fingerprint("https://api.rev.io", "code", "user", "word");
        assert_eq!(
            one,
            fingerprint("https://api.rev.io", "code", "user", "word")
        );
        for other in [
            fingerprint("https://sandbox.rev.io:8443", "code", "user", "word"),
            fingerprint("https://api.rev.io", "other", "user", "word"),
            fingerprint("https://api.rev.io", "code", "other", "word"),
            fingerprint("https://api.rev.io", "code", "user", "other"),
            // The same letters, with another border between two parts.
            fingerprint("https://api.rev.io", "code", "userw", "ord"),
        ] {
            assert_ne!(one, other);
        }
    }

    #[test]
    fn debug_of_an_account_shows_no_credentials() {
        let account = Account::new(
            IntegrationAuthenticationId::new(3).unwrap(),
            "https://api.rev.io",
            Credentials {
                client_code: "fake-client".into(),
                user: "fake-user".into(),
                password: "not-a-password".into(),
            },
            &settings(false),
        )
        .unwrap();
        let shown = format!("{account:?}");
        // That there are some is shown all the same.
        assert!(shown.contains("Credentials(…)"), "{shown}");
        for secret in ["fake-client", "fake-user", "not-a-password"] {
            assert!(!shown.contains(secret), "{shown}");
        }
    }
}

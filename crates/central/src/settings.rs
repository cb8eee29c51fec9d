//! Where the database is and how long to wait for it.

use std::{net::IpAddr, path::Path, sync::Arc, time::Duration};

use connection_string::AdoNetString;
use tiberius::{Config, EncryptionLevel};

use crate::{
    authority::{Authorities, AuthorityError},
    login::Logins,
};

/// Why a connection string is not used.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// It is not an ADO connection string.
    #[error("the connection string cannot be read: {0}")]
    Unreadable(String),
    /// A member that must be there is missing.
    #[error("the connection string has no `{0}`")]
    Missing(&'static str),
    /// Without the feature the driver would log in with an empty user instead.
    #[error(
        "`Integrated Security` needs a build with the cargo feature `integrated-security` of the crate `central`; \
         this build has it not"
    )]
    IntegratedSecurity,
    /// The secret would not be used, or the password would stand in two places.
    #[error(
        "the connection string says how to log in although a secret does: leave `User Id`, `Password` and `Integrated Security` out"
    )]
    TwoLogins,
    /// A certificate that nobody checks protects nothing; on this machine there is nothing between to protect from.
    #[error("`TrustServerCertificate=true` is taken for loopback hosts only, and `{0}` is none")]
    BlindTrust(String),
    /// The same for a connection that is not encrypted.
    #[error("a connection without encryption is taken for loopback hosts only, and `{0}` is none")]
    Plain(String),
}

/// How to reach the database. Made from an ADO connection string; the times can be changed afterwards.
#[derive(Clone)]
pub struct Settings {
    pub(crate) config: Config,
    pub(crate) logins: Option<Arc<dyn Logins>>,
    pub(crate) authorities: Option<Arc<Authorities>>,
    /// Connections at most. Default 4: one lambda instance works on one batch at a time.
    pub pool_size: u32,
    /// To connect and log in. Default 5 s.
    pub connect_timeout: Duration,
    /// To get a connection out of the pool, connecting included. Default 5 s.
    pub checkout_timeout: Duration,
    /// For one statement, from sending to its last row. Default 30 s.
    pub command_timeout: Duration,
}

impl Settings {
    /// Reads an ADO connection string, `Server=tcp:host,1433;Database=AltaworxCentral;User Id=…;Password=…`.
    ///
    /// Without `Encrypt` the connection is encrypted, unless the host is this machine (as Microsoft.Data.SqlClient does since 4.0).
    pub fn from_connection_string(text: &str) -> Result<Self, SettingsError> {
        Self::read(text, None)
    }

    /// The same for a connection string without user and password, which come from elsewhere and can change in mid-work.
    ///
    /// A connection whose login is refused asks once for a newer one.
    pub fn with_logins(text: &str, logins: Arc<dyn Logins>) -> Result<Self, SettingsError> {
        Self::read(text, Some(logins))
    }

    /// Trusts the certificates of this PEM file alone, for a server whose authority is in no system's store (Amazon RDS).
    pub fn trusting(mut self, authorities: &Path) -> Result<Self, AuthorityError> {
        self.authorities = Some(Authorities::read(authorities)?);
        Ok(self)
    }

    fn read(text: &str, logins: Option<Arc<dyn Logins>>) -> Result<Self, SettingsError> {
        let mut config = Config::from_ado_string(text).map_err(|error| unreadable(&error))?;
        let members: AdoNetString = text
            .parse()
            .map_err(|error: connection_string::Error| unreadable(&error))?;
        let member = |names: &[&str]| names.iter().find_map(|name| members.get(*name));
        if member(&["server", "data source"]).is_none() {
            return Err(SettingsError::Missing("Server"));
        }
        if member(&["database", "initial catalog", "databasename"]).is_none() {
            return Err(SettingsError::Missing("Database"));
        }
        let integrated = member(&[
            "integrated security",
            "integratedsecurity",
            "trusted_connection",
        ])
        .is_some_and(|value| is_yes(value) || value.trim().eq_ignore_ascii_case("sspi"));
        if integrated && !cfg!(feature = "integrated-security") {
            return Err(SettingsError::IntegratedSecurity);
        }
        let user = member(&["uid", "username", "user", "user id"]);
        match &logins {
            None if !integrated && user.is_none() => return Err(SettingsError::Missing("User Id")),
            Some(_) if integrated || user.is_some() || member(&["password", "pwd"]).is_some() => {
                return Err(SettingsError::TwoLogins);
            }
            _ => {}
        }
        let address = config.get_addr();
        let host = address
            .rsplit_once(':')
            .map_or(address.as_str(), |(host, _)| host);
        if !is_loopback(host) {
            if member(&["trustservercertificate", "trust server certificate"])
                .is_some_and(|value| is_yes(value))
            {
                return Err(SettingsError::BlindTrust(host.to_owned()));
            }
            match member(&["encrypt"]) {
                None => config.encryption(EncryptionLevel::Required),
                Some(value) if is_yes(value) => {}
                Some(_) => return Err(SettingsError::Plain(host.to_owned())),
            }
        }
        Ok(Self {
            config,
            logins,
            authorities: None,
            pool_size: 4,
            connect_timeout: Duration::from_secs(5),
            checkout_timeout: Duration::from_secs(5),
            command_timeout: Duration::from_secs(30),
        })
    }
}

/// Neither user nor password is shown.
impl std::fmt::Debug for Settings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Settings")
            .field("address", &self.config.get_addr())
            .field("pool_size", &self.pool_size)
            .field("connect_timeout", &self.connect_timeout)
            .field("checkout_timeout", &self.checkout_timeout)
            .field("command_timeout", &self.command_timeout)
            .finish_non_exhaustive()
    }
}

/// The driver's words without what it calls them, which it says twice.
fn unreadable(error: &dyn std::error::Error) -> SettingsError {
    let words = error.to_string();
    SettingsError::Unreadable(words.replace("Conversion error: ", ""))
}

fn is_yes(value: &str) -> bool {
    let value = value.trim();
    value.eq_ignore_ascii_case("true") || value.eq_ignore_ascii_case("yes")
}

fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host
            .trim_matches(['[', ']'])
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> SettingsError {
        Settings::from_connection_string(text).expect_err(text)
    }

    #[test]
    fn an_ado_connection_string_is_read() {
        for text in [
            "Server=tcp:db.example.test,1433;Database=AltaworxCentral;User Id=app;Password=fake;Encrypt=true",
            "server=db.example.test;initial catalog=AltaworxCentral;uid=app;pwd=fake",
            "Data Source=127.0.0.1,14330;Database=AltaworxCentral;User Id=app;Password=fake;Encrypt=false;TrustServerCertificate=true",
        ] {
            assert!(Settings::from_connection_string(text).is_ok(), "{text}");
        }
    }

    #[test]
    #[cfg(not(feature = "integrated-security"))]
    fn integrated_security_is_refused_at_start_and_the_feature_is_named() {
        for value in ["true", "SSPI", "yes"] {
            for name in [
                "Integrated Security",
                "IntegratedSecurity",
                "Trusted_Connection",
            ] {
                let error = refused(&format!(
                    "Server=localhost;Database=AltaworxCentral;{name}={value}"
                ));
                assert!(
                    error.to_string().contains("`integrated-security`"),
                    "{error}"
                );
            }
        }
    }

    #[test]
    fn a_certificate_is_trusted_blindly_on_this_machine_only() {
        let error = refused(
            "Server=db.example.test;Database=AltaworxCentral;User Id=app;Password=fake;TrustServerCertificate=true",
        );
        assert!(matches!(error, SettingsError::BlindTrust(_)));
        let error = refused(
            "Server=db.example.test;Database=AltaworxCentral;User Id=app;Password=fake;Encrypt=false",
        );
        assert!(matches!(error, SettingsError::Plain(_)));
    }

    #[test]
    fn what_is_missing_is_named() {
        assert_eq!(
            refused("Database=AltaworxCentral;User Id=app").to_string(),
            "the connection string has no `Server`"
        );
        assert_eq!(
            refused("Server=localhost;User Id=app").to_string(),
            "the connection string has no `Database`"
        );
        assert_eq!(
            refused("Server=localhost;Database=AltaworxCentral").to_string(),
            "the connection string has no `User Id`"
        );
    }

    #[test]
    fn settings_never_show_user_or_password() {
        let settings = Settings::from_connection_string(
            "Server=localhost;Database=AltaworxCentral;User Id=someone;Password=fake-secret",
        )
        .unwrap();
        let shown = format!("{settings:?}");
        assert!(
            !shown.contains("someone") && !shown.contains("fake-secret"),
            "{shown}"
        );
    }
}

//! What the lambda is told by its environment.

use std::{sync::Arc, time::Duration};

use central::budget::BudgetLimits;
use jsonwebtoken::Algorithm;
use secrets::{SecretsManager, Wrong, central_settings};
use telemetry::logs::LogLevel;
use url::Url;

use crate::token::{Issuer, Pace, TokenSettings};

/// API Gateway gives up after 30 s. A connection, the check and the write together stay below that, so that a caller whose write
/// was not answered hears from us what to do.
const COMMAND_TIMEOUT: Duration = Duration::from_secs(10);

/// Everything from the environment, read and checked.
#[derive(Debug)]
pub struct Settings {
    /// `CENTRAL_CONNECTION_STRING`, `CENTRAL_LOGIN_SECRET`, `CENTRAL_CA_FILE` ([`secrets::central_settings`]).
    pub central: central::Settings,
    /// `QUEUE_URL`.
    pub queue_url: String,
    /// `OIDC_ISSUER`, `OIDC_AUDIENCE`, `OIDC_JWKS_URL` (discovery when missing), `OIDC_ALGORITHMS` (RS256,ES256 when missing).
    pub token: TokenSettings,
    /// `PORTAL_CLIENT_ID`, `PORTAL_SCOPE`.
    pub portal: Option<PortalClient>,
    /// The call budget of a Rev account ([`BudgetLimits::read`]).
    pub budget: BudgetLimits,
    /// `LOG_LEVEL` (info when missing).
    pub log_level: LogLevel,
    /// `METRICS_NAMESPACE`.
    pub metrics_namespace: Option<String>,
}

/// The portal as a public client of the issuer (RFC 6749, section 2.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortalClient {
    /// Under which the issuer knows it.
    pub id: String,
    /// What its tokens are asked for; contains `openid`, so that a sign-in can be told from another one.
    pub scope: String,
}

/// What is wrong with the environment: every fault, so that one start shows all.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("the environment is not complete:\n  {}", .0.join("\n  "))]
pub struct SettingsError(pub Vec<String>);

/// Reads variables and collects faults.
struct Variables<'a> {
    read: &'a dyn Fn(&str) -> Option<String>,
    faults: Vec<String>,
}

impl Variables<'_> {
    fn optional(&self, name: &str) -> Option<String> {
        (self.read)(name).filter(|value| !value.trim().is_empty())
    }

    fn required(&mut self, name: &str, meaning: &str) -> Option<String> {
        let value = self.optional(name);
        if value.is_none() {
            self.faults.push(format!("{name} is missing: {meaning}"));
        }
        value
    }

    /// Keeps a fault; the value of a secret is never part of one.
    fn checked<T, E: std::fmt::Display>(&mut self, name: &str, read: Result<T, E>) -> Option<T> {
        read.map_err(|error| self.faults.push(format!("{name} is wrong: {error}")))
            .ok()
    }
}

impl Settings {
    /// Reads the settings; `read` gives a variable's value.
    pub fn from_environment(read: impl Fn(&str) -> Option<String>) -> Result<Self, SettingsError> {
        let mut variables = Variables {
            read: &read,
            faults: Vec::new(),
        };
        let central = central(&mut variables);
        let queue_url = queue_url(&mut variables);
        let token = token(&mut variables);
        let portal = portal(&mut variables);
        let budget = BudgetLimits::read(variables.read)
            .map_err(|error| {
                variables
                    .faults
                    .push(format!("{} is wrong: {}", error.name, error.problem));
            })
            .ok();
        let level = variables.optional("LOG_LEVEL");
        let log_level = variables.checked("LOG_LEVEL", LogLevel::read(level.as_deref()));
        let metrics_namespace = variables.optional("METRICS_NAMESPACE");
        match (central, queue_url, token, budget, log_level) {
            (Some(central), Some(queue_url), Some(token), Some(budget), Some(log_level))
                if variables.faults.is_empty() =>
            {
                Ok(Self {
                    central,
                    queue_url,
                    token,
                    portal,
                    budget,
                    log_level,
                    metrics_namespace,
                })
            }
            _ => Err(SettingsError(variables.faults)),
        }
    }
}

fn central(variables: &mut Variables<'_>) -> Option<central::Settings> {
    match central_settings(variables.read, Arc::new(SecretsManager::default())) {
        Ok(mut settings) => {
            settings.command_timeout = COMMAND_TIMEOUT;
            Some(settings)
        }
        Err(Wrong { name, problem }) => {
            variables.faults.push(match problem {
                Some(problem) => format!("{name} is wrong: {problem}"),
                None => format!(
                    "{name} is missing: the ADO connection string of AltaworxCentral, Server=…;Database=AltaworxCentral;…"
                ),
            });
            None
        }
    }
}

fn queue_url(variables: &mut Variables<'_>) -> Option<String> {
    let name = "QUEUE_URL";
    let text = variables.required(name, "the URL of device-bulk-change-queue")?;
    variables.checked(name, Url::parse(text.trim()).map(String::from))
}

fn token(variables: &mut Variables<'_>) -> Option<TokenSettings> {
    let issuer = variables.required("OIDC_ISSUER", "the issuer of access tokens, a URL");
    let audience = variables.required(
        "OIDC_AUDIENCE",
        "the audience (or Amazon Cognito's client id) of access tokens",
    );
    let keys = variables.optional("OIDC_JWKS_URL");
    let algorithms = variables.optional("OIDC_ALGORITHMS");
    let algorithms = variables.checked(
        "OIDC_ALGORITHMS",
        read_algorithms(algorithms.as_deref().unwrap_or("RS256,ES256")),
    );
    let issuer = issuer.and_then(|issuer| {
        let read = Issuer::parse(&issuer, keys.as_deref());
        variables.checked("OIDC_ISSUER or OIDC_JWKS_URL", read)
    });
    Some(TokenSettings {
        issuer: issuer?,
        audience: audience?.trim().to_owned(),
        algorithms: algorithms?,
        pace: Pace::default(),
    })
}

fn portal(variables: &mut Variables<'_>) -> Option<PortalClient> {
    let scope = variables
        .optional("PORTAL_SCOPE")
        .unwrap_or_else(|| "openid".to_owned());
    let scope = variables.checked(
        "PORTAL_SCOPE",
        scope
            .split_ascii_whitespace()
            .any(|name| name == "openid")
            .then(|| scope.trim().to_owned())
            .ok_or("it must contain openid"),
    );
    let id = variables.optional("PORTAL_CLIENT_ID")?;
    Some(PortalClient {
        id: id.trim().to_owned(),
        scope: scope?,
    })
}

fn read_algorithms(text: &str) -> Result<Vec<Algorithm>, String> {
    text.split(',')
        .map(|name| match name.trim() {
            "RS256" => Ok(Algorithm::RS256),
            "ES256" => Ok(Algorithm::ES256),
            other => Err(format!("`{other}` is none of RS256, ES256")),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    const GOOD: [(&str, &str); 4] = [
        (
            "CENTRAL_CONNECTION_STRING",
            "Server=tcp:127.0.0.1,14330;Database=AltaworxCentral;User Id=app;Password=fake-secret;Encrypt=false",
        ),
        (
            "QUEUE_URL",
            "http://127.0.0.1:4566/000000000000/device-bulk-change-queue",
        ),
        ("OIDC_ISSUER", "http://127.0.0.1:8400"),
        ("OIDC_AUDIENCE", "m2m-portal"),
    ];

    fn settings(changes: &[(&str, &str)]) -> Result<Settings, SettingsError> {
        let mut variables: HashMap<&str, &str> = GOOD.into();
        variables.extend(changes.iter().copied());
        Settings::from_environment(|name| variables.get(name).map(|value| (*value).to_owned()))
    }

    #[test]
    fn the_four_required_variables_are_enough() {
        let settings = settings(&[]).unwrap();
        assert_eq!(settings.budget.calls_per_minute, 475);
        assert_eq!(settings.token.algorithms.len(), 2);
    }

    #[test]
    fn the_portal_is_a_client_as_soon_as_it_has_an_id() {
        assert_eq!(settings(&[]).unwrap().portal, None);
        assert_eq!(settings(&[("PORTAL_CLIENT_ID", "")]).unwrap().portal, None);
        let with = settings(&[
            ("PORTAL_CLIENT_ID", " portal "),
            ("PORTAL_SCOPE", "openid m2m"),
        ]);
        let client = with.unwrap().portal.unwrap();
        assert_eq!(
            (client.id.as_str(), client.scope.as_str()),
            ("portal", "openid m2m")
        );
    }

    #[test]
    fn every_missing_variable_is_named_at_once() {
        let error = Settings::from_environment(|_| None).unwrap_err();
        for (name, _) in GOOD {
            assert!(error.to_string().contains(name), "{name}: {error}");
        }
    }

    #[test]
    fn a_wrong_variable_is_named_with_what_is_wrong_and_without_secrets() {
        for (name, value, words) in [
            (
                "CENTRAL_CONNECTION_STRING",
                "Server=x;User Id=a;Password=fake-secret",
                "`Database`",
            ),
            (
                "QUEUE_URL",
                "device-bulk-change-queue",
                "QUEUE_URL is wrong",
            ),
            ("OIDC_ISSUER", "http://issuer.example", "https://"),
            ("OIDC_JWKS_URL", "http://issuer.example/jwks", "https://"),
            ("OIDC_ALGORITHMS", "RS256,HS256", "`HS256`"),
            ("REV_CALLS_PER_MINUTE", "11", "at least 12"),
            ("REV_CALLS_PER_DAY", "many", "at least 12"),
            ("PORTAL_SCOPE", "profile", "must contain openid"),
            ("LOG_LEVEL", "intake=loud", "LOG_LEVEL is wrong"),
        ] {
            let error = settings(&[(name, value)]).unwrap_err();
            assert_eq!(error.0.len(), 1, "{error}");
            let told = error.to_string();
            assert!(told.contains(name) && told.contains(words), "{told}");
            assert!(!told.contains("fake-secret"), "{told}");
        }
    }
}

//! The consumer's settings, read from the environment once at start; a wrong one ends the start with its name.

use std::sync::Arc;

use central::budget::BudgetLimits;
use reqwest::Url;
use secrets::{SecretsManager, Wrong, central_settings};

/// What the environment says.
#[derive(Debug, Clone)]
pub struct Configuration {
    /// `CENTRAL_CONNECTION_STRING` (ADO form), `CENTRAL_LOGIN_SECRET`, `CENTRAL_CA_FILE` ([`central_settings`]).
    pub central: central::Settings,
    /// `QUEUE_URL`: device-bulk-change-queue.
    pub queue_url: String,
    /// `OTHER_CHANGES_QUEUE_URL`: who serves bulk changes of other types and portals; their messages fail when missing.
    pub other_changes_queue_url: Option<String>,
    /// `CARRIER_CHANGES_QUEUE_URL`: who serves the carrier plan changes that are made here; they stay NEW when missing.
    pub carrier_changes_queue_url: Option<String>,
    /// `REV_ALLOWED_HOSTS` (comma list, default api.rev.io) and `REV_ALLOW_HTTP_LOOPBACK` (true for local runs).
    pub rev: rev::Settings,
    /// `REV_LOGIN_SECRET`: the ARN of the secret with credentials of Rev accounts; those of `Integration_Authentication` when missing.
    pub rev_login_secret: Option<String>,
    /// The call budget of a Rev account ([`BudgetLimits::read`]).
    pub budget: BudgetLimits,
    /// `AMOP_SYNC_URL`: who is told when a bulk change is finished; nobody when missing.
    pub notice_url: Option<Url>,
}

/// A variable that is missing or wrong.
#[derive(Debug, thiserror::Error)]
pub enum ConfigurationError {
    /// It must be set.
    #[error("the environment variable {0} is missing")]
    Missing(&'static str),
    /// It cannot be used as it is.
    #[error("the environment variable {name} is wrong: {problem}")]
    Wrong {
        /// Which one.
        name: &'static str,
        /// What is wrong with it; never its value, which may be secret.
        problem: String,
    },
}

impl Configuration {
    /// Reads the variables through `variable`, which answers None for one that is not set.
    pub fn read(variable: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigurationError> {
        let text = |name: &'static str| {
            variable(name)
                .map(|text| text.trim().to_owned())
                .filter(|text| !text.is_empty())
        };
        let required = |name: &'static str| text(name).ok_or(ConfigurationError::Missing(name));
        let central = central_settings(&variable, Arc::new(SecretsManager::default())).map_err(
            |Wrong { name, problem }| {
                problem.map_or(ConfigurationError::Missing(name), |problem| {
                    wrong(name, &problem)
                })
            },
        )?;
        let queue_url = required("QUEUE_URL")?;
        let another_queue = |name: &'static str| {
            text(name)
                .map(|url| beside(&queue_url, url, name))
                .transpose()
        };
        let other_changes_queue_url = another_queue("OTHER_CHANGES_QUEUE_URL")?;
        let carrier_changes_queue_url = another_queue("CARRIER_CHANGES_QUEUE_URL")?;
        let hosts = text("REV_ALLOWED_HOSTS").map(|hosts| {
            hosts
                .split(',')
                .map(|host| host.trim().to_owned())
                .collect()
        });
        let allow_http_loopback = match text("REV_ALLOW_HTTP_LOOPBACK").as_deref() {
            None | Some("false") => false,
            Some("true") => true,
            Some(_) => return Err(wrong("REV_ALLOW_HTTP_LOOPBACK", "it must be true or false")),
        };
        let defaults = rev::Settings::default();
        let notice_url = text("AMOP_SYNC_URL")
            .map(|url| Url::parse(&url).map_err(|error| wrong("AMOP_SYNC_URL", &error.to_string())))
            .transpose()?;
        Ok(Self {
            central,
            queue_url,
            other_changes_queue_url,
            carrier_changes_queue_url,
            rev: rev::Settings {
                allowed_hosts: hosts.unwrap_or(defaults.allowed_hosts),
                allow_http_loopback,
                ..rev::Settings::default()
            },
            rev_login_secret: text("REV_LOGIN_SECRET"),
            budget: BudgetLimits::read(&variable)
                .map_err(|error| wrong(error.name, &error.problem))?,
            notice_url,
        })
    }
}

/// A queue beside ours. Ours would deliver the message to this function again, which would send it on again, for ever.
fn beside(ours: &str, url: String, name: &'static str) -> Result<String, ConfigurationError> {
    let parsed = Url::parse(&url).map_err(|error| wrong(name, &error.to_string()))?;
    if !matches!(parsed.scheme(), "http" | "https") {
        return Err(wrong(name, "it must begin with https://"));
    }
    if Url::parse(ours).is_ok_and(|ours| is_same_queue(&ours, &parsed)) {
        return Err(wrong(
            name,
            "it is the same queue as QUEUE_URL, so a message would go round in a loop",
        ));
    }
    Ok(url)
}

/// SQS knows a queue by account and name, which are the path; it has several host names, and a client speaks to one region.
fn is_same_queue(one: &Url, other: &Url) -> bool {
    let at_sqs = |url: &Url| {
        url.host_str().is_some_and(|host| {
            host.ends_with(".amazonaws.com") || host.ends_with(".amazonaws.com.cn")
        })
    };
    let host = |url: &Url| (url.host_str().map(str::to_owned), url.port());
    one.path().trim_end_matches('/') == other.path().trim_end_matches('/')
        && (host(one) == host(other) || (at_sqs(one) && at_sqs(other)))
}

fn wrong(name: &'static str, problem: &str) -> ConfigurationError {
    ConfigurationError::Wrong {
        name,
        problem: problem.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(changes: &[(&str, &str)]) -> Result<Configuration, String> {
        Configuration::read(|name| {
            let given = changes.iter().find(|(changed, _)| *changed == name).map(|(_, value)| (*value).to_owned());
            given.or_else(|| match name {
                "CENTRAL_CONNECTION_STRING" => Some("Server=tcp:127.0.0.1,1433;Database=AltaworxCentral;User Id=example;Password=not-a-secret".to_owned()),
                "QUEUE_URL" => Some("http://127.0.0.1/queue".to_owned()),
                _ => None,
            })
        })
        .map_err(|error| error.to_string())
    }

    #[test]
    fn two_variables_are_enough() {
        let configuration = read(&[]).unwrap();
        assert_eq!(configuration.budget.calls_per_minute, 475);
        assert_eq!(configuration.rev.allowed_hosts, ["api.rev.io"]);
        assert!(configuration.notice_url.is_none());
        assert!(configuration.other_changes_queue_url.is_none());
        assert!(configuration.carrier_changes_queue_url.is_none());
    }

    #[test]
    fn a_wrong_variable_is_told_by_name_and_without_its_value() {
        for (name, value) in [
            ("QUEUE_URL", " "),
            (
                "CENTRAL_CONNECTION_STRING",
                "Integrated Security=true;Server=x",
            ),
            ("REV_CALLS_PER_MINUTE", "many-and-secret"),
            ("REV_CALLS_PER_MINUTE", "2"),
            ("REV_CALLS_PER_DAY", "0"),
            ("REV_ALLOW_HTTP_LOOPBACK", "yes-and-secret"),
            ("AMOP_SYNC_URL", "not-a-url-and-secret"),
            ("OTHER_CHANGES_QUEUE_URL", "not-a-url-and-secret"),
            ("CARRIER_CHANGES_QUEUE_URL", "ftp://x/secret"),
        ] {
            let told = read(&[(name, value)]).unwrap_err();
            assert!(told.contains(name) && !told.contains("secret"), "{told}");
        }
    }

    #[test]
    fn a_queue_that_would_make_a_loop_ends_the_start() {
        const OURS: &str = "https://sqs.us-east-1.amazonaws.com/123456789012/ours";
        for name in ["OTHER_CHANGES_QUEUE_URL", "CARRIER_CHANGES_QUEUE_URL"] {
            for same in [
                OURS,
                " https://SQS.us-east-1.AmazonAWS.com/123456789012/ours/ ",
                "https://sqs.us-east-1.amazonaws.com:443/123456789012/ours",
                "https://us-east-1.queue.amazonaws.com/123456789012/ours",
            ] {
                let told = read(&[("QUEUE_URL", OURS), (name, same)]).unwrap_err();
                assert!(told.contains(name) && told.contains("loop"), "{told}");
            }
            for another in [
                "https://sqs.us-east-1.amazonaws.com/123456789012/Ours",
                "https://sqs.us-east-1.amazonaws.com/210987654321/ours",
                "http://127.0.0.1:4566/123456789012/ours",
            ] {
                assert!(
                    read(&[("QUEUE_URL", OURS), (name, another)]).is_ok(),
                    "{another}"
                );
            }
        }
    }

    #[test]
    fn one_queue_may_take_other_changes_and_carrier_changes() {
        let old = "https://sqs.us-east-1.amazonaws.com/123456789012/old";
        let both = [
            ("OTHER_CHANGES_QUEUE_URL", old),
            ("CARRIER_CHANGES_QUEUE_URL", old),
        ];
        let configuration = read(&both).unwrap();
        assert_eq!(configuration.other_changes_queue_url.as_deref(), Some(old));
        assert_eq!(
            configuration.carrier_changes_queue_url.as_deref(),
            Some(old)
        );
    }
}

//! How the environment says where the database is, for both lambdas.

use std::{path::Path, sync::Arc};

use central::Settings;

use crate::{database::DatabaseLogin, reader::Reader};

/// A variable that is missing or wrong. The words never hold its value.
#[derive(Debug, PartialEq, Eq)]
pub struct Wrong {
    /// Which.
    pub name: &'static str,
    /// What is wrong; none when it is missing.
    pub problem: Option<String>,
}

/// Reads `CENTRAL_CONNECTION_STRING`; `CENTRAL_LOGIN_SECRET`, the ARN of the secret with user and password, which then stand in no
/// other place; and `CENTRAL_CA_FILE`, the certificate authorities of the database in a PEM file.
///
/// # Errors
/// One of them is missing or wrong.
pub fn central_settings(
    read: impl Fn(&str) -> Option<String>,
    reader: Arc<dyn Reader>,
) -> Result<Settings, Wrong> {
    let variable = |name| read(name).filter(|value| !value.trim().is_empty());
    let name = "CENTRAL_CONNECTION_STRING";
    let text = variable(name).ok_or(Wrong {
        name,
        problem: None,
    })?;
    let settings = match variable("CENTRAL_LOGIN_SECRET") {
        Some(secret) => {
            let login = DatabaseLogin::new(reader, secret.trim());
            Settings::with_logins(&text, Arc::new(login))
        }
        None => Settings::from_connection_string(&text),
    };
    let settings = settings.map_err(|error| Wrong {
        name,
        problem: Some(error.to_string()),
    })?;
    match variable("CENTRAL_CA_FILE") {
        None => Ok(settings),
        Some(path) => settings
            .trusting(Path::new(path.trim()))
            .map_err(|error| Wrong {
                name: "CENTRAL_CA_FILE",
                problem: Some(error.to_string()),
            }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SecretsManager;

    fn wrong(variables: &[(&str, &str)]) -> Option<Wrong> {
        let read = |asked: &str| {
            let found = variables.iter().find(|(name, _)| *name == asked);
            found.map(|(_, value)| (*value).to_owned())
        };
        central_settings(read, Arc::new(SecretsManager::default())).err()
    }

    const SERVER: &str = "Server=localhost;Database=AltaworxCentral";
    const WITH_LOGIN: &str =
        "Server=localhost;Database=AltaworxCentral;User Id=app;Password=fake-secret";

    #[test]
    fn a_login_is_in_the_connection_string_or_in_a_secret() {
        let secret = ("CENTRAL_LOGIN_SECRET", "fake-arn");
        assert_eq!(wrong(&[("CENTRAL_CONNECTION_STRING", WITH_LOGIN)]), None);
        assert_eq!(
            wrong(&[("CENTRAL_CONNECTION_STRING", SERVER), secret]),
            None
        );
        for variables in [
            vec![("CENTRAL_CONNECTION_STRING", WITH_LOGIN), secret],
            vec![("CENTRAL_CONNECTION_STRING", SERVER)],
        ] {
            let wrong = wrong(&variables).unwrap();
            assert_eq!(wrong.name, "CENTRAL_CONNECTION_STRING");
            let problem = wrong.problem.unwrap();
            assert!(
                problem.contains("`User Id`") && !problem.contains("fake-secret"),
                "{problem}"
            );
        }
    }

    #[test]
    fn what_is_missing_or_not_there_is_named() {
        assert_eq!(
            wrong(&[("CENTRAL_CONNECTION_STRING", " ")]),
            Some(Wrong {
                name: "CENTRAL_CONNECTION_STRING",
                problem: None
            })
        );
        let file = wrong(&[
            ("CENTRAL_CONNECTION_STRING", WITH_LOGIN),
            ("CENTRAL_CA_FILE", "/nowhere/authority.pem"),
        ])
        .unwrap();
        assert_eq!(file.name, "CENTRAL_CA_FILE");
        assert!(file.problem.unwrap().contains("/nowhere/authority.pem"));
    }
}

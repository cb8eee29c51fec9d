//! The login of AltaworxCentral.

use std::sync::Arc;

use central::{Login, Logins, NoLogin};
use futures::{FutureExt as _, future::BoxFuture};
use serde::Deserialize;

use crate::{kept::Kept, reader::Reader};

/// A secret in the form that Amazon RDS and Secrets Manager's rotation functions write: a JSON object with `username` and
/// `password`; its other members (`host`, `engine` and so on) are not looked at.
pub struct DatabaseLogin(Kept<Login>);

impl DatabaseLogin {
    /// Reads nothing yet; `secret` is an ARN or a name.
    pub fn new(reader: Arc<dyn Reader>, secret: impl Into<String>) -> Self {
        Self(Kept::new(reader, secret, parse))
    }
}

impl Logins for DatabaseLogin {
    fn login<'a>(&'a self, refused: Option<&'a Login>) -> BoxFuture<'a, Result<Login, NoLogin>> {
        let login = self.0.get(refused);
        async move { login.await.map_err(|error| NoLogin(error.to_string())) }.boxed()
    }
}

#[derive(Deserialize)]
struct Document {
    username: String,
    password: String,
}

/// The error never repeats a value: serde's words would.
fn parse(text: &str) -> Result<Login, String> {
    let document: Document = serde_json::from_str(text).map_err(|_| {
        "it must be a JSON object with the texts `username` and `password`".to_owned()
    })?;
    if document.username.is_empty() || document.password.is_empty() {
        return Err("`username` or `password` is empty".to_owned());
    }
    Ok(Login::new(document.username, document.password))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_of_amazon_rds_is_read() {
        let text = r#"{"engine":"sqlserver","host":"db.example.test","username":"app","password":"fake","port":1433}"#;
        assert_eq!(parse(text), Ok(Login::new("app", "fake")));
    }

    #[test]
    fn what_is_wrong_is_told_without_the_secret() {
        for text in [
            "fake-secret",
            r#"{"username":"app","password":17,"note":"fake-secret"}"#,
            r#"{"password":"fake-secret"}"#,
            r#"{"username":"","password":"fake-secret"}"#,
        ] {
            let problem = parse(text).unwrap_err();
            assert!(
                problem.contains("`password`") && !problem.contains("fake-secret"),
                "{problem}"
            );
        }
    }
}

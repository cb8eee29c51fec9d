//! Credentials of Rev accounts out of a secret, for those who do not want them in `Integration_Authentication`.

use std::{collections::HashMap, sync::Arc};

use association::ids::IntegrationAuthenticationId;
use rev::Credentials;
use secrets::{Kept, ReadError, Reader};
use serde::Deserialize;

type ById = HashMap<i32, Credentials>;

/// A secret that holds a JSON object: `Integration_Authentication.id` to `{"clientCode", "user", "password"}`. An id that it does not
/// name keeps the credentials of the table.
pub struct RevLogins(Kept<ById>);

impl RevLogins {
    /// Reads nothing yet; `secret` is an ARN or a name.
    pub fn new(reader: Arc<dyn Reader>, secret: impl Into<String>) -> Self {
        Self(Kept::new(reader, secret, parse))
    }

    /// The credentials of an account, if the secret names it. When they are those that were `refused`, the secret is read again.
    ///
    /// # Errors
    /// The secret cannot be read or is of another form; those of the table are then not to be used either.
    pub(crate) async fn of(
        &self,
        id: IntegrationAuthenticationId,
        refused: Option<&Credentials>,
    ) -> Result<Option<Credentials>, ReadError> {
        let known = self.0.get(None).await?;
        let of = |all: &ById| all.get(&id.get()).cloned();
        let found = of(&known);
        if found.is_some() && found.as_ref() == refused {
            return Ok(of(&self.0.get(Some(&known)).await?));
        }
        Ok(found)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Login {
    client_code: String,
    user: String,
    password: String,
}

/// The error never repeats a value: serde's words would.
fn parse(text: &str) -> Result<ById, String> {
    let logins: HashMap<i32, Login> = serde_json::from_str(text).map_err(|_| {
        "it must be a JSON object, Integration_Authentication.id to {\"clientCode\", \"user\", \"password\"}"
            .to_owned()
    })?;
    Ok(logins
        .into_iter()
        .map(|(id, login)| {
            let credentials = Credentials {
                client_code: login.client_code,
                user: login.user,
                password: login.password,
            };
            (id, credentials)
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use futures::{FutureExt as _, future::BoxFuture};

    use super::*;

    /// One text after the other, the last again and again.
    struct Texts(Mutex<Vec<&'static str>>);

    impl Reader for Texts {
        fn read<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<String, ReadError>> {
            let mut texts = self.0.lock().unwrap();
            let text = if texts.len() > 1 {
                texts.remove(0)
            } else {
                texts[0]
            };
            async move { Ok(text.to_owned()) }.boxed()
        }
    }

    fn credentials(password: &str) -> Credentials {
        Credentials {
            client_code: "fake-client-1".to_owned(),
            user: "fake-user".to_owned(),
            password: password.to_owned(),
        }
    }

    const OLD: &str =
        r#"{"1":{"clientCode":"fake-client-1","user":"fake-user","password":"fake-old"}}"#;
    const NEW: &str =
        r#"{"1":{"clientCode":"fake-client-1","user":"fake-user","password":"fake-new"}}"#;

    fn id(id: i32) -> IntegrationAuthenticationId {
        IntegrationAuthenticationId::new(id).unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn credentials_that_were_refused_are_read_again() {
        let logins = RevLogins::new(Arc::new(Texts(Mutex::new(vec![OLD, NEW]))), "fake");
        let old = credentials("fake-old");
        assert_eq!(logins.of(id(1), None).await.unwrap(), Some(old.clone()));
        assert_eq!(logins.of(id(2), Some(&old)).await.unwrap(), None);
        tokio::time::advance(std::time::Duration::from_secs(5)).await;
        let newer = logins.of(id(1), Some(&old)).await.unwrap();
        assert_eq!(newer, Some(credentials("fake-new")));
    }

    #[test]
    fn another_form_is_told_without_the_secret() {
        for text in [
            "fake-secret",
            r#"{"one":{"clientCode":"a","user":"b","password":"fake-secret"}}"#,
            r#"{"1":{"clientCode":"a","user":"b","password":"c","extra":"fake-secret"}}"#,
        ] {
            let problem = parse(text).unwrap_err();
            assert!(!problem.contains("fake-secret"), "{problem}");
        }
    }
}

//! User and password of the database, and where newer ones come from.

use futures::future::BoxFuture;
use tiberius::{AuthMethod, Config};

/// What somebody logs in with.
#[derive(Clone, PartialEq, Eq)]
pub struct Login {
    user: String,
    password: String,
}

impl Login {
    /// A login of SQL Server's own (not Windows, not Entra ID).
    #[must_use]
    pub fn new(user: impl Into<String>, password: impl Into<String>) -> Self {
        Self {
            user: user.into(),
            password: password.into(),
        }
    }

    pub(crate) fn put_into(&self, config: &mut Config) {
        config.authentication(AuthMethod::sql_server(&self.user, &self.password));
    }
}

/// Neither user nor password is shown.
impl std::fmt::Debug for Login {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Login(…)")
    }
}

/// No login could be had.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the login of the database could not be had: {0}")]
pub struct NoLogin(pub String);

/// Knows the login, when it does not stand in the connection string.
pub trait Logins: Send + Sync {
    /// The login to use now. `refused` is one that the database has just refused: then a newer one, if there is one by now; else the
    /// same again, and the refusal stands.
    fn login<'a>(&'a self, refused: Option<&'a Login>) -> BoxFuture<'a, Result<Login, NoLogin>>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_is_never_shown() {
        let shown = format!("{:?}", Login::new("someone", "fake-secret"));
        assert!(
            !shown.contains("someone") && !shown.contains("fake-secret"),
            "{shown}"
        );
    }
}

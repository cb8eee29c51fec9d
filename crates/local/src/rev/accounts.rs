//! Who may sign in, and with which tokens.

use std::collections::HashMap;

use serde::Deserialize;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

/// Credentials that are good for the stand-in and nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct FakeAccount {
    /// Tells accounts apart: lines and limit belong to one.
    pub client_code: String,
    /// User name.
    pub username: String,
    /// Password.
    pub password: String,
}

impl FakeAccount {
    fn of((client_code, username, password): (&str, &str, &str)) -> Self {
        Self {
            client_code: client_code.to_owned(),
            username: username.to_owned(),
            password: password.to_owned(),
        }
    }
}

/// The accounts that can sign in when nothing else is said: client code, user name, password.
pub const FAKE_ACCOUNTS: [(&str, &str, &str); 3] = [
    ("fake-client-1", "fake-user-1", "not-a-password-1"),
    ("fake-client-2", "fake-user-2", "not-a-password-2"),
    ("fake-client-3", "fake-user-3", "not-a-password-3"),
];

/// [`FAKE_ACCOUNTS`] as values.
pub(super) fn fake_accounts() -> Vec<FakeAccount> {
    FAKE_ACCOUNTS.into_iter().map(FakeAccount::of).collect()
}

/// The tokens that were handed out: whose, and until when.
#[derive(Debug, Default)]
pub(super) struct Tokens {
    given: HashMap<String, (String, OffsetDateTime)>,
}

impl Tokens {
    /// A token for an account, different each time.
    pub(super) fn give(&mut self, account: &str, until: OffsetDateTime) -> String {
        let token = format!("fake-token-{}", Uuid::new_v4().simple());
        self.given
            .insert(token.clone(), (account.to_owned(), until));
        token
    }

    /// Whose token it is, while it lasts.
    pub(super) fn account(&self, token: &str, now: OffsetDateTime) -> Option<String> {
        let (account, until) = self.given.get(token)?;
        (now < *until).then(|| account.clone())
    }

    /// No token that was handed out is good any more.
    pub(super) fn revoke(&mut self) {
        self.given.clear();
    }
}

/// How long a token lasts on the stand-in's clock.
pub(super) fn lasts(seconds: u32) -> Duration {
    Duration::seconds(i64::from(seconds))
}

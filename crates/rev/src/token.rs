//! Access tokens: one per account, kept until shortly before it ends, fetched by one caller for all that wait.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use association::ids::IntegrationAuthenticationId;
use futures::{
    FutureExt,
    future::{BoxFuture, Shared},
};

use crate::{
    account::Account,
    class::{Call, Class},
    contract::{self, Request},
    exchange::Exchange,
    http::{Http, Told},
};

/// A token is not used in its last seconds: a call that begins with it must not end without it.
const MARGIN: Duration = Duration::from_secs(30);

/// A token in use. The serial number tells it from the one that replaced it.
#[derive(Clone)]
pub(crate) struct Bearer {
    pub value: Arc<str>,
    serial: u64,
    until: Instant,
}

/// Why there is no token: the class of the sign-in, and what was said.
#[derive(Clone)]
pub(crate) struct NoToken {
    pub class: Class<()>,
    pub exchange: Exchange,
}

/// What asking for a token came to.
pub(crate) struct Got {
    pub bearer: Result<Bearer, NoToken>,
    /// HTTP calls that this caller made: 1 for the one who fetched, 0 for those who waited or found it.
    pub calls: u32,
    /// What was said, when this caller or another just fetched it.
    pub exchange: Option<Exchange>,
}

impl Got {
    fn too_late() -> Self {
        let none = NoToken {
            class: Class::unknown("no answer in time"),
            exchange: Exchange::default(),
        };
        Self {
            bearer: Err(none),
            calls: 0,
            exchange: None,
        }
    }
}

type Fetched = Result<(Bearer, Exchange), NoToken>;
type Fetching = Shared<BoxFuture<'static, Fetched>>;

/// Credentials that were changed make a different key, so the old token is not used on.
type Key = (IntegrationAuthenticationId, [u8; 32]);

enum Slot {
    Held(Bearer),
    Fetching(u64, Fetching),
}

pub(crate) struct Tokens {
    http: Http,
    slots: Mutex<Slots>,
}

#[derive(Default)]
struct Slots {
    by_account: HashMap<Key, Slot>,
    serial: u64,
}

impl Tokens {
    pub(crate) fn new(http: Http) -> Self {
        Self {
            http,
            slots: Mutex::default(),
        }
    }

    /// Whether a call can begin without signing in first.
    pub(crate) fn has(&self, account: &Account) -> bool {
        match self.lock().by_account.get(&key(account)) {
            Some(Slot::Held(bearer)) => bearer.until > Instant::now(),
            _ => false,
        }
    }

    /// The token that is kept, or a fresh one.
    pub(crate) async fn get(&self, account: &Account, within: Duration) -> Got {
        self.take(account, within, false).await
    }

    /// A fresh token, whatever is kept; shared with whoever is fetching one already.
    pub(crate) async fn fetch(&self, account: &Account, within: Duration) -> Got {
        self.take(account, within, true).await
    }

    /// Rev did not accept this token. A newer one that replaced it meanwhile stays.
    pub(crate) fn reject(&self, account: &Account, bearer: &Bearer) {
        let mut slots = self.lock();
        let key = key(account);
        if matches!(slots.by_account.get(&key), Some(Slot::Held(held)) if held.serial == bearer.serial)
        {
            slots.by_account.remove(&key);
        }
    }

    async fn take(&self, account: &Account, within: Duration, fresh: bool) -> Got {
        let key = key(account);
        let (serial, fetching, calls) = {
            let mut slots = self.lock();
            match slots.by_account.get(&key) {
                Some(Slot::Held(bearer)) if !fresh && bearer.until > Instant::now() => {
                    return Got {
                        bearer: Ok(bearer.clone()),
                        calls: 0,
                        exchange: None,
                    };
                }
                Some(Slot::Fetching(serial, fetching)) => (*serial, fetching.clone(), 0),
                _ => {
                    slots.serial += 1;
                    let serial = slots.serial;
                    let fetching = sign_in(self.http.clone(), account, within, serial)
                        .boxed()
                        .shared();
                    slots
                        .by_account
                        .insert(key, Slot::Fetching(serial, fetching.clone()));
                    (serial, fetching, 1)
                }
            }
        };

        // Whoever fetches gives up by itself. Who joined late has less time than that, and leaves the fetching to the others.
        let fetched = if calls == 0 {
            match tokio::time::timeout(within, fetching).await {
                Ok(fetched) => fetched,
                Err(_) => return Got::too_late(),
            }
        } else {
            fetching.await
        };

        let mut slots = self.lock();
        // The first to come back puts the result in the place of the fetching; for the others that is done.
        if matches!(slots.by_account.get(&key), Some(Slot::Fetching(of, _)) if *of == serial) {
            match &fetched {
                Ok((bearer, _)) => {
                    slots.by_account.insert(key, Slot::Held(bearer.clone()));
                }
                Err(_) => {
                    slots.by_account.remove(&key);
                }
            }
        }
        let (bearer, exchange) = match fetched {
            Ok((bearer, exchange)) => (Ok(bearer), exchange),
            Err(none) => {
                let exchange = none.exchange.clone();
                (Err(none), exchange)
            }
        };
        Got {
            bearer,
            calls,
            exchange: Some(exchange),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Slots> {
        // Nothing inside can panic half-way, so what a poisoned lock holds is whole.
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn key(account: &Account) -> Key {
    (account.id, account.fingerprint())
}

fn sign_in(
    http: Http,
    account: &Account,
    within: Duration,
    serial: u64,
) -> impl Future<Output = Fetched> + use<> {
    let request: Request = contract::sign_in(account);
    let credentials = account.credentials.clone();
    async move {
        let told = Told {
            request: format!("{} {}", request.verb, request.url),
            secrets: &[
                &credentials.password,
                &credentials.user,
                &credentials.client_code,
            ],
            keep_success: false,
        };
        let begun = Instant::now();
        let (class, exchange) = http
            .call(
                Call::Token,
                &request,
                None,
                within,
                told,
                contract::read_token,
            )
            .await;
        match class {
            Class::Done((value, lasts)) => {
                let bearer = Bearer {
                    value: value.into(),
                    serial,
                    until: begun + usable(lasts),
                };
                Ok((bearer, exchange))
            }
            class => Err(NoToken {
                class: failed(class),
                exchange,
            }),
        }
    }
}

/// What is left of a token's time when its last seconds are not used; at least half of it. Never more than a day.
fn usable(lasts: Duration) -> Duration {
    let lasts = lasts.min(Duration::from_hours(24));
    lasts.saturating_sub(MARGIN.min(lasts / 2))
}

/// A sign-in that Rev refuses in whatever words is about the credentials: the account is stopped, and no device fails for it.
fn failed<T>(class: Class<T>) -> Class<()> {
    match class.map(|_| ()) {
        Class::Refused { .. } | Class::NotFound => Class::Token,
        class => class,
    }
}

#[cfg(test)]
mod tests {
    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        net::TcpListener,
        sync::oneshot::{Receiver, Sender, channel},
    };

    use super::*;
    use crate::{Client, Credentials, Settings};

    #[test]
    fn a_token_is_not_used_in_its_last_seconds() {
        for (lasts, expected) in [(3600, 3570), (60, 30), (10, 5), (0, 0), (u64::MAX, 86_370)] {
            assert_eq!(
                usable(Duration::from_secs(lasts)),
                Duration::from_secs(expected),
                "{lasts}"
            );
        }
    }

    #[test]
    fn a_sign_in_that_is_refused_is_about_the_credentials() {
        let refused: Class<()> = Class::Refused {
            status: 422,
            reason: "no such user".into(),
        };
        assert_eq!(failed(refused), Class::Token);
        assert_eq!(failed(Class::<()>::unknown("x")), Class::unknown("x"));
    }

    /// Answers one sign-in when it is told to; says before when it has been asked.
    async fn slow_rev(listener: TcpListener, asked: Sender<()>, go: Receiver<()>) {
        let (mut connection, _) = listener.accept().await.unwrap();
        let mut request = [0; 1024];
        assert!(connection.read(&mut request).await.unwrap() > 0);
        asked.send(()).unwrap();
        go.await.unwrap();
        let body = r#"{"access_token":"fake-token","expires_in":3600}"#;
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}",
            body.len()
        );
        let answer = format!("{head}\r\n\r\n{body}");
        connection.write_all(answer.as_bytes()).await.unwrap();
    }

    #[tokio::test]
    async fn who_joins_a_sign_in_with_less_time_gives_up_and_leaves_it_to_the_first() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let settings = Settings {
            allow_http_loopback: true,
            ..Settings::default()
        };
        let credentials = Credentials {
            client_code: "fake".into(),
            user: "fake".into(),
            password: "fake".into(),
        };
        let id = IntegrationAuthenticationId::new(1).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let client = Client::new(settings.clone()).unwrap();
        let account = client.account(id, &url, credentials).unwrap();
        let tokens = Tokens::new(Http::new(&settings).unwrap());
        let ((asked, is_asked), (go, told)) = (channel(), channel());

        let joining = async {
            is_asked.await.unwrap();
            let late = tokens.get(&account, Duration::from_millis(1)).await;
            go.send(()).unwrap();
            late
        };
        let first = tokens.get(&account, Duration::from_mins(1));
        let ((), first, late) = tokio::join!(slow_rev(listener, asked, told), first, joining);
        assert_eq!((first.calls, late.calls), (1, 0), "one sign-in for both");
        let late = late.bearer.err().expect("Rev has said nothing yet");
        assert_eq!(late.class, Class::unknown("no answer in time"));
        assert!(first.bearer.is_ok(), "the first was left without a token");
        assert!(tokens.has(&account));
    }
}

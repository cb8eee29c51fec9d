//! Passwords that change in mid-work, certificate authorities that no system knows, and servers that say nothing.

use std::{
    path::PathBuf,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use base64::Engine as _;
use central::{
    Central, CentralError, Login, Logins, NoLogin, Settings, SettingsError, ready::ready,
};
use embedded_sql_server::server::Server;
use futures::{FutureExt as _, future::BoxFuture};
use std::sync::Arc;

use crate::support::{Sql, empty};

/// A secret, and how often it was asked for a newer login.
struct Secret {
    password: Mutex<&'static str>,
    known: Mutex<&'static str>,
    asked_again: AtomicUsize,
}

impl Secret {
    fn holding(password: &'static str) -> Arc<Self> {
        Arc::new(Self {
            password: Mutex::new(password),
            known: Mutex::new(password),
            asked_again: AtomicUsize::new(0),
        })
    }
}

impl Logins for Secret {
    fn login<'a>(&'a self, refused: Option<&'a Login>) -> BoxFuture<'a, Result<Login, NoLogin>> {
        if refused.is_some() {
            self.asked_again.fetch_add(1, Ordering::SeqCst);
            *self.known.lock().unwrap() = *self.password.lock().unwrap();
        }
        let login = Login::new("app", *self.known.lock().unwrap());
        async move { Ok(login) }.boxed()
    }
}

fn address(server: &Server) -> String {
    format!(
        "Server=tcp:{},{};Database=AltaworxCentral;Encrypt=DANGER_PLAINTEXT;TrustServerCertificate=true",
        server.address().ip(),
        server.address().port()
    )
}

async fn with_app() -> (Server, Sql) {
    let (server, owner) = empty().await;
    let sql = Sql::connect(&owner).await;
    sql.run("CREATE LOGIN app WITH PASSWORD = 'fake-old'", &[])
        .await;
    sql.run("CREATE USER app FOR LOGIN app", &[]).await;
    (server, sql)
}

async fn central(server: &Server, secret: &Arc<Secret>) -> Central {
    let mut settings =
        Settings::with_logins(&address(server), Arc::clone(secret) as Arc<dyn Logins>).unwrap();
    settings.checkout_timeout = Duration::from_millis(500);
    Central::connect(settings).await.unwrap()
}

#[tokio::test]
async fn a_password_that_was_changed_is_fetched_again_once() {
    let (server, sql) = with_app().await;
    let secret = Secret::holding("fake-old");
    let first = central(&server, &secret).await;
    ready(&first).await.unwrap();
    sql.run("ALTER LOGIN app WITH PASSWORD = 'fake-new'", &[])
        .await;
    *secret.password.lock().unwrap() = "fake-new";

    // Who is logged in stays so.
    ready(&first).await.unwrap();
    assert_eq!(secret.asked_again.load(Ordering::SeqCst), 0);
    // A new connection meets the refusal, and goes on without an error.
    let second = central(&server, &secret).await;
    ready(&second).await.unwrap();
    ready(&central(&server, &secret).await).await.unwrap();
    assert_eq!(secret.asked_again.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_refusal_stands_when_there_is_no_newer_password() {
    let (server, _sql) = with_app().await;
    let secret = Secret::holding("fake-wrong");
    let error = ready(&central(&server, &secret).await).await.unwrap_err();
    assert!(error.is_login_refused(), "{error:?}");
    assert!(
        !format!("{error:?} {error}").contains("fake-wrong"),
        "{error:?}"
    );
}

#[test]
fn a_login_stands_in_one_place() {
    let secret = Secret::holding("fake");
    for text in [
        "Server=localhost;Database=AltaworxCentral;User Id=app;Password=fake",
        "Server=localhost;Database=AltaworxCentral;Password=fake",
    ] {
        let refused = Settings::with_logins(text, Arc::clone(&secret) as Arc<dyn Logins>);
        assert!(matches!(refused, Err(SettingsError::TwoLogins)), "{text}");
    }
}

/// A PEM file that is gone with the test.
struct Bundle(PathBuf);

impl Bundle {
    fn of(servers: &[&Server]) -> Self {
        let certificates: Vec<String> = servers
            .iter()
            .map(|server| {
                let text = base64::engine::general_purpose::STANDARD.encode(server.certificate());
                format!("-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n")
            })
            .collect();
        let path = std::env::temp_dir().join(format!("bundle-{}.pem", uuid::Uuid::new_v4()));
        std::fs::write(&path, certificates.concat()).unwrap();
        Self(path)
    }
}

impl Drop for Bundle {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

async fn encrypted(text: &str, bundle: &Bundle) -> Result<Central, CentralError> {
    let mut members: Vec<&str> = text
        .split(';')
        .filter(|member| {
            !["Encrypt", "TrustServerCertificate"]
                .iter()
                .any(|name| member.starts_with(name))
        })
        .collect();
    members.push("Encrypt=true");
    let mut settings = Settings::from_connection_string(&members.join(";"))
        .unwrap()
        .trusting(&bundle.0)
        .unwrap();
    settings.checkout_timeout = Duration::from_millis(800);
    Central::connect(settings).await
}

#[tokio::test]
async fn the_one_of_a_bundle_that_the_server_s_certificate_comes_from_is_found() {
    let (server, text) = empty().await;
    let (other, _) = empty().await;
    let (third, _) = empty().await;
    let text = text.replace("tcp:127.0.0.1", "tcp:localhost");
    let bundle = Bundle::of(&[&other, &third, &server]);
    let central = encrypted(&text, &bundle).await.unwrap();
    ready(&central).await.unwrap();
}

#[tokio::test]
async fn authorities_that_the_server_s_certificate_does_not_come_from_end_the_start() {
    let (_server, text) = empty().await;
    let (other, _) = empty().await;
    let text = text.replace("tcp:127.0.0.1", "tcp:localhost");
    let error = encrypted(&text, &Bundle::of(&[&other]))
        .await
        .err()
        .expect("refused");
    let source = std::error::Error::source(&error).unwrap().to_string();
    assert!(
        source.contains("none of the certificate authorities"),
        "{source}"
    );
    // A database that is away is no reason not to start.
    let away = "Server=tcp:localhost,1;Database=AltaworxCentral;User Id=app;Password=fake";
    assert!(encrypted(away, &Bundle::of(&[&other])).await.is_ok());
}

#[tokio::test]
async fn that_a_server_says_nothing_is_told_until_the_next_attempt_has_ended() {
    // The system accepts connections for it; nobody reads what they say.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let text = format!(
        "Server=tcp:127.0.0.1,{};Database=AltaworxCentral;User Id=app;Password=fake",
        silent.local_addr().unwrap().port()
    );
    let mut settings = Settings::from_connection_string(&text).unwrap();
    settings.connect_timeout = Duration::from_secs(3);
    settings.checkout_timeout = Duration::from_millis(200);
    let central = Central::connect(settings).await.unwrap();
    let why = async || match ready(&central).await {
        Err(CentralError::Unreachable { source, .. }) => source,
        other => panic!("nobody answers, and this came: {other:?}"),
    };
    while why().await.is_none() {}
    // The next attempt hangs meanwhile, longer than any of these waits.
    for _ in 0..3 {
        let told = format!("{:?}", why().await);
        assert!(told.contains("TimedOut(3s)"), "{told}");
    }
}

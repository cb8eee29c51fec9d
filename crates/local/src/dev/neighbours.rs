//! The AWS stand-in and `cargo lambda watch`, started and ended by infra/dev/neighbours.py.

use std::{collections::BTreeMap, process::Stdio, time::Duration};

use anyhow::{Context, bail};
use serde::Deserialize;
use serde_json::json;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout, Command},
    time::timeout,
};

use super::settings::Settings;
use crate::{
    database::LocalDatabase,
    logins::{Login, without_login},
    sign_in::{SignIn, event_key},
};

/// How long they get to end when they are asked to.
const END: Duration = Duration::from_secs(20);
/// Seconds for which a received message is hidden; the consumer's time-out is the longest that a call takes.
const VISIBILITY: u32 = 130;
/// Instances of each function, all started at its first call: a status that waits for news holds one.
const INSTANCES: &str = "2";

/// What the program writes, a JSON object a line.
#[derive(Debug, Deserialize)]
#[serde(tag = "event", rename_all = "lowercase")]
enum Event {
    Started(Addresses),
    Failed { reason: String },
    Ended { code: i32 },
}

/// Where the queues are.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Addresses {
    /// The AWS stand-in.
    pub aws: String,
    /// URL of device-bulk-change-queue.
    pub queue: String,
    /// URL of the queue for bulk changes of other types.
    pub other: String,
}

/// The running programs, in a process group of their own. They end when the incoming pipe closes, so they end with this
/// process even when it is killed.
#[derive(Debug)]
pub(super) struct Neighbours {
    process: Child,
    orders: Option<ChildStdin>,
    events: Lines<BufReader<ChildStdout>>,
}

impl Neighbours {
    pub(super) async fn start(
        settings: &Settings,
        aws_port: u16,
        database: &LocalDatabase,
        sign_in: &SignIn,
        notices: &str,
    ) -> anyhow::Result<Self> {
        let python = settings.environments.join("demo-venv/bin/python");
        let mut process = Command::new(&python)
            .arg(settings.checkout.join("infra/dev/neighbours.py"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .process_group(0)
            .spawn()
            .with_context(|| {
                format!(
                    "{} does not start: `make dev` installs it, start this that way",
                    python.display()
                )
            })?;
        let order = json!({
            "port": aws_port,
            "folder": settings.folder,
            "checkout": settings.checkout,
            "visibility": VISIBILITY,
            "secrets": {
                // The names that Cargo.toml of each function gives (package.metadata.lambda.env).
                "local/intake-login": Login::Intake.secret(),
                "local/consumer-login": Login::Consumer.secret(),
            },
            "watch": watch(settings),
            "environment": environment(settings, database, sign_in, notices),
        });
        let mut orders = process.stdin.take().context("no pipe to the neighbours")?;
        let events = process
            .stdout
            .take()
            .context("no pipe from the neighbours")?;
        orders.write_all(format!("{order}\n").as_bytes()).await?;
        Ok(Self {
            process,
            orders: Some(orders),
            events: BufReader::new(events).lines(),
        })
    }

    /// Waits until the queues are there and cargo lambda was started.
    pub(super) async fn started(&mut self) -> anyhow::Result<Addresses> {
        match self.event().await? {
            Event::Started(addresses) => Ok(addresses),
            Event::Failed { reason } => bail!("the AWS stand-in: {reason}"),
            Event::Ended { code } => bail!("cargo lambda watch ended with code {code}"),
        }
    }

    /// Returns when one of them ended, with the words for it.
    pub(super) async fn ended(&mut self) -> anyhow::Result<()> {
        match self.event().await? {
            Event::Ended { code } => bail!("cargo lambda watch ended with code {code}"),
            Event::Failed { reason } => bail!("the AWS stand-in: {reason}"),
            Event::Started(_) => bail!("the AWS stand-in started twice"),
        }
    }

    async fn event(&mut self) -> anyhow::Result<Event> {
        let line = self.events.next_line().await?;
        let line = line.context("infra/dev/neighbours.py ended; it said why above")?;
        serde_json::from_str(&line).with_context(|| {
            format!("infra/dev/neighbours.py wrote something else than an event: {line}")
        })
    }

    /// Ends them and returns when they are gone.
    pub(super) async fn end(mut self) {
        drop(self.orders.take());
        if timeout(END, self.process.wait()).await.is_err() {
            // The pipe is what it listens to; one that does not is ended without its consent.
            let _ = self.process.kill().await;
        }
    }
}

/// The command line of cargo lambda.
fn watch(settings: &Settings) -> Vec<String> {
    let program = settings.environments.join("build-venv/bin/cargo-lambda");
    let port = settings.port.to_string();
    let mut line: Vec<String> = [
        &program.display().to_string(),
        "lambda",
        "watch",
        "--locked",
        "--invoke-address",
        "127.0.0.1",
        "--invoke-port",
        &port,
        "--concurrency",
        INSTANCES,
    ]
    .map(str::to_owned)
    .into();
    if !settings.reload {
        line.push("--ignore-changes".to_owned());
    }
    line
}

/// What the template sets for the functions, but for the addresses that the neighbours choose.
fn environment(
    settings: &Settings,
    database: &LocalDatabase,
    sign_in: &SignIn,
    notices: &str,
) -> BTreeMap<&'static str, String> {
    let log_level = std::env::var("LOG_LEVEL").unwrap_or_else(|_| "info".to_owned());
    BTreeMap::from([
        ("CARGO_TARGET_DIR", settings.target.display().to_string()),
        (
            "CENTRAL_CONNECTION_STRING",
            without_login(database.connection_string()),
        ),
        ("OIDC_ISSUER", event_key::ISSUER.to_owned()),
        ("OIDC_JWKS_URL", sign_in.jwks_url()),
        ("OIDC_AUDIENCE", sign_in.audience().to_owned()),
        ("PORTAL_CLIENT_ID", sign_in.audience().to_owned()),
        ("REV_ALLOWED_HOSTS", "127.0.0.1".to_owned()),
        ("REV_ALLOW_HTTP_LOOPBACK", "true".to_owned()),
        ("AMOP_SYNC_URL", notices.to_owned()),
        ("LOG_LEVEL", log_level),
    ])
}

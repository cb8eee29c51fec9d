//! The AWS stand-in (ministack), with template.yaml deployed to it, as often as wanted. infra/demo/aws_stand_in.py does the work.

pub mod free_port;
pub mod logs;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use anyhow::{Context, bail};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout, Command},
    time::timeout,
};

/// How long the stand-in gets to end when it is asked to.
const END: Duration = Duration::from_secs(10);

/// Where a stand-in runs.
#[derive(Debug)]
pub struct Place<'a> {
    /// Port on 127.0.0.1 of all its services, the deployed HTTP APIs included.
    pub port: u16,
    /// An existing folder for its logs and what its functions leave behind.
    pub folder: &'a Path,
    /// Folder with the Python environment of infra/demo/requirements.txt, `demo-venv`.
    pub environments: &'a Path,
    /// The checkout.
    pub checkout: &'a Path,
}

impl Place<'_> {
    /// What the stand-in and the lambdas log.
    #[must_use]
    pub fn log(folder: &Path) -> PathBuf {
        folder.join("ministack.log")
    }
}

/// template.yaml, deployed once.
#[derive(Debug, Serialize)]
pub struct Stack<'a> {
    /// Its name.
    #[serde(rename = "stack")]
    pub name: &'a str,
    /// template.yaml.
    pub template: PathBuf,
    /// The function's names in the template, and the package (`.zip`) or binary of each.
    pub functions: BTreeMap<&'a str, PathBuf>,
    /// Parameters, as they are.
    pub parameters: BTreeMap<&'a str, String>,
    /// Parameters that are the ARN of a secret with this text.
    pub secrets: BTreeMap<&'a str, String>,
}

/// Outputs of a deployed stack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outputs(pub BTreeMap<String, String>);

impl Outputs {
    /// One of them.
    pub fn get(&self, name: &str) -> anyhow::Result<&str> {
        self.0
            .get(name)
            .map(String::as_str)
            .with_context(|| format!("template.yaml has no output {name}"))
    }
}

/// What the stand-in writes, a JSON object a line.
#[derive(Debug, Deserialize)]
#[serde(tag = "event", rename_all = "lowercase")]
enum Event {
    Started,
    Deployed { outputs: BTreeMap<String, String> },
    Failed { reason: String },
}

/// The running stand-in, its functions included, in a process group of its own.
///
/// It ends when its incoming pipe closes, so it ends with this process even when this process is killed.
#[derive(Debug)]
pub struct AwsStandIn {
    process: Child,
    orders: Option<ChildStdin>,
    /// What it complains about, beside its events.
    log: PathBuf,
    events: Lines<BufReader<ChildStdout>>,
}

impl AwsStandIn {
    /// Starts the program, which goes on to start the stand-in. Keep it before anything is waited for, so that an interruption
    /// in between ends it too.
    pub async fn start(place: &Place<'_>) -> anyhow::Result<Self> {
        let log = place.folder.join("aws-stand-in.log");
        let errors = std::fs::File::create(&log)
            .with_context(|| format!("cannot write {}", log.display()))?;
        let python = place.environments.join("demo-venv/bin/python");
        let mut process = Command::new(&python)
            .arg(place.checkout.join("infra/demo/aws_stand_in.py"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(errors)
            .process_group(0)
            .spawn()
            .with_context(|| {
                format!(
                    "the AWS stand-in does not start with {}: `make demo` and `make e2e` install it",
                    python.display()
                )
            })?;
        let orders = process
            .stdin
            .take()
            .context("the AWS stand-in has no input")?;
        let events = process
            .stdout
            .take()
            .context("the AWS stand-in has no output")?;
        let mut started = Self {
            process,
            orders: Some(orders),
            log,
            events: BufReader::new(events).lines(),
        };
        let order = json!({"port": place.port, "folder": place.folder});
        started.order(&order.to_string()).await?;
        Ok(started)
    }

    /// Deploys a stack beside those that are there, and waits until it is.
    pub async fn deploy(&mut self, stack: &Stack<'_>) -> anyhow::Result<Outputs> {
        for package in stack.functions.values() {
            if !package.is_file() {
                bail!("{} was not built", package.display());
            }
        }
        self.order(&serde_json::to_string(stack)?).await?;
        loop {
            let line = self.events.next_line().await?.with_context(|| {
                format!("the AWS stand-in ended; {} says why", self.log.display())
            })?;
            let event = serde_json::from_str(&line).with_context(|| {
                format!("the AWS stand-in wrote something else than an event: {line}")
            })?;
            match event {
                Event::Started => {}
                Event::Failed { reason } => bail!("the AWS stand-in: {reason}"),
                Event::Deployed { outputs } => return Ok(Outputs(outputs)),
            }
        }
    }

    /// Ends the stand-in and its functions, and returns when they are gone.
    pub async fn end(mut self) {
        drop(self.orders.take());
        if timeout(END, self.process.wait()).await.is_err() {
            // The pipe is what it listens to; a stand-in that does not is ended without its consent.
            let _ = self.process.kill().await;
        }
    }

    async fn order(&mut self, order: &str) -> anyhow::Result<()> {
        let orders = self.orders.as_mut().context("the AWS stand-in was ended")?;
        orders.write_all(format!("{order}\n").as_bytes()).await?;
        Ok(())
    }
}

/// The template's name for the processor that this program, and so the lambdas beside it, were built for.
pub fn architecture() -> anyhow::Result<&'static str> {
    match std::env::consts::ARCH {
        "x86_64" => Ok("x86_64"),
        "aarch64" => Ok("arm64"),
        other => bail!("AWS Lambda has no processors of the kind {other}"),
    }
}

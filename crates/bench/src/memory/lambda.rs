//! One instance of a lambda: the release binary as a child process, and the Runtime API that it asks for work.

use std::{
    fs,
    path::PathBuf,
    sync::OnceLock,
    time::{Duration, Instant},
};

use anyhow::{Context as _, ensure};
use serde_json::Value;
use tokio::process::{Child, Command};

use super::runtime_api::RuntimeApi;

/// How long one call may take before the run is given up.
const PATIENCE: Duration = Duration::from_mins(2);

pub(super) struct Lambda {
    child: Child,
    api: RuntimeApi,
    begun: Instant,
    started: Duration,
    first_answer: OnceLock<Duration>,
}

impl Lambda {
    /// Starts the binary and waits until it asks for its first event: everything before is its start.
    pub(super) async fn start(
        binary: &str,
        environment: &[(&'static str, String)],
    ) -> anyhow::Result<Self> {
        let api = RuntimeApi::start().await?;
        let program = folder()?.join(binary);
        ensure!(
            program.is_file(),
            "the release binary {binary} is missing: `make bench` builds it"
        );
        let begun = Instant::now();
        let child = Command::new(program)
            .env_clear()
            .envs(
                environment
                    .iter()
                    .map(|(name, value)| (*name, value.as_str())),
            )
            .envs([
                ("AWS_LAMBDA_RUNTIME_API", api.address()),
                ("AWS_LAMBDA_FUNCTION_NAME", binary),
                ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
                ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
                ("AWS_REGION", "us-east-1"),
                ("AWS_ACCESS_KEY_ID", "fake-id"),
                ("AWS_SECRET_ACCESS_KEY", "fake-secret"),
                ("AWS_EC2_METADATA_DISABLED", "true"),
            ])
            .kill_on_drop(true)
            .spawn()?;
        tokio::time::timeout(PATIENCE, api.asked())
            .await
            .with_context(|| format!("{binary} did not ask for work"))?;
        Ok(Self {
            child,
            api,
            begun,
            started: begun.elapsed(),
            first_answer: OnceLock::new(),
        })
    }

    /// From the start of the process until it asked for its first event.
    pub(super) fn started(&self) -> Duration {
        self.started
    }

    /// Calls the function.
    pub(super) async fn call(&self, event: &Value) -> anyhow::Result<Value> {
        let answer = tokio::time::timeout(PATIENCE, self.api.invoke(event))
            .await
            .context("the function did not answer")?;
        self.first_answer.get_or_init(|| self.begun.elapsed());
        answer
    }

    /// From the start of the process to its first answer.
    pub(super) fn first_answer(&self) -> Duration {
        self.first_answer.get().copied().unwrap_or_default()
    }

    /// The most memory that was resident at once, in KiB.
    pub(super) fn peak(&self) -> anyhow::Result<usize> {
        let id = self.child.id().context("the function has ended")?;
        let status = fs::read_to_string(format!("/proc/{id}/status"))?;
        let line = status
            .lines()
            .find(|line| line.starts_with("VmHWM:"))
            .context("no VmHWM")?;
        let figure = line
            .split_whitespace()
            .nth(1)
            .context("no figure in VmHWM")?;
        Ok(figure.parse()?)
    }
}

/// Where the release binaries are: `BENCH_BINARIES`, or beside this program.
fn folder() -> anyhow::Result<PathBuf> {
    if let Some(folder) = std::env::var_os("BENCH_BINARIES") {
        return Ok(folder.into());
    }
    let program = std::env::current_exe()?;
    Ok(program
        .parent()
        .context("this program lies in no folder")?
        .to_owned())
}

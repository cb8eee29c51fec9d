//! One instance of a lambda: the release binary as a child process, and the Runtime API that it asks for work.

mod runtime_api;

use std::{
    fs,
    path::{Path, PathBuf},
    process::Stdio,
    sync::OnceLock,
    time::{Duration, Instant},
};

use anyhow::{Context as _, ensure};
use end_to_end::function::Function;
use serde_json::Value;
use tokio::process::{Child, Command};

use runtime_api::RuntimeApi;

/// How long one call may take before the run is given up.
const PATIENCE: Duration = Duration::from_mins(2);

pub(crate) struct Lambda {
    child: Child,
    api: RuntimeApi,
    begun: Instant,
    started: Duration,
    first_answer: OnceLock<Duration>,
}

impl Lambda {
    /// Starts the binary that `make bench` builds, and waits until it asks for its first event.
    pub(crate) async fn start(
        function: Function,
        environment: Vec<(&'static str, String)>,
    ) -> anyhow::Result<Self> {
        Self::of(&built(function)?, function, environment).await
    }

    /// The same with another binary. Everything before it asks for its first event is its start.
    pub(crate) async fn of(
        program: &Path,
        function: Function,
        environment: Vec<(&'static str, String)>,
    ) -> anyhow::Result<Self> {
        let api = RuntimeApi::start().await?;
        let begun = Instant::now();
        let child = Command::new(program)
            .env_clear()
            .envs(environment)
            .envs([
                ("AWS_LAMBDA_RUNTIME_API", api.address()),
                ("AWS_LAMBDA_FUNCTION_NAME", function.name()),
                ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
                ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
            ])
            // Its metrics go out there, whatever the level of its log; the tables alone are to be seen here.
            .stdout(Stdio::null())
            .kill_on_drop(true)
            .spawn()?;
        tokio::time::timeout(PATIENCE, api.asked())
            .await
            .with_context(|| format!("{} did not ask for work", function.name()))?;
        Ok(Self {
            child,
            api,
            begun,
            started: begun.elapsed(),
            first_answer: OnceLock::new(),
        })
    }

    /// From the start of the process until it asked for its first event.
    pub(crate) fn started(&self) -> Duration {
        self.started
    }

    /// Calls the function.
    pub(crate) async fn call(&self, event: &Value) -> anyhow::Result<Value> {
        let answer = tokio::time::timeout(PATIENCE, self.api.invoke(event))
            .await
            .context("the function did not answer")?;
        self.first_answer.get_or_init(|| self.begun.elapsed());
        answer
    }

    /// From the start of the process to its first answer.
    pub(crate) fn first_answer(&self) -> Duration {
        self.first_answer.get().copied().unwrap_or_default()
    }

    /// The most memory that was resident at once, in KiB.
    pub(crate) fn peak(&self) -> anyhow::Result<usize> {
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

/// The binary that `make bench` builds: in the folder `BENCH_BINARIES`, or beside this program.
pub(crate) fn built(function: Function) -> anyhow::Result<PathBuf> {
    let folder = match std::env::var_os("BENCH_BINARIES") {
        Some(folder) => PathBuf::from(folder),
        None => beside_this_program()?,
    };
    let program = folder.join(function.name());
    ensure!(
        program.is_file(),
        "{} is missing: `make bench` builds it",
        program.display()
    );
    Ok(program)
}

/// `release` of the target folder.
pub(crate) fn beside_this_program() -> anyhow::Result<PathBuf> {
    let program = std::env::current_exe()?;
    let folder = program.parent().context("this program lies in no folder")?;
    Ok(folder.to_owned())
}

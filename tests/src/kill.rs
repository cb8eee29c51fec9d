//! The death of a lambda at one exact point: a process of its own stands still at a fault point, says so, and is killed with
//! SIGKILL while it stands there.
//!
//! Its one thread is the one that stands still, so nothing of it goes on: what it did before the point is done, what comes after
//! it never is.

use std::{
    io::Write as _,
    path::PathBuf,
    process::Stdio,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use queue::MemoryQueue;
use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines},
    process::{Child, ChildStdout, Command},
    time::timeout,
};

use crate::{World, sqs};

/// The variable that names the point at which the process stands still.
pub const FREEZE_AT: &str = "FREEZE_AT";
/// What it then says.
const REACHED: &str = "reached the point";
const OTHERS: &str = "others";
const CARRIER: &str = "carrier";
/// What an intake says before its address.
pub const LISTENING: &str = "listening at ";
/// A process that says nothing for so long is a failed test.
const PATIENCE: Duration = Duration::from_mins(2);

/// In the process: stands still at the point that [`FREEZE_AT`] names, for ever.
pub fn freeze_if_asked() {
    let Ok(point) = std::env::var(FREEZE_AT) else {
        return;
    };
    let first = AtomicBool::new(true);
    fail::cfg_callback(point, move || {
        if first.swap(false, Ordering::SeqCst) {
            println!("{REACHED}");
            std::io::stdout().flush().unwrap();
        }
        loop {
            std::thread::park();
        }
    })
    .unwrap();
}

/// Which lambda.
#[derive(Debug, Clone, Copy)]
pub enum Lambda {
    /// Works on one event from its standard input.
    Consumer,
    /// Listens, and says where.
    Intake,
}

/// A lambda as a process of its own.
pub struct Process {
    child: Child,
    said: Lines<BufReader<ChildStdout>>,
}

/// What a process did.
#[derive(Debug)]
pub enum Came {
    /// It stands at the point.
    Reached,
    /// It answered, and never came to the point.
    Answered(String),
}

/// How processes of a world are started.
pub struct Processes {
    /// The binary `lambda-process`; only an integration test knows where cargo has put it.
    program: PathBuf,
    sqs: sqs::Sqs,
}

impl Processes {
    /// Puts SQS's protocol in front of the world's queue and of those beside it, so that what a process sends outlives it.
    pub async fn of(
        world: &World,
        others: &MemoryQueue,
        carrier: &MemoryQueue,
        program: impl Into<PathBuf>,
    ) -> Self {
        let beside = vec![(OTHERS, others.clone()), (CARRIER, carrier.clone())];
        Self {
            program: program.into(),
            sqs: sqs::Sqs::with_others((*world.queue).clone(), beside).await,
        }
    }

    fn command(&self, world: &World, lambda: Lambda) -> Command {
        let (argument, login) = match lambda {
            Lambda::Consumer => ("consumer", &world.logins.consumer),
            Lambda::Intake => ("intake", &world.logins.intake),
        };
        let endpoint = self.sqs.endpoint();
        let beside = |name: &str| format!("{endpoint}/000000000000/{name}");
        let mut command = Command::new(&self.program);
        command
            .arg(argument)
            .env("CENTRAL_CONNECTION_STRING", login)
            .env("QUEUE_URL", sqs::queue_url(endpoint))
            .env("OTHER_CHANGES_QUEUE_URL", beside(OTHERS))
            .env("CARRIER_CHANGES_QUEUE_URL", beside(CARRIER))
            .env("SIGN_IN_ISSUER", world.sign_in.issuer())
            .env("REV_ALLOW_HTTP_LOOPBACK", "true")
            .env("REV_CALLS_PER_MINUTE", "60000")
            .env("AMOP_SYNC_URL", world.amop.url())
            // Nothing of this machine's own settings.
            .env("AWS_ENDPOINT_URL_SQS", endpoint)
            .env("AWS_REGION", "us-east-1")
            .env("AWS_ACCESS_KEY_ID", "fake")
            .env("AWS_SECRET_ACCESS_KEY", "fake")
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("LOG_LEVEL", "error")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .kill_on_drop(true);
        command
    }

    /// A consumer with an event that stands still at the first pass of the point; `faults` as in `FAILPOINTS` strike before.
    pub async fn consumer(
        &self,
        world: &World,
        event: &Value,
        point: &str,
        faults: &str,
    ) -> Process {
        let mut command = self.command(world, Lambda::Consumer);
        command.env(FREEZE_AT, point).env("FAILPOINTS", faults);
        let mut process = Process::start(command);
        let mut input = process.child.stdin.take().unwrap();
        input.write_all(event.to_string().as_bytes()).await.unwrap();
        process
    }

    /// An intake that stands still at the first pass of the point, and its address.
    pub async fn intake(&self, world: &World, point: &str, faults: &str) -> (Process, String) {
        let mut command = self.command(world, Lambda::Intake);
        command.env(FREEZE_AT, point).env("FAILPOINTS", faults);
        let mut process = Process::start(command);
        loop {
            let line = process.line().await.expect("an intake that listens");
            if let Some(address) = line.strip_prefix(LISTENING) {
                return (process, address.to_owned());
            }
        }
    }
}

impl Process {
    fn start(mut command: Command) -> Self {
        let mut child = command.spawn().unwrap();
        let said = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, said }
    }

    async fn line(&mut self) -> Option<String> {
        timeout(PATIENCE, self.said.next_line())
            .await
            .expect("a process that goes on or ends")
            .unwrap()
    }

    /// Waits until it stands at the point, or has ended.
    pub async fn came(&mut self) -> Came {
        let mut last = String::new();
        while let Some(line) = self.line().await {
            if line == REACHED {
                return Came::Reached;
            }
            last = line;
        }
        Came::Answered(last)
    }

    /// SIGKILL: nothing is cleaned up.
    pub async fn kill(mut self) {
        self.child.kill().await.unwrap();
    }
}

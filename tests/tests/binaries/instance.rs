//! One instance of a function: the binary of its package as a child process, under a Runtime API of its own.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
    sync::{Arc, Mutex, OnceLock},
    time::Duration,
};

use end_to_end::{
    World,
    deliveries::event,
    function::{Function, schedule},
    packages,
    sqs::Sqs,
};
use lambda_simulator::{
    FreezeMode, InvocationBuilder, InvocationState, InvocationStatus, Simulator,
};
use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncRead, BufReader},
    process::{Child, Command},
    time::Instant,
};

/// How long anything may take before the test is given up.
const PATIENCE: Duration = Duration::from_mins(2);
/// The template's time-outs are shorter for the intake and the same for the consumer.
pub const TIME_OUT: Duration = Duration::from_mins(2);

/// Where a test's functions work.
pub struct Site {
    pub world: World,
    pub sqs: Sqs,
}

impl Site {
    pub async fn of(world: World) -> Self {
        let sqs = Sqs::start((*world.queue).clone()).await;
        Self { world, sqs }
    }

    /// A new instance that asks for its first event.
    pub async fn instance(&self, function: Function) -> Instance {
        let instance = started(function, function.environment(&self.world, &self.sqs)).await;
        until("it asks for an event", async || {
            assert!(
                !instance.has_ended(),
                "it has ended: {:?}",
                instance.lines()
            );
            instance.simulator.is_initialized().await
        })
        .await;
        instance
    }
}

/// A process that was just started; it may end by itself.
pub async fn started(function: Function, environment: Vec<(&'static str, String)>) -> Instance {
    let simulator = Simulator::builder()
        .function_name(function.name())
        .memory_size_mb(256)
        // Between two events a process stands still, as in Lambda.
        .freeze_mode(FreezeMode::Process)
        .build()
        .await
        .unwrap();
    let mut child = Command::new(program(function))
        .env_clear()
        .envs(simulator.lambda_env_vars())
        .envs(environment)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    simulator.register_freeze_pid(child.id().unwrap());
    let lines: Arc<Mutex<Vec<String>>> = Arc::default();
    keep(child.stdout.take().unwrap(), &lines);
    keep(child.stderr.take().unwrap(), &lines);
    Instance {
        simulator,
        child: Mutex::new(child),
        lines,
    }
}

/// A running process and what calls it.
pub struct Instance {
    simulator: Simulator,
    child: Mutex<Child>,
    lines: Arc<Mutex<Vec<String>>>,
}

impl Instance {
    /// Calls the function; it has to answer without an error.
    pub async fn call(&self, event: Value) -> Value {
        let id = self.begin(event, TIME_OUT).await;
        self.answer(&id).await
    }

    /// Hands an event over with this much time for it, and answers the id of the call.
    pub async fn begin(&self, event: Value, time: Duration) -> String {
        let call = InvocationBuilder::new()
            .payload(event)
            .timeout_ms(time.as_millis().try_into().unwrap())
            .build()
            .unwrap();
        self.simulator.enqueue(call).await
    }

    /// The answer to a call.
    pub async fn answer(&self, id: &str) -> Value {
        let state = self.ended(id).await;
        let lines = self.lines();
        assert_eq!(
            state.status,
            InvocationStatus::Success,
            "{:?}\n{lines:#?}",
            state.error
        );
        state.response.unwrap().payload
    }

    /// How a call ended.
    pub async fn ended(&self, id: &str) -> InvocationState {
        until("the call has an end", async || {
            assert!(!self.has_ended(), "it has ended: {:#?}", self.lines());
            let state = self.simulator.get_invocation_state(id).await.unwrap();
            !matches!(
                state.status,
                InvocationStatus::Pending | InvocationStatus::InProgress
            )
        })
        .await;
        self.simulator.get_invocation_state(id).await.unwrap()
    }

    /// Whether a call has an end yet.
    pub async fn is_answered(&self, id: &str) -> bool {
        let state = self.simulator.get_invocation_state(id).await.unwrap();
        state.response.is_some() || state.error.is_some()
    }

    /// Waits until the process stands still.
    pub async fn frozen(&self) {
        until("it is frozen", async || self.simulator.is_frozen()).await;
    }

    /// Delivers one batch of what can be received, deletes what was done, and answers the ids of what failed.
    pub async fn deliver(&self, world: &World) -> Option<Vec<String>> {
        let deliveries = world.queue.receive(10);
        if deliveries.is_empty() {
            return None;
        }
        let answer = self.call(event(&deliveries)).await;
        let failed = failures(&answer);
        for delivery in deliveries.iter().filter(|it| !failed.contains(&it.id)) {
            world.queue.delete(&delivery.receipt);
        }
        Some(failed)
    }

    /// Delivers, lets half a minute pass and sweeps, until every bulk change of the tenant is finished and told of.
    pub async fn work_off(&self, world: &World) {
        for _ in 0..60 {
            while self.deliver(world).await.is_some() {}
            if world.unfinished().await == 0 {
                return;
            }
            world.pass(Duration::from_secs(30));
            self.call(schedule()).await;
        }
        panic!("not finished: {}", world.left_over().await);
    }

    /// What it wrote so far.
    pub fn lines(&self) -> Vec<String> {
        self.lines.lock().unwrap().clone()
    }

    /// Its log lines with this message.
    pub fn logged(&self, message: &str) -> Vec<Value> {
        self.lines()
            .iter()
            .filter_map(|line| serde_json::from_str::<Value>(line).ok())
            .filter(|line| line["message"] == message)
            .collect()
    }

    /// Sends a signal; `TERM` and so on.
    pub async fn signal(&self, name: &str) {
        let id = self.id().to_string();
        let sent = Command::new("kill").args(["-s", name, &id]).status().await;
        assert!(sent.unwrap().success());
    }

    /// Waits for the end of the process.
    pub async fn exit(&self) -> ExitStatus {
        until("the process ends", async || self.has_ended()).await;
        // What it wrote last may still be on the way.
        until("its output is read", async || {
            Arc::strong_count(&self.lines) == 1
        })
        .await;
        self.child.lock().unwrap().try_wait().unwrap().unwrap()
    }

    pub fn has_ended(&self) -> bool {
        self.child.lock().unwrap().try_wait().unwrap().is_some()
    }

    pub fn id(&self) -> u32 {
        self.child.lock().unwrap().id().unwrap()
    }
}

/// `batchItemFailures` of an answer.
pub fn failures(answer: &Value) -> Vec<String> {
    let failures = answer["batchItemFailures"].as_array().unwrap();
    failures
        .iter()
        .map(|failure| failure["itemIdentifier"].as_str().unwrap().to_owned())
        .collect()
}

/// Waits for a condition.
pub async fn until(what: &str, mut condition: impl AsyncFnMut() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !condition().await {
        assert!(Instant::now() < end, "not so: {what}");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

fn keep(output: impl AsyncRead + Unpin + Send + 'static, lines: &Arc<Mutex<Vec<String>>>) {
    let lines = Arc::clone(lines);
    tokio::spawn(async move {
        let mut output = BufReader::new(output).lines();
        while let Ok(Some(line)) = output.next_line().await {
            lines.lock().unwrap().push(line);
        }
    });
}

/// The binary of a function. Both are unpacked before any process is started: a child that was forked in the meantime would hold
/// the file open for writing, and nobody could execute it.
fn program(function: Function) -> PathBuf {
    static UNPACKED: OnceLock<PathBuf> = OnceLock::new();
    let both = [Function::Intake, Function::Consumer];
    let folder = UNPACKED.get_or_init(|| {
        let packages = std::env::var_os(packages::FOLDER).unwrap_or_else(|| {
            panic!(
                "{} must name the folder with the packages: `make e2e` builds them and runs this",
                packages::FOLDER
            )
        });
        clear_away();
        let folder = unpacked_by(std::process::id());
        // Left by an earlier process with this id.
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        for function in both {
            let package = packages::package(Path::new(&packages), function);
            packages::unpack(&package, &folder.join(function.name())).unwrap();
        }
        folder
    });
    folder.join(function.name())
}

fn unpacked_by(process: u32) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("binaries-{process}"))
}

/// Removes what processes that are gone have unpacked: 22 MB for each test.
fn clear_away() {
    let Ok(entries) = fs::read_dir(env!("CARGO_TARGET_TMPDIR")) else {
        return;
    };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let process = name
            .to_str()
            .and_then(|name| name.strip_prefix("binaries-"));
        if process.is_some_and(|id| !Path::new("/proc").join(id).exists()) {
            // Another test may be at it.
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

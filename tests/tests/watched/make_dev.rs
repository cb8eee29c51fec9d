//! A running `make dev`, on ports of its own.

use std::{
    net::TcpListener,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use local::event_samples::Function;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt as _, BufReader, Lines},
    process::{Child, ChildStdout, Command},
};

/// Everything may have to be built before.
const START: Duration = Duration::from_mins(30);
const END: Duration = Duration::from_mins(1);

/// The folder with template.yaml.
pub(crate) fn checkout() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Cargo's target folder: this binary lies in its debug/deps.
fn target() -> PathBuf {
    let program = std::env::current_exe().unwrap();
    program.ancestors().nth(3).unwrap().to_owned()
}

/// Two free ports below those that the system hands out itself.
fn ports() -> (u16, u16) {
    let from = 20_000 + u16::try_from(std::process::id() % 5_000).unwrap();
    let mut free = (from..30_000)
        .step_by(7)
        .filter(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok());
    (free.next().unwrap(), free.next().unwrap())
}

pub(crate) struct MakeDev {
    process: Child,
    output: Lines<BufReader<ChildStdout>>,
    http: reqwest::Client,
    port: u16,
    sign_in_port: u16,
    other_queue: String,
}

impl MakeDev {
    /// Starts it as the Makefile does, and waits until it says that all is there.
    pub(crate) async fn start() -> Self {
        let (port, sign_in_port) = ports();
        let folder = target().join(format!("watched-{port}"));
        let mut process = Command::new(checkout().join("infra/dev/run"))
            .current_dir(checkout())
            .env("CARGO_TARGET_DIR", target())
            .env("DEV_PORT", port.to_string())
            .env("DEV_SIGN_IN_PORT", sign_in_port.to_string())
            .env("DEV_FOLDER", &folder)
            .env("DEV_RELOAD", "0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .process_group(0)
            .spawn()
            .unwrap();
        let mut output = BufReader::new(process.stdout.take().unwrap()).lines();
        let mut other_queue = None;
        let told = async {
            while let Some(line) = output.next_line().await.unwrap() {
                println!("{line}");
                if let Some(url) = line.strip_prefix("Other types go to ") {
                    other_queue = Some(url.to_owned());
                }
                if line.contains("until Ctrl-C") {
                    return;
                }
            }
            panic!("`make dev` ended");
        };
        tokio::time::timeout(START, told)
            .await
            .expect("`make dev` does not come up");
        Self {
            process,
            output,
            http: reqwest::Client::builder().no_proxy().build().unwrap(),
            port,
            sign_in_port,
            other_queue: other_queue.unwrap(),
        }
    }

    /// Status and body of a GET at the portal's address.
    pub(crate) async fn get(&self, path: &str, token: Option<&str>) -> (u16, String) {
        let url = format!("http://127.0.0.1:{}{path}", self.port);
        let mut request = self.http.get(url).header("accept", "application/json");
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }

    /// What `cargo lambda invoke` prints for a file of events/.
    pub(crate) async fn invoke(&self, function: Function, name: &str) -> Value {
        let output = Command::new(target().join("build-venv/bin/cargo-lambda"))
            .current_dir(checkout())
            .args(["lambda", "invoke", "--invoke-port", &self.port.to_string()])
            .args([function.name(), "--data-file"])
            .arg(format!("events/{name}.json"))
            .output()
            .await
            .unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(
            output.status.success(),
            "{name}: {text}{}",
            String::from_utf8_lossy(&output.stderr)
        );
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}: {text}"))
    }

    /// The messages that were passed on to the function of the other types.
    pub(crate) async fn other_types(&self) -> Vec<Value> {
        let endpoint: reqwest::Url = self.other_queue.parse().unwrap();
        let answer: Value = self
            .http
            .post(endpoint.join("/").unwrap())
            .header("x-amz-target", "AmazonSQS.ReceiveMessage")
            .header("content-type", "application/x-amz-json-1.0")
            .body(
                json!({
                    "QueueUrl": self.other_queue, "MaxNumberOfMessages": 10, "MessageAttributeNames": ["All"],
                })
                .to_string(),
            )
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap();
        answer["Messages"].as_array().cloned().unwrap_or_default()
    }

    /// Presses Ctrl-C, and looks at what is left: nothing.
    pub(crate) async fn end(&mut self) {
        let group = format!("-{}", self.process.id().unwrap());
        let pressed = Command::new("kill").args(["-INT", "--", &group]).status();
        assert!(pressed.await.unwrap().success());
        let ended = async {
            while let Some(line) = self.output.next_line().await.unwrap() {
                println!("{line}");
            }
            self.process.wait().await.unwrap()
        };
        let status = tokio::time::timeout(END, ended)
            .await
            .expect("`make dev` does not end");
        assert!(status.success(), "{status}");
        for port in [self.port, self.sign_in_port] {
            TcpListener::bind(("127.0.0.1", port)).unwrap();
        }
        assert_eq!(self.left(), Vec::<String>::new());
    }

    /// Command lines of the processes that were started with this one's settings and still run.
    fn left(&self) -> Vec<String> {
        let mark = format!("DEV_PORT={}\0", self.port);
        let own = std::process::id().to_string();
        std::fs::read_dir("/proc")
            .unwrap()
            .filter_map(|entry| {
                let folder = entry.ok()?.path();
                let environment = std::fs::read(folder.join("environ")).ok()?;
                let is_of_it = String::from_utf8_lossy(&environment).contains(&mark);
                let line = std::fs::read(folder.join("cmdline")).ok()?;
                let line = String::from_utf8_lossy(&line).replace('\0', " ");
                (is_of_it && !folder.ends_with(&own) && !line.is_empty()).then_some(line)
            })
            .collect()
    }
}

//! One chromedriver for one test, and the browser behind it.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Map, Value, json};
use tokio::{net::TcpListener, time::sleep};
use uuid::Uuid;

use super::programs::installed;

/// How long the driver may take to listen. Two cores that also compile are slow.
const LONGEST_START: Duration = Duration::from_secs(30);

/// How often the profile is removed, 20 ms apart, before it is left behind.
const LAST_WRITES: u32 = 250;
/// How often in a row it is found missing before that is believed.
const SURELY_GONE: u32 = 15;

/// Ends the driver when it is dropped, in a panic too. The browser talks to the driver through a pipe and ends with it.
pub struct Driver {
    process: Child,
    url: String,
    profile: PathBuf,
}

impl Driver {
    /// Starts one on a free port.
    pub async fn start() -> Self {
        let path = env::var_os("PATH");
        installed("chromium", path.as_deref());
        let program = installed("chromedriver", path.as_deref());
        // Between our look for a free port and the driver's own bind somebody else may take it; the driver ends then.
        for _ in 0..10 {
            let port = free_port().await;
            let process = Command::new(&program)
                .args([format!("--port={port}"), "--log-level=SEVERE".to_owned()])
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            let mut driver = Self {
                process,
                url: format!("http://127.0.0.1:{port}"),
                profile: env::temp_dir().join(format!("browser-test-{}", Uuid::new_v4())),
            };
            if driver.listens().await {
                return driver;
            }
        }
        panic!("chromedriver ended ten times before it listened");
    }

    /// The process of the driver.
    pub fn process(&self) -> u32 {
        self.process.id()
    }

    /// Where the browser keeps what it keeps.
    pub fn profile(&self) -> &Path {
        &self.profile
    }

    /// False when it ended instead.
    async fn listens(&mut self) -> bool {
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let begun = std::time::Instant::now();
        while begun.elapsed() < LONGEST_START {
            if self.process.try_wait().unwrap().is_some() {
                return false;
            }
            let status = http.get(format!("{}/status", self.url)).send().await;
            if status.is_ok_and(|status| status.status().is_success()) {
                return true;
            }
            sleep(Duration::from_millis(20)).await;
        }
        panic!("chromedriver does not listen after {LONGEST_START:?}");
    }

    /// A browser with a profile of its own.
    pub async fn session(&self) -> Client {
        fs::create_dir_all(&self.profile).unwrap();
        let options = json!({ "args": [
            "--headless",
            // Tests run as root in CI, and chromium refuses that inside its sandbox; it is shown nothing but our own pages.
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--no-proxy-server",
            "--lang=en-US",
            "--window-size=1280,900",
            // With a pipe instead of a port the browser ends when the driver is killed.
            "--remote-debugging-pipe",
            format!("--user-data-dir={}", self.profile.display()),
        ]});
        let mut wishes = Map::new();
        wishes.insert("goog:chromeOptions".to_owned(), options);
        wishes.insert("goog:loggingPrefs".to_owned(), json!({"browser": "ALL"}));
        wishes.insert("unhandledPromptBehavior".to_owned(), Value::from("ignore"));
        ClientBuilder::new(HttpConnector::new())
            .capabilities(wishes)
            .connect(&self.url)
            .await
            .unwrap()
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        // The browser still writes while it ends, for some milliseconds, and makes its folder again when it is missing.
        let mut gone = 0;
        for _ in 0..LAST_WRITES {
            let _ = fs::remove_dir_all(&self.profile);
            gone = if self.profile.exists() { 0 } else { gone + 1 };
            if gone == SURELY_GONE {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

async fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    listener.local_addr().unwrap().port()
}

//! One deployed stack, and what a test does with it.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use aws_sdk_sqs::{
    Client,
    config::{BehaviorVersion, Credentials, Region},
    types::QueueAttributeName,
};
use end_to_end::{World, function::schedule};
use local::aws_stand_in::Outputs;
use queue::SqsQueue;
use serde_json::{Value, json};
use tokio::process::Command;

use crate::ground::{beside, log, tell_complaints};

/// How long anything may take before the test is given up.
const PATIENCE: Duration = Duration::from_secs(100);
/// Between two looks.
const LOOK: Duration = Duration::from_millis(100);
/// Tables that hold what came of the work; those of the call budget are left out, because the clock alone moves them.
const TABLES: [&str; 10] = [
    "M2M_DeviceChange",
    "DeviceBulkChange",
    "DeviceChangeWork",
    "BulkChangeWork",
    "BulkChangeOutbox",
    "DeviceBulkChangeLog",
    "DeviceActionHistory",
    "Device_Tenant",
    "RevService",
    "DeviceHistory",
];

/// A deployed stack. Requests of its world go to its HTTP API.
pub struct Site {
    pub world: World,
    pub outputs: Outputs,
    pub sqs: Client,
    port: u16,
}

/// What a person at the command line saw.
#[derive(Debug)]
pub struct Said {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Site {
    pub fn new(mut world: World, outputs: Outputs, port: u16) -> Self {
        // The gateway tells APIs apart by the host's name.
        let host = format!("{}.execute-api.localhost", outputs.get("ApiId").unwrap());
        let http = reqwest::Client::builder()
            .no_proxy()
            .resolve(&host, SocketAddr::from(([127, 0, 0, 1], port)))
            .build()
            .unwrap();
        world.speak_to(format!("http://{host}:{port}"), http);
        let config = aws_sdk_sqs::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("us-east-1"))
            .endpoint_url(format!("http://127.0.0.1:{port}"))
            .credentials_provider(Credentials::new("test", "test", None, None, "tests"))
            .build();
        Self {
            world,
            outputs,
            sqs: Client::from_conf(config),
            port,
        }
    }

    pub fn queue_url(&self) -> &str {
        self.outputs.get("QueueUrl").unwrap()
    }

    pub fn dead_letters_url(&self) -> &str {
        self.outputs.get("DeadLetterQueueUrl").unwrap()
    }

    /// The stack's queue, as the functions send to it.
    pub fn queue(&self) -> SqsQueue {
        SqsQueue::new(self.sqs.clone(), self.queue_url())
    }

    /// Waits until every row of these bulk changes has ended and everything about them is done and told of.
    pub async fn finished(&self, bulk_changes: &[i64]) {
        self.until("every bulk change is finished", async || {
            for id in bulk_changes {
                let changes = self.world.changes(*id).await;
                if !changes.iter().all(|change| change.processed) {
                    return false;
                }
            }
            self.world.unfinished().await == 0
        })
        .await;
        self.idle().await;
    }

    /// Waits until no message is in the queue, hidden ones included, so that no function works on one.
    pub async fn idle(&self) {
        self.until("the queue is empty", async || {
            self.messages(self.queue_url()).await == 0
        })
        .await;
    }

    /// How many messages a queue holds, hidden ones included.
    pub async fn messages(&self, url: &str) -> usize {
        let answer = self
            .sqs
            .get_queue_attributes()
            .queue_url(url)
            .attribute_names(QueueAttributeName::ApproximateNumberOfMessages)
            .attribute_names(QueueAttributeName::ApproximateNumberOfMessagesNotVisible)
            .send()
            .await
            .unwrap();
        let counts = answer.attributes.unwrap();
        assert_eq!(counts.len(), 2, "{counts:?}");
        counts
            .values()
            .map(|count| count.parse::<usize>().unwrap())
            .sum()
    }

    /// Calls the consumer as the schedule does, apart from the schedule.
    pub async fn sweep(&self) -> Value {
        let function = self.outputs.get("ConsumerFunction").unwrap();
        let answer = self
            .world
            .http()
            .post(format!(
                "http://127.0.0.1:{}/2015-03-31/functions/{function}/invocations",
                self.port
            ))
            .json(&schedule())
            .send()
            .await
            .unwrap();
        assert!(answer.status().is_success(), "{answer:?}");
        assert!(
            !answer.headers().contains_key("x-amz-function-error"),
            "{}",
            answer.text().await.unwrap()
        );
        answer.json().await.unwrap()
    }

    /// Lets the event source mapping deliver, or holds it.
    pub async fn deliver(&self, enabled: bool) {
        let function = self.outputs.get("ConsumerFunction").unwrap();
        let mappings = format!(
            "http://127.0.0.1:{}/2015-03-31/event-source-mappings",
            self.port
        );
        let http = self.world.http();
        let found = http.get(format!("{mappings}/?FunctionName={function}"));
        let found: Value = found.send().await.unwrap().json().await.unwrap();
        let [mapping] = &found["EventSourceMappings"].as_array().unwrap()[..] else {
            panic!("{found}");
        };
        let id = mapping["UUID"].as_str().unwrap();
        let changed = http
            .put(format!("{mappings}/{id}"))
            .json(&json!({"Enabled": enabled}))
            .send()
            .await
            .unwrap();
        assert!(changed.status().is_success(), "{changed:?}");
    }

    /// Whether the stand-in logged a line with these words.
    pub fn logged(&self, words: &str) -> bool {
        let log = std::fs::read(log(self.port)).unwrap();
        String::from_utf8_lossy(&log).contains(words)
    }

    /// Runs the binary `ops` for this stack's queues, with nothing else in its environment: no database either.
    pub async fn ops(&self, arguments: &[&str]) -> Said {
        let queues = [
            ("QUEUE_URL", self.queue_url()),
            ("DEAD_LETTER_QUEUE_URL", self.dead_letters_url()),
        ];
        self.ops_with(&queues, arguments).await
    }

    /// The same for queues that a test names.
    pub async fn ops_with(&self, queues: &[(&str, &str)], arguments: &[&str]) -> Said {
        let output = Command::new(beside("ops"))
            .args(arguments)
            .env_clear()
            .envs(queues.iter().copied())
            .env(
                "AWS_ENDPOINT_URL",
                format!("http://127.0.0.1:{}", self.port),
            )
            .env("AWS_REGION", "us-east-1")
            .env("AWS_ACCESS_KEY_ID", "test")
            .env("AWS_SECRET_ACCESS_KEY", "test")
            .kill_on_drop(true)
            .output()
            .await
            .unwrap();
        Said {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Every row of the tables that hold what came of the work, as text.
    pub async fn rows(&self) -> Vec<String> {
        let mut sql = self.world.sql().await;
        let mut rows = Vec::new();
        for table in TABLES {
            for row in sql.rows(&format!("SELECT * FROM dbo.{table}")).await {
                rows.push(format!("{table} {row:?}"));
            }
        }
        rows.sort();
        rows
    }

    /// Waits for a condition.
    pub async fn until(&self, what: &str, mut condition: impl AsyncFnMut() -> bool) {
        let end = Instant::now() + PATIENCE;
        while !condition().await {
            if Instant::now() > end {
                let open = self.world.left_over().await;
                panic!("not so: {what}; open: {open}");
            }
            tokio::time::sleep(LOOK).await;
        }
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        if std::thread::panicking() {
            tell_complaints(self.port);
        }
    }
}

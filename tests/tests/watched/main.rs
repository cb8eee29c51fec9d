//! `make dev` as a person uses it: started by its script, called with `cargo lambda invoke`, ended with Ctrl-C.
//!
//! Run by `make e2e`, because it needs cargo-lambda and the AWS stand-in: infra/dev/run installs both on first use.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "what a test cannot set up is a failed test"
)]

mod expected;
mod likeness;
mod make_dev;

use std::{collections::BTreeSet, time::Duration};

use local::event_samples::{Function, OF_OTHER_PRODUCER, SUBMITTED, committed_token, samples};
use serde_json::Value;

use self::{
    expected::{SWEEP, TABLE},
    make_dev::MakeDev,
};

/// Longer than any bulk change of three devices takes, the schedule's minute included.
const PATIENCE: Duration = Duration::from_mins(2);

/// Waits until the bulk change is finished, as the portal does: through the path that is deployed.
async fn finished(dev: &MakeDev, bulk_change: i64) -> Value {
    let token = committed_token().unwrap();
    let path = format!("/M2M/BulkChangeStatus/{bulk_change}");
    let ask = async {
        loop {
            let (status, body) = dev.get(&path, Some(&token)).await;
            assert_eq!(status, 200, "{body}");
            let answer: Value = serde_json::from_str(&body).unwrap();
            if !matches!(answer["status"].as_str().unwrap(), "NEW" | "PROCESSING") {
                return answer;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    };
    tokio::time::timeout(PATIENCE, ask)
        .await
        .unwrap_or_else(|_| panic!("bulk change {bulk_change} is not finished"))
}

#[tokio::test(flavor = "multi_thread")]
async fn every_file_of_events_is_answered_as_expected_and_nothing_is_left_in_the_end() {
    let names: BTreeSet<String> = std::fs::read_dir(make_dev::checkout().join("events"))
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            path.file_stem().unwrap().to_string_lossy().into_owned()
        })
        .collect();
    let rows: BTreeSet<String> = TABLE
        .iter()
        .map(|(name, _)| (*name).to_owned())
        .chain([SWEEP.to_owned()])
        .collect();
    assert_eq!(names, rows, "each file has a row, and each row a file");

    let mut dev = MakeDev::start().await;

    // Paths are those of the deployed API, and no others.
    assert_eq!(
        dev.get("/healthz", None).await,
        (200, r#"{"status":"ok"}"#.to_owned())
    );
    let (status, page) = dev.get("/M2M/Index", None).await;
    assert_eq!(status, 401, "{page}");
    assert_ne!(dev.get("/healthz/ready", None).await.0, 200);

    // The message of the submit went over the queue: nobody else delivers it.
    let submitted = finished(&dev, SUBMITTED).await;
    assert_eq!(submitted["status"], "PROCESSED", "{submitted}");

    let functions = samples("");
    let function = |name: &str| {
        let sample = functions.iter().find(|sample| sample.name == name);
        sample.unwrap().function
    };
    for (name, expected) in TABLE.iter() {
        let answer = dev.invoke(function(name), name).await;
        expected.hold(name, &answer);
    }

    let foreign = finished(&dev, OF_OTHER_PRODUCER).await;
    assert_eq!(foreign["status"], "PROCESSED", "{foreign}");
    let forwarded = dev.other_types().await;
    assert_eq!(forwarded.len(), 1, "{forwarded:?}");
    assert_eq!(
        forwarded[0]["MessageAttributes"]["BulkChangeId"]["StringValue"],
        "3"
    );

    // Nothing waits any more, so the sweep has nothing to do.
    let answer = dev.invoke(Function::Consumer, SWEEP).await;
    assert_eq!(
        answer,
        serde_json::json!({"offered": 0, "sent": 0, "finished": 0})
    );

    dev.end().await;
}

//! The real queue against a stub that speaks SQS's JSON protocol, for the ways a request can fail.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a stub or helper of a test that meets what it cannot read is a failed test"
)]

#[path = "sqs/dead_letters.rs"]
mod dead_letters;

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use association::{
    ids::{BulkChangeId, TenantId},
    trace::TraceId,
};
use aws_config::{BehaviorVersion, retry::RetryConfig, timeout::TimeoutConfig};
use aws_sdk_sqs::{
    Client,
    config::{Credentials, Region},
};
use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use queue::{ChunkMessage, OutboxRow, Outgoing, Queue, QueueError, SqsQueue, send_outbox};
use serde_json::{Value, json};

/// Answers requests as one test wants it, and keeps what came.
struct Stub {
    url: String,
    requests: Arc<Mutex<Vec<(String, Value)>>>,
}

type Answer = Arc<dyn Fn(&str, &Value) -> (StatusCode, Value) + Send + Sync>;

#[derive(Clone)]
struct Desk {
    answer: Answer,
    requests: Arc<Mutex<Vec<(String, Value)>>>,
}

async fn serve(State(desk): State<Desk>, headers: HeaderMap, body: Bytes) -> Response {
    let action = headers["x-amz-target"].to_str().unwrap().to_owned();
    let body: Value = serde_json::from_slice(&body).unwrap();
    let (status, answer) = (desk.answer)(&action, &body);
    desk.requests.lock().unwrap().push((action, body));
    let kind = [("content-type", "application/x-amz-json-1.0")];
    (status, kind, answer.to_string()).into_response()
}

impl Stub {
    async fn start(
        answer: impl Fn(&str, &Value) -> (StatusCode, Value) + Send + Sync + 'static,
    ) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::default();
        let desk = Desk {
            answer: Arc::new(answer),
            requests: Arc::clone(&requests),
        };
        let router = Router::new().fallback(serve).with_state(desk);
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, requests }
    }

    fn queue(&self) -> SqsQueue {
        queue_at(&self.url)
    }

    fn requests(&self) -> Vec<(String, Value)> {
        self.requests.lock().unwrap().clone()
    }
}

fn queue_at(endpoint: &str) -> SqsQueue {
    SqsQueue::new(
        client_at(endpoint),
        format!("{endpoint}/000000000000/device-bulk-change-queue"),
    )
}

fn client_at(endpoint: &str) -> Client {
    let config = aws_sdk_sqs::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .endpoint_url(endpoint)
        .credentials_provider(Credentials::new(
            "fake-id",
            "fake-secret",
            None,
            None,
            "tests",
        ))
        .retry_config(RetryConfig::disabled())
        .timeout_config(
            TimeoutConfig::builder()
                .operation_timeout(Duration::from_secs(10))
                .build(),
        )
        .build();
    Client::from_conf(config)
}

fn chunk(chunk: u32) -> ChunkMessage {
    ChunkMessage {
        bulk_change: BulkChangeId::new(7).unwrap(),
        chunk,
        tenant: TenantId::new(3).unwrap(),
    }
}

fn chunks(count: u32) -> Vec<Outgoing> {
    (0..count)
        .map(|number| Outgoing::chunk(&chunk(number)))
        .collect()
}

fn entries(request: &Value) -> Vec<Value> {
    request["Entries"].as_array().unwrap().clone()
}

/// Takes every entry but those whose message has one of these chunks, which it refuses, or does not mention at all.
fn takes(body: &Value, refused: &[&str], unmentioned: &[&str]) -> (StatusCode, Value) {
    let (mut successful, mut failed) = (Vec::new(), Vec::new());
    for entry in entries(body) {
        let chunk = entry["MessageAttributes"]["Chunk"]["StringValue"]
            .as_str()
            .unwrap();
        if refused.contains(&chunk) {
            failed.push(json!({"Id": entry["Id"], "Code": "InternalError", "Message": "try later", "SenderFault": false}));
        } else if !unmentioned.contains(&chunk) {
            successful.push(json!({"Id": entry["Id"], "MessageId": "m", "MD5OfMessageBody": "x"}));
        }
    }
    (
        StatusCode::OK,
        json!({"Successful": successful, "Failed": failed}),
    )
}

#[tokio::test]
async fn a_message_has_body_attributes_group_and_delay_as_the_contract_says() {
    let stub = Stub::start(|_, body| takes(body, &[], &[])).await;
    let message = Outgoing::chunk(&chunk(2))
        .traced(TraceId::parse("request-1").as_ref())
        .after(Duration::from_millis(4_500));
    assert!(stub.queue().send(&[message]).await[0].is_ok());
    let (action, request) = stub.requests().remove(0);
    assert_eq!(action, "AmazonSQS.SendMessageBatch");
    assert_eq!(
        entries(&request)[0],
        json!({
            "Id": "0",
            "MessageBody": r#"{"bulkChangeId":7,"chunk":2,"tenantId":3}"#,
            "DelaySeconds": 5,
            "MessageGroupId": "3",
            "MessageAttributes": {
                "BulkChangeId": {"DataType": "String", "StringValue": "7"},
                "Chunk": {"DataType": "String", "StringValue": "2"},
                "TraceId": {"DataType": "String", "StringValue": "request-1"},
            },
        })
    );
}

#[tokio::test]
async fn a_hundred_messages_travel_in_ten_requests() {
    let stub = Stub::start(|_, body| takes(body, &[], &[])).await;
    let results = stub.queue().send(&chunks(100)).await;
    assert!(results.len() == 100 && results.iter().all(Result::is_ok));
    assert_eq!(stub.requests().len(), 10);
}

#[tokio::test]
async fn a_refused_and_a_forgotten_message_fail_alone() {
    let stub = Stub::start(|_, body| takes(body, &["3"], &["14"])).await;
    let results = stub.queue().send(&chunks(25)).await;
    for (place, result) in results.iter().enumerate() {
        match (place, result) {
            (3, Err(QueueError::Refused { code, .. })) => assert_eq!(code, "InternalError"),
            (14, Err(QueueError::Unanswered)) => {}
            (3 | 14, other) => panic!("{place}: {other:?}"),
            (_, result) => assert!(result.is_ok(), "{place}: {result:?}"),
        }
    }
}

#[tokio::test]
async fn a_batch_that_is_refused_whole_fails_no_other_batch() {
    let stub = Stub::start(|_, body| {
        let second = entries(body)[0]["MessageAttributes"]["Chunk"]["StringValue"] == "10";
        if second {
            (
                StatusCode::BAD_REQUEST,
                json!({"__type": "com.amazonaws.sqs#RequestThrottled", "message": "slow down"}),
            )
        } else {
            takes(body, &[], &[])
        }
    })
    .await;
    let results = stub.queue().send(&chunks(30)).await;
    for (place, result) in results.iter().enumerate() {
        let in_second = (10..20).contains(&place);
        assert_eq!(result.is_err(), in_second, "{place}: {result:?}");
    }
    let error = results[10].as_ref().unwrap_err();
    assert!(error.worth_repeating());
    assert!(
        error.told().contains("RequestThrottled"),
        "{}",
        error.told()
    );
}

#[tokio::test]
async fn a_message_over_the_limit_is_never_sent_and_fails_alone() {
    let stub = Stub::start(|_, body| takes(body, &[], &[])).await;
    let mut messages = chunks(3);
    messages[1].body = "x".repeat(1024 * 1024);
    let results = stub.queue().send(&messages).await;
    assert!(results[0].is_ok() && results[2].is_ok());
    let error = results[1].as_ref().unwrap_err();
    assert!(matches!(error, QueueError::TooLarge { .. }));
    assert!(!error.worth_repeating());
}

#[tokio::test]
async fn nobody_at_the_address_is_an_error_that_says_so() {
    let queue = queue_at("http://127.0.0.1:9");
    let error = queue.send(&chunks(1)).await.remove(0).unwrap_err();
    assert!(error.worth_repeating());
    assert!(error.to_string().contains("unreachable"), "{error}");
}

#[tokio::test]
async fn visibility_is_changed_in_whole_seconds() {
    let stub = Stub::start(|_, _| (StatusCode::OK, json!({}))).await;
    let half_past = Duration::from_millis(29_500);
    stub.queue()
        .change_visibility("receipt", half_past)
        .await
        .unwrap();
    let (action, request) = stub.requests().remove(0);
    assert_eq!(action, "AmazonSQS.ChangeMessageVisibility");
    assert_eq!(request["VisibilityTimeout"], 30);
    assert_eq!(request["ReceiptHandle"], "receipt");
}

#[tokio::test]
async fn the_outbox_learns_which_rows_went_and_why_others_did_not() {
    let stub = Stub::start(|_, body| takes(body, &["1"], &[])).await;
    let payloads = [chunk(0).body(), chunk(1).body(), "{}".to_owned()];
    let rows: Vec<OutboxRow<'_>> = [11, 12, 13]
        .into_iter()
        .zip(&payloads)
        .map(|(id, payload)| OutboxRow {
            id,
            payload,
            trace: None,
        })
        .collect();
    let outcome = send_outbox(&stub.queue(), &rows).await;
    assert_eq!(outcome.sent, [11]);
    let failed: Vec<i64> = outcome.failed.iter().map(|(id, _)| *id).collect();
    assert_eq!(failed, [13, 12]);
    assert!(outcome.failed[1].1.contains("try later"));
}

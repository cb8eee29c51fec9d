//! The queue as a lambda's binary sees it: SQS's JSON protocol in front, the queue in memory behind.

use std::{net::Ipv4Addr, time::Duration};

use axum::{
    Json, Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    routing::post,
};
use queue::{MemoryQueue, Outgoing, Queue as _};
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// Serves one queue.
pub struct Sqs {
    endpoint: String,
}

#[derive(Clone)]
struct Served {
    queue: MemoryQueue,
    /// By the last part of their URLs.
    beside: Vec<(&'static str, MemoryQueue)>,
    with_delays: bool,
}

impl Served {
    /// The queue that a request names.
    fn named(&self, request: &Value) -> &MemoryQueue {
        let url = request["QueueUrl"].as_str().unwrap_or_default();
        let beside = self.beside.iter().find(|(name, _)| url.ends_with(name));
        beside.map_or(&self.queue, |(_, queue)| queue)
    }
}

impl Sqs {
    /// Messages come when they are due on the queue's clock.
    pub async fn start(queue: MemoryQueue) -> Self {
        Self::serve(queue, Vec::new(), true).await
    }

    /// The same with others beside it, each with the last part of its URL.
    pub async fn with_others(queue: MemoryQueue, beside: Vec<(&'static str, MemoryQueue)>) -> Self {
        Self::serve(queue, beside, true).await
    }

    /// Whatever is sent can be received at once: for benchmarks.
    pub async fn without_delays(queue: MemoryQueue) -> Self {
        Self::serve(queue, Vec::new(), false).await
    }

    async fn serve(
        queue: MemoryQueue,
        beside: Vec<(&'static str, MemoryQueue)>,
        with_delays: bool,
    ) -> Self {
        let router = Router::new().fallback(post(answer)).with_state(Served {
            queue,
            beside,
            with_delays,
        });
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { endpoint }
    }

    /// `AWS_ENDPOINT_URL_SQS`.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }
}

/// `QUEUE_URL` at an endpoint.
#[must_use]
pub fn queue_url(endpoint: &str) -> String {
    format!("{endpoint}/000000000000/device-bulk-change-queue")
}

async fn answer(
    State(served): State<Served>,
    headers: HeaderMap,
    body: Bytes,
) -> (StatusCode, Json<Value>) {
    let request: Value = serde_json::from_slice(&body).unwrap_or_default();
    let action = headers
        .get("x-amz-target")
        .and_then(|action| action.to_str().ok())
        .unwrap_or_default();
    let answered = match action {
        "AmazonSQS.SendMessageBatch" => Some(send(&served, &request).await),
        "AmazonSQS.ChangeMessageVisibility" => hide(&served, &request).await,
        _ => None,
    };
    match answered {
        Some(answer) => (StatusCode::OK, Json(answer)),
        None => (
            StatusCode::BAD_REQUEST,
            Json(json!({"__type": "com.amazonaws.sqs#InvalidParameterValue", "message": action})),
        ),
    }
}

async fn send(served: &Served, request: &Value) -> Value {
    let (mut successful, mut failed) = (Vec::new(), Vec::new());
    for entry in request["Entries"].as_array().into_iter().flatten() {
        let sent = served
            .named(request)
            .send(&[message(entry, served.with_delays)])
            .await;
        if sent.iter().all(Result::is_ok) {
            successful
                .push(json!({"Id": entry["Id"], "MessageId": "fake", "MD5OfMessageBody": "fake"}));
        } else {
            failed.push(json!({"Id": entry["Id"], "Code": "InternalError", "SenderFault": false}));
        }
    }
    json!({"Successful": successful, "Failed": failed})
}

fn message(entry: &Value, with_delay: bool) -> Outgoing {
    let attributes = entry["MessageAttributes"]
        .as_object()
        .into_iter()
        .flatten()
        .filter_map(|(name, value)| Some((name.clone(), value["StringValue"].as_str()?.to_owned())))
        .collect();
    let delay = entry["DelaySeconds"].as_u64().filter(|_| with_delay);
    Outgoing {
        body: entry["MessageBody"].as_str().unwrap_or_default().to_owned(),
        attributes,
        group: entry["MessageGroupId"].as_str().map(str::to_owned),
        delay: Duration::from_secs(delay.unwrap_or_default()),
    }
}

async fn hide(served: &Served, request: &Value) -> Option<Value> {
    let hidden = Duration::from_secs(request["VisibilityTimeout"].as_u64()?);
    let receipt = request["ReceiptHandle"].as_str()?;
    let done = served
        .named(request)
        .change_visibility(receipt, hidden)
        .await;
    done.is_ok().then(|| json!({}))
}

//! The queue as both binaries see it: SQS's JSON protocol in front, the queue in memory of the tests behind.

use std::net::Ipv4Addr;

use axum::{Json, Router, body::Bytes, extract::State, http::HeaderMap, routing::post};
use end_to_end::deliveries::event;
use queue::{MemoryQueue, Outgoing, Queue as _};
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// Messages of one event, as in the template.
const BATCH: usize = 10;

pub(super) struct Sqs {
    endpoint: String,
    queue: MemoryQueue,
}

impl Sqs {
    pub(super) async fn start() -> anyhow::Result<Self> {
        let queue = MemoryQueue::new();
        let router = Router::new()
            .fallback(post(answer))
            .with_state(queue.clone());
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let endpoint = format!("http://{}", listener.local_addr()?);
        tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(Self { endpoint, queue })
    }

    pub(super) fn endpoint(&self) -> &str {
        &self.endpoint
    }

    pub(super) fn queue_url(&self) -> String {
        format!("{}/000000000000/device-bulk-change-queue", self.endpoint)
    }

    /// The next messages as an event, delays left out; none when nothing is left. They are gone from the queue.
    pub(super) fn batch(&self) -> Option<Value> {
        let deliveries = self.queue.receive(BATCH);
        for delivery in &deliveries {
            self.queue.delete(&delivery.receipt);
        }
        (!deliveries.is_empty()).then(|| event(&deliveries))
    }
}

async fn answer(State(queue): State<MemoryQueue>, headers: HeaderMap, body: Bytes) -> Json<Value> {
    let request: Value = serde_json::from_slice(&body).unwrap_or_default();
    let action = headers
        .get("x-amz-target")
        .and_then(|action| action.to_str().ok())
        .unwrap_or_default();
    if action != "AmazonSQS.SendMessageBatch" {
        return Json(json!({}));
    }
    let mut successful = Vec::new();
    for entry in request["Entries"].as_array().into_iter().flatten() {
        let attributes = entry["MessageAttributes"]
            .as_object()
            .into_iter()
            .flatten()
            .filter_map(|(name, value)| {
                Some((name.clone(), value["StringValue"].as_str()?.to_owned()))
            })
            .collect();
        let message = Outgoing {
            body: entry["MessageBody"].as_str().unwrap_or_default().to_owned(),
            attributes,
            group: entry["MessageGroupId"].as_str().map(str::to_owned),
            delay: std::time::Duration::ZERO,
        };
        for _ in queue.send(&[message]).await {}
        successful
            .push(json!({"Id": entry["Id"], "MessageId": "fake", "MD5OfMessageBody": "fake"}));
    }
    Json(json!({"Successful": successful, "Failed": []}))
}

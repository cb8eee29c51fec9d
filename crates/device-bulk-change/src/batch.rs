//! A batch of messages: worked on side by side, each alone with its failure, a panic included.

use std::{sync::Arc, time::Duration};

use aws_lambda_events::sqs::SqsMessage;
use serde_json::Value;
use tokio::time::Instant;
use tracing::Instrument;

use crate::{consumer::Consumer, message};

/// Works on every message and returns the ids of those that failed.
pub(crate) async fn work(
    consumer: &Arc<Consumer>,
    records: &[Value],
    deadline: Instant,
) -> Vec<String> {
    let tasks: Vec<_> = records
        .iter()
        .map(|record| {
            let id = record.get("messageId").and_then(Value::as_str).unwrap_or_default().to_owned();
            let span = tracing::info_span!("message", message_id = %id, tenant_id = tracing::field::Empty, bulk_change_id = tracing::field::Empty);
            let (consumer, record) = (Arc::clone(consumer), record.clone());
            // A task of its own, so that a panic ends this message and no other.
            (id, tokio::spawn(async move { one(&consumer, record, deadline).await }.instrument(span)))
        })
        .collect();
    let mut failed = Vec::new();
    for (id, task) in tasks {
        match task.await {
            Ok(true) => {}
            Ok(false) => failed.push(id),
            Err(error) => {
                tracing::error!(message_id = %id, %error, "message_panicked");
                failed.push(id);
            }
        }
    }
    failed
}

/// Whether the message is done with.
async fn one(consumer: &Consumer, record: Value, deadline: Instant) -> bool {
    let message: SqsMessage = match serde_json::from_value(record) {
        Ok(message) => message,
        Err(error) => {
            tracing::error!(%error, "message_unreadable");
            return false;
        }
    };
    match message::work(consumer, &message, deadline).await {
        Ok(()) => true,
        Err(error) => {
            tracing::error!(error = %told(&error), "message_failed");
            hide(consumer, &message).await;
            false
        }
    }
}

/// Lambda does not back off for messages of a batch that failed: the message is hidden longer each time it comes back.
async fn hide(consumer: &Consumer, message: &SqsMessage) {
    let Some(receipt) = message.receipt_handle.as_deref() else {
        return;
    };
    let received: u32 = message
        .attributes
        .get("ApproximateReceiveCount")
        .and_then(|count| count.parse().ok())
        .unwrap_or(1);
    let hidden = Duration::from_secs(10_u64 << received.clamp(1, 6));
    if let Err(error) = consumer.queue.change_visibility(receipt, hidden).await {
        // It comes back after the queue's own visibility time-out instead.
        tracing::warn!(error = %error.told(), "visibility_not_changed");
    }
}

/// An error with its sources in one line.
fn told(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text.push_str(": ");
        text.push_str(&error.to_string());
        source = error.source();
    }
    text
}

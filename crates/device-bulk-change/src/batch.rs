//! A batch of messages: worked on side by side, each alone with its failure, a panic included.

use std::{sync::Arc, time::Duration};

use aws_lambda_events::sqs::SqsMessage;
use central::masked;
use serde_json::Value;
use tokio::time::Instant;
use tracing::{Instrument, field::Empty};

use crate::{consumer::Consumer, event::Invocation, message, told::told};

/// Works on every message and returns the ids of those that failed.
pub(crate) async fn work(
    consumer: &Arc<Consumer>,
    records: &[Value],
    invocation: &Invocation,
) -> Vec<String> {
    let deadline = invocation.deadline.into();
    let tasks: Vec<_> = records
        .iter()
        .map(|record| {
            let id = record
                .get("messageId")
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned();
            let span = tracing::info_span!(
                "message",
                request_id = invocation.request_id,
                message_id = masked(&id),
                trace_id = Empty,
                tenant_id = Empty,
                bulk_change_id = Empty,
            );
            let work = one(Arc::clone(consumer), record.clone(), deadline).instrument(span.clone());
            // A task of its own, so that a panic ends this message and no other.
            (id, span, tokio::spawn(work))
        })
        .collect();
    let mut failed = Vec::new();
    for (id, span, task) in tasks {
        match task.await {
            Ok(true) => {}
            Ok(false) => failed.push(id),
            Err(error) => {
                // What it said was told where it happened, as `panicked`.
                tracing::error!(parent: &span, panicked = error.is_panic(), "message_panicked");
                failed.push(id);
            }
        }
    }
    telemetry::measure::messages_failed(failed.len());
    failed
}

/// Whether the message is done with.
async fn one(consumer: Arc<Consumer>, record: Value, deadline: Instant) -> bool {
    let message: SqsMessage = match serde_json::from_value(record) {
        Ok(message) => message,
        Err(error) => {
            tracing::error!(error = told(&error), "message_unreadable");
            return false;
        }
    };
    match message::work(&consumer, &message, deadline).await {
        Ok(()) => true,
        Err(error) => {
            tracing::error!(error = told(&error), "message_failed");
            hide(&consumer, &message).await;
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
        tracing::warn!(error = masked(&error.told()), "visibility_not_changed");
    }
}

//! A batch of messages: worked on side by side, each alone with its failure, a panic included.

use std::sync::Arc;

use aws_lambda_events::sqs::SqsMessage;
use central::masked;
use futures::future::join_all;
use serde_json::Value;
use tokio::time::Instant;
use tracing::{Instrument, field::Empty};

use crate::{consumer::Consumer, event::Invocation, hiding::Outlook, message, told::told};

/// Works on every message and returns the ids of those that failed.
pub(crate) async fn work(
    consumer: &Arc<Consumer>,
    records: &[Value],
    invocation: &Invocation,
) -> Vec<String> {
    let worked_on = records
        .iter()
        .map(|record| one(consumer, record, invocation));
    let failed: Vec<String> = join_all(worked_on).await.into_iter().flatten().collect();
    telemetry::measure::messages_failed(failed.len());
    failed
}

/// Works on one message; its id when it failed, and is hidden until it comes back.
async fn one(consumer: &Arc<Consumer>, record: &Value, invocation: &Invocation) -> Option<String> {
    let id = text(record, "/messageId").unwrap_or_default();
    let span = tracing::info_span!(
        "message",
        request_id = invocation.request_id,
        message_id = masked(id),
        trace_id = Empty,
        tenant_id = Empty,
        bulk_change_id = Empty,
    );
    let done = done_with(
        Arc::clone(consumer),
        record.clone(),
        invocation.deadline.into(),
    );
    // A task of its own, so that a panic ends this message and no other.
    let failure = match tokio::spawn(done.instrument(span.clone())).await {
        Ok(done) => done.err()?,
        Err(error) => {
            // What it said was told where it happened, as `panicked`. A fault of the program is one the next time, too.
            tracing::error!(parent: &span, panicked = error.is_panic(), "message_panicked");
            Outlook::Stays
        }
    };
    hide(consumer, record, failure).instrument(span).await;
    Some(id.to_owned())
}

/// Whether the message is done with; else what is to be expected of another delivery.
async fn done_with(
    consumer: Arc<Consumer>,
    record: Value,
    deadline: Instant,
) -> Result<(), Outlook> {
    let message: SqsMessage = serde_json::from_value(record).map_err(|error| {
        tracing::error!(error = told(&error), "message_unreadable");
        Outlook::Stays
    })?;
    message::work(&consumer, &message, deadline)
        .await
        .map_err(|error| {
            tracing::error!(error = told(&error), "message_failed");
            Outlook::of(&error)
        })
}

/// Lambda does not back off for messages of a batch that failed, so how long they stay hidden is said here.
async fn hide(consumer: &Consumer, record: &Value, outlook: Outlook) {
    let Some(receipt) = text(record, "/receiptHandle") else {
        return;
    };
    let deliveries = text(record, "/attributes/ApproximateReceiveCount")
        .and_then(|count| count.parse().ok())
        .unwrap_or(1);
    let hidden = outlook.hidden(deliveries);
    if let Err(error) = consumer.queue.change_visibility(receipt, hidden).await {
        // It comes back after the queue's own visibility time-out instead.
        tracing::warn!(error = masked(&error.told()), "visibility_not_changed");
    }
}

fn text<'a>(record: &'a Value, place: &str) -> Option<&'a str> {
    record.pointer(place).and_then(Value::as_str)
}

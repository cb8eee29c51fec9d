//! The two kinds of event that the lambda is called with.

use std::{sync::Arc, time::Instant};

use futures::TryFutureExt as _;
use serde_json::{Value, json};
use telemetry::lines::Flush;
use tracing::Instrument;

use crate::{batch, consumer::Consumer, sweep, told::told};

/// An event that nobody sends to this function.
#[derive(Debug, thiserror::Error)]
pub enum EventError {
    /// Neither a batch of messages nor the schedule.
    #[error(
        "the event is neither an SQS batch (\"Records\") nor a scheduled call (\"source\": \"aws.events\")"
    )]
    Unknown,
    /// The sweep needs the database; the next call of the schedule tries again.
    #[error("the sweep did not get through")]
    Sweep(#[source] central::CentralError),
}

/// One call of the function.
#[derive(Debug, Clone)]
pub struct Invocation {
    /// Lambda's id of the call, in every log line of it; None outside Lambda.
    pub request_id: Option<String>,
    /// When the function is ended from outside; work that does not fit before it is offered again.
    pub deadline: Instant,
}

impl From<Instant> for Invocation {
    /// A call outside Lambda.
    fn from(deadline: Instant) -> Self {
        Self {
            request_id: None,
            deadline,
        }
    }
}

/// Takes an event and answers it: a batch with the messages that failed, a scheduled call with what was swept.
///
/// Metrics are written at the end, whatever it is.
pub async fn handle(
    consumer: &Arc<Consumer>,
    event: Value,
    invocation: impl Into<Invocation>,
) -> Result<Value, EventError> {
    let _metrics = Flush::at_the_end();
    let invocation = invocation.into();
    if let Some(records) = event.get("Records").and_then(Value::as_array) {
        let failed = batch::work(consumer, records, &invocation).await;
        let failures: Vec<Value> = failed
            .into_iter()
            .map(|id| json!({ "itemIdentifier": id }))
            .collect();
        return Ok(json!({ "batchItemFailures": failures }));
    }
    if event.get("source").and_then(Value::as_str) == Some("aws.events") {
        let span = tracing::info_span!("sweep", request_id = invocation.request_id);
        let swept = sweep::sweep(consumer, &invocation)
            .inspect_err(|error| tracing::error!(error = told(error), "sweep_failed"))
            .instrument(span)
            .await
            .map_err(EventError::Sweep)?;
        return Ok(
            json!({ "offered": swept.offered, "sent": swept.sent, "finished": swept.finished }),
        );
    }
    Err(EventError::Unknown)
}

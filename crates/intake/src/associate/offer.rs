//! Sends the messages of a request that was just recorded. Nothing here can fail the request: what is not sent stays in the
//! outbox, and the sweep sends it.

use std::time::Duration;

use central::{
    CentralError,
    outbox::{self, OutboxKind, OutboxMessage},
};
use queue::{OutboxRow, OutboxSent, send_outbox};

use crate::{Intake, logs};

/// For all messages together: a caller waits for this, and the work does not need it.
const LONGEST: Duration = Duration::from_secs(4);

/// Sends and marks what was sent: one round trip to the database, or none.
///
/// With service lines the first chunk goes alone: its consumer asks Rev for customer and products once, and offers the others
/// when they may begin. Should it die before, the sweep offers them.
pub(super) async fn offer(intake: &Intake, messages: &[OutboxMessage], with_service: bool) {
    let at_once = if with_service { 1 } else { usize::MAX };
    let chunks: Vec<OutboxRow<'_>> = messages
        .iter()
        .filter(|message| message.kind == OutboxKind::Chunk)
        .take(at_once)
        .map(|message| OutboxRow {
            id: message.id,
            payload: &message.payload,
            trace: message.trace.as_ref(),
        })
        .collect();
    let sending = send_outbox(intake.queue.as_ref(), &chunks);
    let Ok(OutboxSent { sent, failed }) = tokio::time::timeout(LONGEST, sending).await else {
        telemetry::measure::chunks_unsent(chunks.len());
        tracing::warn!(
            unsent = messages.len(),
            error = "no answer in time",
            "chunks stay in the outbox"
        );
        return;
    };
    telemetry::measure::chunks_unsent(failed.len());
    if let Some((_, error)) = failed.first() {
        let error = logs::masked(error);
        tracing::warn!(unsent = failed.len(), error, "chunks stay in the outbox");
    }
    let marked = if sent.is_empty() {
        mark_failed(intake, &failed).await
    } else {
        // Rows that failed beside sent ones are due again anyway; telling why would be a round trip more.
        outbox::mark_sent(&intake.central, &sent).await
    };
    if let Err(error) = marked {
        // Sent and not marked is sent twice, which is harmless.
        tracing::warn!(error = logs::told(&error), "outbox not marked");
    }
}

async fn mark_failed(intake: &Intake, failed: &[(i64, String)]) -> Result<(), CentralError> {
    if failed.is_empty() {
        return Ok(());
    }
    outbox::mark_failed(&intake.central, failed).await
}

//! Notices of the outbox: sent, and marked as sent; what is not accepted is tried again by the sweep.

use association::trace::TraceId;
use central::{
    masked,
    outbox::{OutboxMessage, mark_failed, mark_sent},
};

use queue::OutboxRow;

use crate::{consumer::Consumer, told::told};

/// The first `most` as the queue takes them.
pub(crate) fn rows(messages: &[OutboxMessage], most: usize) -> Vec<OutboxRow<'_>> {
    messages
        .iter()
        .take(most)
        .map(|message| OutboxRow {
            id: message.id,
            payload: &message.payload,
            trace: message.trace.as_ref(),
        })
        .collect()
}

/// Sends notices and marks what became of each. What fails stays in the outbox and is sent by the sweep.
///
/// Returns how many were accepted.
pub(crate) async fn send(consumer: &Consumer, notices: &[OutboxMessage]) -> usize {
    let Some(notifier) = &consumer.notifier else {
        return 0;
    };
    let (mut sent, mut failed) = (Vec::new(), Vec::new());
    for notice in notices {
        match notifier.post(&notice.payload).await {
            Ok(()) => sent.push(notice.id),
            Err(error) => {
                tell(notice, &error, "notice_not_accepted");
                failed.push((notice.id, error));
            }
        }
    }
    mark(consumer, &sent, &failed).await;
    sent.len()
}

/// Tells of a message that was not sent, also where the span is not about its bulk change.
pub(crate) fn tell(message: &OutboxMessage, error: &str, what: &'static str) {
    let trace_id = message.trace.as_ref().map(TraceId::as_str);
    let bulk_change_id = message.bulk_change.get();
    let error = masked(error);
    tracing::warn!(bulk_change_id, trace_id, error, "{what}");
}

/// Marks outbox rows. A failure here means that a message is sent twice, which is harmless.
pub(crate) async fn mark(consumer: &Consumer, sent: &[i64], failed: &[(i64, String)]) {
    if !sent.is_empty()
        && let Err(error) = mark_sent(&consumer.central, sent).await
    {
        tracing::warn!(error = told(&error), "outbox_not_marked");
    }
    if !failed.is_empty()
        && let Err(error) = mark_failed(&consumer.central, failed).await
    {
        tracing::warn!(error = told(&error), "outbox_not_marked");
    }
}

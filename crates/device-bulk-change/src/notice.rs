//! Notices of the outbox: sent, and marked as sent; what is not accepted is tried again by the sweep.

use central::outbox::{OutboxMessage, mark_failed, mark_sent};

use crate::consumer::Consumer;

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
                tracing::warn!(bulk_change_id = notice.bulk_change.get(), %error, "notice_not_accepted");
                failed.push((notice.id, error));
            }
        }
    }
    mark(consumer, &sent, &failed).await;
    sent.len()
}

/// Marks outbox rows. A failure here means that a message is sent twice, which is harmless.
pub(crate) async fn mark(consumer: &Consumer, sent: &[i64], failed: &[(i64, String)]) {
    if !sent.is_empty()
        && let Err(error) = mark_sent(&consumer.central, sent).await
    {
        tracing::warn!(%error, "outbox_not_marked");
    }
    if !failed.is_empty()
        && let Err(error) = mark_failed(&consumer.central, failed).await
    {
        tracing::warn!(%error, "outbox_not_marked");
    }
}

//! Sends what a transaction left in the outbox.

use association::ids::BulkChangeId;
use serde::Deserialize;

use crate::{
    message::{ChunkMessage, Unreadable},
    sending::{Outgoing, Queue},
};

/// What became of outbox rows; both lists hold row ids. The caller records them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OutboxSent {
    /// Taken by the queue.
    pub sent: Vec<i64>,
    /// Not taken, and why. They stay in the outbox and are sent again.
    pub failed: Vec<(i64, String)>,
}

/// Offers the chunks of outbox rows, given as id and payload (`{"bulkChangeId", "chunk", "tenantId"}`).
///
/// A crash between this and recording what was sent sends a message twice, which is harmless.
pub async fn send_outbox(
    queue: &dyn Queue,
    rows: impl IntoIterator<Item = (i64, &str)>,
    trace_id: Option<&str>,
) -> OutboxSent {
    send(queue, rows, |payload| {
        let chunk = ChunkMessage::from_payload(payload)?;
        Ok(Outgoing::chunk(&chunk).traced(trace_id))
    })
    .await
}

/// Offers whole bulk changes of outbox rows, given as id and payload (`{"bulkChangeId"}`), as the other producer does: for
/// a queue that serves other change types.
pub async fn send_bulk_changes(
    queue: &dyn Queue,
    rows: impl IntoIterator<Item = (i64, &str)>,
) -> OutboxSent {
    #[derive(Deserialize)]
    struct Named {
        #[serde(rename = "bulkChangeId")]
        id: BulkChangeId,
    }
    send(queue, rows, |payload| {
        let named: Named = serde_json::from_str(payload).map_err(Unreadable::Body)?;
        Ok(Outgoing::bulk_change(named.id))
    })
    .await
}

async fn send(
    queue: &dyn Queue,
    rows: impl IntoIterator<Item = (i64, &str)>,
    read: impl Fn(&str) -> Result<Outgoing, Unreadable>,
) -> OutboxSent {
    let mut outcome = OutboxSent::default();
    let (mut ids, mut messages) = (Vec::new(), Vec::new());
    for (id, payload) in rows {
        match read(payload) {
            Ok(message) => {
                ids.push(id);
                messages.push(message);
            }
            Err(error) => outcome.failed.push((id, error.to_string())),
        }
    }
    if messages.is_empty() {
        return outcome;
    }
    for (id, result) in ids.into_iter().zip(queue.send(&messages).await) {
        match result {
            Ok(()) => outcome.sent.push(id),
            Err(error) => outcome.failed.push((id, error.told())),
        }
    }
    outcome
}

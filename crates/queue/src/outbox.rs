//! Sends what a transaction left in the outbox.

use association::{ids::BulkChangeId, trace::TraceId};
use serde::Deserialize;

use crate::{
    message::{ChunkMessage, Unreadable},
    sending::{Outgoing, Queue},
};

/// A row of the outbox whose message offers a chunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutboxRow<'a> {
    /// Its id.
    pub id: i64,
    /// `{"bulkChangeId", "chunk", "tenantId"}`.
    pub payload: &'a str,
    /// The request that caused it; goes along in the message.
    pub trace: Option<&'a TraceId>,
}

/// What became of outbox rows; both lists hold row ids. The caller records them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OutboxSent {
    /// Taken by the queue.
    pub sent: Vec<i64>,
    /// Not taken, and why. They stay in the outbox and are sent again.
    pub failed: Vec<(i64, String)>,
}

/// Offers the chunks of outbox rows.
///
/// A crash between this and recording what was sent sends a message twice, which is harmless.
pub async fn send_outbox(queue: &dyn Queue, rows: &[OutboxRow<'_>]) -> OutboxSent {
    let messages = rows.iter().map(|row| {
        let read = ChunkMessage::from_payload(row.payload)
            .map(|chunk| Outgoing::chunk(&chunk).traced(row.trace));
        (row.id, read)
    });
    send(queue, messages.collect()).await
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
    let messages = rows.into_iter().map(|(id, payload)| {
        let read = serde_json::from_str(payload)
            .map(|named: Named| Outgoing::bulk_change(named.id))
            .map_err(Unreadable::Body);
        (id, read)
    });
    send(queue, messages.collect()).await
}

async fn send(queue: &dyn Queue, rows: Vec<(i64, Result<Outgoing, Unreadable>)>) -> OutboxSent {
    let mut outcome = OutboxSent::default();
    let (mut ids, mut messages) = (Vec::new(), Vec::new());
    for (id, read) in rows {
        match read {
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

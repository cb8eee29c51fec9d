//! Messages that were written with what they tell, and are sent afterwards.

use association::{ids::BulkChangeId, trace::TraceId};
use serde::Serialize;

use crate::{
    Central, CentralError, decode::Fields, driver::json, facts::cut, statement::Statement,
};

const SENT: Statement = Statement::repeatable("outbox_sent", include_str!("outbox_sent.sql"));
const FAILED: Statement = Statement::repeatable("outbox_failed", include_str!("outbox_failed.sql"));

const TAKE: Statement = Statement::once("outbox_take", include_str!("outbox_take.sql"));

/// Where a message goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutboxKind {
    /// To device-bulk-change-queue; the payload is `{"bulkChangeId":1,"chunk":0,"tenantId":1}`.
    Chunk,
    /// To AMOP 2.0; the payload is the body of the POST.
    Notice,
    /// To the queue for carrier plan changes; the payload is `{"bulkChangeId":2}`, the linked bulk change.
    Carrier,
}

impl OutboxKind {
    /// As BulkChangeOutbox keeps it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Chunk => "chunk",
            Self::Notice => "notice",
            Self::Carrier => "carrier",
        }
    }

    /// Reads what the table keeps.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        [Self::Chunk, Self::Notice, Self::Carrier]
            .into_iter()
            .find(|kind| kind.as_str() == text)
    }
}

/// A message that was not sent yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxMessage {
    /// `BulkChangeOutbox.Id`.
    pub id: i64,
    /// Where it goes.
    pub kind: OutboxKind,
    /// What it is about.
    pub bulk_change: BulkChangeId,
    /// JSON.
    pub payload: String,
    /// The request that caused it. None also from `finish`, whose caller works on a message that says it.
    pub trace: Option<TraceId>,
}

/// The column `TraceId`. What is none of ours counts as none: it decides nothing.
pub(crate) fn trace_of(row: &Fields<'_>) -> Result<Option<TraceId>, CentralError> {
    let text = row.optional_text("TraceId")?;
    Ok(text.as_deref().and_then(TraceId::parse))
}

/// Takes the chunk messages of a bulk change that were not sent yet, for sending them now: its preflight has passed.
///
/// They are due again after a minute, so a crash before [`mark_sent`] loses none.
pub async fn take(
    central: &Central,
    bulk_change: BulkChangeId,
) -> Result<Vec<OutboxMessage>, CentralError> {
    let mut answer = central.query(&TAKE, &[&bulk_change.get()]).await?;
    answer.rows("messages", |row: &Fields<'_>| {
        Ok(OutboxMessage {
            id: row.get("Id")?,
            kind: OutboxKind::Chunk,
            bulk_change,
            payload: row.text("Payload")?,
            trace: trace_of(row)?,
        })
    })
}

/// Marks messages as sent, so that the sweep leaves them alone.
pub async fn mark_sent(central: &Central, ids: &[i64]) -> Result<(), CentralError> {
    if ids.is_empty() {
        return Ok(());
    }
    let ids = json(&SENT, ids)?;
    central.query(&SENT, &[&ids.as_str()]).await.map(drop)
}

/// Notes why messages were not sent; the sweep takes them up when they fall due.
pub async fn mark_failed(
    central: &Central,
    failures: &[(i64, String)],
) -> Result<(), CentralError> {
    #[derive(Serialize)]
    struct Failed {
        id: i64,
        error: String,
    }
    if failures.is_empty() {
        return Ok(());
    }
    let failures: Vec<Failed> = failures
        .iter()
        .map(|(id, error)| Failed {
            id: *id,
            // BulkChangeOutbox.LastError.
            error: cut(error, 1000),
        })
        .collect();
    let failures = json(&FAILED, &failures)?;
    central
        .query(&FAILED, &[&failures.as_str()])
        .await
        .map(drop)
}

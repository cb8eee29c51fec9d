//! Messages that were written with what they tell, and are sent afterwards.

use association::ids::BulkChangeId;

/// Where a message goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutboxKind {
    /// To device-bulk-change-queue; the payload is `{"bulkChangeId":1,"chunk":0,"tenantId":1}`.
    Chunk,
    /// To AMOP 2.0; the payload is the body of the POST.
    Notice,
}

impl OutboxKind {
    /// As BulkChangeOutbox keeps it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Chunk => "chunk",
            Self::Notice => "notice",
        }
    }

    /// Reads what the table keeps.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        [Self::Chunk, Self::Notice]
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
}

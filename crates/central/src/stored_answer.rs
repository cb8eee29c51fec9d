//! Asks what was answered under an Idempotency-Key.

use association::ids::BulkChangeId;

use crate::{Central, CentralError, decode::Fields, statement::Statement};

const STORED_ANSWER: Statement =
    Statement::repeatable("stored_answer", include_str!("stored_answer.sql"));

/// The 202 of a request that was accepted under a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredAnswer {
    /// SHA-256 of the parsed request: another one under the same key is refused.
    pub fingerprint: [u8; 32],
    /// What it made.
    pub bulk_change: BulkChangeId,
    /// JSON, without the id of the bulk change.
    pub answer: String,
}

/// The answer stored under `key`, if any.
pub async fn stored_answer(
    central: &Central,
    key: &[u8; 32],
) -> Result<Option<StoredAnswer>, CentralError> {
    let mut answer = central.query(&STORED_ANSWER, &[&key.as_slice()]).await?;
    answer.row("stored answer", read)
}

pub(crate) fn read(row: &Fields<'_>) -> Result<StoredAnswer, CentralError> {
    Ok(StoredAnswer {
        fingerprint: row.parsed("Fingerprint", |bytes: &[u8]| bytes.try_into())?,
        bulk_change: row.parsed("BulkChangeId", BulkChangeId::new)?,
        answer: row.text("Answer")?,
    })
}

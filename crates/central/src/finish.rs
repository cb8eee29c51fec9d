//! Ends a bulk change when nothing of it is open any more; else says when the rest of a chunk is due.

use std::time::Duration;

use association::ids::BulkChangeId;

use crate::{
    Central, CentralError,
    outbox::{OutboxKind, OutboxMessage},
    slots::milliseconds,
    statement::Statement,
};

const FINISH: Statement = Statement::repeatable("finish", include_str!("finish.sql"));

/// What goes with the end of a bulk change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FinishSettings {
    /// Whether AMOP 2.0 is to be told.
    pub notice_wanted: bool,
}

/// What was found or done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finish {
    /// This call ended the bulk change; at most one ever does.
    pub finished_now: bool,
    /// To be sent at once; the sweep sends what is left a minute later.
    pub notice: Option<OutboxMessage>,
    /// The linked carrier change that was made.
    pub linked: Option<BulkChangeId>,
    /// Open rows of the chunk that nobody holds: when the earliest of them is due. They count as offered for then.
    pub chunk_due_in: Option<Duration>,
}

/// Asks, in one round trip. Safe to repeat: what the first run won is not won again.
pub async fn finish(
    central: &Central,
    id: BulkChangeId,
    chunk: i32,
    settings: &FinishSettings,
) -> Result<Finish, CentralError> {
    let mut answer = central
        .query(&FINISH, &[&id.get(), &chunk, &settings.notice_wanted])
        .await?;
    answer.skip_to_last();
    answer.one("finish", |row| {
        let notice: Option<i64> = row.optional("NoticeId")?;
        Ok(Finish {
            finished_now: row.get("Won")?,
            notice: notice
                .map(|notice| {
                    Ok(OutboxMessage {
                        id: notice,
                        kind: OutboxKind::Notice,
                        bulk_change: id,
                        payload: row.text("NoticePayload")?,
                    })
                })
                .transpose()?,
            linked: row.optional_parsed("LinkedBulkChangeId", BulkChangeId::new)?,
            chunk_due_in: milliseconds(row, "DueMs")?,
        })
    })
}

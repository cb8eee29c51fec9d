//! Ends a bulk change when nothing of it is open any more; else says when the rest of a chunk is due.

use std::time::Duration;

use association::ids::BulkChangeId;

use crate::{
    Central, CentralError,
    decode::Fields,
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
    /// Whether somebody takes carrier plan changes; without, the linked bulk change stays NEW.
    pub carrier_wanted: bool,
}

/// What was found or done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finish {
    /// This call ended the bulk change; at most one ever does.
    pub finished_now: bool,
    /// To be sent at once; the sweep sends what is left a minute later.
    pub notice: Option<OutboxMessage>,
    /// The offer of the linked carrier change, in the same way.
    pub carrier: Option<OutboxMessage>,
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
        .query(
            &FINISH,
            &[
                &id.get(),
                &chunk,
                &settings.notice_wanted,
                &settings.carrier_wanted,
            ],
        )
        .await?;
    answer.skip_to_last();
    answer.one("finish", |row| {
        Ok(Finish {
            finished_now: row.get("Won")?,
            notice: message(row, id, OutboxKind::Notice, "NoticeId", "NoticePayload")?,
            carrier: message(row, id, OutboxKind::Carrier, "CarrierId", "CarrierPayload")?,
            linked: row.optional_parsed("LinkedBulkChangeId", BulkChangeId::new)?,
            chunk_due_in: milliseconds(row, "DueMs")?,
        })
    })
}

fn message(
    row: &Fields<'_>,
    bulk_change: BulkChangeId,
    kind: OutboxKind,
    id: &'static str,
    payload: &'static str,
) -> Result<Option<OutboxMessage>, CentralError> {
    let Some(id) = row.optional::<i64>(id)? else {
        return Ok(None);
    };
    Ok(Some(OutboxMessage {
        id,
        kind,
        bulk_change,
        payload: row.text(payload)?,
        trace: None,
    }))
}

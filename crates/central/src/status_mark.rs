//! Asks whether a bulk change has moved since it was asked last, in one round trip that costs little.

use association::{actor::Actor, ids::BulkChangeId};
use time::PrimitiveDateTime;

use crate::{Central, CentralError, statement::Statement};

const STATUS_MARK: Statement =
    Statement::repeatable("status_mark", include_str!("status_mark.sql"));

/// Where a bulk change stands, in few numbers: two that differ mean that something has happened, two that are equal mean that no
/// device has gone from one place to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusMark {
    status: String,
    modified: Option<PrimitiveDateTime>,
    finished: Option<PrimitiveDateTime>,
    linked_status: Option<String>,
    counts: [i64; 7],
}

/// The mark of a bulk change of the actor's tenant; none when it does not exist. Whether the actor may see it is not asked here:
/// ask [`crate::status::status`] before and after.
pub async fn status_mark(
    central: &Central,
    actor: &Actor,
    id: BulkChangeId,
) -> Result<Option<StatusMark>, CentralError> {
    let mut answer = central
        .query(&STATUS_MARK, &[&actor.tenant().get(), &id.get()])
        .await?;
    let mark = answer.row("bulk change", |row| {
        Ok(StatusMark {
            status: row.text("Status")?,
            modified: row.optional("ModifiedDate")?,
            finished: row.optional("FinishedAt")?,
            linked_status: row.optional_text("LinkedStatus")?,
            counts: [0; 7],
        })
    })?;
    let [devices, ended, failed, begun] = answer.one("devices", |row| {
        Ok([
            row.get("Devices")?,
            row.get("Ended")?,
            row.get("Failed")?,
            row.get("Begun")?,
        ])
    })?;
    let [open, in_work, in_review] = answer.one("work", |row| {
        Ok([
            row.get("OpenRows")?,
            row.get("InWork")?,
            row.get("InReview")?,
        ])
    })?;
    Ok(mark.map(|mark| StatusMark {
        counts: [devices, ended, failed, begun, open, in_work, in_review],
        ..mark
    }))
}

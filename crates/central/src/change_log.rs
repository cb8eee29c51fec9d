//! Asks what was done for one device of a bulk change, in one round trip.

use association::{
    actor::Actor,
    ids::{BulkChangeId, Iccid},
};
use time::PrimitiveDateTime;

use crate::{Central, CentralError, decode::Fields, statement::Statement};

const CHANGE_LOG: Statement = Statement::repeatable("change_log", include_str!("change_log.sql"));

/// A row of DeviceBulkChangeLog: one step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogRow {
    /// `DeviceBulkChangeLog.id`.
    pub id: i64,
    /// UTC.
    pub at: PrimitiveDateTime,
    /// Which step.
    pub step: String,
    /// It failed.
    pub failed: bool,
    /// What the other side answered, in a word: an HTTP status, PROCESSED, API_FAILED.
    pub status: Option<String>,
    /// What was asked for.
    pub asked: Option<String>,
    /// What was answered.
    pub answered: Option<String>,
    /// What went wrong.
    pub error: Option<String>,
}

/// The entries of a device, oldest first; none when the caller sees no such bulk change, or the device is not in it.
pub async fn change_log(
    central: &Central,
    actor: &Actor,
    bulk_change: BulkChangeId,
    iccid: &Iccid,
) -> Result<Option<Vec<LogRow>>, CentralError> {
    let mut answer = central
        .query(
            &CHANGE_LOG,
            &[
                &actor.tenant().get(),
                &actor.user(),
                &actor.may_use_all_customers(),
                &bulk_change.get(),
                &iccid.as_str(),
            ],
        )
        .await?;
    let changes: i64 = answer.one("changes", |row| row.get("Changes"))?;
    let entries = answer.rows("log", entry)?;
    Ok((changes > 0).then_some(entries))
}

fn entry(row: &Fields<'_>) -> Result<LogRow, CentralError> {
    Ok(LogRow {
        id: row.get("id")?,
        at: row.get("CreatedDate")?,
        step: row.text("LogEntryDescription")?,
        failed: row.get("HasErrors")?,
        status: row.optional_text("ResponseStatus")?,
        asked: row.optional_text("RequestText")?,
        answered: row.optional_text("ResponseText")?,
        error: row.optional_text("ErrorText")?,
    })
}

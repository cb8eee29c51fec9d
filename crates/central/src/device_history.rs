//! Asks what has changed at a device, in one round trip.

use association::{
    actor::Actor,
    ids::{BulkChangeId, DeviceId},
};
use time::PrimitiveDateTime;

use crate::{
    Central, CentralError,
    decode::Fields,
    listing::{Page, Slice},
    statement::Statement,
};

const DEVICE_HISTORY: Statement =
    Statement::repeatable("device_history", include_str!("device_history.sql"));

/// A row of DeviceActionHistory: one field of a device that changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryRow {
    /// `DeviceActionHistory.id`.
    pub id: i32,
    /// What changed, in words.
    pub changed_field: Option<String>,
    /// Before; none where it names a customer that the caller may not use.
    pub previous_value: Option<String>,
    /// After.
    pub current_value: Option<String>,
    /// By which kind of request.
    pub change_event_type: Option<String>,
    /// UTC.
    pub changed_at: PrimitiveDateTime,
    /// The audit name of who asked for it.
    pub changed_by: Option<String>,
    /// The bulk change that did it.
    pub bulk_change: Option<BulkChangeId>,
    /// The account number of the device's customer afterwards.
    pub customer_account: Option<String>,
    /// The name of that customer as it was then.
    pub customer_name: Option<String>,
}

/// One page of what has changed, newest first, and how much that is; none when the caller sees no such device.
pub async fn device_history(
    central: &Central,
    actor: &Actor,
    device: DeviceId,
    page: Page,
) -> Result<Option<Slice<HistoryRow>>, CentralError> {
    let mut answer = central
        .query(
            &DEVICE_HISTORY,
            &[
                &actor.tenant().get(),
                &actor.user(),
                &actor.may_use_all_customers(),
                &device.get(),
                &page.rows_before(),
                &page.rows(),
            ],
        )
        .await?;
    let total = answer.one("total", |row| row.optional("Total"))?;
    let items = answer.rows("history", history_row)?;
    Ok(total.map(|total| Slice { items, total }))
}

pub(crate) fn history_row(row: &Fields<'_>) -> Result<HistoryRow, CentralError> {
    Ok(HistoryRow {
        id: row.get("id")?,
        changed_field: row.optional_text("ChangedField")?,
        previous_value: row.optional_text("PreviousValue")?,
        current_value: row.optional_text("CurrentValue")?,
        change_event_type: row.optional_text("ChangeEventType")?,
        changed_at: row.get("DateOfChange")?,
        changed_by: row.optional_text("ChangedBy")?,
        bulk_change: row.optional_parsed("BulkChangeId", BulkChangeId::new)?,
        customer_account: row.optional_text("CustomerAccountNumber")?,
        customer_name: row.optional_text("CustomerAccountName")?,
    })
}

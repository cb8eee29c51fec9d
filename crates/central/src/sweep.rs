//! Takes up what a lost message, a crash or a closed queue left behind.

use association::{
    ids::{BulkChangeId, TenantId},
    trace::TraceId,
};

use crate::{
    Central, CentralError,
    decode::Fields,
    outbox::{OutboxKind, OutboxMessage, trace_of},
    slots::whole,
    statement::Statement,
};

const SWEEP: Statement = Statement::repeatable("sweep", include_str!("sweep.sql"));
const OPEN_CHUNKS: Statement =
    Statement::repeatable("open_chunks", include_str!("open_chunks.sql"));

/// What is to be done.
#[derive(Debug, Clone, PartialEq)]
pub struct Sweep {
    /// Chunks with rows that are due and that no message is on its way for. They count as offered.
    pub offers: Vec<ChunkOffer>,
    /// Messages that were not sent. They come again by backoff, 30 s to 15 minutes, until they are marked as sent.
    pub outbox: Vec<OutboxMessage>,
    /// Bulk changes without open rows that nobody finished.
    pub finishable: Vec<Finishable>,
    /// How everything stands.
    pub standing: Standing,
}

/// A bulk change to finish.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finishable {
    /// Which.
    pub bulk_change: BulkChangeId,
    /// The request that caused it.
    pub trace: Option<TraceId>,
}

/// Numbers about everything that this system works on, whoever's it is.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Standing {
    /// Age of the oldest outbox row that is not sent and has a receiver, in seconds; 0 without one.
    pub outbox_age: i64,
    /// Devices that are open and wait for nobody.
    pub devices_waiting: i64,
    /// Changes that wait for a person.
    pub changes_in_review: i64,
    /// Rev accounts that nobody may call for now, whoever said so. Those with one budget are one.
    pub accounts_paused: i64,
    /// Rev accounts that refuse credentials or configuration. Those with one budget are one.
    pub accounts_stopped: i64,
    /// Calls of today in percent of the day's, the highest of all budgets.
    pub budget_used: f64,
}

/// Who is there to take messages of the outbox, beside the queue for chunks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Receivers {
    /// AMOP 2.0.
    pub notices: bool,
    /// The queue for carrier plan changes.
    pub carrier_changes: bool,
}

/// A chunk to send a message for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChunkOffer {
    /// Of which bulk change.
    pub bulk_change: BulkChangeId,
    /// Which chunk.
    pub chunk: i32,
    /// Whose: the message group.
    pub tenant: TenantId,
    /// The request that caused it.
    pub trace: Option<TraceId>,
}

/// Sweeps, in one round trip: at most `most` of each kind. Also sets a finished bulk change back whose status another
/// producer overwrote, and deletes request keys older than 30 days. Messages without a receiver are left alone.
pub async fn sweep(
    central: &Central,
    most: u32,
    receivers: Receivers,
) -> Result<Sweep, CentralError> {
    let parameters: [&dyn tiberius::ToSql; 3] =
        [&whole(most), &receivers.notices, &receivers.carrier_changes];
    let mut answer = central.query(&SWEEP, &parameters).await?;
    Ok(Sweep {
        offers: answer.rows("offers", read_offer)?,
        outbox: answer.rows("outbox", |row| {
            Ok(OutboxMessage {
                id: row.get("Id")?,
                kind: row.parsed("Kind", |text: &str| {
                    OutboxKind::read(text).ok_or_else(|| format!("`{text}` is no kind of message"))
                })?,
                bulk_change: row.parsed("BulkChangeId", BulkChangeId::new)?,
                payload: row.text("Payload")?,
                trace: trace_of(row)?,
            })
        })?,
        finishable: answer.rows("finishable", |row| {
            Ok(Finishable {
                bulk_change: row.parsed("BulkChangeId", BulkChangeId::new)?,
                trace: trace_of(row)?,
            })
        })?,
        standing: answer.one("standing", |row| {
            Ok(Standing {
                outbox_age: row.get("OutboxAge")?,
                devices_waiting: row.get("DevicesWaiting")?,
                changes_in_review: row.get("ChangesInReview")?,
                accounts_paused: row.get("AccountsPaused")?,
                accounts_stopped: row.get("AccountsStopped")?,
                budget_used: row.get("BudgetUsed")?,
            })
        })?,
    })
}

/// The open chunks of one bulk change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenChunks {
    /// Whether this system works on the bulk change.
    pub has_work: bool,
    /// Chunks with open rows that nobody holds. They count as offered.
    pub chunks: Vec<ChunkOffer>,
}

/// For a message that names a bulk change as a whole: its open chunks, or none when there is no such bulk change.
pub async fn open_chunks(
    central: &Central,
    id: BulkChangeId,
) -> Result<Option<OpenChunks>, CentralError> {
    let mut answer = central.query(&OPEN_CHUNKS, &[&id.get()]).await?;
    let has_work = answer.row("bulk change", |row| row.get("HasWork"))?;
    let chunks = answer.rows("chunks", read_offer)?;
    Ok(has_work.map(|has_work| OpenChunks { has_work, chunks }))
}

fn read_offer(row: &Fields<'_>) -> Result<ChunkOffer, CentralError> {
    Ok(ChunkOffer {
        bulk_change: row.parsed("BulkChangeId", BulkChangeId::new)?,
        chunk: row.get("Chunk")?,
        tenant: row.parsed("TenantId", TenantId::new)?,
        trace: trace_of(row)?,
    })
}

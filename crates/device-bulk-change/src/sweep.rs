//! The scheduled call: everything that a lost message, a crash or a closed queue left behind is taken up again.

use std::time::{Duration, Instant};

use central::{
    CentralError,
    finish::finish,
    outbox::{OutboxKind, OutboxMessage},
};
use queue::send_outbox;
use serde::Serialize;

use crate::{chunk, consumer::Consumer, notice, persist::through};

/// Rows of each kind that one call takes up.
const MOST: u32 = 500;
/// No chunk: the finish looks at the bulk change alone.
const NO_CHUNK: i32 = -1;

/// What a sweep did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Swept {
    /// Chunks offered again.
    pub offered: usize,
    /// Outbox messages sent.
    pub sent: usize,
    /// Bulk changes finished.
    pub finished: usize,
}

/// Offers due chunks, sends the outbox, finishes what is done.
pub(crate) async fn sweep(consumer: &Consumer) -> Result<Swept, CentralError> {
    let found = central::sweep::sweep(&consumer.central, MOST).await?;
    let mut swept = Swept::default();
    for result in chunk::offer(consumer, &found.offers).await {
        match result {
            Ok(()) => swept.offered += 1,
            Err(error) => tracing::warn!(error = %error.told(), "chunk_not_offered"),
        }
    }
    let (chunks, notices): (Vec<OutboxMessage>, Vec<OutboxMessage>) = found
        .outbox
        .into_iter()
        .partition(|message| message.kind == OutboxKind::Chunk);
    if !chunks.is_empty() {
        let outcome = send_outbox(
            consumer.queue.as_ref(),
            chunks
                .iter()
                .map(|message| (message.id, message.payload.as_str())),
            None,
        )
        .await;
        notice::mark(consumer, &outcome.sent, &outcome.failed).await;
        swept.sent += outcome.sent.len();
    }
    swept.sent += notice::send(consumer, &notices).await;
    let deadline = Instant::now() + Duration::from_secs(20);
    let settings = chunk::finish_settings(consumer);
    for id in found.finishable {
        let finished = through(deadline, || {
            finish(&consumer.central, id, NO_CHUNK, &settings)
        })
        .await?;
        swept.finished += usize::from(finished.finished_now);
        if let Some(message) = finished.notice {
            swept.sent += notice::send(consumer, &[message]).await;
        }
    }
    tracing::info!(
        offered = swept.offered,
        sent = swept.sent,
        finished = swept.finished,
        "swept"
    );
    Ok(swept)
}

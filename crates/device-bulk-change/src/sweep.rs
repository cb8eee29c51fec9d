//! The scheduled call: everything that a lost message, a crash or a closed queue left behind is taken up again.

use std::time::Duration;

use central::{CentralError, finish::finish, outbox::OutboxKind, sweep::Receivers};
use queue::send_outbox;
use serde::Serialize;
use tokio::time::Instant;

use crate::{carrier_changes, chunk, consumer::Consumer, notice, persist::through};

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

/// Offers due chunks, finishes what is done, sends the outbox: notices last, because their receiver may let each one wait.
///
/// One bulk change that cannot be finished holds up no other; the first error is returned when all is done.
pub(crate) async fn sweep(consumer: &Consumer) -> Result<Swept, CentralError> {
    let receivers = Receivers {
        notices: consumer.notifier.is_some(),
        carrier_changes: consumer.queues.carrier_changes.is_some(),
    };
    let found = central::sweep::sweep(&consumer.central, MOST, receivers).await?;
    let mut swept = Swept::default();
    for result in chunk::offer(consumer, &found.offers).await {
        match result {
            Ok(()) => swept.offered += 1,
            Err(error) => tracing::warn!(error = %error.told(), "chunk_not_offered"),
        }
    }
    let (mut chunks, mut carrier, mut notices) = (Vec::new(), Vec::new(), Vec::new());
    for message in found.outbox {
        match message.kind {
            OutboxKind::Chunk => chunks.push(message),
            OutboxKind::Carrier => carrier.push(message),
            OutboxKind::Notice => notices.push(message),
        }
    }
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
    let deadline = Instant::now() + Duration::from_secs(20);
    let settings = chunk::finish_settings(consumer);
    let mut not_finished = None;
    for id in found.finishable {
        let finished = through(deadline, || {
            finish(&consumer.central, id, NO_CHUNK, &settings)
        })
        .await;
        match finished {
            Ok(finished) => {
                swept.finished += usize::from(finished.finished_now);
                carrier.extend(finished.carrier);
                notices.extend(finished.notice);
            }
            Err(error) => {
                tracing::error!(bulk_change_id = id.get(), %error, "bulk_change_not_finished");
                not_finished.get_or_insert(error);
            }
        }
    }
    swept.sent += carrier_changes::offer(consumer, &carrier).await;
    swept.sent += notice::send(consumer, &notices).await;
    tracing::info!(
        offered = swept.offered,
        sent = swept.sent,
        finished = swept.finished,
        "swept"
    );
    not_finished.map_or(Ok(swept), Err)
}

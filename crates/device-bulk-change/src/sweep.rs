//! The scheduled call: everything that a lost message, a crash or a closed queue left behind is taken up again.

use std::time::Duration;

use association::trace::TraceId;
use central::{
    CentralError,
    finish::finish,
    masked,
    outbox::{OutboxKind, OutboxMessage},
    sweep::{Finishable, Receivers, Standing},
};
use queue::send_outbox;
use serde::Serialize;
use telemetry::metric::Metric;
use tokio::time::Instant;
use tracing::Instrument;

use crate::{
    carrier_changes, chunk, consumer::Consumer, event::Invocation, notice, persist::through,
    told::told,
};

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
/// A bulk change that cannot be finished holds up nothing else, and is counted: the sweep came through all the same. It fails where
/// the database is away.
pub(crate) async fn sweep(
    consumer: &Consumer,
    invocation: &Invocation,
) -> Result<Swept, CentralError> {
    let receivers = Receivers {
        notices: consumer.notifier.is_some(),
        carrier_changes: consumer.queues.carrier_changes.is_some(),
    };
    let found = central::sweep::sweep(&consumer.central, MOST, receivers).await?;
    stands(&found.standing);
    let mut swept = Swept::default();
    let offered = chunk::offer(consumer, &found.offers).await;
    for (offer, result) in found.offers.iter().zip(offered) {
        match result {
            Ok(()) => swept.offered += 1,
            Err(error) => {
                let trace_id = offer.trace.as_ref().map(TraceId::as_str);
                tracing::warn!(
                    bulk_change_id = offer.bulk_change.get(),
                    tenant_id = offer.tenant.get(),
                    trace_id,
                    chunk = offer.chunk,
                    error = masked(&error.told()),
                    "chunk_not_offered"
                );
            }
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
        let outcome =
            send_outbox(consumer.queue.as_ref(), &notice::rows(&chunks, usize::MAX)).await;
        notice::mark(consumer, &outcome.sent, &outcome.failed).await;
        swept.sent += outcome.sent.len();
    }
    let deadline = Instant::now() + Duration::from_secs(20);
    let settings = chunk::finish_settings(consumer);
    let mut not_finished = 0;
    let mut away = None;
    for Finishable { bulk_change, trace } in found.finishable {
        let span = tracing::info_span!(
            "bulk_change",
            request_id = invocation.request_id,
            trace_id = trace.as_ref().map(TraceId::as_str),
            bulk_change_id = bulk_change.get(),
        );
        let finished = through(deadline, || {
            finish(&consumer.central, bulk_change, NO_CHUNK, &settings)
        })
        .instrument(span.clone())
        .await;
        match finished {
            Ok(finished) => {
                if finished.finished_now {
                    span.in_scope(|| tracing::info!("bulk_change_finished"));
                    swept.finished += 1;
                }
                let traced = |message| OutboxMessage {
                    trace: trace.clone(),
                    ..message
                };
                carrier.extend(finished.carrier.map(traced));
                notices.extend(finished.notice.map(traced));
            }
            Err(error) => {
                span.in_scope(|| tracing::error!(error = told(&error), "bulk_change_not_finished"));
                not_finished += 1;
                if matches!(error, CentralError::Unreachable { .. }) {
                    away.get_or_insert(error);
                }
            }
        }
    }
    swept.sent += carrier_changes::offer(consumer, &carrier).await;
    swept.sent += notice::send(consumer, &notices).await;
    tracing::info!(
        offered = swept.offered,
        sent = swept.sent,
        finished = swept.finished,
        not_finished,
        "swept"
    );
    telemetry::measure::bulk_changes_not_finished(not_finished);
    if let Some(error) = away {
        return Err(error);
    }
    telemetry::measure::swept();
    Ok(swept)
}

/// Tells how everything stands.
fn stands(standing: &Standing) {
    #[expect(
        clippy::cast_precision_loss,
        reason = "exact up to 2^53, more rows than a table holds"
    )]
    let exact = |number: i64| number as f64;
    for (metric, value) in [
        (Metric::OutboxAge, exact(standing.outbox_age)),
        (Metric::DevicesWaiting, exact(standing.devices_waiting)),
        (Metric::ChangesInReview, exact(standing.changes_in_review)),
        (Metric::AccountsPaused, exact(standing.accounts_paused)),
        (Metric::AccountsStopped, exact(standing.accounts_stopped)),
        (Metric::BudgetUsed, standing.budget_used),
    ] {
        telemetry::measure::stands(metric, value);
    }
}

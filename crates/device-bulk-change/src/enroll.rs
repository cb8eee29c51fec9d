//! A message that names a bulk change as a whole: one that another producer wrote itself. Its rows are checked and enrolled,
//! and from there on they are worked on like our own.

use association::{
    foreign_rows::{Enrolment, sort},
    ids::BulkChangeId,
    trace::TraceId,
};
use aws_lambda_events::sqs::SqsMessage;
use central::{
    check::check_rows_of,
    enroll::{self, Enrolled, NamedBulkChange},
};
use queue::send_outbox;
use tokio::time::Instant;

use crate::{chunk, consumer::Consumer, ended, notice, other_changes, work_error::WorkError};

/// How often rows are checked again because another took the bulk change or a device in between.
const TRIES: u32 = 3;
/// No chunk: the finish looks at the bulk change alone.
const NO_CHUNK: i32 = -1;

/// Takes over the rows that nobody works on yet, and offers what is open.
///
/// Delivered twice, or side by side, it does what it does once: the rows are taken by one transaction, and the other finds
/// them taken.
pub(crate) async fn work(
    consumer: &Consumer,
    message: &SqsMessage,
    id: BulkChangeId,
    trace: Option<&TraceId>,
    deadline: Instant,
) -> Result<(), WorkError> {
    for _ in 0..TRIES {
        let named = enroll::read(&consumer.central, id).await?;
        let Some(named) = named else {
            return Err(WorkError::NoSuchBulkChange(id));
        };
        let span = tracing::Span::current();
        span.record("bulk_change_id", id.get());
        span.record("tenant_id", named.actor.tenant().get());
        if !named.is_association() {
            return other_changes::forward(consumer, message, id).await;
        }
        if named.deleted {
            tracing::info!("bulk_change_withdrawn");
            return Ok(());
        }
        if named.rows.is_empty() && named.has_work {
            return chunk::offer_all(consumer, id).await;
        }
        let enrolment = judge(consumer, id, &named).await?;
        let written = enroll::enroll(&consumer.central, id, &named, &enrolment, trace).await?;
        if let Some(enrolled) = written {
            ended::tell_refused(enrolment.refused.iter().map(|refused| refused.reason));
            tracing::info!(
                accepted = enrolled.accepted,
                refused = enrolled.refused,
                "bulk_change_enrolled"
            );
            return follow_up(consumer, id, &enrolled, deadline).await;
        }
    }
    Err(WorkError::TakenMeanwhile(id))
}

/// Runs the checks: one question for each distinct plan and pool, which both producers write one of for a bulk change.
async fn judge(
    consumer: &Consumer,
    id: BulkChangeId,
    named: &NamedBulkChange,
) -> Result<Enrolment, WorkError> {
    let sorted = sort(&named.rows, named.service_provider, named.fixed.as_ref());
    let mut answers = Vec::new();
    for question in sorted.questions() {
        answers.push(check_rows_of(&consumer.central, &named.actor, id, question).await?);
    }
    Ok(sorted.judge(&answers))
}

/// Offers what was enrolled; with service lines the first chunk alone, because it asks Rev for customer and products
/// (docs/decisions/0005). Ends a bulk change of which nothing is open.
async fn follow_up(
    consumer: &Consumer,
    id: BulkChangeId,
    enrolled: &Enrolled,
    deadline: Instant,
) -> Result<(), WorkError> {
    let at_once = if enrolled.preflight_open {
        1
    } else {
        usize::MAX
    };
    let rows = notice::rows(&enrolled.outbox, at_once);
    let outcome = send_outbox(consumer.queue.as_ref(), &rows).await;
    notice::mark(consumer, &outcome.sent, &outcome.failed).await;
    if enrolled.accepted > 0 {
        return Ok(());
    }
    chunk::finish_chunk(consumer, id, NO_CHUNK, deadline)
        .await
        .map(drop)
}

//! The way of one chunk: claim → Rev calls → facts → record → finish, until nothing of it is due or time runs out.

use std::time::Duration;

use association::{
    change_request::ChangeRequest,
    follow::{Ending, Standing, Turn, turn},
    ids::{BulkChangeId, ChangeId},
    trace::TraceId,
};
use central::{
    CentralError,
    claim::{Claim, ClaimAsk, ClaimedBulkChange, ClaimedChange, Preflight, claim},
    finish::{FinishSettings, finish},
    record::{Recorded, record_all},
    sweep::ChunkOffer,
};
use queue::{ChunkMessage, Outgoing};
use rev::Account;
use tokio::time::Instant;
use uuid::Uuid;

use crate::{
    account_state::tell_of_a_stop, accounts, billing, carrier_changes, consumer::Consumer, ended,
    notice, outcome::Outcomes, persist::through, preflight, slots::Slots, told::told,
    work_error::WorkError,
};

/// Time that facts, record and finish need after the last call.
pub(crate) const WRITING: Duration = Duration::from_secs(15);
/// A chunk is offered again no sooner, so that duplicates of a message do not spin.
const SOONEST: Duration = Duration::from_secs(5);
/// A chunk that has worked so long and still waits for call slots goes to the end of the queue (docs/decisions/0072).
const TURN: Duration = Duration::from_secs(15);

/// Works on a chunk until nothing of it is due; what is not due yet is offered again for later.
pub(crate) async fn work(
    consumer: &Consumer,
    message: &ChunkMessage,
    trace: Option<&TraceId>,
    deadline: Instant,
) -> Result<(), WorkError> {
    let owner = Uuid::new_v4();
    let begun = Instant::now();
    loop {
        let limits = &consumer.limits;
        if Instant::now() + limits.call_timeout + WRITING + Duration::from_secs(2) > deadline {
            return offer_again(consumer, message, trace, SOONEST).await;
        }
        let sent = Instant::now();
        let (ask, known) = ask(consumer, message, owner);
        let claim = claim(&consumer.central, &ask).await?;
        let answered = Instant::now();
        telemetry::measure::claimed(answered - sent);
        let Some(bulk) = &claim.bulk_change else {
            return Err(WorkError::NoSuchBulkChange(message.bulk_change));
        };
        let span = tracing::Span::current();
        span.record("bulk_change_id", bulk.id.get());
        span.record("tenant_id", bulk.actor.tenant().get());
        if !bulk.has_work {
            return Err(WorkError::NotRecordedHere(message.bulk_change));
        }
        let account = account(consumer, bulk, &claim, known).await;
        match claim.preflight {
            Preflight::Mine => {
                let slots = Slots::of_claim(answered, &claim.slots, claim.probe);
                preflight::run(consumer, bulk, account.as_ref(), owner, slots, deadline).await?;
                continue;
            }
            Preflight::Theirs => {
                return offer_again(consumer, message, trace, claim.wait.unwrap_or(SOONEST)).await;
            }
            Preflight::NotNeeded | Preflight::Passed | Preflight::Refused => {}
        }
        if claim.rows.is_empty() {
            if let Some(wait) = claim.wait {
                return offer_again(consumer, message, trace, wait).await;
            }
            if bulk.finished {
                return Ok(());
            }
        } else {
            let calls_end = (sent + limits.lease)
                .min(deadline)
                .checked_sub(WRITING)
                .unwrap_or(sent);
            let slots = Slots::of_claim(answered, &claim.slots, claim.probe);
            process(
                consumer,
                bulk,
                &claim.rows,
                account.as_ref(),
                slots,
                calls_end,
                deadline,
            )
            .await?;
        }
        let chunk = i32::try_from(message.chunk).unwrap_or(i32::MAX);
        match finish_chunk(consumer, bulk.id, chunk, deadline).await? {
            None => return Ok(()),
            Some(due_in) if due_in < Duration::from_secs(1) => {
                if begun.elapsed() >= TURN {
                    return offer_after(consumer, message, trace, Duration::ZERO).await;
                }
            }
            Some(due_in) => return offer_again(consumer, message, trace, due_in).await,
        }
    }
}

/// What to claim. Credentials are asked for only when this instance has none; a call more when it has no token.
fn ask(consumer: &Consumer, message: &ChunkMessage, owner: Uuid) -> (ClaimAsk, accounts::Known) {
    let limits = &consumer.limits;
    let known = consumer.accounts.of(message.bulk_change);
    let has_token = known
        .account()
        .is_some_and(|account| consumer.rev.has_token(account));
    let ask = ClaimAsk {
        bulk_change: message.bulk_change,
        chunk: i32::try_from(message.chunk).unwrap_or(i32::MAX),
        owner,
        most: limits.chunk,
        lease: limits.lease,
        horizon: limits.horizon,
        extra_calls: u32::from(!has_token),
        with_account: known.account().is_none(),
        budget: limits.budget,
    };
    (ask, known)
}

/// The Rev account of the bulk change, as known or as the claim brought it, with the credentials of the secret where that names it.
async fn account(
    consumer: &Consumer,
    bulk: &ClaimedBulkChange,
    claim: &Claim,
    known: accounts::Known,
) -> Option<Account> {
    if let Some(account) = known.into_account() {
        return Some(account);
    }
    let (id, row) = (bulk.integration_authentication?, claim.account.as_ref()?);
    let of_secret = match &consumer.rev_logins {
        None => None,
        Some(logins) => {
            let refused = consumer.accounts.refused(id);
            // Why it could not be read was told where it was read.
            logins.of(id, refused.as_ref()).await.ok()?
        }
    };
    let credentials = of_secret.unwrap_or_else(|| rev::Credentials {
        client_code: row.client_code.clone().unwrap_or_default(),
        user: row.user.clone(),
        password: row.password.clone(),
    });
    match consumer.rev.account(id, &row.base_url, credentials) {
        Ok(account) => {
            consumer.accounts.keep(bulk.id, account.clone());
            Some(account)
        }
        Err(error) => {
            tracing::error!(
                integration_authentication_id = id.get(),
                error = told(&error),
                "rev_account_refused"
            );
            None
        }
    }
}

/// Works on the rows of one claim and writes down what came of it.
async fn process(
    consumer: &Consumer,
    bulk: &ClaimedBulkChange,
    rows: &[ClaimedChange],
    account: Option<&Account>,
    slots: Slots,
    calls_end: Instant,
    deadline: Instant,
) -> Result<(), WorkError> {
    let requests: Vec<Option<ChangeRequest>> = rows.iter().map(read).collect();
    let turns: Vec<(&ClaimedChange, Option<&ChangeRequest>, Turn)> = rows
        .iter()
        .zip(&requests)
        .map(|(row, request)| {
            let standing = Standing {
                change: row.change,
                step: row.step,
                request: request.as_ref(),
                earlier_intent: row.earlier_intent,
                service_line: row.service_line,
                blocked: row.now_blocked,
                refused: bulk
                    .preflight_refused
                    .as_ref()
                    .map(|(reason, words)| (*reason, words.as_str())),
            };
            (row, request.as_ref(), turn(&standing))
        })
        .collect();

    let mut outcomes = Outcomes::default();
    let mut calls = Vec::new();
    for (row, request, turn) in turns {
        match (turn, request) {
            (Turn::Open(order), Some(request)) => {
                calls.push(billing::Call::open(row, request, *order));
            }
            (Turn::LookUp, Some(request)) => calls.push(billing::Call::look_up(row, request)),
            (Turn::Assign, Some(request)) => {
                outcomes.assign(row, request, row.service_line, None);
            }
            // Only a look-up comes here: without its text nothing is opened or handed over (`follow::turn`).
            (Turn::Open(_) | Turn::LookUp | Turn::Assign, None) => outcomes.end(
                row,
                Ending::Review(
                    association::plan::Reason::MalformedChange,
                    "a service line may be open, and the stored change cannot be read".to_owned(),
                ),
            ),
            (Turn::Doubt, _) => outcomes.doubt(row),
            (Turn::End(ending), _) => outcomes.end(row, ending),
        }
    }
    billing::run(consumer, account, calls, slots, calls_end, &mut outcomes).await;
    write(consumer, bulk, outcomes, deadline).await
}

/// Facts first, in a write of their own; then everything that can fail on business data.
async fn write(
    consumer: &Consumer,
    bulk: &ClaimedBulkChange,
    mut outcomes: Outcomes,
    deadline: Instant,
) -> Result<(), WorkError> {
    if outcomes.has_facts() {
        let account = bulk
            .integration_authentication
            .map(|id| (id, outcomes.account_facts.as_slice()));
        if let Some((id, facts)) = account {
            tell_of_a_stop(id, facts);
        }
        let stored = through(deadline, || {
            central::facts::facts(&consumer.central, account, &outcomes.facts)
        })
        .await?;
        outcomes.stored(&stored);
    }
    if outcomes.records.is_empty() && outcomes.logs.is_empty() {
        return Ok(());
    }
    let recorded = through(deadline, || timed_record(consumer, bulk, &outcomes)).await?;
    ended::tell(&outcomes.records, &recorded);
    for (change, recorded) in recorded {
        tracing::debug!(change_id = change.get(), recorded = ?recorded, "change_recorded");
    }
    Ok(())
}

async fn timed_record(
    consumer: &Consumer,
    bulk: &ClaimedBulkChange,
    outcomes: &Outcomes,
) -> Result<Vec<(ChangeId, Recorded)>, CentralError> {
    let begun = Instant::now();
    let recorded = record_all(&consumer.central, bulk, &outcomes.records, &outcomes.logs).await;
    telemetry::measure::recorded(begun.elapsed());
    recorded
}

/// Finishes the bulk change when nothing of it is open any more; else says when the rest of the chunk is due.
pub(crate) async fn finish_chunk(
    consumer: &Consumer,
    id: BulkChangeId,
    chunk: i32,
    deadline: Instant,
) -> Result<Option<Duration>, WorkError> {
    let settings = finish_settings(consumer);
    let finished = through(deadline, || finish(&consumer.central, id, chunk, &settings)).await?;
    if finished.finished_now {
        tracing::info!("bulk_change_finished");
    }
    carrier_changes::offer(consumer, finished.carrier.as_slice()).await;
    notice::send(consumer, finished.notice.as_slice()).await;
    Ok(finished.chunk_due_in)
}

pub(crate) fn finish_settings(consumer: &Consumer) -> FinishSettings {
    FinishSettings {
        notice_wanted: consumer.notifier.is_some(),
        carrier_wanted: consumer.queues.carrier_changes.is_some(),
    }
}

/// The stored change; a text that is not one is told of, and the change ends with that reason.
fn read(row: &ClaimedChange) -> Option<ChangeRequest> {
    let text = row.change_request.as_deref()?;
    serde_json::from_str(text)
        .inspect_err(|error| {
            tracing::error!(
                change_id = row.change.get(),
                line = error.line(),
                column = error.column(),
                "change_unreadable"
            );
        })
        .ok()
}

/// Sends the chunk again for later and ends this delivery with success, so that waiting never fills the dead letter queue.
async fn offer_again(
    consumer: &Consumer,
    message: &ChunkMessage,
    trace: Option<&TraceId>,
    wait: Duration,
) -> Result<(), WorkError> {
    offer_after(consumer, message, trace, wait.max(SOONEST)).await
}

/// The same, however soon.
async fn offer_after(
    consumer: &Consumer,
    message: &ChunkMessage,
    trace: Option<&TraceId>,
    wait: Duration,
) -> Result<(), WorkError> {
    let again = Outgoing::chunk(message).traced(trace).after(wait);
    for result in consumer.queue.send(&[again]).await {
        result?;
    }
    tracing::debug!(
        chunk = message.chunk,
        wait_ms = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX),
        "chunk_offered_again"
    );
    Ok(())
}

/// Offers every open chunk of a bulk change that a message names as a whole.
pub(crate) async fn offer_all(consumer: &Consumer, id: BulkChangeId) -> Result<(), WorkError> {
    let open = central::sweep::open_chunks(&consumer.central, id).await?;
    let Some(open) = open else {
        return Err(WorkError::NoSuchBulkChange(id));
    };
    if !open.has_work {
        return Err(WorkError::NotRecordedHere(id));
    }
    offer(consumer, &open.chunks)
        .await
        .into_iter()
        .find_map(Result::err)
        .map_or(Ok(()), |error| Err(error.into()))
}

/// Offers chunks at once.
pub(crate) async fn offer(
    consumer: &Consumer,
    chunks: &[ChunkOffer],
) -> Vec<Result<(), queue::QueueError>> {
    let messages: Vec<Outgoing> = chunks
        .iter()
        .filter_map(|chunk| {
            let message = ChunkMessage {
                bulk_change: chunk.bulk_change,
                chunk: u32::try_from(chunk.chunk).ok()?,
                tenant: chunk.tenant,
            };
            Some(Outgoing::chunk(&message).traced(chunk.trace.as_ref()))
        })
        .collect();
    if messages.is_empty() {
        Vec::new()
    } else {
        consumer.queue.send(&messages).await
    }
}

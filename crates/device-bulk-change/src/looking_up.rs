//! One look-up: every page of the lines that have the change's number.

use std::time::Duration;

use association::{
    change_request::ChangeRequest,
    follow::{LookedUp, backoff},
    service_line::{Reference, ServiceLine},
};
use central::claim::{ClaimedChange, more_slots};
use rev::{Account, Class, Exchange, Found, settle};
use tokio::time::Instant;

use crate::{
    account_state::{AFTER_A_STOP, AccountState, concerns_account},
    consumer::Consumer,
    slots::Slots,
};

/// A look-up reads at most this many pages; a number with more lines than that is for a person.
const MOST_PAGES: u32 = 20;

/// What came of a look-up.
pub(crate) enum Looked {
    /// Rev answered: with every page, or with a refusal.
    Up(LookedUp, Exchange),
    /// It decided nothing.
    Deferred {
        /// What was in the way.
        error: String,
        /// How long to wait.
        again_in: Duration,
    },
}

/// Reads every page of the lines that have the number; only a complete answer says what is there.
pub(crate) async fn look_up(
    consumer: &Consumer,
    account: &Account,
    row: &ClaimedChange,
    request: &ChangeRequest,
    calls_end: Instant,
    state: &AccountState,
) -> Looked {
    let mut lines: Vec<ServiceLine> = Vec::new();
    let mut page = 1;
    loop {
        if page > 1 && !next_page_slot(consumer, account, calls_end).await {
            return Looked::Deferred {
                error: "no call slot for the next page".to_owned(),
                again_in: Duration::from_secs(5),
            };
        }
        let answer = consumer
            .rev
            .lines(account, &request.number, None, page)
            .await;
        if let Some(fact) = concerns_account(&answer.class) {
            let stopped_by_it = matches!(answer.class, Class::Misconfigured { .. });
            state.told(fact);
            return Looked::Deferred {
                error: "the account is throttled or stopped".to_owned(),
                again_in: if stopped_by_it {
                    AFTER_A_STOP
                } else {
                    Duration::ZERO
                },
            };
        }
        match answer.class {
            Class::Done(read) => {
                state.working();
                lines.extend(read.records);
                if !read.has_more {
                    return Looked::Up(found(&lines, row, request), answer.exchange);
                }
                if page == MOST_PAGES {
                    return Looked::Up(LookedUp::TooMany, answer.exchange);
                }
                page += 1;
            }
            Class::Refused { reason, .. } => {
                return Looked::Up(LookedUp::Refused(reason), answer.exchange);
            }
            Class::NotSent { reason } | Class::Unknown { reason } => {
                return Looked::Deferred {
                    error: reason,
                    again_in: backoff(row.attempts),
                };
            }
            _ => {
                return Looked::Deferred {
                    error: "the look-up was not answered".to_owned(),
                    again_in: backoff(row.attempts),
                };
            }
        }
    }
}

/// Another page is another call: it takes a slot of its own.
async fn next_page_slot(consumer: &Consumer, account: &Account, calls_end: Instant) -> bool {
    let limits = &consumer.limits;
    let granted = more_slots(
        &consumer.central,
        account.id,
        1,
        limits.horizon,
        &limits.budget,
    )
    .await;
    let slot = match granted {
        Ok(granted) => Slots::new(Instant::now(), &granted.delays).take(),
        Err(error) => {
            tracing::warn!(%error, "slot_not_granted");
            None
        }
    };
    match slot.filter(|slot| slot.fits(limits.call_timeout, calls_end)) {
        Some(slot) => {
            slot.wait().await;
            true
        }
        None => false,
    }
}

fn found(lines: &[ServiceLine], row: &ClaimedChange, request: &ChangeRequest) -> LookedUp {
    let reference = Reference::of(row.change);
    match settle(
        lines,
        &reference,
        &request.rev_customer_id,
        &request.number,
        row.change_created.assume_utc(),
    ) {
        Found::Ours(id) => LookedUp::Ours(id),
        Found::SeveralOurs(ids) => LookedUp::SeveralOurs(ids),
        Found::Foreign => LookedUp::Foreign,
        Found::Suspicious => LookedUp::Suspicious,
        Found::Absent => LookedUp::Absent,
    }
}

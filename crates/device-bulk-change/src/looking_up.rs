//! One look-up: every page of the lines that have one of the change's numbers.

use std::time::Duration;

use association::{
    change_request::ChangeRequest,
    follow::{LookedUp, backoff},
    service_line::{Reference, ServiceLine},
};
use central::claim::{ClaimedChange, more_slots};
use rev::{Account, Class, Exchange, Found, settle, settle_uncalled};
use tokio::time::Instant;

use crate::{
    account_state::{AFTER_A_STOP, AccountState, concerns_account},
    consumer::Consumer,
    slots::{Slot, Slots},
    told::told,
};

/// A look-up of a number reads at most this many pages; one with more lines than that is for a person.
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

/// The numbers that a line of a change may have; each is one call at least.
pub(crate) struct Numbers(Vec<String>);

impl Numbers {
    /// A call of ours had the change's own number. Where there was none yet (a change of another producer), the system before
    /// this one may have called: it took the MSISDN that its own row has, or else the ICCID.
    pub(crate) fn of(row: &ClaimedChange, request: &ChangeRequest) -> Self {
        let mut numbers = vec![request.number.trim().to_owned()];
        if is_uncalled(row) {
            let of_row = row
                .msisdn
                .as_deref()
                .map(str::trim)
                .filter(|number| !number.is_empty());
            for number in [of_row.unwrap_or(row.iccid.trim()), request.iccid.as_str()] {
                if !numbers.iter().any(|known| known == number) {
                    numbers.push(number.to_owned());
                }
            }
        }
        Self(numbers)
    }

    /// How many calls it takes at least.
    pub(crate) fn count(&self) -> usize {
        self.0.len()
    }
}

/// Whether no call of ours was ever made for the change. Only a change of another producer is looked up before.
fn is_uncalled(row: &ClaimedChange) -> bool {
    row.unknowns == 0
}

/// What is looked up.
pub(crate) struct Asked<'a> {
    /// For which change.
    pub(crate) row: &'a ClaimedChange,
    /// As it is stored.
    pub(crate) request: &'a ChangeRequest,
    /// By which numbers.
    pub(crate) numbers: &'a Numbers,
}

/// Reads every page of the lines that have one of the numbers; only a complete answer says what is there. The first call is
/// the caller's to begin; `more` are slots for those after it.
pub(crate) async fn look_up(
    consumer: &Consumer,
    account: &Account,
    asked: &Asked<'_>,
    more: &[Slot],
    calls_end: Instant,
    state: &AccountState,
) -> Looked {
    let mut more = more.iter().copied();
    let mut lines: Vec<ServiceLine> = Vec::new();
    let mut told: Option<Exchange> = None;
    for (place, number) in asked.numbers.0.iter().enumerate() {
        let mut page = 1;
        loop {
            let first = place == 0 && page == 1;
            if !first {
                if !next_call(consumer, account, &mut more, calls_end).await {
                    return Looked::Deferred {
                        error: "no call slot for the next page".to_owned(),
                        again_in: Duration::from_secs(5),
                    };
                }
                // Asked after the wait: another call may have been throttled meanwhile.
                if state.halted() {
                    return Looked::Deferred {
                        error: "the account is throttled or stopped".to_owned(),
                        again_in: Duration::ZERO,
                    };
                }
            }
            let answer = consumer.rev.lines(account, number, None, page).await;
            let read = match answer.class {
                Class::Done(read) => read,
                class => return not_answered(class, answer.exchange, asked.row, state),
            };
            state.working();
            if told.is_none() || !read.records.is_empty() {
                told = Some(answer.exchange.clone());
            }
            lines.extend(read.records);
            if !read.has_more {
                break;
            }
            if page == MOST_PAGES {
                return Looked::Up(LookedUp::TooMany, answer.exchange);
            }
            page += 1;
        }
    }
    Looked::Up(found(&lines, asked), told.unwrap_or_default())
}

/// A call that shows no lines.
fn not_answered<T>(
    class: Class<T>,
    exchange: Exchange,
    row: &ClaimedChange,
    state: &AccountState,
) -> Looked {
    if let Some(fact) = concerns_account(&class) {
        let stopped_by_it = matches!(class, Class::Misconfigured { .. });
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
    match class {
        Class::Refused { reason, .. } => Looked::Up(LookedUp::Refused(reason), exchange),
        Class::NotSent { reason } | Class::Unknown { reason } => Looked::Deferred {
            error: reason,
            again_in: backoff(row.attempts),
        },
        _ => Looked::Deferred {
            error: "the look-up was not answered".to_owned(),
            again_in: backoff(row.attempts),
        },
    }
}

/// Waits for the slot of another call: one that the claim gave, or one of its own when that has lapsed because the call before
/// it took long.
async fn next_call(
    consumer: &Consumer,
    account: &Account,
    more: &mut impl Iterator<Item = Slot>,
    calls_end: Instant,
) -> bool {
    let longest = consumer.limits.call_timeout;
    if let Some(slot) = more.next().filter(|slot| slot.fits(longest, calls_end)) {
        slot.wait().await;
        if !slot.lapsed() {
            return true;
        }
    }
    next_page_slot(consumer, account, calls_end).await
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
            tracing::warn!(error = told(&error), "slot_not_granted");
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

fn found(lines: &[ServiceLine], asked: &Asked<'_>) -> LookedUp {
    let (row, request) = (asked.row, asked.request);
    let reference = Reference::of(row.change);
    let customer = &request.rev_customer_id;
    let created = row.change_created.assume_utc();
    let found = if is_uncalled(row) {
        settle_uncalled(lines, &reference, customer, &asked.numbers.0, created)
    } else {
        settle(lines, &reference, customer, &request.number, created)
    };
    match found {
        Found::Ours(id) => LookedUp::Ours(id),
        Found::SeveralOurs(ids) => LookedUp::SeveralOurs(ids),
        Found::Foreign => LookedUp::Foreign,
        Found::Suspicious => LookedUp::Suspicious,
        Found::Absent => LookedUp::Absent,
        Found::OldSystems(id) => LookedUp::OldSystems(id),
        Found::SeveralOldSystems(ids) => LookedUp::SeveralOldSystems(ids),
        Found::Billed => LookedUp::Billed,
    }
}

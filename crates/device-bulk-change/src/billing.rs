//! The Rev calls of one claim, side by side: each in its slot, under the live lease, and none begun that could outlive it.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use association::{
    change_request::ChangeRequest,
    follow::{LookedUp, Opened, Settling, after_look_up, after_opening, backoff},
    ids::{IntegrationAuthenticationId, ServiceLineId},
    service_line::{Reference, ServiceLine, ServiceLineOrder},
};
use central::{
    claim::{ClaimedChange, more_slots},
    facts::AccountFact,
};
use futures::future::join_all;
use rev::{Account, Class, Exchange, Found, settle};

use crate::{
    consumer::Consumer,
    outcome::Outcomes,
    slots::{Slot, Slots},
};

/// A look-up reads at most this many pages; a number with more lines than that is for a person.
const MOST_PAGES: u32 = 20;
/// How long who got the answer that stopped the account stands back: longer than the 5 minutes from probe to probe, so that
/// the next probe is another's. Should the answer be about this one alone, the account goes on without it.
pub(crate) const AFTER_A_STOP: Duration = Duration::from_mins(15);

/// One change that needs Rev.
pub(crate) struct Call<'a> {
    row: &'a ClaimedChange,
    request: &'a ChangeRequest,
    kind: Kind,
}

enum Kind {
    Open(Box<ServiceLineOrder>),
    LookUp,
}

impl<'a> Call<'a> {
    /// Open the line.
    pub(crate) fn open(
        row: &'a ClaimedChange,
        request: &'a ChangeRequest,
        order: ServiceLineOrder,
    ) -> Self {
        Self {
            row,
            request,
            kind: Kind::Open(Box::new(order)),
        }
    }

    /// Find out whether one was opened.
    pub(crate) fn look_up(row: &'a ClaimedChange, request: &'a ChangeRequest) -> Self {
        Self {
            row,
            request,
            kind: Kind::LookUp,
        }
    }
}

/// What came of a call.
enum Came {
    Opened(Opened, Option<Exchange>),
    LookedUp(LookedUp, Exchange),
    /// The look-up decided nothing.
    Deferred {
        error: String,
        again_in: Duration,
    },
}

/// Set by the first answer that concerns the account: calls that have not begun are handed back.
#[derive(Default)]
struct AccountState {
    facts: Mutex<Vec<AccountFact>>,
}

impl AccountState {
    fn told(&self, fact: AccountFact) {
        self.facts
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(fact);
    }

    fn halted(&self) -> bool {
        let facts = self.facts.lock().unwrap_or_else(PoisonError::into_inner);
        facts
            .iter()
            .any(|fact| !matches!(fact, AccountFact::Working))
    }

    fn working(&self) {
        let mut facts = self.facts.lock().unwrap_or_else(PoisonError::into_inner);
        if facts.is_empty() {
            facts.push(AccountFact::Working);
        }
    }
}

/// Makes the calls and adds what follows from each. Returns only when none is in the air.
pub(crate) async fn run(
    consumer: &Consumer,
    account: Option<&Account>,
    calls: Vec<Call<'_>>,
    mut slots: Slots,
    calls_end: Instant,
    outcomes: &mut Outcomes,
) {
    if calls.is_empty() {
        return;
    }
    let state = AccountState::default();
    let Some(account) = account else {
        outcomes.account_facts.push(AccountFact::Stopped {
            reason: "the account has no usable credentials or base URL".to_owned(),
        });
        for call in &calls {
            follow(
                call,
                not_begun(call, "the account has no usable credentials or base URL"),
                outcomes,
            );
        }
        return;
    };
    if !consumer.rev.has_token(account) {
        sign_in(consumer, account, slots.take(), calls_end, &state).await;
    }
    let slotted: Vec<(Call<'_>, Option<Slot>)> =
        calls.into_iter().map(|call| (call, slots.take())).collect();
    let came = join_all(
        slotted
            .iter()
            .map(|(call, slot)| one(consumer, account, call, *slot, calls_end, &state)),
    )
    .await;
    for ((call, _), came) in slotted.iter().zip(came) {
        follow(call, came, outcomes);
    }
    outcomes.account_facts.extend(
        state
            .facts
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner),
    );
}

/// Gets a token before the calls, in the slot that the claim asked for.
async fn sign_in(
    consumer: &Consumer,
    account: &Account,
    slot: Option<Slot>,
    calls_end: Instant,
    state: &AccountState,
) {
    let Some(slot) = slot.filter(|slot| slot.fits(consumer.limits.call_timeout, calls_end)) else {
        return;
    };
    slot.wait().await;
    let answer = consumer.rev.token(account).await;
    if let Some(fact) = concerns_account(&answer.class) {
        if matches!(answer.class, Class::Token) {
            consumer.accounts.forget(account.id);
        }
        state.told(fact);
    }
}

async fn one(
    consumer: &Consumer,
    account: &Account,
    call: &Call<'_>,
    slot: Option<Slot>,
    calls_end: Instant,
    state: &AccountState,
) -> Came {
    let longest = consumer.limits.call_timeout;
    let Some(slot) = slot.filter(|slot| slot.fits(longest, calls_end)) else {
        return not_begun(call, "no call slot in time");
    };
    slot.wait().await;
    let Ok(_permit) = consumer.in_the_air.acquire().await else {
        return not_begun(call, "the consumer ends");
    };
    if slot.lapsed() || Instant::now() + longest > calls_end {
        return not_begun(call, "the call slot lapsed");
    }
    if state.halted() || !consumer.rev.has_token(account) {
        return not_begun(call, "the account is throttled or stopped");
    }
    match &call.kind {
        Kind::Open(order) => open(consumer, account, call, order, state).await,
        Kind::LookUp => look_up(consumer, account, call, calls_end, state).await,
    }
}

async fn open(
    consumer: &Consumer,
    account: &Account,
    call: &Call<'_>,
    order: &ServiceLineOrder,
    state: &AccountState,
) -> Came {
    let answer = consumer.rev.open_line(account, order).await;
    if let Some(fact) = concerns_account(&answer.class) {
        if matches!(answer.class, Class::Token) {
            consumer.accounts.forget(account.id);
        }
        state.told(fact);
    }
    Came::Opened(
        opened(answer.class, call.row.attempts, state),
        Some(answer.exchange),
    )
}

/// What the class of an opening call means for the change.
fn opened(class: Class<ServiceLineId>, attempts: i32, state: &AccountState) -> Opened {
    let account = |error: String| Opened::NotSent {
        error,
        again_in: Duration::ZERO,
        account: true,
    };
    match class {
        Class::Done(id) => {
            state.working();
            Opened::Line(id)
        }
        Class::Refused { reason, .. } => {
            state.working();
            Opened::Refused(reason)
        }
        Class::NotFound => Opened::Refused("Rev does not know the customer".to_owned()),
        Class::Token => account("Rev refuses the credentials of the account".to_owned()),
        Class::Throttled { .. } => account("Rev throttles the account".to_owned()),
        Class::Misconfigured { reason } => Opened::NotSent {
            error: reason,
            again_in: AFTER_A_STOP,
            account: true,
        },
        Class::NotSent { reason } => Opened::NotSent {
            error: reason,
            again_in: backoff(attempts),
            account: false,
        },
        Class::Unknown { reason } => Opened::Unknown(reason),
    }
}

/// What an answer says about the account, whatever it was asked.
pub(crate) fn concerns_account<T>(class: &Class<T>) -> Option<AccountFact> {
    match class {
        Class::Throttled { retry_after } => Some(AccountFact::Throttled {
            retry_after: *retry_after,
        }),
        Class::Token => Some(AccountFact::Stopped {
            reason: "Rev refuses the credentials of the account".to_owned(),
        }),
        Class::Misconfigured { reason } => Some(AccountFact::Stopped {
            reason: reason.clone(),
        }),
        _ => None,
    }
}

/// Raises the alarm: nobody but a person can mend what stops an account. Rev's words stand in RevCallBudget.
pub(crate) fn tell_of_a_stop(account: IntegrationAuthenticationId, facts: &[AccountFact]) {
    if facts
        .iter()
        .any(|fact| matches!(fact, AccountFact::Stopped { .. }))
    {
        tracing::error!(
            integration_authentication_id = account.get(),
            "rev_account_stopped"
        );
    }
}

/// Reads every page of the lines that have the number; only a complete answer says what is there.
async fn look_up(
    consumer: &Consumer,
    account: &Account,
    call: &Call<'_>,
    calls_end: Instant,
    state: &AccountState,
) -> Came {
    let mut lines: Vec<ServiceLine> = Vec::new();
    let mut page = 1;
    loop {
        if page > 1 && !next_page_slot(consumer, account, calls_end).await {
            return Came::Deferred {
                error: "no call slot for the next page".to_owned(),
                again_in: Duration::from_secs(5),
            };
        }
        let answer = consumer
            .rev
            .lines(account, &call.request.number, None, page)
            .await;
        if let Some(fact) = concerns_account(&answer.class) {
            let stopped_by_it = matches!(answer.class, Class::Misconfigured { .. });
            state.told(fact);
            return Came::Deferred {
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
                    return Came::LookedUp(found(&lines, call), answer.exchange);
                }
                if page == MOST_PAGES {
                    return Came::LookedUp(LookedUp::TooMany, answer.exchange);
                }
                page += 1;
            }
            Class::Refused { reason, .. } => {
                return Came::LookedUp(LookedUp::Refused(reason), answer.exchange);
            }
            Class::NotSent { reason } | Class::Unknown { reason } => {
                return Came::Deferred {
                    error: reason,
                    again_in: backoff(call.row.attempts),
                };
            }
            _ => {
                return Came::Deferred {
                    error: "the look-up was not answered".to_owned(),
                    again_in: backoff(call.row.attempts),
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

fn found(lines: &[ServiceLine], call: &Call<'_>) -> LookedUp {
    let reference = Reference::of(call.row.change);
    match settle(
        lines,
        &reference,
        &call.request.rev_customer_id,
        &call.request.number,
        call.row.change_created.assume_utc(),
    ) {
        Found::Ours(id) => LookedUp::Ours(id),
        Found::SeveralOurs(ids) => LookedUp::SeveralOurs(ids),
        Found::Foreign => LookedUp::Foreign,
        Found::Suspicious => LookedUp::Suspicious,
        Found::Absent => LookedUp::Absent,
    }
}

fn not_begun(call: &Call<'_>, why: &str) -> Came {
    match call.kind {
        Kind::Open(_) => Came::Opened(
            Opened::NotSent {
                error: why.to_owned(),
                again_in: Duration::ZERO,
                account: true,
            },
            None,
        ),
        Kind::LookUp => Came::Deferred {
            error: why.to_owned(),
            again_in: Duration::ZERO,
        },
    }
}

/// What follows is decided by `association`; here it is only written down.
fn follow(call: &Call<'_>, came: Came, outcomes: &mut Outcomes) {
    let row = call.row;
    match came {
        Came::Opened(opened, exchange) => {
            let next = after_opening(opened, row.attempts);
            outcomes.opened(row, call.request, next, exchange.as_ref());
        }
        Came::LookedUp(found, exchange) => {
            let settling = Settling {
                counts: row.settle_due,
                absent_before: row.absent_since_30s,
                unknowns: row.unknowns,
                attempts: row.attempts,
            };
            outcomes.settled(
                row,
                call.request,
                after_look_up(&found, settling),
                &exchange,
            );
        }
        Came::Deferred { error, again_in } => outcomes.deferred(row, error, again_in),
    }
}

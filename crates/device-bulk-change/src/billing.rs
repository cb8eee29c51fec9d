//! The Rev calls of one claim, side by side: each in its slot, under the live lease, and none begun that could outlive it.

use std::time::Duration;

use association::{
    change_request::ChangeRequest,
    follow::{Before, Opened, Settling, after_look_up, after_opening, backoff},
    ids::ServiceLineId,
    service_line::ServiceLineOrder,
};
use central::{claim::ClaimedChange, facts::AccountFact};
use futures::future::join_all;
use rev::{Account, Class, Exchange};
use tokio::time::Instant;

use crate::{
    account_state::{AFTER_A_STOP, AccountState, concerns_account},
    consumer::Consumer,
    looking_up::{Asked, Looked, Numbers, look_up},
    outcome::Outcomes,
    slots::{Slot, Slots},
};

/// One change that needs Rev.
pub(crate) struct Call<'a> {
    row: &'a ClaimedChange,
    request: &'a ChangeRequest,
    kind: Kind,
}

enum Kind {
    Open(Box<ServiceLineOrder>),
    LookUp(Numbers),
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
            kind: Kind::LookUp(Numbers::of(row, request)),
        }
    }
}

/// What came of a call.
enum Came {
    Opened(Opened, Option<Exchange>),
    Looked(Looked),
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
    let state = AccountState::of(slots.are_a_probe());
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
    let slotted: Vec<(Call<'_>, Vec<Slot>)> = calls
        .into_iter()
        .map(|call| {
            let wanted = match &call.kind {
                Kind::Open(_) => 1,
                Kind::LookUp(numbers) => numbers.count(),
            };
            let taken = (0..wanted).map_while(|_| slots.take()).collect();
            (call, taken)
        })
        .collect();
    let came = join_all(
        slotted
            .iter()
            .map(|(call, slots)| one(consumer, account, call, slots, calls_end, &state)),
    )
    .await;
    for ((call, _), came) in slotted.iter().zip(came) {
        follow(call, came, outcomes);
    }
    outcomes.account_facts.extend(state.into_facts());
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
    } else if let Class::NotSent { reason } | Class::Unknown { reason } = answer.class {
        state.could_not_sign_in(format!("signing in: {reason}"));
    }
}

async fn one(
    consumer: &Consumer,
    account: &Account,
    call: &Call<'_>,
    slots: &[Slot],
    calls_end: Instant,
    state: &AccountState,
) -> Came {
    let longest = consumer.limits.call_timeout;
    let Some((slot, more)) = slots
        .split_first()
        .filter(|(slot, _)| slot.fits(longest, calls_end))
    else {
        return not_begun(call, "no call slot in time");
    };
    slot.wait().await;
    let Ok(_permit) = consumer.in_the_air.acquire().await else {
        return not_begun(call, "the consumer ends");
    };
    if slot.lapsed() || Instant::now() + longest > calls_end {
        return not_begun(call, "the call slot lapsed");
    }
    if let Some(reason) = state.without_sign_in() {
        return not_reached(call, reason);
    }
    if state.halted() || !consumer.rev.has_token(account) {
        return not_begun(call, "the account is throttled or stopped");
    }
    match &call.kind {
        Kind::Open(order) => open(consumer, account, call, order, state).await,
        Kind::LookUp(numbers) => {
            let asked = Asked {
                row: call.row,
                request: call.request,
                numbers,
            };
            Came::Looked(look_up(consumer, account, &asked, more, calls_end, state).await)
        }
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
        Kind::LookUp(_) => Came::Looked(Looked::Deferred {
            error: why.to_owned(),
            again_in: Duration::ZERO,
        }),
    }
}

/// Rev could not be reached: the change comes back later, and not without end.
fn not_reached(call: &Call<'_>, error: String) -> Came {
    let again_in = backoff(call.row.attempts);
    match call.kind {
        Kind::Open(_) => Came::Opened(
            Opened::NotSent {
                error,
                again_in,
                account: false,
            },
            None,
        ),
        Kind::LookUp(_) => Came::Looked(Looked::Deferred { error, again_in }),
    }
}

/// What follows is decided by `association`; here it is only written down.
fn follow(call: &Call<'_>, came: Came, outcomes: &mut Outcomes) {
    let row = call.row;
    match came {
        Came::Opened(opened, exchange) => {
            let next = after_opening(
                opened,
                Before {
                    attempts: row.attempts,
                    unknowns: row.unknowns,
                },
            );
            outcomes.opened(row, call.request, next, exchange.as_ref());
        }
        Came::Looked(Looked::Up(found, exchange)) => {
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
        Came::Looked(Looked::Deferred { error, again_in }) => {
            outcomes.deferred(row, error, again_in);
        }
    }
}

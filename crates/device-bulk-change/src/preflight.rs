//! Once per bulk change with service lines: does Rev know the customer, and does it offer the products? Asked before the
//! first line is opened, so that ten thousand devices are not refused one by one.

use std::{collections::HashSet, time::Duration};

use association::{plan::Reason, request::Options, service_line::Billed};
use central::{
    claim::{ClaimedBulkChange, more_slots},
    facts::AccountFact,
    outbox,
    preflight::{Verdict, preflight},
};
use queue::send_outbox;
use rev::{Account, Class};
use tokio::time::Instant;
use uuid::Uuid;

use crate::{
    account_state::{AFTER_A_STOP, concerns_account, tell_of_a_stop},
    chunk::WRITING,
    consumer::Consumer,
    notice,
    persist::through,
    slots::{Slot, Slots},
    told::told,
    work_error::WorkError,
};

/// How soon Rev is asked again when it did not answer.
const AGAIN: Duration = Duration::from_secs(10);
const MOST_PAGES: u32 = 20;

/// Asks Rev and writes the verdict down, under the preflight's own lease.
pub(crate) async fn run(
    consumer: &Consumer,
    bulk: &ClaimedBulkChange,
    account: Option<&Account>,
    owner: Uuid,
    slots: Slots,
    deadline: Instant,
) -> Result<(), WorkError> {
    let mut facts = Vec::new();
    let verdict = if let Some(account) = account {
        let calls_end = deadline.checked_sub(WRITING).unwrap_or(deadline);
        match ask(consumer, bulk, account, slots, calls_end, &mut facts).await {
            Verdict::Wait { .. } if stopped(&facts) => Verdict::Wait {
                again_in: AFTER_A_STOP,
            },
            verdict => verdict,
        }
    } else {
        facts.push(AccountFact::Stopped {
            reason: "the account has no usable credentials or base URL".to_owned(),
        });
        Verdict::Wait {
            again_in: Duration::from_mins(5),
        }
    };
    if let Verdict::Refused { reason, .. } = &verdict {
        tracing::warn!(reason = reason.code(), "preflight_refused");
    }
    let account = bulk
        .integration_authentication
        .map(|id| (id, facts.as_slice()));
    if let Some((id, facts)) = account.filter(|(_, facts)| !facts.is_empty()) {
        tell_of_a_stop(id, facts);
        through(deadline, || {
            central::facts::facts(&consumer.central, account, &[])
        })
        .await?;
    }
    let ours = through(deadline, || {
        preflight(&consumer.central, bulk.id, owner, &verdict)
    })
    .await?;
    if !ours {
        tracing::info!("preflight_lease_lost");
    } else if verdict == Verdict::Passed {
        offer_the_others(consumer, bulk).await?;
    }
    Ok(())
}

/// The intake offered the first chunk alone; now that lines may be opened, the others are offered too.
async fn offer_the_others(consumer: &Consumer, bulk: &ClaimedBulkChange) -> Result<(), WorkError> {
    let messages = outbox::take(&consumer.central, bulk.id).await?;
    let outcome = send_outbox(
        consumer.queue.as_ref(),
        &notice::rows(&messages, usize::MAX),
    )
    .await;
    notice::mark(consumer, &outcome.sent, &outcome.failed).await;
    Ok(())
}

async fn ask(
    consumer: &Consumer,
    bulk: &ClaimedBulkChange,
    account: &Account,
    slots: Slots,
    calls_end: Instant,
    facts: &mut Vec<AccountFact>,
) -> Verdict {
    let wait = Verdict::Wait { again_in: AGAIN };
    let Some(customer) = &bulk.rev_customer else {
        return Verdict::Refused {
            reason: Reason::RevCustomer,
            words: "the bulk change names no Rev customer".to_owned(),
        };
    };
    let mut calls = Calls {
        consumer,
        account,
        slots,
        until: calls_end,
    };
    if !consumer.rev.has_token(account) {
        if !calls.turn().await {
            return wait;
        }
        let answer = consumer.rev.token(account).await;
        if let Some(fact) = concerns_account(&answer.class) {
            consumer.accounts.forget(account.id);
            facts.push(fact);
        }
        if !matches!(answer.class, Class::Done(())) {
            return wait;
        }
    }
    if !calls.turn().await {
        return wait;
    }
    let class = consumer.rev.customer(account, customer).await.class;
    if calls.slots.are_a_probe()
        && matches!(
            class,
            Class::Done(_) | Class::NotFound | Class::Refused { .. }
        )
    {
        // Rev took a call of the account: the probe of a stopped one has succeeded.
        facts.push(AccountFact::Working);
    }
    match class {
        Class::Done(known) if is_closed(&known.status) => {
            return Verdict::Refused {
                reason: Reason::RevCustomer,
                words: format!("Rev's customer {customer} is {}", known.status),
            };
        }
        Class::Done(_) => {}
        Class::NotFound => {
            return Verdict::Refused {
                reason: Reason::RevCustomer,
                words: format!("Rev does not know customer {customer}"),
            };
        }
        Class::Refused { reason, .. } => {
            return Verdict::Refused {
                reason: Reason::RevCustomer,
                words: reason,
            };
        }
        class => {
            facts.extend(concerns_account(&class));
            return wait;
        }
    }
    products(&mut calls, bulk, facts).await.unwrap_or(wait)
}

/// Every product that is asked for is on offer. None: no complete answer yet.
async fn products(
    calls: &mut Calls<'_>,
    bulk: &ClaimedBulkChange,
    facts: &mut Vec<AccountFact>,
) -> Option<Verdict> {
    let options: Option<Options> = bulk
        .options
        .as_deref()
        .and_then(|text| serde_json::from_str(text).ok());
    let mut wanted: HashSet<i32> = match options
        .and_then(|options| options.rev_service)
        .map(|service| service.billed)
    {
        Some(Billed::Products(products)) => {
            products.iter().map(|product| product.product_id).collect()
        }
        // Rev.io shows no list of packages to a customer; a wrong one is refused line by line.
        Some(Billed::Package(_)) | None => HashSet::new(),
    };
    if wanted.is_empty() {
        return Some(Verdict::Passed);
    }
    let customer = bulk.rev_customer.as_ref()?;
    for page in 1..=MOST_PAGES {
        if !calls.turn().await {
            return None;
        }
        match calls
            .consumer
            .rev
            .products(calls.account, customer, page)
            .await
            .class
        {
            Class::Done(read) => {
                for product in read
                    .records
                    .iter()
                    .filter(|product| !is_closed(&product.status))
                {
                    wanted.remove(&product.product_id);
                }
                if wanted.is_empty() {
                    return Some(Verdict::Passed);
                }
                if !read.has_more {
                    let mut missing: Vec<i32> = wanted.into_iter().collect();
                    missing.sort_unstable();
                    return Some(Verdict::Refused {
                        reason: Reason::RevProduct,
                        words: format!("Rev does not offer the customer product {missing:?}"),
                    });
                }
            }
            Class::Refused { reason, .. } => {
                return Some(Verdict::Refused {
                    reason: Reason::RevProduct,
                    words: reason,
                });
            }
            class => {
                facts.extend(concerns_account(&class));
                return None;
            }
        }
    }
    None
}

/// Whether the last word on the account is that it is stopped.
fn stopped(facts: &[AccountFact]) -> bool {
    matches!(facts.last(), Some(AccountFact::Stopped { .. }))
}

fn is_closed(status: &str) -> bool {
    [
        "CLOSED",
        "INACTIVE",
        "DISCONNECTED",
        "CANCELED",
        "CANCELLED",
    ]
    .iter()
    .any(|closed| status.trim().eq_ignore_ascii_case(closed))
}

/// The calls of a preflight, one after the other, each in a slot.
struct Calls<'a> {
    consumer: &'a Consumer,
    account: &'a Account,
    slots: Slots,
    until: Instant,
}

impl Calls<'_> {
    /// Waits for the next slot; one beyond those of the claim is asked for. False: there is none in time.
    async fn turn(&mut self) -> bool {
        let slot = match self.slots.take() {
            Some(slot) => Some(slot),
            None => self.another().await,
        };
        match slot.filter(|slot| slot.fits(self.consumer.limits.call_timeout, self.until)) {
            Some(slot) => {
                slot.wait().await;
                !slot.lapsed()
            }
            None => false,
        }
    }

    async fn another(&self) -> Option<Slot> {
        let limits = &self.consumer.limits;
        let granted = more_slots(
            &self.consumer.central,
            self.account.id,
            1,
            limits.horizon,
            &limits.budget,
        )
        .await;
        match granted {
            Ok(granted) => Slots::new(Instant::now(), &granted.delays).take(),
            Err(error) => {
                tracing::warn!(error = told(&error), "slot_not_granted");
                None
            }
        }
    }
}

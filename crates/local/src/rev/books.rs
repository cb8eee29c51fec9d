//! Everything the stand-in knows, behind one lock, and what each call does to it.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use time::{OffsetDateTime, serde::rfc3339};
use tokio::sync::watch;

use super::{
    accounts::{FakeAccount, Tokens, lasts},
    answer::{Answer, Planned},
    clock::Clock,
    fault::{Does, Fault},
    ledger::{Ledger, Line, Order},
    limit::Limit,
    rule::{Call, Faults, Subject},
    stand_in::Options,
};

/// One call as it arrived.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallRecord {
    /// On the stand-in's clock.
    #[serde(with = "rfc3339")]
    pub at: OffsetDateTime,
    /// Which call.
    pub call: Call,
    /// Client code of the account, when it signed in.
    pub account: Option<String>,
    /// Number, or customer id for calls without a number.
    pub subject: String,
    /// The header `Idempotency-Key`.
    pub reference: Option<String>,
    /// What it was answered with; none when the connection was closed.
    pub status: Option<u16>,
    /// Whether the limit turned it away.
    pub over_limit: bool,
}

/// The largest number of calls in any 60 seconds.
#[must_use]
pub fn most_in_a_minute(calls: &[CallRecord]) -> usize {
    let mut times: Vec<OffsetDateTime> = calls.iter().map(|call| call.at).collect();
    times.sort_unstable();
    let mut first = 0;
    let mut most = 0;
    for (last, at) in times.iter().enumerate() {
        while *at - times[first] >= time::Duration::seconds(60) {
            first += 1;
        }
        most = most.max(last + 1 - first);
    }
    most
}

/// A call before it is answered.
pub(super) struct Asked {
    pub call: Call,
    /// The token of the header, or the credentials of a sign-in.
    pub who: Who,
    /// Number, or customer id for calls without a number.
    pub subject: String,
    pub reference: Option<String>,
}

pub(super) enum Who {
    Bearer(Option<String>),
    Credentials(Option<FakeAccount>),
}

pub(super) struct Books {
    pub options: Options,
    pub clock: Clock,
    pub faults: Faults,
    /// Told when answers that are held back may go.
    pub held: watch::Sender<()>,
    pub ledger: Ledger,
    pub tokens: Tokens,
    pub calls: Vec<CallRecord>,
    /// Customers by id, with their status.
    pub customers: BTreeMap<i64, String>,
    products: BTreeSet<i64>,
    limit: Limit,
}

const FIRST_CUSTOMERS: std::ops::RangeInclusive<i64> = 1001..=1006;
const PRODUCTS: std::ops::RangeInclusive<i64> = 11..=30;

impl Books {
    pub(super) fn new(options: Options) -> Self {
        let customers = FIRST_CUSTOMERS
            .chain(options.customers.iter().copied())
            .map(|id| (id, "ACTIVE".to_owned()))
            .collect();
        let products = PRODUCTS.chain(options.products.iter().copied()).collect();
        Self {
            options,
            clock: Clock::default(),
            faults: Faults::default(),
            held: watch::Sender::default(),
            ledger: Ledger::default(),
            tokens: Tokens::default(),
            calls: Vec::new(),
            customers,
            products,
            limit: Limit::default(),
        }
    }

    /// Nothing goes wrong any more, and nothing is held back.
    pub(super) fn clear_faults(&mut self) {
        self.faults.clear();
        self.held.send_replace(());
    }

    /// The time, after doing what has fallen due by it.
    pub(super) fn now(&mut self) -> OffsetDateTime {
        let now = self.clock.now();
        self.ledger.catch_up(now);
        now
    }

    /// Takes a call: who it is, whether the limit lets it through, what goes wrong, and then what `truth` does and says.
    /// `truth` gets the account and the fault; without an answer of its own the connection is closed.
    pub(super) fn take(
        &mut self,
        asked: Asked,
        truth: impl FnOnce(&mut Self, &str, &Fault, OffsetDateTime) -> Option<(u16, Value)>,
    ) -> Planned {
        let now = self.now();
        let latency = self.options.latency;
        let account = self.account(&asked.who, now);
        let mut over_limit = false;
        let mut delay = latency;
        let mut held = None;
        let answer = match &account {
            None => Answer::refused(401, "not signed in, or the sign-in has ended"),
            Some(account) => {
                let taken = self.limit.take(account, self.options.limit_per_minute, now);
                if let Err(seconds) = taken {
                    over_limit = true;
                    Answer::too_many(seconds)
                } else {
                    let subject = Subject {
                        call: asked.call,
                        number: &asked.subject,
                        reference: asked.reference.as_deref(),
                    };
                    let seed = self.options.seed;
                    let fault = self.faults.next(seed, &subject).unwrap_or_default();
                    delay += Duration::from_millis(fault.delay_ms);
                    held = fault.held.then(|| self.held.subscribe());
                    let truth = truth(self, account, &fault, now);
                    Answer::told(fault.reply, truth)
                }
            }
        };
        self.calls.push(CallRecord {
            at: now,
            call: asked.call,
            account,
            subject: asked.subject,
            reference: asked.reference,
            status: answer.status(),
            over_limit,
        });
        Planned {
            held,
            delay,
            answer,
        }
    }

    fn account(&self, who: &Who, now: OffsetDateTime) -> Option<String> {
        match who {
            Who::Bearer(token) => self.tokens.account(token.as_deref()?, now),
            Who::Credentials(given) => {
                let given = given.as_ref()?;
                let known = self.options.accounts.iter().any(|account| account == given);
                known.then(|| given.client_code.clone())
            }
        }
    }

    pub(super) fn sign_in(&mut self, account: &str, now: OffsetDateTime) -> (u16, Value) {
        let seconds = self.options.token_seconds;
        let token = self.tokens.give(account, now + lasts(seconds));
        (
            200,
            json!({"ok": true, "access_token": token, "token_type": "Bearer", "expires_in": seconds}),
        )
    }

    pub(super) fn customer(&self, id: &str) -> (u16, Value) {
        let found = id
            .parse()
            .ok()
            .and_then(|id: i64| Some((id, self.customers.get(&id)?)));
        match found {
            Some((id, status)) => (
                200,
                json!({"ok": true, "id": id, "name": format!("Fake customer {id}"), "status": status}),
            ),
            None => no(404, &format!("there is no customer {id}")),
        }
    }

    pub(super) fn products(&self, page: Paging) -> (u16, Value) {
        let products = self.products.iter().map(|id| {
            json!({
                "product_id": id,
                "description": format!("Fake product {id}"),
                "rate": 10.5,
                "status": "ACTIVE",
            })
        });
        page.of(products)
    }

    pub(super) fn lines(
        &self,
        account: &str,
        number: &str,
        customer: Option<i64>,
        page: Paging,
        now: OffsetDateTime,
    ) -> (u16, Value) {
        page.of(self.ledger.shown(account, number, customer, now).map(shown))
    }

    /// Checks and opens a line as the fault says. `None`: nothing was opened yet, so there is no true answer.
    pub(super) fn open_line(
        &mut self,
        order: Order,
        body: &Value,
        fault: &Fault,
        now: OffsetDateTime,
    ) -> Option<(u16, Value)> {
        if let Err(reason) = self.check(&order, body) {
            return Some(no(422, &reason));
        }
        if self.options.honour_idempotency_key
            && let Some(reference) = &order.reference
            && let Some(line) = self
                .ledger
                .of_reference(reference)
                .find(|line| line.account == order.account)
        {
            return Some((200, json!({"ok": true, "id": line.id})));
        }
        let shown_after = time::Duration::seconds(i64::from(fault.shown_after_s));
        match fault.does {
            Does::Never => None,
            Does::After(seconds) => {
                let due = now + time::Duration::seconds(i64::from(seconds));
                self.ledger.open_late(order, due, shown_after);
                None
            }
            Does::Now => {
                let id = self.ledger.open(order, now, shown_after);
                Some((201, json!({"ok": true, "id": id})))
            }
        }
    }

    /// What Rev.io would refuse.
    fn check(&self, order: &Order, body: &Value) -> Result<(), String> {
        if !self.customers.contains_key(&order.customer_id) {
            return Err(format!("customer_id {} does not exist", order.customer_id));
        }
        if order.number.trim().is_empty() {
            return Err("number is required".to_owned());
        }
        for required in ["provider_id", "service_type_id"] {
            if body[required].as_i64().is_none_or(|id| id <= 0) {
                return Err(format!("{required} is required"));
            }
        }
        for day in ["effective_date", "activated_date"] {
            if let Some(day_given) = body.get(day)
                && !day_given.as_str().is_some_and(is_day)
            {
                return Err(format!("{day} is not a date"));
            }
        }
        match (body.get("package_id"), body.get("products")) {
            (Some(_), Some(_)) => Err("either package_id or products".to_owned()),
            (Some(package), None) if package.as_i64().is_some_and(|id| id > 0) => Ok(()),
            (None, Some(Value::Array(products))) if !products.is_empty() => {
                products.iter().try_for_each(|product| {
                    let known = |id| self.products.contains(&id);
                    if !product["product_id"].as_i64().is_some_and(known) {
                        Err(format!(
                            "product_id {} does not exist",
                            product["product_id"]
                        ))
                    } else if !product["rate"].is_number() {
                        Err("rate is not a number".to_owned())
                    } else {
                        Ok(())
                    }
                })
            }
            _ => Err("package_id or products is required".to_owned()),
        }
    }
}

/// A list's page: counts from 1, 1 to 500 records, 10 when nothing is said.
#[derive(Debug, Clone, Copy)]
pub(super) struct Paging {
    pub page: usize,
    pub size: usize,
}

impl Paging {
    fn of(self, all: impl Iterator<Item = Value>) -> (u16, Value) {
        if self.page == 0 || !(1..=500).contains(&self.size) {
            return no(
                400,
                "search.page counts from 1, search.page_size is 1 to 500",
            );
        }
        let mut rest = all.skip((self.page - 1).saturating_mul(self.size));
        let records: Vec<Value> = rest.by_ref().take(self.size).collect();
        let has_more = rest.next().is_some();
        (
            200,
            json!({"ok": true, "has_more": has_more, "record_count": records.len(), "records": records}),
        )
    }
}

/// Rev's envelope around a refusal.
pub(super) fn no(status: u16, reason: &str) -> (u16, Value) {
    (status, json!({"ok": false, "error": reason}))
}

fn shown(line: &Line) -> Value {
    json!({
        "id": line.id,
        "number": line.number,
        "number2": line.number2,
        "customer_id": line.customer_id,
        "description": line.description,
        "created": line.created.format(&time::format_description::well_known::Rfc3339).unwrap_or_default(),
        "status": line.status,
    })
}

fn is_day(text: &str) -> bool {
    let format = time::macros::format_description!("[year]-[month]-[day]");
    time::Date::parse(text, format).is_ok()
}

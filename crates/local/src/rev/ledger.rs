//! The service lines: what a caller was told does not matter here, what was done does.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use time::{OffsetDateTime, serde::rfc3339};

/// A line that the stand-in holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Its id; counts up from 50001.
    pub id: i64,
    /// Client code of the account that opened it.
    pub account: String,
    /// The number it is for.
    pub number: String,
    /// The second number, if any.
    pub number2: String,
    /// Who is billed.
    pub customer_id: i64,
    /// As sent.
    pub description: String,
    /// The header `Idempotency-Key` that it was sent with, if any.
    pub reference: Option<String>,
    /// On the stand-in's clock.
    #[serde(with = "rfc3339")]
    pub created: OffsetDateTime,
    /// From when on a look-up shows it; later than `created` only by a fault.
    #[serde(with = "rfc3339")]
    pub shown_from: OffsetDateTime,
    /// `ACTIVE`, unless a test said otherwise.
    pub status: String,
}

/// What a request asked for, before it has an id.
#[derive(Debug, Clone)]
pub(super) struct Order {
    pub account: String,
    pub number: String,
    pub number2: String,
    pub customer_id: i64,
    pub description: String,
    pub reference: Option<String>,
}

/// An order that is carried out later, as one that was given up by its caller but still on its way.
#[derive(Debug)]
struct Late {
    order: Order,
    due: OffsetDateTime,
    shown_after: time::Duration,
}

#[derive(Debug, Default)]
pub(super) struct Ledger {
    lines: Vec<Line>,
    by_number: HashMap<String, Vec<usize>>,
    by_reference: HashMap<String, Vec<usize>>,
    late: Vec<Late>,
}

const FIRST_ID: i64 = 50_001;

impl Ledger {
    /// Opens a line, always: like Rev.io it does not mind another one with the same number.
    pub(super) fn open(
        &mut self,
        order: Order,
        at: OffsetDateTime,
        shown_after: time::Duration,
    ) -> i64 {
        let index = self.lines.len();
        let id = FIRST_ID + i64::try_from(index).unwrap_or(i64::MAX - FIRST_ID);
        self.by_number
            .entry(order.number.clone())
            .or_default()
            .push(index);
        if let Some(reference) = &order.reference {
            self.by_reference
                .entry(reference.clone())
                .or_default()
                .push(index);
        }
        self.lines.push(Line {
            id,
            account: order.account,
            number: order.number,
            number2: order.number2,
            customer_id: order.customer_id,
            description: order.description,
            reference: order.reference,
            created: at,
            shown_from: at + shown_after,
            status: "ACTIVE".to_owned(),
        });
        id
    }

    /// Opens a line once `due` has come.
    pub(super) fn open_late(
        &mut self,
        order: Order,
        due: OffsetDateTime,
        shown_after: time::Duration,
    ) {
        self.late.push(Late {
            order,
            due,
            shown_after,
        });
    }

    /// Carries out what is due by now, in the order in which it fell due.
    pub(super) fn catch_up(&mut self, now: OffsetDateTime) {
        if self.late.iter().all(|late| late.due > now) {
            return;
        }
        let (mut due, late): (Vec<_>, Vec<_>) = std::mem::take(&mut self.late)
            .into_iter()
            .partition(|late| late.due <= now);
        self.late = late;
        due.sort_by_key(|late| late.due);
        for late in due {
            self.open(late.order, late.due, late.shown_after);
        }
    }

    /// How many orders are still to be carried out.
    pub(super) fn still_to_come(&self) -> usize {
        self.late.len()
    }

    pub(super) fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// Puts a line in as it is, as if somebody else had opened it; its id is kept when it has one.
    pub(super) fn put(&mut self, line: Line) {
        let given = line.id;
        let order = Order {
            account: line.account,
            number: line.number,
            number2: line.number2,
            customer_id: line.customer_id,
            description: line.description,
            reference: line.reference,
        };
        self.open(order, line.created, line.shown_from - line.created);
        if let Some(put) = self.lines.last_mut() {
            put.status = line.status;
            if given > 0 {
                put.id = given;
            }
        }
    }

    /// What a look-up by number shows.
    pub(super) fn shown<'a>(
        &'a self,
        account: &'a str,
        number: &str,
        customer: Option<i64>,
        now: OffsetDateTime,
    ) -> impl Iterator<Item = &'a Line> {
        self.at(self.by_number.get(number)).filter(move |line| {
            line.account == account
                && line.shown_from <= now
                && customer.is_none_or(|customer| customer == line.customer_id)
        })
    }

    pub(super) fn of_reference(&self, reference: &str) -> impl Iterator<Item = &Line> {
        self.at(self.by_reference.get(reference))
    }

    pub(super) fn creates_of_number(&self, number: &str) -> usize {
        self.by_number.get(number).map_or(0, Vec::len)
    }

    fn at<'a>(&'a self, indexes: Option<&'a Vec<usize>>) -> impl Iterator<Item = &'a Line> {
        indexes
            .into_iter()
            .flatten()
            .filter_map(|index| self.lines.get(*index))
    }
}

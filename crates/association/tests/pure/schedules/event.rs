//! What happens in a schedule, one thing after the other.

use std::fmt;

use proptest::prelude::*;

/// How many workers there are.
pub(super) const WORKERS: usize = 3;
/// How many changes there are: three of one chunk, and one alone.
pub(super) const CHANGES: usize = 4;

/// What becomes of a call at Rev, and of its answer. Seconds count from the call on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// Done, and the true answer.
    Answered,
    /// Done and answered, but look-ups show the line only so much later.
    ShownLate(i64),
    /// Done without an answer; look-ups show the line so much later.
    Done(i64),
    /// Neither done nor answered.
    Nothing,
    /// No answer; done so much later, and shown so much after that.
    Late(i64, i64),
    /// Refused, and not done.
    Refused,
    /// It did not leave the house; whether the account was the reason.
    NotSent { account: bool },
}

/// Whether a write reaches the database, and its answer the worker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reaches {
    /// Both.
    Through,
    /// It is done; the worker does not hear of it, and writes again.
    Unheard,
    /// It is not done, and the worker writes again.
    Lost,
    /// It is on its way for as long as it likes; the worker hears nothing and writes again.
    OnItsWay,
    /// It is not done, and the worker gives its message back.
    GivenUp,
}

/// One thing that happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Event {
    /// A worker does what comes next for it: takes a message (any, the n-th that can be received), begins a call, hears an answer,
    /// writes.
    Works {
        worker: usize,
        message: usize,
        fate: Fate,
        reaches: Reaches,
    },
    /// A worker dies with all it holds. What it sent goes its way.
    Dies { worker: usize },
    /// A write that was on its way arrives.
    Arrives { write: usize },
    /// Seconds pass.
    Passes { seconds: i64 },
    /// The scheduled call.
    Sweeps,
    /// A message is there twice.
    Doubles { message: usize },
    /// A message is lost.
    Loses { message: usize },
    /// A hidden message can be received at once.
    Hurries { message: usize },
    /// Another customer gets the device.
    IsTaken { change: usize },
}

/// A schedule: how far the clock of each worker is apart from the database's, and what happens.
#[derive(Debug, Clone)]
pub(super) struct Schedule {
    pub(super) apart: [i64; WORKERS],
    /// Changes that another producer wrote: looked up before the first call.
    pub(super) foreign: [bool; CHANGES],
    /// Numbers that have a line already: the old system's for a foreign change, else somebody else's.
    pub(super) lines_before: [bool; CHANGES],
    pub(super) events: Vec<Event>,
}

fn fate() -> impl Strategy<Value = Fate> {
    prop_oneof![
        4 => Just(Fate::Answered),
        1 => (1..=180_i64).prop_map(Fate::ShownLate),
        3 => prop_oneof![Just(0), 1..=180_i64].prop_map(Fate::Done),
        3 => Just(Fate::Nothing),
        3 => (1..=150_i64, prop_oneof![Just(0), 1..=60_i64]).prop_map(|(late, shown)| Fate::Late(late, shown)),
        1 => Just(Fate::Refused),
        1 => any::<bool>().prop_map(|account| Fate::NotSent { account }),
    ]
}

fn reaches() -> impl Strategy<Value = Reaches> {
    prop_oneof![
        12 => Just(Reaches::Through),
        2 => Just(Reaches::Unheard),
        1 => Just(Reaches::Lost),
        2 => Just(Reaches::OnItsWay),
        1 => Just(Reaches::GivenUp),
    ]
}

fn seconds() -> impl Strategy<Value = i64> {
    prop_oneof![2 => 1..=10_i64, 3 => 11..=80_i64, 2 => 81..=300_i64, 1 => 301..=1200_i64]
}

fn event() -> impl Strategy<Value = Event> {
    let worker = 0..WORKERS;
    let any_of = 0..8_usize;
    prop_oneof![
        24 => (worker.clone(), any_of.clone(), fate(), reaches())
            .prop_map(|(worker, message, fate, reaches)| Event::Works { worker, message, fate, reaches }),
        1 => worker.prop_map(|worker| Event::Dies { worker }),
        2 => any_of.clone().prop_map(|write| Event::Arrives { write }),
        8 => seconds().prop_map(|seconds| Event::Passes { seconds }),
        1 => Just(Event::Sweeps),
        1 => any_of.clone().prop_map(|message| Event::Doubles { message }),
        1 => any_of.clone().prop_map(|message| Event::Loses { message }),
        2 => any_of.prop_map(|message| Event::Hurries { message }),
        1 => (0..CHANGES * 8).prop_map(|change| Event::IsTaken { change }),
    ]
}

/// A schedule of so many events.
pub(super) fn schedule(events: usize) -> impl Strategy<Value = Schedule> {
    (
        prop::array::uniform3(-300..=300_i64),
        prop::array::uniform4(prop::bool::weighted(0.2)),
        prop::array::uniform4(prop::bool::weighted(0.1)),
        prop::collection::vec(event(), events),
    )
        .prop_map(|(apart, foreign, lines_before, events)| Schedule {
            apart,
            foreign,
            lines_before,
            events,
        })
}

impl fmt::Display for Schedule {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            formatter,
            "  clocks of the workers apart by {:?} s",
            self.apart
        )?;
        writeln!(
            formatter,
            "  written by another producer: {:?}",
            self.foreign
        )?;
        writeln!(
            formatter,
            "  numbers with a line before: {:?}",
            self.lines_before
        )?;
        for (place, event) in self.events.iter().enumerate() {
            writeln!(formatter, "  {:>3}. {event:?}", place + 1)?;
        }
        Ok(())
    }
}

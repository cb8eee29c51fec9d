//! What is to happen, drawn from a seed.

use std::{fmt, time::Duration};

use embedded_sql_server::faults::Action;
use local::rev::{Call, Fault, Rule};
use rand::{Rng as _, SeedableRng as _, rngs::StdRng, seq::IndexedRandom as _};

/// Instances of the consumer.
pub const INSTANCES: usize = 3;
/// More devices no plan has.
pub const MOST_DEVICES: usize = 12;
/// What Rev says where it refuses for good; no device fails for anything else that happens to Rev or to the database.
pub const REFUSAL: &str = "Example: not portable";
/// Things that happen before it is quiet.
const EVENTS: usize = 24;

/// Who writes a bulk change, and what for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Through the API, with service lines.
    Service,
    /// Through the API, with a plan alone.
    Plan,
    /// By AMOP 2.0 and the old portal, with service lines.
    Foreign,
}

/// A bulk change and its devices, by number.
#[derive(Debug, Clone, Copy)]
pub struct Bulk {
    /// What it is.
    pub kind: Kind,
    /// Its first device.
    pub first: usize,
    /// How many.
    pub count: usize,
}

/// Whose clock goes apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// The database's.
    Database,
    /// Rev's.
    Rev,
    /// The queue's.
    Queue,
    /// An instance's own.
    Instance(usize),
}

/// One thing that happens.
#[derive(Debug, Clone)]
pub enum Event {
    /// The next bulk change is submitted.
    Submits,
    /// An instance goes so many fault points on; one that has nothing to do takes a message first, the n-th it could get. It may
    /// stay for another one to take it as well.
    Moves {
        instance: usize,
        points: usize,
        message: usize,
        twice: bool,
    },
    /// It goes on until it has answered.
    Ends { instance: usize, message: usize },
    /// It is killed where it stands.
    Dies { instance: usize },
    /// It is called by the schedule, if it has nothing to do.
    Sweeps { instance: usize },
    /// Time passes for everybody.
    Passes(Duration),
    /// Time passes for one clock alone.
    GoesApart(Whose, Duration),
    /// A message is received and lost.
    Loses { message: usize },
    /// The queue loses the next messages that are sent.
    QueueLoses(u32),
    /// The queue keeps so many copies more of what is sent from now on.
    QueueRepeats(u32),
    /// The queue is away, or back.
    QueueAway(bool),
    /// Rev fails the next calls of a kind; the n-th device alone, or whoever comes.
    RevFails(Box<Rule>),
    /// The n-th statement from now on is struck.
    DatabaseFails(u64, Action),
    /// All connections of the database are cut.
    Cut,
}

/// All of it.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Where it comes from.
    pub seed: u64,
    /// In the order in which they are submitted; the first before anything else.
    pub bulks: Vec<Bulk>,
    /// Rows that a claim takes at most.
    pub rows_at_once: u32,
    /// Whether an instance makes its calls side by side.
    pub side_by_side: bool,
    /// What happens.
    pub events: Vec<Event>,
}

impl Plan {
    /// The schedule of a seed.
    #[must_use]
    pub fn drawn(seed: u64) -> Self {
        let mut chance = StdRng::seed_from_u64(seed);
        let mut first = 1;
        let mut with_plans = false;
        let bulks = (0..chance.random_range(1..=3))
            .map(|_| {
                let kind = *[
                    Kind::Service,
                    Kind::Service,
                    Kind::Service,
                    Kind::Foreign,
                    Kind::Foreign,
                    Kind::Plan,
                ]
                .choose(&mut chance)
                .unwrap();
                let count = chance.random_range(1..=4);
                // The other producer looks at nothing before it writes, so it may name devices that somebody else named before.
                let again = kind == Kind::Foreign && !with_plans && chance.random_bool(0.8);
                // A device that has a plan alone may well get a line from another change: then there is nothing to be told apart.
                with_plans |= kind == Kind::Plan;
                let begins = if again { 1 } else { first };
                first = first.max(begins + count);
                Bulk {
                    kind,
                    first: begins,
                    count,
                }
            })
            .collect();
        Self {
            seed,
            bulks,
            rows_at_once: chance.random_range(1..=5),
            side_by_side: chance.random_bool(0.4),
            events: (0..EVENTS).map(|_| event(&mut chance)).collect(),
        }
    }
}

fn event(chance: &mut StdRng) -> Event {
    let instance = chance.random_range(0..INSTANCES);
    let message = chance.random_range(0..6);
    match chance.random_range(0..100) {
        0..40 => Event::Moves {
            instance,
            points: chance.random_range(1..=9),
            message,
            twice: chance.random_bool(0.4),
        },
        40..45 => Event::Ends { instance, message },
        45..53 => Event::Dies { instance },
        53..56 => Event::Sweeps { instance },
        56..72 => Event::Passes(Duration::from_secs(match chance.random_range(0..10) {
            0..2 => chance.random_range(1..=20),
            2..9 => chance.random_range(21..=95),
            _ => chance.random_range(96..=1200),
        })),
        72..75 => {
            let whose = match chance.random_range(0..4) {
                0 => Whose::Database,
                1 => Whose::Rev,
                2 => Whose::Queue,
                _ => Whose::Instance(instance),
            };
            Event::GoesApart(whose, Duration::from_secs(chance.random_range(1..=5)))
        }
        75 => Event::Loses { message },
        76 => Event::QueueLoses(chance.random_range(1..=2)),
        77 => Event::QueueRepeats(chance.random_range(0..=1)),
        78 => Event::QueueAway(chance.random_bool(0.5)),
        79..90 => Event::RevFails(Box::new(rule(chance))),
        90..97 => Event::DatabaseFails(chance.random_range(1..=4), action(chance)),
        97 => Event::Cut,
        _ => Event::Submits,
    }
}

fn rule(chance: &mut StdRng) -> Rule {
    let call = *[
        Call::OpenLine,
        Call::OpenLine,
        Call::OpenLine,
        Call::OpenLine,
        Call::Lines,
        Call::Lines,
        Call::Token,
        Call::Customer,
    ]
    .choose(chance)
    .unwrap();
    let late = chance.random_range(1..=30);
    let fault = match chance.random_range(0..16) {
        0..3 => Fault::drop_before(),
        3..6 => Fault::drop_after(),
        6..8 => Fault::late(late),
        8 => Fault::drop_after().and_shown_late(late),
        9 => Fault::server_error().done(),
        10 => Fault::server_error(),
        11 => Fault::conflict().done_late(late),
        12 => Fault::html().done(),
        13 => Fault::refuse(REFUSAL),
        14 => Fault::throttled(Some(&late.to_string())),
        _ => Fault::bad_gateway().done_late(late),
    };
    Rule::always(call, fault).times(chance.random_range(1..=3))
}

fn action(chance: &mut StdRng) -> Action {
    match chance.random_range(0..9) {
        0 | 1 => Action::DropBefore,
        2 | 3 => Action::DropAfter,
        4 => Action::DropMidway,
        5 => Action::Error { number: 1205 },
        6 => Action::Error { number: 40_613 },
        7 => Action::Error { number: 40_501 },
        _ => Action::SilenceAfter,
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            rows_at_once,
            side_by_side,
            ..
        } = self;
        writeln!(
            formatter,
            "  {rows_at_once} rows at once, calls side by side: {side_by_side}"
        )?;
        for bulk in &self.bulks {
            writeln!(formatter, "  {bulk:?}")?;
        }
        for (place, event) in self.events.iter().enumerate() {
            writeln!(formatter, "  {:>3}. {event:?}", place + 1)?;
        }
        Ok(())
    }
}

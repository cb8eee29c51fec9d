//! A database in which statements are struck, one way after the other, each time from the same rows.

use std::{
    fmt::Debug,
    time::{Duration, Instant},
};

use central::{Central, CentralError, Next, ready::ready};
use embedded_sql_server::{
    faults::{Action, Trigger},
    snapshot::{Snapshot, Tables},
};
use futures::{FutureExt as _, future::BoxFuture, future::join_all};

use super::{
    cases::{self, Cases},
    listed::{Listed, Repeat},
    struck::{self, Seen, Strike, TIME_OUT},
};
use crate::support::Base;

/// Asks the database; the answer as text.
pub type Call = Box<dyn Fn(Central) -> BoxFuture<'static, Result<String, CentralError>>>;

/// A call of a function of `central`.
pub fn call<T, Asked>(ask: impl Fn(Central) -> Asked + 'static) -> Call
where
    T: Debug,
    Asked: Future<Output = Result<T, CentralError>> + Send + 'static,
{
    Box::new(move |central| {
        let asked = ask(central);
        async move { asked.await.map(|answer| format!("{answer:?}")) }.boxed()
    })
}

/// What a statement answers and leaves when nothing strikes it.
struct Undisturbed {
    before: Tables,
    once: (String, Tables),
    /// The same call again, right afterwards.
    twice: (String, Tables),
    round_trips: u64,
}

/// One statement of a stage with clients of its own.
struct Actor {
    listed: Listed,
    call: Call,
    patient: Central,
    hasty: Central,
    undisturbed: Undisturbed,
}

/// A database, and the statements that are struck in it. Several only where all of them read.
pub struct Stage {
    base: Base,
    start: Snapshot,
    actors: Vec<Actor>,
}

/// How many cases were tried, for the last line of the test.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Tried {
    pub statements: usize,
    pub once: usize,
    pub lasting: usize,
    pub unreachable: usize,
    /// Connections that were interrupted; none of them was asked anything again.
    pub interrupted: usize,
}

impl std::ops::Add for Tried {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            statements: self.statements + other.statements,
            once: self.once + other.once,
            lasting: self.lasting + other.lasting,
            unreachable: self.unreachable + other.unreachable,
            interrupted: self.interrupted + other.interrupted,
        }
    }
}

impl Stage {
    /// Lays the rows down and asks every statement once and twice, undisturbed.
    pub async fn of(statements: Vec<Listed>) -> Self {
        let Cases { base, calls } = cases::lay(&statements).await;
        base.server().database().clock().freeze();
        let start = base.server().database().snapshot().unwrap();
        let mut hasty = base.settings();
        hasty.command_timeout = TIME_OUT;
        // One place: an interrupted connection would be the next one to be taken, and one that is kept would be missed.
        hasty.pool_size = 1;
        let mut patient = base.settings();
        patient.pool_size = 1;
        let mut actors = Vec::new();
        for (listed, call) in statements.into_iter().zip(calls) {
            let patient = Central::connect(patient.clone()).await.unwrap();
            let undisturbed = undisturbed(&base, &start, &listed, &call, &patient).await;
            actors.push(Actor {
                listed,
                call,
                patient,
                hasty: Central::connect(hasty.clone()).await.unwrap(),
                undisturbed,
            });
        }
        assert!(
            actors.len() == 1
                || actors
                    .iter()
                    .all(|it| it.undisturbed.before == it.undisturbed.once.1)
        );
        Self {
            base,
            start,
            actors,
        }
    }

    /// Strikes each statement in every way; answers how many cases that were.
    pub async fn strike(&self) -> Tried {
        let once: usize = join_all(self.actors.iter().map(|actor| self.each_once(actor)))
            .await
            .into_iter()
            .sum();
        let lasting: usize = join_all(self.actors.iter().map(|actor| self.lastingly(actor)))
            .await
            .into_iter()
            .sum();
        let unreachable = self.unreachable().await;
        let interrupted = self.base.server().interrupted();
        assert_eq!(
            interrupted.asked_again(),
            [""; 0],
            "asked of an interrupted connection"
        );
        let struck = self.base.server().faults().struck();
        assert!(
            u64::try_from(interrupted.connections()).unwrap() >= struck,
            "each fault takes a connection of its own"
        );
        Tried {
            statements: self.actors.len(),
            once,
            lasting,
            unreachable,
            interrupted: interrupted.connections(),
        }
    }

    fn tables(&self) -> Tables {
        self.base.server().database().tables().unwrap()
    }

    fn back_to_the_start(&self) {
        if self.actors.len() == 1 {
            self.base.server().database().restore(&self.start).unwrap();
        }
    }

    async fn each_once(&self, actor: &Actor) -> usize {
        let strikes = struck::all(actor.listed.repeat);
        for strike in &strikes {
            self.back_to_the_start();
            self.one(actor, strike).await;
        }
        strikes.len()
    }

    async fn one(&self, actor: &Actor, strike: &Strike) {
        let what = format!("{} {:?}", actor.listed.name, strike.action);
        let clean = &actor.undisturbed;
        let central = &match strike.seen {
            // The end of a connection that was read to its end may be seen a moment later: not by the next case.
            Seen::Whole => self.base.another().await,
            _ if strike.hasty => actor.hasty.clone(),
            _ => actor.patient.clone(),
        };
        self.base.server().faults().add(
            Trigger::matching(&actor.listed.marker),
            strike.action.clone(),
        );
        let before = central.round_trips();
        let seen = (actor.call)(central.clone()).await;
        let round_trips = central.round_trips() - before;
        let left = if strike.effect {
            &clean.once.1
        } else {
            &clean.before
        };
        match (strike.seen, seen) {
            (Seen::Whole, Ok(answer)) => {
                assert_eq!(answer, clean.once.0, "{what}");
                assert_same(&self.tables(), &clean.once.1, &what);
                // A statement that follows in the same call may see the end of the connection, and is sent once more.
                let seen_by_the_next = u64::from(cases::is_followed(&actor.listed.name));
                assert!(
                    (clean.round_trips..=clean.round_trips + seen_by_the_next)
                        .contains(&round_trips),
                    "{what}: sent {round_trips} instead of {} times",
                    clean.round_trips
                );
                return;
            }
            (Seen::Repeated, Ok(answer)) => {
                let (expected, tables) = if strike.effect {
                    &clean.twice
                } else {
                    &clean.once
                };
                assert_eq!(&answer, expected, "{what}: another answer than undisturbed");
                assert_same(&self.tables(), tables, &what);
                assert_eq!(round_trips, clean.round_trips + 1, "{what}: sent");
                return;
            }
            (Seen::Failed(_), Ok(answer))
                if cases::tells(&actor.listed.name, &strike.action) == Some(answer.as_str()) => {}
            (Seen::Failed(next), Err(error)) => {
                assert_eq!(error.next(), next, "{what}: {error}");
            }
            (expected, seen) => {
                panic!("{what}: {expected:?} was expected, and this came: {seen:?}")
            }
        }
        self.assert_left(left, strike, &what).await;
        // Nothing half done, and nobody is in the way of the same call again.
        let again = (actor.call)(actor.patient.clone()).await;
        let (expected, tables) = if strike.effect {
            &clean.twice
        } else {
            &clean.once
        };
        assert_eq!(
            again.as_ref().ok(),
            Some(expected),
            "{what}: the same again: {:?}",
            again.as_ref().err()
        );
        assert_same(&self.tables(), tables, &what);
    }

    /// Compares; what the caller did not wait for may be on its way.
    async fn assert_left(&self, left: &Tables, strike: &Strike, what: &str) {
        let longest = Instant::now() + Duration::from_secs(10);
        while strike.hasty && self.tables() != *left && Instant::now() < longest {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        assert_same(&self.tables(), left, what);
    }

    /// A fault that does not end is an error in the end, and is not tried for ever.
    async fn lastingly(&self, actor: &Actor) -> usize {
        let whole = actor.listed.repeat == Repeat::Whole;
        let faults = self.base.server().faults();
        let lasting = [
            (Action::Error { number: 1205 }, Next::Again, 4),
            (Action::DropAfter, Next::Unknown, if whole { 4 } else { 1 }),
        ];
        for (action, next, tries) in &lasting {
            let what = format!("{} {action:?} again and again", actor.listed.name);
            self.back_to_the_start();
            // Other statements are struck meanwhile, so that this one's faults are planned one by one.
            for _ in 0..*tries {
                faults.add(Trigger::matching(&actor.listed.marker), action.clone());
            }
            let before = actor.patient.round_trips();
            let error = (actor.call)(actor.patient.clone()).await.expect_err(&what);
            assert_eq!(error.next(), *next, "{what}: {error}");
            let round_trips = actor.patient.round_trips() - before;
            assert!(round_trips >= *tries, "{what}: sent {round_trips} times");
            if *action == Action::DropAfter {
                // How often it took effect shows nowhere.
                let tables = if whole {
                    &actor.undisturbed.twice.1
                } else {
                    &actor.undisturbed.once.1
                };
                assert_same(&self.tables(), tables, &what);
            } else {
                assert_same(&self.tables(), &actor.undisturbed.before, &what);
                let again = (actor.call)(actor.patient.clone()).await.expect(&what);
                assert_eq!(again, actor.undisturbed.once.0, "{what}");
            }
        }
        lasting.len()
    }

    /// No connection comes about: logins are refused, or the listener hangs up.
    async fn unreachable(&self) -> usize {
        let faults = self.base.server().faults();
        let refusals = [Some(18_456), Some(40_613), Some(4060), Some(40_501), None];
        for refusal in refusals {
            self.back_to_the_start();
            let mut settings = self.base.settings();
            settings.checkout_timeout = TIME_OUT;
            // Why there is no connection is remembered for so long, and something that refuses does so at once.
            settings.connect_timeout = Duration::from_mins(1);
            let central = Central::connect(settings).await.unwrap();
            match refusal {
                Some(number) => faults.refuse_logins_with(Some(number)),
                None => faults.refuse_connections(true),
            }
            refused(&central).await;
            let asked = self.actors.iter().map(|actor| {
                let asked = (actor.call)(central.clone());
                async move { (actor, asked.await) }
            });
            for (actor, seen) in join_all(asked).await {
                let what = format!("{} with {refusal:?} at login", actor.listed.name);
                let error = seen.expect_err(&what);
                assert!(
                    matches!(error, CentralError::Unreachable { .. }),
                    "{what}: {error:?}"
                );
                assert_eq!(error.next(), Next::Again, "{what}");
                assert_eq!(error.is_login_refused(), refusal == Some(18_456), "{what}");
                let why = format!("{error:?}");
                let number = refusal.map(|number| format!("code: {number}"));
                assert!(number.is_none_or(|it| why.contains(&it)), "{what}: {why}");
            }
            assert_eq!(central.round_trips(), 0);
            assert_same(
                &self.tables(),
                &self.actors[0].undisturbed.before,
                "unreachable",
            );
            faults.clear();
            for actor in &self.actors {
                let answer = (actor.call)(actor.patient.clone()).await;
                assert_eq!(answer.ok().as_ref(), Some(&actor.undisturbed.once.0));
            }
        }
        refusals.len() * self.actors.len()
    }
}

/// Waits until a login was refused: on a busy machine none may be within one checkout.
async fn refused(central: &Central) {
    loop {
        match ready(central).await {
            Err(CentralError::Unreachable { source: None, .. }) => {}
            Err(CentralError::Unreachable { .. }) => return,
            other => panic!("no connection was expected to come about, and this came: {other:?}"),
        }
    }
}

async fn undisturbed(
    base: &Base,
    start: &Snapshot,
    listed: &Listed,
    call: &Call,
    central: &Central,
) -> Undisturbed {
    let database = base.server().database();
    let ask = async || {
        let answer = call(central.clone()).await.expect(&listed.name);
        (answer, database.tables().unwrap())
    };
    let before = database.tables().unwrap();
    let once = ask().await;
    let round_trips = central.round_trips();
    let twice = ask().await;
    database.restore(start).unwrap();
    if listed.repeat == Repeat::Whole {
        assert_same(&twice.1, &once.1, &format!("{}, run twice", listed.name));
    }
    let expected = cases::answers_twice_as_once(&listed.name);
    assert_eq!(
        twice.0 == once.0,
        expected,
        "{} answers {} and then {}",
        listed.name,
        once.0,
        twice.0
    );
    Undisturbed {
        before,
        once,
        twice,
        round_trips,
    }
}

/// Compares every row of every table, and names the first that differs.
pub fn assert_same(found: &Tables, expected: &Tables, what: &str) {
    for ((name, found), (_, expected)) in found.iter().zip(expected) {
        for (found, expected) in found.iter().zip(expected) {
            assert_eq!(found, expected, "{what}: a row of {name}");
        }
        assert_eq!(found.len(), expected.len(), "{what}: rows of {name}");
    }
    assert_eq!(found.len(), expected.len(), "{what}");
}

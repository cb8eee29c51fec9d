//! Consumers that take chunks off a queue, claim, call in their slots and come back, on the embedded server's clock.
//!
//! Everything that the database decides is decided by the statements under test; Rev answers in no time.

#![expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "shares of a few thousand calls, and waits of a few minutes, are exact enough as floats"
)]

use std::{collections::BTreeMap, time::Duration};

use association::{
    ids::BulkChangeId,
    request::{AssociateRequest, Options},
};
use central::{
    claim::{ClaimAsk, ClaimedChange, Preflight, claim},
    facts::{FactKind, facts},
    preflight::{Verdict, preflight},
};
use time::PrimitiveDateTime;
use uuid::Uuid;

use crate::{
    bench::{BUDGET, LEASE, fact, line, rev_service, submitted},
    support::{Base, World},
};

const HORIZON: Duration = Duration::from_secs(20);
/// A chunk that got nothing is offered again no sooner.
const SOONEST: Duration = Duration::from_secs(5);
/// What a consumer needs between its last call and its next claim, at most; the least is a twentieth of it.
const WRITING: Duration = Duration::from_secs(1);

/// One bulk change of the simulation.
struct Bulk {
    id: BulkChangeId,
    /// Its calls are never over: rows are handed back as not sent.
    endless: bool,
    rows: usize,
    opened: usize,
    lost: bool,
}

/// A message on the queue.
struct Message {
    bulk: usize,
    chunk: i32,
    visible_at: Duration,
}

/// What a consumer holds until a moment.
struct Busy {
    until: Duration,
    bulk: usize,
    chunk: i32,
    owner: Uuid,
    rows: Vec<ClaimedChange>,
    preflight: bool,
}

pub struct Simulation {
    base: Base,
    world: World,
    began: PrimitiveDateTime,
    now: Duration,
    consumers: Vec<Option<Busy>>,
    bulks: Vec<Bulk>,
    messages: Vec<Message>,
    devices: usize,
    /// When each call began, and of which bulk change.
    starts: Vec<(Duration, usize)>,
    chance: u64,
    next_line: i64,
}

impl Simulation {
    /// One tenant whose Rev account has the client code `fake-client-1`, and a clock that stands still.
    pub async fn of_consumers(consumers: usize) -> Self {
        let base = Base::embedded().await;
        let clock = base.server().database().clock();
        clock.freeze_at(time::macros::datetime!(2026-03-01 08:00));
        let began = clock.now();
        let world = World::new(&base.sql).await;
        Self {
            base,
            world,
            began,
            now: Duration::ZERO,
            consumers: (0..consumers).map(|_| None).collect(),
            bulks: Vec::new(),
            messages: Vec::new(),
            devices: 0,
            starts: Vec::new(),
            chance: 7,
            next_line: 1,
        }
    }

    /// What is submitted from here on is another tenant's; its Rev account has this client code.
    pub async fn next_tenant(&mut self, client_code: Option<&str>) {
        self.world = World::new(&self.base.sql).await;
        self.devices = 0;
        self.base
            .sql
            .run(
                "UPDATE dbo.Integration_Authentication SET OAuth2_ClientId = @P2 WHERE id = @P1;",
                &[&self.world.account.get(), &client_code],
            )
            .await;
    }

    /// A bulk change that is never done.
    pub async fn endless(&mut self, rows: usize) -> usize {
        self.submit(rows, true).await
    }

    /// A bulk change whose every call opens a line.
    pub async fn once(&mut self, rows: usize) -> usize {
        self.submit(rows, false).await
    }

    async fn submit(&mut self, rows: usize, endless: bool) -> usize {
        let numbers = self.devices + 1..=self.devices + rows;
        self.devices += rows;
        let devices: Vec<_> = numbers.clone().map(|n| self.world.device(n)).collect();
        self.world.add(&devices).await;
        let request = AssociateRequest {
            options: Options {
                rev_service: Some(rev_service()),
                ..Options::default()
            },
            ..self
                .world
                .request(numbers.map(|n| self.world.iccid(n)).collect())
        };
        let id = submitted(&self.base.central, &self.world, &request).await;
        let bulk = self.bulks.len();
        self.bulks.push(Bulk {
            id,
            endless,
            rows,
            opened: 0,
            lost: false,
        });
        for chunk in 0..i32::try_from(rows.div_ceil(100)).unwrap() {
            self.messages.push(Message {
                bulk,
                chunk,
                visible_at: self.now,
            });
        }
        bulk
    }

    pub fn lose_messages_of(&mut self, bulk: usize) {
        self.bulks[bulk].lost = true;
        self.messages.retain(|message| message.bulk != bulk);
    }

    pub fn calls_of(&self, bulk: usize) -> usize {
        self.starts.iter().filter(|(_, of)| *of == bulk).count()
    }

    /// Lets everything happen that happens before `end`.
    pub async fn run_until(&mut self, end: Duration) {
        while self.step(end).await {}
        self.move_to(end);
    }

    /// Until every row of the bulk change has its line; answers how long that took, at most `longest`.
    pub async fn run_until_done(&mut self, bulk: usize, longest: Duration) -> Duration {
        let begin = self.now;
        while self.bulks[bulk].opened < self.bulks[bulk].rows {
            if !self.step(begin + longest).await {
                break;
            }
        }
        assert_eq!(self.bulks[bulk].opened, self.bulks[bulk].rows, "not done");
        self.now.saturating_sub(begin)
    }

    /// The next thing that happens: a consumer is done with what it holds, or a free one takes a message. False: `end`.
    async fn step(&mut self, end: Duration) -> bool {
        let done = (0..self.consumers.len())
            .filter_map(|n| self.consumers[n].as_ref().map(|busy| (busy.until, n)))
            .min();
        let free = self.consumers.iter().position(Option::is_none);
        let visible = free.and_then(|free| {
            let first = self
                .messages
                .iter()
                .enumerate()
                .min_by_key(|(_, message)| message.visible_at);
            first.map(|(place, message)| (message.visible_at.max(self.now), place, free))
        });
        match (done, visible) {
            (Some((at, consumer)), other) if other.is_none_or(|(visible, ..)| at <= visible) => {
                if at >= end {
                    return false;
                }
                self.move_to(at);
                self.complete(consumer).await;
            }
            (_, Some((at, place, consumer))) => {
                if at >= end {
                    return false;
                }
                self.move_to(at);
                let message = self.messages.remove(place);
                self.work(consumer, message.bulk, message.chunk).await;
            }
            _ => return false,
        }
        true
    }

    fn move_to(&mut self, at: Duration) {
        self.base
            .server()
            .database()
            .clock()
            .advance(at.saturating_sub(self.now));
        self.now = at;
        let shown = self.base.server().database().clock().now();
        assert_eq!(shown, self.began + self.now);
    }

    /// Writes down what came of the calls, and claims again, as a consumer does.
    async fn complete(&mut self, consumer: usize) {
        let busy = self.consumers[consumer].take().unwrap();
        let id = self.bulks[busy.bulk].id;
        if busy.preflight {
            let ours = preflight(&self.base.central, id, busy.owner, &Verdict::Passed).await;
            assert!(ours.unwrap());
        } else {
            let endless = self.bulks[busy.bulk].endless;
            let mut kinds = Vec::new();
            for row in &busy.rows {
                self.next_line += 1;
                let kind = if endless {
                    FactKind::NotSent {
                        error: "simulation".to_owned(),
                        again_in: Duration::ZERO,
                    }
                } else {
                    FactKind::LineOpened(line(self.next_line))
                };
                kinds.push(fact(row, kind));
            }
            facts(&self.base.central, None, &kinds).await.unwrap();
            if !endless {
                self.bulks[busy.bulk].opened += busy.rows.len();
            }
        }
        self.work(consumer, busy.bulk, busy.chunk).await;
    }

    /// One claim: what it gives keeps the consumer busy, and what it does not give is offered again.
    async fn work(&mut self, consumer: usize, bulk: usize, chunk: i32) {
        let owner = Uuid::new_v4();
        let ask = ClaimAsk {
            bulk_change: self.bulks[bulk].id,
            chunk,
            owner,
            most: 100,
            lease: LEASE,
            horizon: HORIZON,
            extra_calls: 0,
            with_account: false,
            budget: BUDGET,
        };
        let claimed = claim(&self.base.central, &ask).await.unwrap();
        assert!(claimed.slots.iter().all(|delay| *delay <= HORIZON));
        let preflight = claimed.preflight == Preflight::Mine;
        let opening = claimed
            .rows
            .iter()
            .filter(|row| row.service_line.is_none())
            .count();
        assert_eq!(claimed.slots.len(), if preflight { 2 } else { opening });
        let now = self.now;
        self.starts
            .extend(claimed.slots.iter().map(|delay| (now + *delay, bulk)));
        if let Some(last) = claimed.slots.last() {
            self.consumers[consumer] = Some(Busy {
                until: self.now + *last + self.writing(),
                bulk,
                chunk,
                owner,
                rows: claimed.rows,
                preflight,
            });
        } else if let Some(wait) = claimed.wait
            && !self.bulks[bulk].lost
        {
            let seconds = Duration::from_secs(wait.max(SOONEST).as_secs_f64().ceil() as u64);
            self.messages.push(Message {
                bulk,
                chunk,
                visible_at: self.now + seconds,
            });
        }
    }

    fn writing(&mut self) -> Duration {
        self.chance = self
            .chance
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        WRITING / 20 + WRITING.mul_f64((self.chance >> 40) as f64 / f64::from(1 << 24)) * 19 / 20
    }

    /// G6 over everything so far, and at least 95 % of 475 a minute until `end`.
    pub fn assert_budget_kept_and_used(&self, end: Duration) {
        let mut starts: Vec<Duration> = self.starts.iter().map(|(at, _)| *at).collect();
        starts.sort_unstable();
        for window in starts.windows(486) {
            let span = window[485].saturating_sub(window[0]);
            assert!(span > Duration::from_mins(1), "486 calls within {span:?}");
        }
        let used = starts.iter().filter(|start| **start < end).count();
        let budget = 475.0 * end.as_secs_f64() / 60.0;
        let share = used as f64 / budget;
        assert!(share >= 0.95, "{:.1} % of the budget", share * 100.0);
    }

    /// Every bulk change got its part, give or take a tenth of it.
    pub fn assert_shared_evenly(&self) {
        let mut calls: BTreeMap<usize, usize> = BTreeMap::new();
        for (_, bulk) in &self.starts {
            *calls.entry(*bulk).or_default() += 1;
        }
        let fair = self.starts.len() as f64 / self.bulks.len() as f64;
        for bulk in 0..self.bulks.len() {
            let got = calls.get(&bulk).copied().unwrap_or_default() as f64;
            assert!((got / fair - 1.0).abs() < 0.1, "{calls:?}");
        }
    }
}

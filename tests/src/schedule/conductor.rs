//! Lets happen what a plan says, one thing after the other, and looks after each whether Rev bills anything twice.

use std::time::Duration;

use queue::memory::Delivery;
use serde_json::json;

use crate::{
    World,
    deliveries::event,
    schedule::{
        instance::{Instance, Report},
        plan::{Bulk, Event, INSTANCES, Kind, Plan, Whose},
        promises::Tally,
        stage::Stage,
    },
};

/// An instance that is about to call Rev may stand still for so long: what is between its look at the lease and the call takes no
/// longer. Then it calls before more time passes.
const LONGEST_STALL: Duration = Duration::from_secs(15);
/// A delivery takes no more points than this.
const MOST_POINTS: usize = 400;
/// Minutes until everything must have ended: a try may wait for 15 of them, and a change has two, with look-ups after each.
const QUIET_TURNS: usize = 60;
/// Minutes until every message that was received and lost has come back.
const QUEUE_TURNS: usize = 30;

/// An instance and what it works on.
struct Hand {
    instance: Instance,
    delivery: Option<Delivery>,
    stalled: Duration,
}

/// A schedule on its stage.
pub struct Conductor<'a> {
    pub(super) world: &'a World,
    pub(super) told_before: usize,
    pub(super) struck_before: u64,
    plan: Plan,
    hands: [Option<Hand>; INSTANCES],
    /// Received, and not delivered yet: in any order, and as often as one likes.
    in_flight: Vec<Delivery>,
    pub(super) submitted: Vec<(i64, Kind)>,
    pub(super) tally: Tally,
    /// What was done.
    pub done: Vec<String>,
}

impl<'a> Conductor<'a> {
    /// The stage as it was, and the first bulk change of the plan.
    pub async fn new(stage: &'a Stage, plan: Plan) -> Self {
        stage.reset();
        let world = &stage.world;
        let mut conductor = Self {
            world,
            told_before: world.amop.told().len(),
            struck_before: world.server().faults().struck(),
            plan,
            hands: [const { None }; INSTANCES],
            in_flight: Vec::new(),
            submitted: Vec::new(),
            tally: Tally::default(),
            done: Vec::new(),
        };
        conductor.submit().await;
        conductor
    }

    /// Lets everything happen, then makes it quiet, and looks whether all promises are kept.
    pub async fn run(&mut self) -> Tally {
        for event in self.plan.events.clone() {
            self.tell(format!("{event:?}"));
            self.happen(event).await;
            self.look();
        }
        self.quiet().await;
        self.look_back().await;
        self.tally
    }

    fn tell(&mut self, what: String) {
        self.done.push(what);
    }

    async fn submit(&mut self) {
        let Some(bulk) = self.plan.bulks.get(self.submitted.len()).copied() else {
            return;
        };
        let Bulk { kind, first, count } = bulk;
        let numbers = first..first + count;
        let iccids = self.world.iccids(numbers.clone());
        let id = match kind {
            Kind::Service => {
                let request = self.world.with_service(&iccids);
                self.world.post(&request).await.bulk_change()
            }
            Kind::Plan => {
                let request = self.world.with_plan(&iccids);
                self.world.post(&request).await.bulk_change()
            }
            Kind::Foreign => {
                let rows = self.world.foreign_rows(numbers).await;
                let id = self.world.write_assignment(&rows).await;
                // Its message is all that tells of it: SQS keeps that.
                self.world.queue.lose_next(0);
                self.world.announce(id).await;
                id
            }
        };
        self.tell(format!("  bulk change {id}: {bulk:?}"));
        self.submitted.push((id, kind));
    }

    async fn happen(&mut self, event: Event) {
        let server = self.world.server();
        match event {
            Event::Submits => {
                // A submit is not what these schedules are about: nothing fails in it.
                server.faults().clear();
                self.world.queue.come_back();
                self.submit().await;
            }
            Event::Moves {
                instance,
                points,
                message,
                twice,
            } => self.moves(instance, points, message, twice).await,
            Event::Ends { instance, message } => {
                self.moves(instance, MOST_POINTS, message, false).await;
            }
            Event::Dies { instance } => self.dies(instance).await,
            Event::Sweeps { instance } => self.sweeps(instance).await,
            Event::Passes(time) => self.passes(time).await,
            Event::GoesApart(whose, time) => match whose {
                Whose::Database => server.database().clock().advance(time),
                Whose::Rev => self.world.rev.advance(time),
                Whose::Queue => self.world.queue.advance(time),
                Whose::Instance(of) => {
                    if let Some(hand) = &self.hands[of] {
                        hand.instance.pass(time);
                    }
                }
            },
            Event::Loses { message } => {
                self.receive();
                if let Some(place) = message.checked_rem(self.in_flight.len()) {
                    self.in_flight.remove(place);
                }
            }
            Event::QueueLoses(count) => self.world.queue.lose_next(count),
            Event::QueueRepeats(copies) => self.world.queue.repeat(copies),
            Event::QueueAway(true) => self.world.queue.go_down(),
            Event::QueueAway(false) => self.world.queue.come_back(),
            Event::RevFails(rule) => self.world.rev.fault(*rule),
            Event::DatabaseFails(nth, action) => server
                .faults()
                .add(embedded_sql_server::faults::Trigger::Nth(nth), action),
            Event::Cut => server.faults().cut_all(),
        }
    }

    fn receive(&mut self) {
        self.in_flight.extend(self.world.queue.receive(10));
    }

    /// An instance, started when there is none.
    fn hand(&mut self, of: usize) -> &mut Hand {
        let (world, plan) = (self.world, &self.plan);
        self.hands[of].get_or_insert_with(|| Hand {
            instance: Instance::start(world.instance(plan)),
            delivery: None,
            stalled: Duration::ZERO,
        })
    }

    async fn moves(&mut self, of: usize, points: usize, message: usize, twice: bool) {
        let mut left = points;
        if self.hand(of).instance.is_idle() {
            self.receive();
            if self.in_flight.is_empty()
                && let Some(wait) = self.world.queue.next_due_in()
            {
                // A message is only a hint, so it may come early.
                self.world.queue.advance(wait);
                self.receive();
            }
            let Some(place) = message.checked_rem(self.in_flight.len()) else {
                return self.sweeps(of).await;
            };
            let delivery = if twice {
                self.in_flight[place].clone()
            } else {
                self.in_flight.remove(place)
            };
            let others = self.hands.iter().flatten();
            let others = others.filter_map(|hand| hand.delivery.as_ref());
            let beside = others.filter(|other| other.body == delivery.body).count();
            self.tally.side_by_side += usize::from(beside > 0);
            self.tell(format!("  instance {of} gets {}", delivery.body));
            let batch = event(std::slice::from_ref(&delivery));
            let hand = self.hand(of);
            hand.delivery = Some(delivery);
            let report = hand.instance.work(batch).await;
            self.came(of, report);
            left -= 1;
        }
        self.goes(of, left).await;
    }

    /// Lets an instance go on for so many points at the most.
    async fn goes(&mut self, of: usize, points: usize) {
        for _ in 0..points {
            let Some(hand) = self.hands[of]
                .as_mut()
                .filter(|hand| !hand.instance.is_idle())
            else {
                return;
            };
            let report = hand.instance.go().await;
            self.came(of, report);
        }
        assert!(points < MOST_POINTS, "instance {of} does not end");
    }

    fn came(&mut self, of: usize, report: Report) {
        self.tell(match &report {
            Report::At(point) => format!("  instance {of} stands at {point}"),
            // Ids of messages go on counting from one schedule to the next.
            Report::Answered(Ok(answer)) => {
                let failed = answer["batchItemFailures"].as_array().map_or(0, Vec::len);
                format!("  instance {of} has answered, {failed} failed")
            }
            report => format!("  instance {of}: {report:?}"),
        });
        self.tally.points += 1;
        let hand = self.hands[of].as_mut().expect("who reports is there");
        hand.stalled = Duration::ZERO;
        match report {
            Report::At(_) => {}
            Report::Answered(answer) => {
                let failed = answer.is_ok_and(|answer| answer["batchItemFailures"] != json!([]));
                if let Some(delivery) = hand.delivery.take().filter(|_| !failed) {
                    self.world.queue.delete(&delivery.receipt);
                }
            }
            Report::Dead | Report::Panicked(_) => panic!("instance {of} ended: {report:?}"),
        }
    }

    /// One that stands in mid-work is killed; this one, if it does.
    async fn dies(&mut self, of: usize) {
        let stands = |of: &usize| {
            let hand = self.hands[*of].as_ref();
            hand.is_some_and(|hand| !hand.instance.is_idle())
        };
        let next = (of..INSTANCES).chain(0..of).find(stands);
        let of = next.unwrap_or(of);
        if let Some(hand) = self.hands[of].take() {
            self.tally.killed += usize::from(!hand.instance.is_idle());
            self.tell(format!(
                "  instance {of} dies: {:?}",
                hand.instance.stands()
            ));
            hand.instance.kill().await;
        }
    }

    async fn sweeps(&mut self, of: usize) {
        let hand = self.hand(of);
        if hand.instance.is_idle() {
            hand.delivery = None;
            let scheduled = json!({"source": "aws.events", "detail-type": "Scheduled Event"});
            let report = hand.instance.work(scheduled).await;
            self.came(of, report);
            self.goes(of, 2).await;
        }
    }

    /// Time passes; who has looked at its lease and is about to call does so before much of it is over.
    async fn passes(&mut self, time: Duration) {
        for of in 0..INSTANCES {
            while let Some(hand) = self.hands[of].as_mut()
                && hand.instance.is_about_to_call()
                && hand.stalled + time > LONGEST_STALL
            {
                let report = hand.instance.go().await;
                self.came(of, report);
            }
        }
        for hand in self.hands.iter_mut().flatten() {
            hand.instance.pass(time);
            hand.stalled += time;
        }
        self.world.pass(time);
    }

    /// Nothing goes wrong any more, everybody does what it still has to do, and the sweep comes.
    async fn quiet(&mut self) {
        self.tell("quiet".to_owned());
        let faults = self.world.server().faults();
        faults.clear();
        self.world.rev.clear_faults();
        self.world.queue.come_back();
        self.world.queue.lose_next(0);
        self.world.queue.repeat(0);
        while self.submitted.len() < self.plan.bulks.len() {
            self.submit().await;
        }
        for of in 0..INSTANCES {
            self.goes(of, MOST_POINTS).await;
            self.look();
        }
        for of in 0..INSTANCES {
            if let Some(hand) = self.hands[of].take() {
                hand.instance.kill().await;
            }
        }
        self.in_flight.clear();
        self.take_over().await;
        self.drain().await;
        // What Rev was to do late is done.
        self.world.pass(Duration::from_mins(5));
        self.look();
    }

    /// Delivers, lets a minute pass and sweeps, until every bulk change is finished and told of.
    async fn drain(&mut self) {
        let world = self.world;
        let mut sql = world.sql().await;
        let unfinished = "SELECT (SELECT COUNT_BIG(*) FROM dbo.BulkChangeWork AS w WHERE w.FinishedAt IS NULL) \
            + (SELECT COUNT_BIG(*) FROM dbo.BulkChangeOutbox AS o WHERE o.SentAt IS NULL)";
        for turn in 0..QUIET_TURNS {
            world.deliver(10, 2).await;
            if sql.number(unfinished).await == 0 {
                self.tally.quiet_turns += turn;
                return;
            }
            world.pass(Duration::from_mins(1));
            world.sweep().await;
        }
        panic!(
            "G2: after {QUIET_TURNS} minutes not all is finished: {}",
            world.left_over().await
        );
    }

    /// What another producer wrote is taken over once its message comes back, however often it was received and lost.
    async fn take_over(&mut self) {
        let mut sql = self.world.sql().await;
        let known = "SELECT COUNT_BIG(*) FROM dbo.BulkChangeWork";
        let all = i64::try_from(self.submitted.len()).unwrap();
        for _ in 0..QUEUE_TURNS {
            if sql.number(known).await == all {
                return;
            }
            self.world.deliver(10, 1).await;
            self.world.pass(Duration::from_mins(1));
        }
        panic!("G2: a bulk change of another producer was never taken over");
    }

    /// What was done, in order.
    #[must_use]
    pub fn told(&self) -> String {
        self.done.join("\n")
    }
}

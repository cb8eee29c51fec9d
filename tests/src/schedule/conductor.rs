//! Lets happen what a plan says, one thing after the other, and looks after each whether Rev bills anything twice.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
    time::Duration,
};

use central::{Central, budget::BudgetLimits};
use device_bulk_change::{Consumer, Limits, Notifier};
use embedded_sql_server::snapshot::Snapshot;
use local::rev;
use queue::memory::Delivery;
use serde_json::json;

use crate::{
    Wishes, World,
    deliveries::event,
    schedule::{
        instance::{Instance, Make, Report},
        plan::{Bulk, Event, INSTANCES, Kind, MOST_DEVICES, Plan, Whose},
    },
    world,
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
/// A database that says nothing is given up after so long (real time).
const COMMAND_TIMEOUT: Duration = Duration::from_millis(400);

/// How often what happened in a schedule.
#[derive(Debug, Default, Clone, Copy)]
pub struct Tally {
    /// Points that instances came to.
    pub points: usize,
    /// Instances that were killed in mid-work.
    pub killed: usize,
    /// Deliveries of a message that another instance had at that moment.
    pub side_by_side: usize,
    /// Calls that Rev got.
    pub calls: usize,
    /// Look-ups among them.
    pub look_ups: usize,
    /// Faults that struck the database.
    pub struck: usize,
    /// Changes, and those of them in review.
    pub changes: usize,
    /// Changes in review.
    pub reviews: usize,
    /// Changes that were processed.
    pub processed: usize,
    /// Minutes until everything had ended, once it was quiet.
    pub quiet_turns: usize,
}

impl Tally {
    /// The sum.
    pub fn add(&mut self, other: Self) {
        self.points += other.points;
        self.killed += other.killed;
        self.side_by_side += other.side_by_side;
        self.calls += other.calls;
        self.look_ups += other.look_ups;
        self.struck += other.struck;
        self.changes += other.changes;
        self.reviews += other.reviews;
        self.processed += other.processed;
        self.quiet_turns += other.quiet_turns;
    }
}

/// An instance and what it works on.
struct Hand {
    instance: Instance,
    delivery: Option<Delivery>,
    stalled: Duration,
}

/// One world for many schedules: each begins with the rows of its beginning, and with a Rev that holds nothing.
pub struct Stage {
    world: World,
    beginning: Snapshot,
}

impl Stage {
    /// A world with as many devices as any plan needs.
    pub async fn new() -> Self {
        let world = World::embedded(Wishes::devices(MOST_DEVICES)).await;
        let beginning = world.server().database().snapshot().unwrap();
        Self { world, beginning }
    }

    /// As it was.
    fn reset(&self) {
        let database = self.world.server().database();
        database.restore(&self.beginning).unwrap();
        let now = time::OffsetDateTime::now_utc();
        let now = time::PrimitiveDateTime::new(now.date(), now.time());
        database.clock().freeze_at(now);
        self.world.rev.reset();
        self.world.rev.freeze();
        let queue = &self.world.queue;
        // Whatever hides a message, it is over by then.
        queue.advance(Duration::from_hours(24));
        while let [first, ..] = queue.receive(1).as_slice() {
            queue.delete(&first.receipt);
        }
    }
}

/// A schedule on its stage.
pub struct Conductor<'a> {
    world: &'a World,
    told_before: usize,
    struck_before: u64,
    plan: Plan,
    hands: [Option<Hand>; INSTANCES],
    /// Received, and not delivered yet: in any order, and as often as one likes.
    in_flight: Vec<Delivery>,
    submitted: Vec<(i64, Kind)>,
    tally: Tally,
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

    /// What must hold at every moment.
    fn look(&self) {
        let mut lines: HashMap<String, Vec<i64>> = HashMap::new();
        for line in self.world.rev.lines() {
            let of = line.reference.unwrap_or_else(|| line.number.clone());
            lines.entry(of).or_default().push(line.id);
        }
        for (of, ids) in lines {
            assert!(ids.len() <= 1, "G1: Rev bills {of} with {ids:?}");
        }
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
            world.pass(Duration::from_secs(60));
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
            self.world.pass(Duration::from_secs(60));
        }
        panic!("G2: a bulk change of another producer was never taken over");
    }

    /// What must hold in the end, seen from outside.
    async fn look_back(&mut self) {
        let mut unknowns = BTreeMap::new();
        let mut sql = self.world.sql().await;
        for row in sql
            .rows("SELECT ChangeId, Unknowns FROM dbo.DeviceChangeWork")
            .await
        {
            unknowns.insert(row.get::<i64, _>(0).unwrap(), row.get::<i32, _>(1).unwrap());
        }
        for (id, kind) in self.submitted.clone() {
            if kind == Kind::Plan {
                self.world.assert_never_billed(id).await;
            } else {
                for review in self.world.assert_billed_once(id).await {
                    let twice = unknowns.get(&review.id).is_some_and(|count| *count >= 2);
                    assert!(twice, "G2: a person is asked for no reason: {review:?}");
                    self.tally.reviews += 1;
                }
            }
            let statuses = self.world.statuses(id).await;
            self.tally.changes += statuses.values().sum::<usize>();
            self.tally.processed += statuses.get("PROCESSED").copied().unwrap_or_default();
        }
        let told = self.world.amop.told().len() - self.told_before;
        assert!(
            told >= self.submitted.len(),
            "{told} notices for {} bulk changes",
            self.submitted.len()
        );
        let calls = self.world.rev.calls();
        self.tally.look_ups = calls
            .iter()
            .filter(|call| call.call == rev::Call::Lines)
            .count();
        self.tally.calls = calls.len();
        let struck = self.world.server().faults().struck() - self.struck_before;
        self.tally.struck = usize::try_from(struck).unwrap();
    }

    /// What was done, in order.
    #[must_use]
    pub fn told(&self) -> String {
        self.done.join("\n")
    }
}

impl World {
    /// How an instance of a schedule comes by its consumer: with a pool and tokens of its own, within its own runtime.
    fn instance(&self, plan: &Plan) -> Make {
        let mut settings = world::settings(&self.logins.consumer);
        settings.command_timeout = COMMAND_TIMEOUT;
        settings.checkout_timeout = Duration::from_secs(1);
        settings.pool_size = 2;
        let queue: Arc<dyn queue::Queue> = Arc::<queue::MemoryQueue>::clone(&self.queue);
        let amop = self.amop.url().parse().unwrap();
        let limits = Limits {
            chunk: plan.rows_at_once,
            calls_in_the_air: if plan.side_by_side { 64 } else { 1 },
            // Nobody waits for a call slot.
            budget: BudgetLimits {
                calls_per_minute: 60_000,
                calls_per_day: 1_000_000,
                burst: 10,
                reserve_per_minute: 0,
            },
            ..Limits::default()
        };
        let rev = ::rev::Settings {
            allow_http_loopback: true,
            ..::rev::Settings::default()
        };
        Box::new(move || {
            Box::pin(async move {
                let central = Central::connect(settings).await.unwrap();
                let rev = ::rev::Client::new(rev).unwrap();
                let notifier = Notifier::new(amop).unwrap();
                Arc::new(Consumer::new(central, rev, queue, Some(notifier), limits))
            })
        })
    }
}

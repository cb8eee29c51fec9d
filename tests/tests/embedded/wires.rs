//! The wire to the database fails in the middle of a batch: the messages that it concerns come back, and no other.

use std::{collections::BTreeSet, time::Duration};

use device_bulk_change::EventError;
use embedded_sql_server::faults::{Action, Trigger};
use end_to_end::{Wishes, World, deliveries::event, running::Hand};
use serde_json::{Value, json};
use tokio::time::Instant;

/// Whose messages a statement is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Concerned {
    /// Those of bulk changes that the intake recorded.
    Ours,
    /// Those of the other producer.
    Theirs,
    /// None: what it would have written down is done again by the sweep.
    None,
}

/// Every statement that a batch of these messages asks, and words that only it has.
const STATEMENTS: [(&str, Concerned); 10] = [
    ("-- claim:", Concerned::Ours),
    ("-- preflight:", Concerned::Ours),
    ("-- outbox_take:", Concerned::Ours),
    ("-- facts:", Concerned::Ours),
    ("-- record:", Concerned::Ours),
    ("-- finish:", Concerned::Ours),
    ("-- enroll_read:", Concerned::Theirs),
    ("everything that the checks of a request", Concerned::Theirs),
    ("-- enroll:", Concerned::Theirs),
    ("-- Marks messages as sent", Concerned::None),
];

/// Devices of each bulk change.
const DEVICES: usize = 2;
/// As the template's.
const FUNCTION_TIMEOUT: Duration = Duration::from_mins(2);

struct Batch {
    hand: Hand,
    world: World,
    ours: [i64; 2],
    theirs: i64,
}

impl Batch {
    /// Two bulk changes of ours and one of the other producer: three messages.
    async fn new() -> Self {
        let hand = Hand::on_the_clocks().in_steps_of(Duration::from_millis(250));
        let world = World::embedded(Wishes::devices(3 * DEVICES)).await;
        let mut ours = [0; 2];
        for (place, id) in ours.iter_mut().enumerate() {
            let devices = world.iccids(place * DEVICES + 1..=(place + 1) * DEVICES);
            *id = world
                .post(&world.with_service(&devices))
                .await
                .bulk_change();
        }
        let rows = world.foreign_rows(2 * DEVICES + 1..=3 * DEVICES).await;
        let theirs = world.write_assignment(&rows).await;
        world.announce(theirs).await;
        Self {
            hand,
            world,
            ours,
            theirs,
        }
    }

    /// Lets the clocks run until something has come to its end.
    async fn meanwhile<T>(&self, done: impl Future<Output = T>) -> T {
        tokio::pin!(done);
        loop {
            tokio::select! {
                biased;
                done = &mut done => return done,
                () = self.hand.move_on(&self.world) => {}
            }
        }
    }

    async fn call(&self, event: Value) -> Result<Value, EventError> {
        let deadline = (Instant::now() + FUNCTION_TIMEOUT).into_std();
        let handled = device_bulk_change::handle(&self.world.consumer, event, deadline);
        self.meanwhile(handled).await
    }

    /// Delivers all three in one batch; answers the bulk changes whose messages failed. The others are deleted.
    async fn delivered(&self) -> BTreeSet<i64> {
        let deliveries = self.world.queue.receive(10);
        assert_eq!(deliveries.len(), 3);
        let answer = self.call(event(&deliveries)).await.unwrap();
        let failures = answer["batchItemFailures"].as_array().unwrap();
        let mut failed = BTreeSet::new();
        for delivery in &deliveries {
            let is_ours = failures
                .iter()
                .any(|failure| failure["itemIdentifier"] == delivery.id.as_str());
            if is_ours {
                failed.insert(self.named_by(&delivery.body));
            } else {
                self.world.queue.delete(&delivery.receipt);
            }
        }
        assert_eq!(failed.len(), failures.len(), "{answer}");
        failed
    }

    fn named_by(&self, body: &str) -> i64 {
        let chunk: Option<Value> = serde_json::from_str(body).ok();
        chunk
            .and_then(|chunk| chunk["bulkChangeId"].as_i64())
            .unwrap_or(self.theirs)
    }

    fn concerned(&self, whom: Concerned) -> BTreeSet<i64> {
        match whom {
            Concerned::Ours => self.ours.into(),
            Concerned::Theirs => [self.theirs].into(),
            Concerned::None => BTreeSet::new(),
        }
    }

    /// No device has ended in an error: a database that is away says nothing about a device.
    async fn assert_nothing_refused(&self, what: &str) {
        for id in self.ours.into_iter().chain([self.theirs]) {
            for status in self.world.statuses(id).await.into_keys() {
                let open = ["PENDING", "PROCESSING", "PROCESSED"].contains(&status.as_str());
                assert!(open, "{what}: a device ended {status}");
            }
        }
    }

    /// Delivers and sweeps until everything is finished, on the moved clock.
    async fn drain(&self, what: &str) {
        for _ in 0..60 {
            loop {
                let deliveries = self.world.queue.receive(10);
                if deliveries.is_empty() {
                    break;
                }
                let answer = self.call(event(&deliveries)).await.unwrap();
                let nothing = json!({"batchItemFailures": []});
                assert_eq!(answer, nothing, "{what}: the database is back");
                for delivery in deliveries {
                    self.world.queue.delete(&delivery.receipt);
                }
            }
            if self.world.unfinished().await == 0 {
                return;
            }
            self.world.pass(Duration::from_secs(30));
            self.call(scheduled()).await.unwrap();
        }
        panic!("{what}: not finished: {}", self.world.left_over().await);
    }

    async fn assert_done(&self, what: &str) {
        self.world.pass(Duration::from_mins(20));
        self.drain(what).await;
        for id in self.ours {
            assert!(self.world.assert_billed_once(id).await.is_empty(), "{what}");
        }
        for id in self.ours.into_iter().chain([self.theirs]) {
            let processed = [("PROCESSED".to_owned(), DEVICES)].into();
            assert_eq!(self.world.statuses(id).await, processed, "{what}");
        }
        assert!(self.world.queue.dead_letters().is_empty(), "{what}");
        let interrupted = self.world.server().interrupted();
        assert!(interrupted.connections() > 0, "{what}: nothing was struck");
        assert_eq!(interrupted.asked_again(), [""; 0], "{what}");
    }
}

fn scheduled() -> Value {
    json!({"source": "aws.events", "detail-type": "Scheduled Event"})
}

/// Refused for good, and done without an answer, for as long as the call lasts; in the long form refused for now as well.
fn lasting() -> Vec<Action> {
    let mut lasting = vec![Action::Error { number: 208 }, Action::DropAfter];
    if std::env::var("PROOF_LONG").as_deref() == Ok("1") {
        lasting.push(Action::Error { number: 40_501 });
        lasting.push(Action::Silence);
    }
    lasting
}

#[tokio::test(start_paused = true)]
async fn a_statement_that_fails_in_a_batch_fails_the_messages_it_concerns_and_no_other() {
    let mut tried = 0;
    for (marker, whom) in STATEMENTS {
        for action in lasting() {
            let what = format!("{marker} {action:?}");
            let batch = Batch::new().await;
            let faults = batch.world.server().faults();
            faults.add_lasting(Trigger::matching(marker), action);
            let failed = batch.delivered().await;
            assert_eq!(failed, batch.concerned(whom), "{what}: these came back");
            batch.assert_nothing_refused(&what).await;
            batch.world.server().faults().clear();
            batch.assert_done(&what).await;
            tried += 1;
        }
    }
    println!("{tried} batches");
    assert_eq!(tried, STATEMENTS.len() * lasting().len());
}

#[tokio::test(start_paused = true)]
async fn a_statement_that_fails_once_fails_no_message_but_that_of_a_claim() {
    let mut tried = 0;
    for (marker, _) in STATEMENTS {
        let batch = Batch::new().await;
        let faults = batch.world.server().faults();
        faults.add(Trigger::matching(marker), Action::DropAfter);
        let failed = batch.delivered().await;
        // Whether rows were claimed nobody knows, so nothing is claimed again before the lease has run out; the same for what
        // was taken from the outbox.
        let once = ["-- claim:", "-- outbox_take:"].contains(&marker);
        assert_eq!(failed.len(), usize::from(once), "{marker}: {failed:?}");
        batch.assert_done(marker).await;
        tried += 1;
    }
    println!("{tried} batches");
    assert_eq!(tried, 10);
}

#[tokio::test(start_paused = true)]
async fn a_sweep_that_does_not_get_through_is_no_success() {
    for action in lasting() {
        let batch = Batch::new().await;
        let faults = batch.world.server().faults();
        faults.add_lasting(Trigger::matching("-- sweep:"), action);
        let swept = batch.call(scheduled()).await;
        assert!(matches!(swept, Err(EventError::Sweep(_))), "{swept:?}");
        batch.world.server().faults().clear();
        batch.assert_done("sweep").await;
    }
}

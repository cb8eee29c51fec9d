//! Instances of the consumer that take messages by themselves, while the test moves every clock by hand.
//!
//! For tests with `#[tokio::test(start_paused = true)]`, and the benchmark of the call budget: minutes of call slots pass in seconds.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    time::Duration,
};

use device_bulk_change::Consumer;
use tokio::{task::JoinHandle, time::Instant};

use crate::{World, deliveries::event};

/// How far the clocks move at once when nothing is said.
const STEP: Duration = Duration::from_millis(50);
/// How long one call of the function may take on the moved clock; the template's time-out.
const FUNCTION_TIMEOUT: Duration = Duration::from_mins(2);
/// Messages of one call; the template's.
const BATCH: usize = 10;

/// The hand on the clocks. While it is there, tokio's paused clock does not run ahead to the next timer by itself, which it
/// would do while an answer of the database is on its way.
pub struct Hand {
    /// Ends the blocking task when it is dropped.
    _held: mpsc::Sender<()>,
    step: Duration,
}

impl Hand {
    /// Takes hold: before the world is made.
    #[must_use]
    pub fn on_the_clocks() -> Self {
        let (held, wait) = mpsc::channel::<()>();
        tokio::task::spawn_blocking(move || wait.recv());
        Self {
            _held: held,
            step: STEP,
        }
    }

    /// Moves the clocks by this much at once.
    #[must_use]
    pub fn in_steps_of(self, step: Duration) -> Self {
        Self { step, ..self }
    }

    /// One step, once nothing is under way in the database and what was ready has had its turn.
    pub async fn move_on(&self, world: &World) {
        loop {
            let pause =
                tokio::task::spawn_blocking(|| std::thread::sleep(Duration::from_micros(250)));
            pause.await.unwrap();
            if world.server().requests_running() == 0 {
                break;
            }
        }
        world.pass(self.step);
        tokio::time::advance(self.step).await;
    }

    /// Lets time pass.
    pub async fn pass(&self, world: &World, time: Duration) {
        let end = Instant::now() + time;
        while Instant::now() < end {
            self.move_on(world).await;
        }
    }

    /// Lets time pass until what is asked every second is so; answers how long that took. Fails after `longest`.
    pub async fn until(
        &self,
        world: &World,
        longest: Duration,
        is_so: impl AsyncFn() -> bool,
    ) -> Duration {
        let begun = Instant::now();
        while !is_so().await {
            assert!(begun.elapsed() < longest, "not so after {longest:?}");
            self.pass(world, Duration::from_secs(1)).await;
        }
        begun.elapsed()
    }
}

/// Running instances; they end when this is dropped.
pub struct Running {
    tasks: Vec<JoinHandle<()>>,
    visits: Arc<AtomicUsize>,
}

impl Running {
    /// Stops every clock, and starts instances and the schedule.
    #[must_use]
    pub fn start(world: &Arc<World>, instances: usize) -> Self {
        Self::each(world, &vec![Arc::clone(&world.consumer); instances])
    }

    /// The same with a consumer for each instance.
    #[must_use]
    pub fn each(world: &Arc<World>, consumers: &[Arc<Consumer>]) -> Self {
        world.server().database().clock().freeze();
        world.rev.freeze();
        let mut running = Self {
            tasks: vec![tokio::spawn(schedule(Arc::clone(world)))],
            visits: Arc::default(),
        };
        for consumer in consumers {
            running.join(world, consumer);
        }
        running
    }

    /// One more instance.
    pub fn join(&mut self, world: &Arc<World>, consumer: &Arc<Consumer>) {
        let (world, consumer) = (Arc::clone(world), Arc::clone(consumer));
        let instance = instance(world, consumer, Arc::clone(&self.visits));
        self.tasks.push(tokio::spawn(instance));
    }

    /// The instance that began first is no more, in the middle of whatever it does.
    pub fn one_dies(&mut self) {
        self.tasks.remove(1).abort();
    }

    /// Messages that were delivered so far. Each is a visit of a chunk: a claim at least, and for what it does not get another message.
    #[must_use]
    pub fn visits(&self) -> usize {
        self.visits.load(Ordering::Relaxed)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

/// An instance of the function behind the event source mapping.
async fn instance(world: Arc<World>, consumer: Arc<Consumer>, visits: Arc<AtomicUsize>) {
    loop {
        let deliveries = world.queue.receive(BATCH);
        if deliveries.is_empty() {
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        }
        visits.fetch_add(deliveries.len(), Ordering::Relaxed);
        let deadline = (Instant::now() + FUNCTION_TIMEOUT).into_std();
        let answer = device_bulk_change::handle(&consumer, event(&deliveries), deadline)
            .await
            .unwrap();
        let failed = answer["batchItemFailures"].as_array().unwrap();
        for delivery in &deliveries {
            if failed
                .iter()
                .all(|failure| failure["itemIdentifier"] != delivery.id.as_str())
            {
                world.queue.delete(&delivery.receipt);
            }
        }
    }
}

/// The scheduled call, every minute.
async fn schedule(world: Arc<World>) {
    loop {
        tokio::time::sleep(Duration::from_mins(1)).await;
        world.sweep().await;
    }
}

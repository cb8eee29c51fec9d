//! One instance of the consumer: a thread with a runtime, a pool and a Rev client of its own, which stands still at every fault
//! point until it is told to go on. Killing it drops the runtime with everything in it: tasks, connections, calls in the air.

use std::{
    cell::{Cell, RefCell},
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    rc::Rc,
    sync::{
        Arc, Once,
        mpsc::{Receiver, Sender, channel},
    },
    time::Duration,
};

use device_bulk_change::{Consumer, handle};
use futures::{FutureExt as _, future::BoxFuture};
use serde_json::Value;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::effects::{CONSUMER, THEIRS, points};

/// How long one call of the function may take; the template's time-out.
const FUNCTION_TIMEOUT: Duration = Duration::from_mins(2);
/// An instance that comes to no point for so long (real time) is a failed test.
const PATIENCE: Duration = Duration::from_mins(2);

enum Command {
    Works(Value),
    Goes,
    Passes(Duration),
    Dies,
}

/// What an instance says of itself.
#[derive(Debug)]
pub enum Report {
    /// It stands at this point.
    At(String),
    /// It has answered.
    Answered(Result<Value, String>),
    /// It is dead, as it was told to be.
    Dead,
    /// It panicked by itself.
    Panicked(String),
}

/// What it does between two commands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stands {
    /// It waits for something to do.
    Idle,
    /// It stands at a point.
    At(String),
}

/// The payload with which a killed instance unwinds.
struct Killed;

thread_local! {
    static STRINGS: RefCell<Option<Rc<Strings>>> = const { RefCell::new(None) };
}

/// What holds an instance's thread.
struct Strings {
    commands: Receiver<Command>,
    reports: UnboundedSender<Report>,
    dying: Cell<bool>,
}

impl Strings {
    /// At a point: stands still until told what to do.
    fn stand(&self, point: &str) {
        if self.dying.get() {
            resume_unwind(Box::new(Killed));
        }
        // Nobody listens any more: the schedule is over.
        let heard = self.reports.send(Report::At(point.to_owned())).is_ok();
        loop {
            match self.commands.recv() {
                Ok(Command::Goes) if heard => return,
                Ok(Command::Passes(time)) => pass(time),
                Ok(Command::Works(_) | Command::Goes | Command::Dies) | Err(_) => {
                    self.dying.set(true);
                    resume_unwind(Box::new(Killed));
                }
            }
        }
    }
}

/// Moves the clock of this thread's runtime on.
fn pass(time: Duration) {
    tokio::time::pause();
    // It is moved when this is polled first; what is due by then wakes up when the runtime goes on.
    tokio::time::advance(time).now_or_never();
    tokio::time::resume();
}

/// Lets the threads of instances, and no other, stand still at every point.
fn string_the_points() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        for point in points(&CONSUMER).into_iter().chain(points(&THEIRS)) {
            let name = point.clone();
            fail::cfg_callback(point, move || {
                let strings = STRINGS.with_borrow(Clone::clone);
                if let Some(strings) = strings {
                    strings.stand(&name);
                }
            })
            .unwrap();
        }
    });
}

/// Makes the consumer of an instance within its runtime.
pub type Make = Box<dyn FnOnce() -> BoxFuture<'static, Arc<Consumer>> + Send>;

/// An instance, seen from outside.
pub struct Instance {
    commands: Sender<Command>,
    reports: UnboundedReceiver<Report>,
    stands: Stands,
}

impl Instance {
    /// Starts one.
    #[must_use]
    pub fn start(make: Make) -> Self {
        string_the_points();
        let (commands, commanded) = channel();
        let (reporting, reports) = unbounded_channel();
        std::thread::spawn(move || live(make, commanded, &reporting));
        Self {
            commands,
            reports,
            stands: Stands::Idle,
        }
    }

    /// Where it stands.
    #[must_use]
    pub fn stands(&self) -> &Stands {
        &self.stands
    }

    /// Whether it has nothing to do.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.stands == Stands::Idle
    }

    /// Whether it is about to call Rev: it has looked at its lease, and the call is not sent.
    #[must_use]
    pub fn is_about_to_call(&self) -> bool {
        matches!(&self.stands, Stands::At(point) if point.starts_with("rev.") && point.ends_with(".before"))
    }

    /// Calls it with an event, and waits until it stands at the first point or has answered.
    pub async fn work(&mut self, event: Value) -> Report {
        self.told(Command::Works(event)).await
    }

    /// Lets it go to the next point.
    pub async fn go(&mut self) -> Report {
        self.told(Command::Goes).await
    }

    /// Kills it where it stands.
    pub async fn kill(mut self) {
        while !matches!(self.told(Command::Dies).await, Report::Dead) {}
    }

    /// Its own clock goes on.
    pub fn pass(&self, time: Duration) {
        self.commands.send(Command::Passes(time)).ok();
    }

    async fn told(&mut self, command: Command) -> Report {
        self.commands.send(command).ok();
        let report = tokio::time::timeout(PATIENCE, self.reports.recv());
        let report = report
            .await
            .expect("an instance that comes to a point")
            .unwrap_or(Report::Dead);
        self.stands = match &report {
            Report::At(point) => Stands::At(point.clone()),
            _ => Stands::Idle,
        };
        report
    }
}

fn live(make: Make, commands: Receiver<Command>, reports: &UnboundedSender<Report>) {
    let strings = Rc::new(Strings {
        commands,
        reports: reports.clone(),
        dying: Cell::new(false),
    });
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    STRINGS.set(Some(Rc::clone(&strings)));
    let lived = catch_unwind(AssertUnwindSafe(|| {
        runtime.block_on(work(make, &strings));
    }));
    STRINGS.set(None);
    drop(runtime);
    let last = match lived {
        Err(payload) if !payload.is::<Killed>() => {
            Report::Panicked(said(payload.as_ref()).to_owned())
        }
        _ => Report::Dead,
    };
    reports.send(last).ok();
}

async fn work(make: Make, strings: &Strings) {
    let consumer = make().await;
    // While it has nothing to do it stands still altogether, as Lambda keeps it.
    while let Ok(command) = strings.commands.recv() {
        match command {
            Command::Works(event) => {
                let end = tokio::time::Instant::now().into_std() + FUNCTION_TIMEOUT;
                let answer = handle(&consumer, event, end).await;
                if strings.dying.get() {
                    return;
                }
                let answer = answer.map_err(|error| error.to_string());
                strings.reports.send(Report::Answered(answer)).ok();
            }
            Command::Passes(time) => pass(time),
            Command::Goes => {}
            Command::Dies => return,
        }
    }
}

/// What a panic said.
#[must_use]
pub fn said(payload: &(dyn std::any::Any + Send)) -> &str {
    payload
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| payload.downcast_ref::<&str>().copied())
        .unwrap_or("a panic without words")
}

//! From a scene's beginning to its end, with one strike on the way.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use device_bulk_change::Consumer;
use end_to_end::kill::Came;
use futures::future::join;
use serde_json::{Value, json};

use crate::{
    scene::Scene,
    strike::{Delivery, Kind, arm},
};

/// Longer than a lease and what a failed message is hidden for.
const LEASE_IS_OVER: Duration = Duration::from_secs(80);
/// Longer than the queue hides a message of which nobody said anything.
const EVERY_MESSAGE_IS_BACK: Duration = Duration::from_mins(13);
/// A message that is to fail, so that it is hidden: its claim is refused.
const FAILS: &str = "central.claim.before=1*return(229)->off";

/// What strikes, where and when.
#[derive(Debug, Clone, Copy)]
pub struct Strike<'a> {
    pub effect: &'a str,
    pub kind: Kind,
    pub delivery: Delivery,
    /// At which call of the function, from 0.
    pub at: usize,
}

/// One call of the function with an event; whether every message of it is done with.
pub async fn call(consumer: &Arc<Consumer>, event: &Value) -> bool {
    let until = Instant::now() + Duration::from_mins(2);
    match device_bulk_change::handle(consumer, event.clone(), until).await {
        Ok(answer) => answer["batchItemFailures"]
            .as_array()
            .is_none_or(Vec::is_empty),
        // A scheduled call that failed comes again with the schedule.
        Err(_) => false,
    }
}

/// Plays a scene to its end: messages as they come, and a scheduled call each minute on the moved clock.
pub async fn play(scene: &mut Scene, strike: Option<Strike<'_>>, when: &str, each: impl Fn(usize)) {
    let mut calls = 0;
    for _ in 0..60 {
        while let Some((event, receipt)) = scene.next_message() {
            each(calls);
            if one(
                scene,
                &event,
                strike.filter(|strike| strike.at == calls),
                when,
            )
            .await
            {
                scene.world.queue.delete(&receipt);
            }
            calls += 1;
            mind_the_receiver(scene);
        }
        if scene.is_done().await {
            assert!(
                strike.is_none_or(|strike| strike.at < calls),
                "{when}: done after {calls} calls, and nothing struck"
            );
            return;
        }
        scene.world.pass(Duration::from_mins(1));
        let scheduled = json!({"source": "aws.events", "detail-type": "Scheduled Event"});
        each(calls);
        one(
            scene,
            &scheduled,
            strike.filter(|strike| strike.at == calls),
            when,
        )
        .await;
        calls += 1;
        mind_the_receiver(scene);
    }
    panic!(
        "{when}: after an hour on the moved clock not done: {}",
        scene.world.left_over().await
    );
}

/// It is away for one notice.
pub fn mind_the_receiver(scene: &Scene) {
    if scene.world.amop.posts() > 0 {
        scene.world.amop.be_away(false);
    }
}

/// One event; the struck one comes back as its form of delivery says. Whether the last call with it was done with it.
async fn one(scene: &mut Scene, event: &Value, strike: Option<Strike<'_>>, when: &str) -> bool {
    let Some(Strike {
        effect,
        kind,
        delivery,
        ..
    }) = strike
    else {
        return call(&scene.world.consumer, event).await;
    };
    let fails = if effect == "queue.hide" { FAILS } else { "" };
    if let Some(point) = kind.frozen_at(effect) {
        scene.make_processes_ready().await;
        let processes = scene.started();
        let mut process = processes.consumer(&scene.world, event, &point, fails).await;
        match process.came().await {
            Came::Reached => {}
            Came::Answered(answer) => panic!("{when}: answered without passing {point}: {answer}"),
        }
        if delivery == Delivery::SideBySide {
            // While the first one stands there, the other works as far as it can.
            let second = scene.second().await;
            call(&second, event).await;
        }
        process.kill().await;
    } else {
        if let Some((point, action)) = fails.split_once('=') {
            fail::cfg(point, action).unwrap();
        }
        let second = match delivery {
            Delivery::SideBySide => Some(scene.second().await),
            Delivery::Again | Delivery::Twice => None,
        };
        let armed = arm(scene, effect, kind);
        if let Some(second) = second {
            join(call(&scene.world.consumer, event), call(&second, event)).await;
        } else {
            call(&scene.world.consumer, event).await;
        }
        armed.assert_struck(scene, when);
        if let Some((point, _)) = fails.split_once('=') {
            fail::remove(point);
        }
    }
    mind_the_receiver(scene);
    if delivery == Delivery::Twice {
        call(&scene.world.consumer, event).await;
        mind_the_receiver(scene);
    }
    scene.world.pass(LEASE_IS_OVER);
    if delivery == Delivery::SideBySide {
        let second = scene.second().await;
        let (one, other) = join(call(&scene.world.consumer, event), call(&second, event)).await;
        one && other
    } else {
        call(&scene.world.consumer, event).await
    }
}

/// Whatever is still on the queue comes, late, and the schedule once more.
pub async fn let_the_rest_come(scene: &Scene) {
    for _ in 0..4 {
        scene.world.pass(EVERY_MESSAGE_IS_BACK);
        while let Some((event, receipt)) = scene.next_message() {
            if call(&scene.world.consumer, &event).await {
                scene.world.queue.delete(&receipt);
            }
        }
        scene.world.sweep().await;
        if scene.world.queue.is_empty() {
            return;
        }
    }
    panic!("{} messages stay on the queue", scene.world.queue.len());
}

/// At which calls of the function each effect was passed, in a scene in which nothing strikes; and what is there in the end.
pub struct Undisturbed {
    pub passed: BTreeMap<String, Vec<usize>>,
    pub rows: BTreeMap<String, usize>,
}

/// Counts every pass of some points while it is there.
#[derive(Default)]
pub struct Passes {
    seen: Arc<Mutex<BTreeMap<String, Vec<usize>>>>,
    calls: Arc<AtomicUsize>,
}

impl Passes {
    /// Of these points.
    pub fn of(points: impl IntoIterator<Item = String>) -> Self {
        let passes = Self::default();
        for point in points {
            let (seen, calls) = (Arc::clone(&passes.seen), Arc::clone(&passes.calls));
            fail::cfg_callback(point.clone(), move || {
                let call = calls.load(Ordering::SeqCst);
                seen.lock()
                    .unwrap()
                    .entry(point.clone())
                    .or_default()
                    .push(call);
            })
            .unwrap();
        }
        passes
    }

    /// Passes from here on belong to this call of the function.
    pub fn at(&self, call: usize) {
        self.calls.store(call, Ordering::SeqCst);
    }

    /// Point to calls, one for each pass.
    pub fn seen(&self) -> BTreeMap<String, Vec<usize>> {
        self.seen.lock().unwrap().clone()
    }
}

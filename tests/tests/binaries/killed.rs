//! A process that ends in the middle of its work, as Lambda ends one at the time-out (SIGKILL), and as everything else ends one
//! (SIGTERM): docs/decisions/0211.

use std::{os::unix::process::ExitStatusExt as _, time::Duration};

use end_to_end::{
    Wishes, World,
    deliveries::event,
    function::{Function, schedule},
};
use local::rev;
use serde_json::json;

use crate::instance::{Site, TIME_OUT, until};

const DEVICES: usize = 500;
const SIGKILL: i32 = 9;
const SIGTERM: i32 = 15;

/// Ends a consumer with a signal while its calls are in the air, delivers its messages to another one, and compares.
async fn ended_in_mid_batch(name: &str, number: i32) {
    let options = rev::Options {
        latency: Duration::from_millis(40),
        ..rev::Options::default()
    };
    let world = World::embedded(Wishes {
        rev: options,
        ..Wishes::devices(DEVICES)
    })
    .await;
    let site = Site::of(world).await;
    let world = &site.world;
    let request = world.with_service(&world.iccids(1..=DEVICES));
    let id = world.post(&request).await.bulk_change();

    let first = site.instance(Function::Consumer).await;
    let call = first.begin(event(&world.queue.receive(10)), TIME_OUT).await;
    until("Rev holds lines", async || world.rev.lines().len() >= 60).await;
    first.signal(name).await;
    assert_eq!(first.exit().await.signal(), Some(number));
    assert!(!first.is_answered(&call).await);
    let held = world.rev.lines().len();
    assert!(held < DEVICES, "it was over before the signal");

    // The message comes back when its visibility is over, to another process.
    world.pass(Duration::from_secs(800));
    let second = site.instance(Function::Consumer).await;
    assert_eq!(second.deliver(world).await, Some(Vec::new()));
    second.call(schedule()).await;
    second.work_off(world).await;
    let reviews = world.assert_billed_once(id).await;
    assert!(reviews.is_empty(), "{reviews:?}");
    assert_eq!(
        world.statuses(id).await,
        [("PROCESSED".to_owned(), DEVICES)].into()
    );
    assert_eq!(world.rev.lines().len(), DEVICES);
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_the_time_out_every_device_ends_and_is_billed_once_by_the_next_process() {
    ended_in_mid_batch("KILL", SIGKILL).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sigterm_in_mid_batch_ends_the_process_at_once_and_nothing_is_lost_or_billed_twice() {
    ended_in_mid_batch("TERM", SIGTERM).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_idle_process_ends_at_sigterm() {
    let site = Site::of(World::embedded(Wishes::devices(1)).await).await;
    for function in [Function::Intake, Function::Consumer] {
        // One that waits for its first event, and one that stands still after it.
        let waiting = site.instance(function).await;
        waiting.signal("TERM").await;
        assert_eq!(waiting.exit().await.signal(), Some(SIGTERM), "{function:?}");

        let warm = site.instance(function).await;
        let event = match function {
            Function::Intake => end_to_end::function::http("GET", "/healthz/ready", None, "fake"),
            Function::Consumer => json!({"Records": []}),
        };
        warm.call(event).await;
        warm.frozen().await;
        warm.signal("TERM").await;
        warm.signal("CONT").await;
        assert_eq!(warm.exit().await.signal(), Some(SIGTERM), "{function:?}");
    }
}

//! The consumer is killed in the middle of its work, and started again.

use std::{
    process::Stdio,
    time::{Duration, Instant},
};

use end_to_end::{Wishes, World, deliveries::event};
use local::rev::{self, Call};
use tokio::{
    io::AsyncWriteExt,
    process::{Child, Command},
};

const DEVICES: usize = 500;

/// The consumer as a process of its own, with one event on its standard input.
async fn consumer_process(world: &World, event: &serde_json::Value) -> Child {
    let mut child = Command::new(env!("CARGO_BIN_EXE_lambda-process"))
        .arg("consumer")
        .env("CENTRAL_CONNECTION_STRING", &world.logins.consumer)
        .env("QUEUE_URL", "memory")
        .env("REV_ALLOW_HTTP_LOOPBACK", "true")
        .env("REV_CALLS_PER_MINUTE", "60000")
        .env("AMOP_SYNC_URL", world.amop.url())
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::inherit())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    input.write_all(event.to_string().as_bytes()).await.unwrap();
    drop(input);
    child
}

/// Waits for a condition; a minute without it is a failure.
async fn until(what: &str, mut condition: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_mins(1);
    while !condition() {
        assert!(Instant::now() < end, "{what}");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

/// Submits 500 devices and kills the consumer so often while it works on them. Answers the bulk change.
async fn killed(world: &World, times: usize) -> i64 {
    let id = world.submit_with_service(1..=DEVICES).await;
    let mut kills = 0;
    for _ in 0..12 {
        let deliveries = world.queue.receive(10);
        let mut child = consumer_process(world, &event(&deliveries)).await;
        let enough = (world.rev.lines().len() + 60).min(DEVICES - 1);
        until("Rev holds enough lines", || {
            world.rev.lines().len() >= enough || child.try_wait().unwrap().is_some()
        })
        .await;
        // SIGKILL: nothing is cleaned up.
        kills += usize::from(child.try_wait().unwrap().is_none());
        child.kill().await.unwrap();
        if kills == times {
            break;
        }
        // The messages come back when their visibility is over; what the process offered is lost with it, and the sweep finds
        // it. The leases have run out by then.
        world.pass(Duration::from_secs(800));
        world.sweep().await;
    }
    assert_eq!(kills, times);
    world.pass(Duration::from_secs(800));
    world.drain().await;
    id
}

fn slow() -> Wishes {
    let rev = rev::Options {
        latency: Duration::from_millis(40),
        ..rev::Options::default()
    };
    Wishes {
        rev,
        ..Wishes::devices(DEVICES)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_in_the_middle_of_five_hundred_devices_nothing_is_lost_or_billed_twice() {
    let world = World::embedded(slow()).await;
    let id = killed(&world, 1).await;
    let reviews = world.assert_billed_once(id).await;
    assert!(reviews.is_empty(), "{reviews:?}");
    assert_eq!(
        world.statuses(id).await,
        [("PROCESSED".to_owned(), DEVICES)].into()
    );
    assert_eq!(world.rev.lines().len(), DEVICES);
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_again_and_again_a_change_that_was_hit_twice_without_a_line_is_left_to_a_person() {
    let world = World::embedded(slow()).await;
    let id = killed(&world, 3).await;
    let reviews = world.assert_billed_once(id).await;
    // How many of them depends on where the kills fall; each review is a change that was held twice and has no line.
    assert_eq!(world.rev.lines().len(), DEVICES - reviews.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_crash_work_goes_on_within_the_lease_and_ninety_seconds() {
    let rev = rev::Options {
        latency: Duration::from_millis(200),
        ..rev::Options::default()
    };
    let world = World::embedded(Wishes {
        rev,
        ..Wishes::devices(100)
    })
    .await;
    world.submit_with_service(1..=100).await;
    let mut child = consumer_process(&world, &event(&world.queue.receive(10))).await;
    until("a line is open", || !world.rev.lines().is_empty()).await;
    child.kill().await.unwrap();
    world.queue.lose_next(u32::MAX);
    // A row that the dead one held is looked up first; the dead one itself never looked anything up.
    assert_eq!(world.rev.called(Call::Lines), 0);
    let mut passed = Duration::ZERO;
    while world.rev.called(Call::Lines) == 0 {
        world.pass(Duration::from_secs(5));
        passed += Duration::from_secs(5);
        world.queue.lose_next(0);
        world.sweep().await;
        world.deliver(10, 1).await;
        assert!(passed <= Duration::from_secs(75 + 90), "{passed:?}");
    }
}

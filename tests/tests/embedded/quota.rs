//! The quota of a Rev account is spent for an hour: nothing fails, nothing is called, and work goes on after it.

use std::time::Duration;

use end_to_end::{Wishes, World};
use local::rev::{Call, Fault, Rule};

/// Three chunks.
const DEVICES: usize = 250;
const CHUNKS: usize = 3;
const MINUTE: Duration = Duration::from_mins(1);

async fn submitted(calls_per_day: u32) -> (World, i64) {
    let world = World::embedded(Wishes {
        calls_per_day,
        ..Wishes::devices(DEVICES)
    })
    .await;
    let id = world.submit_with_service(1..=DEVICES).await;
    (world, id)
}

/// 59 minutes of messages and sweeps in which Rev is not called, no device fails and no message dies; then work goes on.
async fn waits_for_an_hour_and_goes_on(world: &World, id: i64) {
    let called = world.rev.calls().len();
    let opened = world.rev.lines().len();
    assert!(opened < DEVICES);
    for minute in 1..=59 {
        world.pass(MINUTE);
        world.sweep().await;
        world.deliver(10, 2).await;
        assert_eq!(world.rev.calls().len(), called, "in minute {minute}");
        let failed = world.changes(id).await.into_iter().find(|change| {
            !matches!(
                change.status.as_str(),
                "PENDING" | "PROCESSING" | "PROCESSED"
            )
        });
        assert_eq!(failed, None, "in minute {minute}");
        assert!(world.queue.dead_letters().is_empty());
        // The sweep may have offered a chunk beside the outbox, once.
        let messages = world.queue.len();
        assert!(messages <= 2 * CHUNKS, "{messages} in minute {minute}");
        let next = world.queue.next_due_in().unwrap();
        assert!(next <= 15 * MINUTE, "offered again in {next:?}");
    }
    world.rev.clear_faults();
    world.pass(2 * MINUTE);
    world.drain().await;
    assert!(world.assert_billed_once(id).await.is_empty());
    assert_eq!(
        world.statuses(id).await,
        [("PROCESSED".to_owned(), DEVICES)].into()
    );
    assert_eq!(world.rev.lines().len(), DEVICES);
    assert!(world.queue.dead_letters().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn our_own_calls_of_the_day_spent_an_hour_before_midnight() {
    let (world, id) = submitted(200).await;
    // The claims set the limit; the day is counted in UTC on the database's clock.
    world
        .server()
        .database()
        .clock()
        .freeze_at(time::macros::datetime!(2027-03-01 23:00));
    world.deliver(10, 2).await;
    assert_eq!(world.rev.calls().len(), 200);
    waits_for_an_hour_and_goes_on(&world, id).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rev_answers_403_quota_for_an_hour() {
    let quota = Fault::status(
        403,
        r#"{"statusCode":403,"message":"Out of call volume quota. Quota will be replenished in 01:00:00."}"#,
    );
    for call in [Call::Customer, Call::OpenLine] {
        let (world, id) = submitted(1_000_000).await;
        world.rev.fault(Rule::always(call, quota.clone()));
        world.deliver(10, 2).await;
        waits_for_an_hour_and_goes_on(&world, id).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rev_answers_429_with_an_hour_in_retry_after() {
    for call in [Call::Token, Call::Products, Call::OpenLine] {
        let (world, id) = submitted(1_000_000).await;
        world
            .rev
            .fault(Rule::always(call, Fault::throttled(Some("3600"))));
        world.deliver(10, 2).await;
        waits_for_an_hour_and_goes_on(&world, id).await;
    }
}

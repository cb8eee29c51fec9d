//! Messages that come three times, at the same moment, or not at all.

use std::time::Duration;

use end_to_end::{Wishes, World};

const DEVICES: usize = 500;

async fn all_are_billed_once(world: &World, id: i64) {
    assert!(world.assert_billed_once(id).await.is_empty());
    assert_eq!(
        world.statuses(id).await,
        [("PROCESSED".to_owned(), DEVICES)].into()
    );
    assert_eq!(world.rev.lines().len(), DEVICES);
    assert_eq!(world.amop.told().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_message_three_times_and_twice_at_the_same_moment() {
    let world = World::embedded(Wishes::devices(DEVICES)).await;
    world.queue.repeat(2);
    let id = world.submit_with_service(1..=DEVICES).await;
    assert_eq!(
        world.queue.len(),
        3,
        "the first chunk goes alone, three times"
    );
    world.drain_with(1, 6).await;
    all_are_billed_once(&world, id).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_message_lost_once() {
    let world = World::embedded(Wishes::devices(DEVICES)).await;
    world.queue.lose_next(5);
    let id = world.submit_with_service(1..=DEVICES).await;
    assert!(world.queue.is_empty());
    world.pass(Duration::from_secs(290));
    world.sweep().await;
    assert!(
        world.queue.is_empty(),
        "an offer is not repeated before five minutes"
    );
    world.drain().await;
    all_are_billed_once(&world, id).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_bad_message_among_ten_fails_alone() {
    let world = World::embedded(Wishes::devices(900)).await;
    let id = world
        .post(&world.with_plan(&world.iccids(1..=900)))
        .await
        .bulk_change();
    let mut event = end_to_end::deliveries::event(&world.queue.receive(10));
    let mut poison = event["Records"][0].clone();
    poison["messageId"] = "poison".into();
    poison["body"] = "{\"bulkChangeId\": \"😀\"}".into();
    event["Records"].as_array_mut().unwrap().push(poison);
    let answer = world.call(event).await;
    assert_eq!(
        answer,
        serde_json::json!({"batchItemFailures": [{"itemIdentifier": "poison"}]})
    );
    assert_eq!(
        world.statuses(id).await,
        [("PROCESSED".to_owned(), 900)].into()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bulk_change_that_does_not_exist_is_a_failure_and_never_dropped() {
    let world = World::embedded(Wishes::devices(1)).await;
    world
        .post(&world.with_plan(&world.iccids(1..=1)))
        .await
        .bulk_change();
    let mut event = end_to_end::deliveries::event(&world.queue.receive(1));
    event["Records"][0]["body"] = "{\"bulkChangeId\":999,\"chunk\":0,\"tenantId\":1}".into();
    event["Records"][0]["messageAttributes"] = serde_json::json!({});
    let answer = world.call(event).await;
    assert_eq!(answer["batchItemFailures"].as_array().unwrap().len(), 1);
}

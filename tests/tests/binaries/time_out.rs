//! A batch that takes longer than the function has time for.

use std::time::Duration;

use end_to_end::{Wishes, World, deliveries::event, function::Function};
use queue::memory::Delivery;

use crate::instance::{Instance, Site, failures};

/// Eleven chunks: the first goes alone, for the preflight.
const DEVICES: usize = 1_100;
/// How long one call of Rev may take, and what writes down what came of it: no call begins later before the end.
const CALL: Duration = Duration::from_secs(20);
const WRITING: Duration = Duration::from_secs(15);
/// From the decision to make a call until Rev sees it.
const ON_ITS_WAY: Duration = Duration::from_secs(3);

/// Ten chunks on their way, and a Rev that takes a second for each call from now on: 16 s for all of them, 64 in the air at once.
async fn ten_slow_chunks(site: &Site, consumer: &Instance) -> (i64, Vec<Delivery>) {
    let world = &site.world;
    let request = world.with_service(&world.iccids(1..=DEVICES));
    let id = world.post(&request).await.bulk_change();
    assert_eq!(consumer.deliver(world).await, Some(Vec::new()));
    let chunks = world.queue.receive(10);
    assert_eq!(chunks.len(), 10);
    assert!(world.queue.receive(1).is_empty());
    world.rev.set_latency(Duration::from_secs(1));
    (id, chunks)
}

/// Calls the function with so little time. It has to answer in it, that nothing failed.
async fn with_time(site: &Site, consumer: &Instance, chunks: &[Delivery], time: Duration) {
    let world = &site.world;
    let (calls, over) = (world.rev.calls().len(), world.rev.now() + time);
    let call = consumer.begin(event(chunks), time).await;
    let end = consumer.ended(&call).await;
    let answer = end.response.unwrap();
    assert_eq!(failures(&answer.payload), [""; 0]);
    assert!(
        answer.received_at.timestamp_millis() < end.invocation.deadline_ms(),
        "Lambda would have killed it"
    );
    for call in &world.rev.calls()[calls..] {
        assert!(
            call.at + CALL + WRITING < over + ON_ITS_WAY,
            "begun at {}, with time until {over}",
            call.at
        );
    }
    for chunk in chunks {
        world.queue.delete(&chunk.receipt);
    }
    assert!(
        !world.queue.is_empty(),
        "what does not fit is offered again"
    );
}

async fn ends_with_each_billed_once(site: &Site, consumer: &Instance, id: i64) {
    let world = &site.world;
    world.rev.set_latency(Duration::ZERO);
    consumer.work_off(world).await;
    let reviews = world.assert_billed_once(id).await;
    assert!(reviews.is_empty(), "{reviews:?}");
    assert_eq!(world.rev.lines().len(), DEVICES);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_that_is_too_big_for_the_time_is_answered_in_time_and_its_rest_offered_again() {
    let site = Site::of(World::embedded(Wishes::devices(DEVICES)).await).await;
    let consumer = site.instance(Function::Consumer).await;
    let (id, chunks) = ten_slow_chunks(&site, &consumer).await;
    let before = site.world.rev.lines().len();
    with_time(&site, &consumer, &chunks, Duration::from_secs(40)).await;
    let after = site.world.rev.lines().len();
    assert!(before < after && after < DEVICES, "{before}, {after}");
    ends_with_each_billed_once(&site, &consumer, id).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_time_for_one_call_of_rev_none_is_begun() {
    let site = Site::of(World::embedded(Wishes::devices(DEVICES)).await).await;
    let consumer = site.instance(Function::Consumer).await;
    let (id, chunks) = ten_slow_chunks(&site, &consumer).await;
    let before = site.world.rev.calls().len();
    with_time(&site, &consumer, &chunks, Duration::from_secs(30)).await;
    assert_eq!(site.world.rev.calls().len(), before);
    assert_eq!(site.world.queue.len(), chunks.len());
    ends_with_each_billed_once(&site, &consumer, id).await;
}

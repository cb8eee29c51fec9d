//! The offer of a linked carrier change is not lost: not with the queue down, not with a crash between commit and sending.

use std::{sync::Arc, time::Duration};

use device_bulk_change::OtherQueues;
use end_to_end::{Wishes, World, world::CUSTOMER};
use queue::MemoryQueue;
use serde_json::json;

async fn submitted(world: &World) -> i64 {
    let request = json!({
        "devices": world.iccids(1..=2), "serviceProviderId": world.provider, "revCustomerId": CUSTOMER,
        "addCarrierRatePlan": true, "carrierRatePlan": "CARRIER-1GB",
    });
    world.post(&request).await.bulk_change()
}

async fn world(carrier: &Arc<MemoryQueue>) -> World {
    let queues = OtherQueues {
        carrier_changes: Some(Arc::<MemoryQueue>::clone(carrier)),
        ..OtherQueues::default()
    };
    let world = World::embedded(Wishes::devices(2)).await;
    world.with_queues(queues)
}

async fn attempts(world: &World) -> i64 {
    let query = "SELECT COALESCE(SUM(CAST(Attempts AS bigint)), -1) FROM dbo.BulkChangeOutbox WHERE Kind = 'carrier' AND SentAt IS NULL";
    world.sql().await.number(query).await
}

#[tokio::test(flavor = "multi_thread")]
async fn with_the_queue_down_at_the_end_the_sweep_sends_the_offer() {
    let carrier = Arc::new(MemoryQueue::new());
    let world = world(&carrier).await;
    carrier.go_down();
    let id = submitted(&world).await;
    world.deliver(10, 1).await;
    assert_eq!(
        world.statuses(id).await,
        [("PROCESSED".to_owned(), 2)].into()
    );
    world.pass(Duration::from_secs(61));
    world.sweep().await;
    assert_eq!(attempts(&world).await, 1, "tried, and kept");
    carrier.come_back();
    world.pass(Duration::from_secs(31));
    world.sweep().await;
    world.sweep().await;
    assert_eq!(carrier.sent().len(), 1);
    assert_eq!(world.unfinished().await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_offer_that_could_not_be_marked_is_sent_again_and_one_whose_queue_is_gone_waits_quietly()
{
    let carrier = Arc::new(MemoryQueue::new());
    let world = world(&carrier).await;
    carrier.go_down();
    submitted(&world).await;
    world.deliver(10, 1).await;
    // The setting is taken away: the offer waits, and no attempt is used up.
    let world = world.with_queues(OtherQueues::default());
    for _ in 0..5 {
        world.pass(Duration::from_mins(1));
        world.sweep().await;
    }
    assert_eq!(attempts(&world).await, 0);
    carrier.come_back();
    let queues = OtherQueues {
        carrier_changes: Some(Arc::<MemoryQueue>::clone(&carrier)),
        ..OtherQueues::default()
    };
    let world = world.with_queues(queues);
    world.pass(Duration::from_mins(1));
    world.sweep().await;
    // Sent, and the mark is lost with a crash.
    let unmark = "UPDATE dbo.BulkChangeOutbox SET SentAt = NULL WHERE Kind = 'carrier'";
    world.sql().await.query(unmark, &[]).await;
    world.pass(Duration::from_mins(16));
    world.sweep().await;
    let sent = carrier.sent();
    assert_eq!(sent.len(), 2);
    assert_eq!(sent[0], sent[1], "it names the same bulk change");
    assert_eq!(world.unfinished().await, 0);
}

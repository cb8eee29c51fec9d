//! Messages about bulk changes of other types go on, as they came, to whoever serves those; none is dropped.

use std::{sync::Arc, time::Duration};

use device_bulk_change::OtherQueues;
use end_to_end::{Wishes, World};
use queue::{
    MemoryQueue, Outgoing, Queue,
    memory::{MOST_RECEIVES, VISIBILITY},
};

/// A bulk change of the archival of devices, which is none of ours.
async fn archival(world: &World) -> i64 {
    let insert = format!(
        "INSERT INTO dbo.DeviceBulkChange (ChangeRequestTypeId, ServiceProviderId, TenantId, Status, CreatedBy) \
         VALUES (5, {}, {}, N'NEW', N'portal'); SELECT CAST(SCOPE_IDENTITY() AS bigint) AS Id;",
        world.provider, world.tenant
    );
    world.sql().await.number(&insert).await
}

/// The message as the old portal writes it.
fn message(id: i64) -> Outgoing {
    let attributes = [
        ("BulkChangeId", id.to_string()),
        (
            "IsFromAutomatedUpdateDeviceStatusLambda",
            "false".to_owned(),
        ),
        ("RetryNumber", "2".to_owned()),
    ];
    Outgoing {
        body: "Not used".to_owned(),
        attributes: attributes
            .map(|(name, value)| (name.to_owned(), value))
            .into(),
        group: None,
        delay: Duration::ZERO,
    }
}

async fn world(others: Option<&Arc<MemoryQueue>>) -> World {
    let queues = OtherQueues {
        other_changes: others.map(|queue| Arc::<MemoryQueue>::clone(queue) as Arc<dyn Queue>),
        ..OtherQueues::default()
    };
    World::embedded(Wishes::devices(0))
        .await
        .with_queues(queues)
}

async fn until_nothing_comes_back(world: &World) {
    for _ in 0..=MOST_RECEIVES {
        world.deliver(10, 1).await;
        world.pass(VISIBILITY);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_about_another_change_goes_on_unchanged_and_its_rows_are_left_alone() {
    let others = Arc::new(MemoryQueue::new());
    let world = world(Some(&others)).await;
    let id = archival(&world).await;
    assert!(world.queue.send(&[message(id)]).await[0].is_ok());
    until_nothing_comes_back(&world).await;
    assert_eq!(others.sent(), [message(id)]);
    assert!(world.queue.is_empty() && world.queue.dead_letters().is_empty());
    let untouched = format!(
        "SELECT COUNT_BIG(*) FROM dbo.DeviceBulkChange AS b WHERE b.id = {id} AND b.Status = N'NEW' \
         AND NOT EXISTS (SELECT 1 FROM dbo.BulkChangeWork AS w WHERE w.BulkChangeId = b.id)"
    );
    assert_eq!(world.sql().await.number(&untouched).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_other_queue_is_down_the_message_comes_back() {
    let others = Arc::new(MemoryQueue::new());
    let world = world(Some(&others)).await;
    let id = archival(&world).await;
    assert!(world.queue.send(&[message(id)]).await[0].is_ok());
    others.go_down();
    world.deliver(10, 1).await;
    assert_eq!((others.sent().len(), world.queue.len()), (0, 1));
    others.come_back();
    world.pass(VISIBILITY);
    world.deliver(10, 1).await;
    assert_eq!(others.sent(), [message(id)]);
    assert!(world.queue.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn without_another_queue_the_message_ends_in_the_dead_letter_queue() {
    let world = world(None).await;
    let id = archival(&world).await;
    assert!(world.queue.send(&[message(id)]).await[0].is_ok());
    until_nothing_comes_back(&world).await;
    assert_eq!(world.queue.dead_letters(), [message(id)]);
}

//! What could not be sent stays in the outbox until it was: a row is marked after it was sent, never before.

use std::time::Duration;

use end_to_end::{Wishes, World};

#[tokio::test(flavor = "multi_thread")]
async fn chunks_that_the_queue_did_not_take_go_out_at_the_next_attempt_after_it_is_back() {
    let world = World::embedded(Wishes::devices(250)).await;
    world.queue.go_down();
    world
        .post(&world.with_plan(&world.iccids(1..=250)))
        .await
        .bulk_change();
    world.queue.come_back();
    // Due after a minute. The rows themselves would be offered after five, whatever the outbox says.
    world.pass(Duration::from_secs(90));
    world.sweep().await;
    assert_eq!(world.queue.len(), 3, "the three chunks of the outbox");
    world.pass(Duration::from_secs(90));
    world.sweep().await;
    assert_eq!(world.queue.len(), 3, "what was sent is not sent again");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notice_that_nobody_took_is_told_once_when_somebody_does() {
    let world = World::embedded(Wishes::devices(3)).await;
    world.amop.be_away(true);
    let id = world
        .post(&world.with_plan(&world.iccids(1..=3)))
        .await
        .bulk_change();
    world.deliver(10, 1).await;
    assert_eq!(
        world.statuses(id).await,
        [("PROCESSED".to_owned(), 3)].into()
    );
    assert!(world.amop.told().is_empty());
    world.amop.be_away(false);
    for _ in 0..2 {
        world.drain().await;
        assert_eq!(world.amop.told().len(), 1, "told once");
        world.pass(Duration::from_mins(20));
        world.sweep().await;
    }
}

//! The queue or the database is away: what was accepted is done once they are back, what was not is not half there.

use std::time::Duration;

use embedded_sql_server::faults::{Action, Trigger};
use end_to_end::{Wishes, World};
use queue::{Outgoing, Queue};

#[tokio::test(flavor = "multi_thread")]
async fn the_queue_down_at_submit_is_accepted_and_done_once_it_is_back() {
    let world = World::embedded(Wishes::devices(250)).await;
    world.queue.go_down();
    let id = world.submit_with_service(1..=250).await;
    assert!(world.queue.is_empty());
    world.pass(Duration::from_secs(90));
    world.sweep().await;
    assert!(world.queue.is_empty());
    world.queue.come_back();
    world.drain().await;
    assert!(world.assert_billed_once(id).await.is_empty());
    assert_eq!(world.rev.lines().len(), 250);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_database_unreachable_at_submit_is_a_503_and_nothing_is_written() {
    let world = World::embedded(Wishes::devices(3)).await;
    let request = world.with_service(&world.iccids(1..=3));
    world.server().faults().refuse_connections(true);
    world.server().faults().cut_all();
    let answer = world.post(&request).await;
    assert_eq!(answer.status, 503, "{}", answer.body);
    assert!(answer.retry_after.is_some());
    world.server().faults().clear();
    world.server().faults().refuse_connections(false);
    let mut sql = world.sql().await;
    for table in [
        "DeviceBulkChange",
        "M2M_DeviceChange",
        "DeviceChangeWork",
        "BulkChangeOutbox",
        "BulkChangeRequestKey",
    ] {
        assert_eq!(
            sql.number(&format!("SELECT COUNT_BIG(*) FROM dbo.{table}"))
                .await,
            0,
            "{table}"
        );
    }
    world.post(&request).await.bulk_change();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_of_the_write_is_settled_by_the_same_key() {
    let world = World::embedded(Wishes::devices(3)).await;
    let request = world.with_service(&world.iccids(1..=3));
    world.server().faults().add(
        Trigger::matching("BulkChangeRequestKey (KeyHash"),
        Action::DropAfter,
    );
    let lost = world.post_with(&request, "one-key").await;
    assert_eq!(lost.status, 503, "{}", lost.body);
    let id = world.post_with(&request, "one-key").await.bulk_change();
    let mut sql = world.sql().await;
    assert_eq!(
        sql.number("SELECT COUNT_BIG(*) FROM dbo.DeviceBulkChange")
            .await,
        1
    );
    world.drain().await;
    assert!(world.assert_billed_once(id).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_database_going_away_in_mid_work_only_delays_it() {
    for statement in ["claim", "facts", "record", "finish", "preflight"] {
        let world = World::embedded(Wishes::devices(200)).await;
        let id = world.submit_with_service(1..=200).await;
        // Twice without effect and twice with: the effect of the second is there, its answer is not.
        let marker = format!("-- {statement}:");
        for (nth, action) in [(1, Action::DropBefore), (3, Action::DropAfter)] {
            world.server().faults().add(
                Trigger::Matching {
                    text: marker.clone(),
                    nth,
                },
                action,
            );
        }
        world.drain().await;
        assert!(world.assert_billed_once(id).await.is_empty(), "{statement}");
        assert_eq!(
            world.statuses(id).await,
            [("PROCESSED".to_owned(), 200)].into(),
            "{statement}"
        );
        assert_eq!(world.rev.lines().len(), 200, "{statement}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_refuses_logins_for_a_while_loses_nothing() {
    let world = World::embedded(Wishes::devices(200)).await;
    let id = world.submit_with_service(1..=200).await;
    world.server().faults().refuse_logins(true);
    world.server().faults().cut_all();
    let delivered = world.queue.receive(10);
    let answer = world.call(end_to_end::deliveries::event(&delivered)).await;
    assert_eq!(
        answer["batchItemFailures"].as_array().unwrap().len(),
        delivered.len()
    );
    world.server().faults().refuse_logins(false);
    world.pass(Duration::from_secs(800));
    world.drain().await;
    assert!(world.assert_billed_once(id).await.is_empty());
    assert_eq!(world.rev.lines().len(), 200);
}

/// Delivers what comes back, and lets the time pass that it is hidden, until `longest` is over or nothing is left.
async fn deliver_for(world: &World, longest: Duration) -> Duration {
    let mut passed = Duration::ZERO;
    loop {
        world.deliver(10, 1).await;
        let Some(next) = world.queue.next_due_in() else {
            return passed;
        };
        let pause = next.min(longest.saturating_sub(passed));
        world.pass(pause);
        passed += pause;
        if passed == longest {
            return passed;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_hour_without_a_database_loses_no_bulk_change_of_another_producer() {
    let world = World::embedded(Wishes::devices(3))
        .await
        .without_patience()
        .await;
    let id = world
        .write_assignment(&world.foreign_rows(1..=3).await)
        .await;
    // All that tells of the bulk change: the sweep does not know it before its rows are enrolled.
    world.announce(id).await;
    world.server().faults().refuse_logins(true);
    world.server().faults().cut_all();
    let hour = Duration::from_hours(1);
    assert_eq!(deliver_for(&world, hour).await, hour);
    assert_eq!(world.queue.dead_letters(), []);

    world.server().faults().refuse_logins(false);
    let back = deliver_for(&world, Duration::from_mins(15)).await;
    world.drain().await;
    assert!(world.assert_billed_once(id).await.is_empty(), "{back:?}");
    assert_eq!(
        world.statuses(id).await,
        [("PROCESSED".to_owned(), 3)].into()
    );
    assert_eq!(world.queue.dead_letters(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_nobody_can_read_is_a_dead_letter_within_minutes() {
    let world = World::embedded(Wishes::devices(1)).await;
    let poison = Outgoing {
        body: "{".to_owned(),
        attributes: Vec::new(),
        group: None,
        delay: Duration::ZERO,
    };
    world
        .queue
        .send(std::slice::from_ref(&poison))
        .await
        .remove(0)
        .unwrap();
    let given_up = deliver_for(&world, Duration::from_hours(1)).await;
    assert!(given_up <= Duration::from_mins(5), "{given_up:?}");
    assert_eq!(world.queue.dead_letters(), [poison]);
}

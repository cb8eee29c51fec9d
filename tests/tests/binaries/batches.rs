//! A batch in which some messages fail.

use std::time::Duration;

use end_to_end::{Wishes, World, deliveries::event, function::Function};
use queue::{Outgoing, Queue as _};
use serde_json::json;

use crate::instance::{Site, failures};

fn message(body: &str) -> Outgoing {
    Outgoing {
        body: body.to_owned(),
        attributes: Vec::new(),
        group: None,
        delay: Duration::ZERO,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn exactly_the_messages_that_failed_are_in_the_answer_and_the_process_goes_on() {
    let site = Site::of(World::embedded(Wishes::devices(6)).await).await;
    let world = &site.world;
    let mut bulk_changes = Vec::new();
    let poison = [
        "{\"bulkChangeId\":",
        "[[[[[[[[[[[[[[[[",
        "\u{0} no JSON, and no UTF-8 that anybody expects \u{fffd}",
        r#"{"bulkChangeId":-1,"chunk":0,"tenantId":1}"#,
        // A bulk change that does not exist.
        r#"{"bulkChangeId":987654,"chunk":0,"tenantId":1}"#,
    ];
    // Good ones before, between and after the poison.
    for (place, body) in poison.into_iter().enumerate() {
        if place % 2 == 0 {
            let number = bulk_changes.len() + 1;
            let request = world.with_plan(&world.iccids(number..=number));
            bulk_changes.push(world.post(&request).await.bulk_change());
        }
        assert!(world.queue.send(&[message(body)]).await[0].is_ok());
    }
    let deliveries = world.queue.receive(10);
    assert_eq!(deliveries.len(), poison.len() + bulk_changes.len());
    let bad: Vec<&str> = deliveries
        .iter()
        .filter(|delivery| poison.contains(&delivery.body.as_str()))
        .map(|delivery| delivery.id.as_str())
        .collect();

    let consumer = site.instance(Function::Consumer).await;
    let process = consumer.id();
    let answer = consumer.call(event(&deliveries)).await;
    assert_eq!(failures(&answer), bad);
    for delivery in &deliveries {
        if !bad.contains(&delivery.id.as_str()) {
            world.queue.delete(&delivery.receipt);
        }
    }
    for id in &bulk_changes {
        assert_eq!(
            world.statuses(*id).await,
            [("PROCESSED".to_owned(), 1)].into()
        );
    }
    // What failed is hidden for a while that it told SQS itself: 10 s what nobody can read, and what may pass 20 s, then 40 s.
    assert_eq!(world.queue.len(), poison.len());
    assert_eq!(world.queue.next_due_in(), Some(Duration::from_secs(10)));
    world.pass(Duration::from_secs(20));
    assert_eq!(consumer.deliver(world).await.unwrap(), bad);
    let (may_pass, unreadable) = bad.split_last().unwrap();
    for _ in 0..3 {
        world.pass(Duration::from_secs(10));
        assert_eq!(consumer.deliver(world).await.unwrap(), unreadable);
    }
    world.pass(Duration::from_secs(10));
    let all = consumer.deliver(world).await.unwrap();
    assert!(all.iter().any(|id| id == may_pass), "{all:?}");

    // The same process, and a message after all that poison is worked on.
    let request = world.with_plan(&world.iccids(4..=6));
    let id = world.post(&request).await.bulk_change();
    assert_eq!(consumer.deliver(world).await, Some(Vec::new()));
    assert_eq!(
        world.statuses(id).await,
        [("PROCESSED".to_owned(), 3)].into()
    );
    assert_eq!((consumer.id(), consumer.has_ended()), (process, false));
}

#[tokio::test(flavor = "multi_thread")]
async fn records_that_are_none_fail_alone() {
    let site = Site::of(World::embedded(Wishes::devices(2)).await).await;
    let world = &site.world;
    let request = world.with_plan(&world.iccids(1..=2));
    let id = world.post(&request).await.bulk_change();
    let deliveries = world.queue.receive(10);
    let mut batch = event(&deliveries);
    let records = batch["Records"].as_array_mut().unwrap();
    records.push(json!({"messageId": "without-a-body"}));
    records.push(json!({"messageId": "of-another-form", "body": {"a": 1}, "messageAttributes": 7}));
    let consumer = site.instance(Function::Consumer).await;
    let answer = consumer.call(batch).await;
    assert_eq!(failures(&answer), ["without-a-body", "of-another-form"]);
    assert_eq!(
        world.statuses(id).await,
        [("PROCESSED".to_owned(), 2)].into()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_away_fails_every_message_and_the_process_works_once_it_is_back() {
    let site = Site::of(World::embedded(Wishes::devices(2)).await).await;
    let world = &site.world;
    let request = world.with_plan(&world.iccids(1..=2));
    let id = world.post(&request).await.bulk_change();
    let consumer = site.instance(Function::Consumer).await;
    world.server().faults().refuse_logins(true);
    assert_eq!(consumer.deliver(world).await.unwrap().len(), 1);
    world.server().faults().refuse_logins(false);
    world.pass(Duration::from_secs(20));
    assert_eq!(consumer.deliver(world).await, Some(Vec::new()));
    assert_eq!(
        world.statuses(id).await,
        [("PROCESSED".to_owned(), 2)].into()
    );
}

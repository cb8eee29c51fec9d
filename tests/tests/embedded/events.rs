//! The events of the folder `events` are what the consumer takes, and it answers them as it should.

use std::collections::BTreeSet;

use end_to_end::{Wishes, World};
use serde_json::{Value, json};

fn event(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chunk_beside_a_poison_message_is_worked_on_and_the_poison_alone_fails() {
    let world = World::embedded(Wishes::devices(3)).await;
    // The first bulk change of a fresh database has the id that the event names.
    let id = world
        .post(&world.with_plan(&world.iccids(1..=3)))
        .await
        .bulk_change();
    assert_eq!(id, 1);
    let answer = world
        .call(event(include_str!("../../../events/sqs-mixed.json")))
        .await;
    assert_eq!(
        answer,
        json!({"batchItemFailures": [{"itemIdentifier": "poison"}]})
    );
    assert_eq!(
        world.statuses(id).await,
        [("PROCESSED".to_owned(), 3)].into()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_schedule_sweeps() {
    let world = World::embedded(Wishes::devices(1)).await;
    let answer = world
        .call(event(include_str!("../../../events/scheduled-sweep.json")))
        .await;
    assert_eq!(answer, json!({"offered": 0, "sent": 0, "finished": 0}));
}

#[test]
fn every_route_has_a_sample_of_a_request() {
    let asked: BTreeSet<String> = local::event_samples::samples("")
        .iter()
        .filter_map(|sample| sample.event["routeKey"].as_str().map(str::to_owned))
        .collect();
    let routes: BTreeSet<String> = intake::routes::names()
        .into_iter()
        // How the gateway writes a part that takes the rest of the address.
        .map(|(method, path)| format!("{method} {path}").replace("{*path}", "{path+}"))
        .collect();
    assert_eq!(asked, routes);
}

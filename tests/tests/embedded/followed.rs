//! One id through both lambdas: what the caller was told as `x-request-id` stands in every line about the work.

use std::time::{Duration, Instant};

use device_bulk_change::{Invocation, handle};
use end_to_end::{Wishes, World, deliveries::event, printed::Printed};
use queue::{Outgoing, Queue, message::TRACE_ID};
use serde_json::{Value, json};
use uuid::Uuid;

/// Submits; answers the bulk change, and the id that the caller was told.
async fn submit(world: &World, request: &Value) -> (i64, String) {
    let answer = world
        .http()
        .post(world.url("/M2M/AssociateCustomer"))
        .header("Idempotency-Key", Uuid::new_v4().to_string())
        // A client's own id is no trace.
        .header("x-request-id", "of-the-client")
        .header("x-amzn-trace-id", "Root=of-the-client")
        .bearer_auth(world.token())
        .json(request)
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 202);
    let told = answer.headers()["x-request-id"]
        .to_str()
        .unwrap()
        .to_owned();
    let body: Value = answer.json().await.unwrap();
    (body["changeId"].as_i64().unwrap(), told)
}

/// Every line of the consumer about this bulk change.
fn lines_about(printed: &Printed, id: i64) -> Vec<Value> {
    printed
        .logged()
        .into_iter()
        .filter(|line| line["span"]["name"] != "request")
        .filter(|line| line["span"]["bulk_change_id"] == id || line["bulk_change_id"] == id)
        .collect()
}

fn trace_of(line: &Value) -> &Value {
    let of_span = &line["span"]["trace_id"];
    if of_span.is_null() {
        &line["trace_id"]
    } else {
        of_span
    }
}

fn traces_sent(world: &World) -> Vec<Option<String>> {
    let of = |message: &Outgoing| {
        let attribute = message.attributes.iter().find(|(name, _)| name == TRACE_ID);
        attribute.map(|(_, trace)| trace.clone())
    };
    world.queue.sent().iter().map(of).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_line_of_the_consumer_names_the_request_also_after_the_queue_was_down() {
    let printed = Printed::everything("trace");
    let world = World::embedded(Wishes::devices(250)).await;
    world.queue.go_down();
    let (id, told) = submit(&world, &world.with_service(&world.iccids(1..=250))).await;
    assert_ne!(told, "of-the-client");
    world.pass(Duration::from_secs(90));
    world.sweep().await;
    world.queue.come_back();
    // What the first sweep sends is lost; a later one offers the chunks from their rows.
    world.queue.lose_next(3);
    world.pass(Duration::from_mins(10));
    world.sweep().await;
    world.drain().await;
    assert!(world.assert_billed_once(id).await.is_empty());

    let sent = traces_sent(&world);
    assert!(sent.len() > 3, "{sent:?}");
    assert!(
        sent.iter().all(|trace| trace.as_ref() == Some(&told)),
        "{sent:?}"
    );

    let lines = lines_about(&printed, id);
    for line in &lines {
        assert_eq!(trace_of(line), told.as_str(), "{line}");
    }
    let told_of: Vec<&str> = lines
        .iter()
        .filter_map(|line| line["message"].as_str())
        .collect();
    for message in ["rev_call", "change_recorded", "bulk_change_finished"] {
        assert!(told_of.contains(&message), "{message}: {told_of:?}");
    }
    for line in printed
        .logged()
        .iter()
        .filter(|line| line["span"]["name"] == "message")
    {
        assert_eq!(line["span"]["trace_id"], told.as_str(), "{line}");
        assert_eq!(line["span"]["tenant_id"], world.tenant, "{line}");
    }
    // The lines of the intake have it under the same name.
    let accepted = printed
        .logged()
        .into_iter()
        .find(|line| line["message"] == "bulk change accepted")
        .unwrap();
    assert_eq!(accepted["span"]["trace_id"], told.as_str());
    assert_eq!(accepted["span"]["bulk_change_id"], id);
    assert_eq!(accepted["span"]["tenant_id"], world.tenant);
}

#[tokio::test(flavor = "multi_thread")]
async fn lambda_s_own_id_stands_beside_it() {
    let printed = Printed::everything("trace");
    let world = World::embedded(Wishes::devices(3)).await;
    let (id, _) = submit(&world, &world.with_plan(&world.iccids(1..=3))).await;
    printed.clear();
    for (request_id, event) in [
        ("call-1", event(&world.queue.receive(10))),
        ("call-2", json!({"source": "aws.events"})),
    ] {
        let invocation = Invocation {
            request_id: Some(request_id.to_owned()),
            deadline: Instant::now() + Duration::from_mins(2),
        };
        handle(&world.consumer, event, invocation).await.unwrap();
        let lines = printed.logged();
        assert!(!lines.is_empty());
        for line in lines {
            assert_eq!(line["span"]["request_id"], request_id, "{line}");
        }
        printed.clear();
    }
    assert_eq!(
        world.statuses(id).await,
        [("PROCESSED".to_owned(), 3)].into()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_message_of_another_producer_is_the_trace_and_a_number_is_none() {
    let printed = Printed::everything("trace");
    let world = World::embedded(Wishes::devices(2)).await;
    let id = world
        .write_assignment(&world.foreign_rows(1..=2).await)
        .await;
    let message = Outgoing {
        body: "Not used".to_owned(),
        attributes: vec![
            ("BulkChangeId".to_owned(), id.to_string()),
            (TRACE_ID.to_owned(), world.iccid(1)),
        ],
        group: None,
        delay: Duration::ZERO,
    };
    assert!(world.queue.send(&[message]).await[0].is_ok());
    let deliveries = world.queue.receive(10);
    let first = deliveries[0].id.clone();
    world.call(event(&deliveries)).await;
    world.queue.delete(&deliveries[0].receipt);
    world.drain().await;

    let lines = lines_about(&printed, id);
    assert!(lines.len() > 3);
    for line in &lines {
        assert_eq!(trace_of(line), first.as_str(), "{line}");
    }
    let sent = traces_sent(&world);
    assert!(
        sent[1..].iter().all(|trace| trace.as_ref() == Some(&first)),
        "{sent:?}"
    );
    assert!(!printed.text().contains(&world.iccid(1)));
}

//! Several calls of one process, which stands still between them as in Lambda.

use std::collections::HashMap;

use end_to_end::{
    Wishes, World,
    deliveries::event,
    function::{Function, http, submit},
};
use serde_json::Value;

use crate::instance::{Instance, Site, TIME_OUT, failures};

/// The answer to a request, from a process that stood still before, and the id of the call.
async fn warm(process: &Instance, request: Value) -> (String, u64, Value) {
    process.frozen().await;
    let id = process.begin(request, TIME_OUT).await;
    let answer = process.answer(&id).await;
    let body = serde_json::from_str(answer["body"].as_str().unwrap_or("null"));
    (id, answer["statusCode"].as_u64().unwrap(), body.unwrap())
}

/// Two tenants, the requests and the tokens of each.
async fn two_tenants() -> (Site, [(i32, String, Value); 2]) {
    let mut world = World::embedded(Wishes::devices(3)).await;
    let one = (
        world.tenant,
        world.token(),
        world.with_plan(&world.iccids(1..=3)),
    );
    world.next_tenant(3, 1).await;
    let two = (
        world.tenant,
        world.token(),
        world.with_plan(&world.iccids(1..=3)),
    );
    (Site::of(world).await, [one, two])
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_of_two_tenants_in_one_intake_are_kept_apart() {
    let (site, tenants) = two_tenants().await;
    let intake = site.instance(Function::Intake).await;
    intake.call(http("GET", "/healthz", None, "first")).await;
    // What the gateway calls a request: the call that it was, and whose it was.
    let mut made: HashMap<String, (String, Option<i32>)> = HashMap::new();
    let mut bulk_changes = Vec::new();
    for (tenant, token, request) in &tenants {
        let trace = format!("submit-{tenant}");
        let event = submit(request, token, "the-same-key-of-both", &trace);
        let (call, status, body) = warm(&intake, event).await;
        assert_eq!(status, 202, "{body}");
        assert_eq!(body["accepted"], 3);
        bulk_changes.push(body["changeId"].as_i64().unwrap());
        made.insert(trace, (call, Some(*tenant)));
    }
    assert_ne!(bulk_changes[0], bulk_changes[1]);
    for round in 0..3 {
        for (own, (tenant, token, _)) in tenants.iter().enumerate() {
            for (asked, id) in bulk_changes.iter().enumerate() {
                let path = format!("/M2M/BulkChangeStatus/{id}");
                let trace = format!("status-{round}-{tenant}-{id}");
                let event = http("GET", &path, Some(token), &trace);
                let (call, status, body) = warm(&intake, event).await;
                let expected = if asked == own { 200 } else { 404 };
                assert_eq!(status, expected, "{trace}: {body}");
                made.insert(trace, (call, Some(*tenant)));
            }
            // Who was there before does not count.
            let trace = format!("nobody-{round}-{tenant}");
            let event = http("GET", "/M2M/Index", None, &trace);
            let (call, status, _) = warm(&intake, event).await;
            assert_eq!(status, 401);
            made.insert(trace, (call, None));
        }
    }
    let answered: Vec<Value> = intake.logged("answered").iter().map(span).collect();
    for (trace, (call, tenant)) in made {
        let lines: Vec<_> = answered
            .iter()
            .filter(|span| span["trace_id"] == *trace)
            .collect();
        assert_eq!(lines.len(), 1, "{trace}: {lines:#?}");
        assert_eq!(lines[0]["request_id"], *call, "{trace}");
        let told = lines[0].get("tenant_id").and_then(Value::as_i64);
        assert_eq!(told, tenant.map(i64::from), "{trace}");
    }
}

/// The fields of the call that a line belongs to.
fn span(line: &Value) -> Value {
    line["span"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_with_messages_of_two_tenants_in_one_consumer_are_kept_apart() {
    let (site, tenants) = two_tenants().await;
    let world = &site.world;
    let intake = site.instance(Function::Intake).await;
    let consumer = site.instance(Function::Consumer).await;
    for (tenant, token, request) in &tenants {
        let trace = format!("submit-{tenant}");
        let answer = intake.call(submit(request, token, &trace, &trace)).await;
        let body: Value = serde_json::from_str(answer["body"].as_str().unwrap()).unwrap();
        let id = body["changeId"].as_i64().unwrap();

        // One message a call, the process standing still in between.
        let delivery = world.queue.receive(10);
        assert_eq!(delivery.len(), 1);
        let call = consumer.begin(event(&delivery), TIME_OUT).await;
        assert_eq!(failures(&consumer.answer(&call).await), [""; 0]);
        world.queue.delete(&delivery[0].receipt);
        consumer.frozen().await;
        assert_eq!(
            world.statuses(id).await,
            [("PROCESSED".to_owned(), 3)].into()
        );
        let lines = consumer.logged("bulk_change_finished");
        let finished: Vec<Value> = lines
            .iter()
            .map(span)
            .filter(|span| span["bulk_change_id"] == id)
            .collect();
        assert_eq!(finished.len(), 1, "{finished:#?}");
        assert_eq!(finished[0]["tenant_id"], *tenant);
        assert_eq!(finished[0]["request_id"], *call);
        // The trace came along in the message.
        assert_eq!(finished[0]["trace_id"], *trace);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_that_died_while_a_process_stood_still_cost_no_call() {
    let site = Site::of(World::embedded(Wishes::devices(6)).await).await;
    let world = &site.world;
    let intake = site.instance(Function::Intake).await;
    let consumer = site.instance(Function::Consumer).await;
    for round in 0..2 {
        let request = world.with_plan(&world.iccids(round * 3 + 1..=round * 3 + 3));
        let key = format!("round-{round}");
        let answer = intake
            .call(submit(&request, &world.token(), &key, &key))
            .await;
        assert_eq!(answer["statusCode"], 202, "{answer}");
        let body: Value = serde_json::from_str(answer["body"].as_str().unwrap()).unwrap();
        assert_eq!(consumer.deliver(world).await, Some(Vec::new()));
        let id = body["changeId"].as_i64().unwrap();
        assert_eq!(
            world.statuses(id).await,
            [("PROCESSED".to_owned(), 3)].into()
        );
        intake.frozen().await;
        consumer.frozen().await;
        world.server().faults().cut_all();
    }
}

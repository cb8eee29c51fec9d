//! Several calls of one process, which stands still between them as in Lambda.

use end_to_end::{
    Wishes, World,
    deliveries::event,
    function::{Function, http, submit},
};
use serde_json::Value;

use crate::instance::{Instance, Site, failures};

/// The answer to a request, from a process that stood still before.
async fn warm(process: &Instance, request: Value) -> (u64, Value) {
    process.frozen().await;
    let answer = process.call(request).await;
    let body = serde_json::from_str(answer["body"].as_str().unwrap_or("null"));
    (answer["statusCode"].as_u64().unwrap(), body.unwrap())
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
    let mut bulk_changes = Vec::new();
    for (tenant, token, request) in &tenants {
        let event = submit(
            request,
            token,
            "the-same-key-of-both",
            &format!("submit-{tenant}"),
        );
        let (status, body) = warm(&intake, event).await;
        assert_eq!(status, 202, "{body}");
        assert_eq!(body["accepted"], 3);
        bulk_changes.push(body["changeId"].as_i64().unwrap());
    }
    assert_ne!(bulk_changes[0], bulk_changes[1]);
    for round in 0..3 {
        for (place, (tenant, token, _)) in tenants.iter().enumerate() {
            for (asked, id) in bulk_changes.iter().enumerate() {
                let path = format!("/M2M/BulkChangeStatus/{id}");
                let request = format!("status-{round}-{tenant}-{id}");
                let (status, body) = warm(&intake, http("GET", &path, Some(token), &request)).await;
                let expected = if asked == place { 200 } else { 404 };
                assert_eq!(status, expected, "{request}: {body}");
            }
            let (status, _) = warm(&intake, http("GET", "/M2M/Index", None, "no-token")).await;
            assert_eq!(status, 401, "who was there before does not count");
        }
    }
    // Each line belongs to its own call.
    let answered = intake.logged("answered");
    for (place, (tenant, _, _)) in tenants.iter().enumerate() {
        let of = |request: String| {
            let lines: Vec<_> = answered
                .iter()
                .map(span)
                .filter(|span| span["request_id"] == *request)
                .collect();
            assert_eq!(lines.len(), 1, "{request}: {lines:#?}");
            lines[0].clone()
        };
        assert_eq!(
            tenant_of(&of(format!("submit-{tenant}"))),
            Some(i64::from(*tenant))
        );
        for id in &bulk_changes {
            for round in 0..3 {
                let span = of(format!("status-{round}-{tenant}-{id}"));
                assert_eq!(tenant_of(&span), Some(i64::from(*tenant)), "{span} {place}");
            }
        }
    }
    let strangers = answered.iter().map(span);
    for span in strangers.filter(|span| span["request_id"] == "no-token") {
        assert_eq!(tenant_of(&span), None, "{span}");
    }
}

fn tenant_of(span: &Value) -> Option<i64> {
    span["tenant"].as_i64().or(span["tenant_id"].as_i64())
}

/// The fields of the request that a line belongs to.
fn span(line: &Value) -> Value {
    line["span"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_with_messages_of_two_tenants_in_one_consumer_are_kept_apart() {
    let (site, tenants) = two_tenants().await;
    let world = &site.world;
    let intake = site.instance(Function::Intake).await;
    let mut bulk_changes = Vec::new();
    for (tenant, token, request) in &tenants {
        let key = format!("key-{tenant}");
        let answer = intake.call(submit(request, token, &key, &key)).await;
        let body: Value = serde_json::from_str(answer["body"].as_str().unwrap()).unwrap();
        bulk_changes.push((*tenant, body["changeId"].as_i64().unwrap()));
    }
    let consumer = site.instance(Function::Consumer).await;
    // One message a call, the process standing still in between.
    for _ in &tenants {
        let delivery = world.queue.receive(1);
        let answer = consumer.call(event(&delivery)).await;
        assert_eq!(failures(&answer), [""; 0]);
        consumer.frozen().await;
        world.queue.delete(&delivery[0].receipt);
    }
    for (tenant, id) in bulk_changes {
        assert_eq!(
            world.statuses(id).await,
            [("PROCESSED".to_owned(), 3)].into()
        );
        let finished: Vec<_> = consumer
            .logged("bulk_change_finished")
            .iter()
            .map(span)
            .filter(|span| span["bulk_change_id"] == id)
            .collect();
        assert_eq!(finished.len(), 1, "{finished:#?}");
        assert_eq!(finished[0]["tenant_id"], tenant);
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

//! A caller who watches a bulk change sees it through to its end, and what followed it.

use end_to_end::{Wishes, World};
use reqwest::header::{ETAG, IF_NONE_MATCH};
use serde_json::{Value, json};

/// Waits for news of a bulk change, again and again, until it is finished. Answers what was told, in order.
async fn watch(world: &World, id: i64) -> Vec<Value> {
    let mut told: Vec<Value> = Vec::new();
    let mut tag = String::new();
    while told
        .last()
        .is_none_or(|last| last["percent"] != 100 || last["status"] == "PROCESSING")
    {
        let answer = world
            .http()
            .get(world.url(&format!("/M2M/BulkChangeStatus/{id}?pageSize=1")))
            .bearer_auth(world.token())
            .header("Prefer", "wait=20")
            .header(IF_NONE_MATCH, &tag)
            .send()
            .await
            .unwrap();
        assert!(
            answer.status() == 200 || answer.status() == 304,
            "{}",
            answer.status()
        );
        let newest = answer.headers()[ETAG].to_str().unwrap().to_owned();
        if answer.status() == 200 {
            assert_ne!(newest, tag, "the same was told twice");
            told.push(answer.json().await.unwrap());
        }
        tag = newest;
    }
    told
}

#[tokio::test(flavor = "multi_thread")]
async fn a_watcher_is_told_of_progress_and_of_the_end_and_never_the_same_twice() {
    let world = World::start(Wishes::devices(300)).await;
    let mut request = world.with_service(&world.iccids(1..=300));
    request["addCarrierRatePlan"] = json!(true);
    request["carrierRatePlan"] = json!("CARRIER-1GB");
    let id = world.post(&request).await.bulk_change();
    let (told, ()) = tokio::join!(watch(&world, id), world.drain_with(1, 1));
    let ended: Vec<i64> = told
        .iter()
        .map(|told| told["counts"]["processed"].as_i64().unwrap())
        .collect();
    assert!(ended.is_sorted() && ended.len() > 2, "{ended:?}");
    assert_eq!((ended[0], ended[ended.len() - 1]), (0, 300));
    let last = &told[told.len() - 1];
    assert_eq!(
        (&last["status"], &last["estimatedFinish"]),
        (&json!("PROCESSED"), &Value::Null)
    );

    let linked = last["linked"]["id"].as_i64().unwrap();
    let followed = world.get(&format!("/M2M/BulkChangeStatus/{linked}")).await;
    assert_eq!(followed.status, 200);
    let followed = followed.body;
    assert_eq!(followed["changeType"], "carrier-rate-plan-change");
    assert_eq!(followed["linkedFrom"], id);
    assert_eq!(followed["counts"]["waiting"], 300);
    assert_eq!(
        followed["items"][0]["indicators"]["ratePlanAssigned"],
        false
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_202_and_the_status_agree_on_when_it_will_be_done() {
    // 60 calls a minute: 1 a second, and ten at once at the start.
    let wishes = Wishes {
        calls_per_minute: 60,
        ..Wishes::devices(30)
    };
    let world = World::start(wishes).await;
    let answer = world.post(&world.with_service(&world.iccids(1..=30))).await;
    let id = answer.bulk_change();
    let at = |told: &Value| {
        let text = told.as_str().unwrap();
        time::OffsetDateTime::parse(text, &time::format_description::well_known::Rfc3339).unwrap()
    };
    let status = world.get(&format!("/M2M/BulkChangeStatus/{id}")).await.body;
    let (first, second) = (
        at(&answer.body["estimatedFinish"]),
        at(&status["estimatedFinish"]),
    );
    assert!(
        (second - first).whole_seconds().abs() <= 2,
        "{first} {second}"
    );
    let takes = first - at(&status["createdAt"]);
    assert!((33..=45).contains(&takes.whole_seconds()), "{takes}");
}

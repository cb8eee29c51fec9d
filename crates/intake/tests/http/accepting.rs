//! What a 202 says, and what stands in the database and on the queue then.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::app::{App, steady};

#[tokio::test]
async fn an_accepted_request_is_answered_with_its_id_counts_and_status_url() {
    let app = App::start().await;
    let devices = app.world.add_assignable(3).await;
    let mut request = app.full_request(&devices);
    let repeated = request["devices"][0].clone();
    request["devices"].as_array_mut().unwrap().push(repeated);
    let answer = app.post_association(&request).await;

    let id = answer.change_id();
    assert_eq!(
        answer.header("location"),
        format!("/M2M/BulkChangeStatus/{id}")
    );
    assert_eq!(answer.header("retry-after"), "5");
    assert_eq!(answer.header("idempotent-replayed"), "");
    assert_eq!(answer.json()["duplicates"], json!([devices[0].as_str()]));
    let differing = ["changeId", "statusUrl", "duplicates", "estimatedFinish"];
    insta::assert_json_snapshot!(steady(answer.json(), &differing));
}

#[tokio::test]
async fn devices_that_fail_a_check_are_named_with_their_reason_and_the_others_go_on() {
    let app = App::start().await;
    let world = &app.world;
    let mut archived = world.device(2);
    archived.archived = true;
    let mut in_test = world.device(3);
    in_test.status = Some("TEST_READY".to_owned());
    world
        .add(&[world.device(1), archived, in_test, world.device(4)])
        .await;
    world.assign(4, "1002").await;
    let devices: Vec<_> = (1..=5).map(|n| world.iccid(n)).collect();
    let answer = app.post_association(&app.request(&devices)).await;

    assert_eq!(answer.status, StatusCode::ACCEPTED, "{}", answer.text);
    let document = answer.json();
    assert_eq!(document["accepted"], 1);
    let rejected: Vec<(&str, &str)> = document["rejected"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            (
                one["device"].as_str().unwrap(),
                one["code"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        rejected,
        [
            (devices[1].as_str(), "device-archived"),
            (devices[2].as_str(), "device-status"),
            (devices[3].as_str(), "assigned-to-other-customer"),
            (devices[4].as_str(), "device-not-found"),
        ]
    );
}

#[tokio::test]
async fn a_request_of_which_no_device_passes_is_a_422_with_every_reason_and_writes_nothing() {
    let app = App::start().await;
    let devices: Vec<_> = (1..=2).map(|n| app.world.iccid(n)).collect();
    let answer = app.post_association(&app.request(&devices)).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(answer.problem(), "/problems/no-device-can-be-associated");
    insta::assert_json_snapshot!(steady(answer.json(), &["requestId", "device"]));
    app.assert_nothing_written("a refused request").await;
}

#[tokio::test]
async fn a_device_of_an_unfinished_change_is_refused_with_that_changes_id() {
    let app = App::start().await;
    let devices = app.world.add_assignable(1).await;
    let request = app.request(&devices);
    let id = app.post_association(&request).await.change_id();
    let answer = app.post_association(&request).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    let rejected = &answer.json()["rejected"][0];
    assert_eq!(rejected["code"], "unfinished-change");
    assert_eq!(rejected["unfinished"], id);
}

#[tokio::test]
async fn each_chunk_of_100_devices_is_one_message_of_the_tenant() {
    let app = App::start().await;
    let devices = app.world.add_assignable(201).await;
    let answer = app.post_association(&app.request(&devices)).await;
    let id = answer.change_id();
    let sent = app.queue.sent();
    let bodies: Vec<Value> = sent
        .iter()
        .map(|message| serde_json::from_str(&message.body).unwrap())
        .collect();
    let tenant = app.world.tenant.get();
    let expected: Vec<Value> = (0..3)
        .map(|chunk| json!({"bulkChangeId": id, "chunk": chunk, "tenantId": tenant}))
        .collect();
    assert_eq!(bodies, expected);
    for message in &sent {
        assert_eq!(message.group, Some(tenant.to_string()));
        let trace = (
            "TraceId".to_owned(),
            answer.header("x-request-id").to_owned(),
        );
        assert!(message.attributes.contains(&trace));
    }
    assert_eq!(app.unsent().await, 0);
}

#[tokio::test]
async fn round_trips_do_not_grow_with_the_number_of_devices() {
    for count in [1, 100, 2_000] {
        let app = App::start().await;
        let devices = app.world.add_assignable(count).await;
        let request = app.full_request(&devices);
        let post = app.posting(&request).key("round-trips");
        let (answer, trips) = app.round_trips(post.send()).await;
        assert_eq!(answer.json()["accepted"], count, "{}", answer.text);
        assert_eq!(trips, 3, "round trips for {count} devices");
        let (_, trips) = app.round_trips(app.status(answer.change_id())).await;
        assert_eq!(trips, 1);
    }
}

#[tokio::test]
async fn ten_thousand_devices_are_accepted() {
    let app = App::start().await;
    let devices = app.world.add_assignable(10_000).await;
    let answer = app.post_association(&app.request(&devices)).await;
    assert_eq!(answer.json()["accepted"], 10_000, "{}", answer.text);
    assert_eq!(app.queue.sent().len(), 100);
}

#[tokio::test]
async fn while_the_queue_is_down_requests_are_accepted_and_stay_in_the_outbox() {
    let app = App::start().await;
    let devices = app.world.add_assignable(150).await;
    app.queue.go_down();
    let request = app.request(&devices);
    let (answer, trips) = app.round_trips(app.post_association(&request)).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED, "{}", answer.text);
    assert_eq!(trips, 3);
    assert_eq!(app.unsent().await, 2);
    assert_eq!(app.queue.len(), 0);
}

#[tokio::test]
async fn a_message_that_the_queue_refuses_stays_in_the_outbox_alone() {
    let app = App::start().await;
    let devices = app.world.add_assignable(250).await;
    app.queue.refuse_next(&[1]);
    let request = app.request(&devices);
    let (answer, trips) = app.round_trips(app.post_association(&request)).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED, "{}", answer.text);
    assert_eq!(trips, 3);
    assert_eq!((app.queue.len(), app.unsent().await), (2, 1));
}

#[tokio::test]
async fn sql_and_emoji_in_free_text_are_text() {
    let app = App::start().await;
    let devices = app.world.add_assignable(1).await;
    let mut request = app.full_request(&devices);
    let text = "Fleet 🚚'; DROP TABLE dbo.Device;--";
    request["description"] = json!(text);
    let id = app.post_association(&request).await.change_id();
    let stored = app
        .base
        .sql
        .texts(
            "SELECT m.ChangeRequest FROM dbo.M2M_DeviceChange AS m WHERE m.BulkChangeId = @P1",
            &[&id],
        )
        .await;
    let stored: Value = serde_json::from_str(stored[0].as_deref().unwrap()).unwrap();
    assert_eq!(stored["Description"], text);
}

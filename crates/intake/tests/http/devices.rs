//! One device: its details, its history, and whether it could be associated.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::app::{Answer, App, steady};

async fn validated(app: &App, path: &str) -> Answer {
    let token = app.token();
    app.get(&format!("/api/devices/validate/{path}"), Some(&token))
        .await
}

fn codes(answer: &Value) -> Vec<&str> {
    answer["reasons"]
        .as_array()
        .unwrap()
        .iter()
        .map(|reason| reason["code"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn the_check_of_one_device_reads_as_agreed() {
    let app = App::start().await;
    app.world.add_assignable(1).await;
    let iccid = app.world.iccid(1);
    let answer = validated(&app, &format!("{}?revCustomerId=1001", iccid.as_str())).await;
    assert_eq!(
        answer.json(),
        json!({
            "iccid": iccid.as_str(),
            "exists": true,
            "deviceId": app.world.device_id(1).await.get(),
            "archived": false,
            "status": "Activated",
            "statusAllowsAssignment": true,
            "serviceProviderId": app.world.provider.get(),
            "customer": null,
            "unfinishedChange": null,
            "assignable": true,
            "reasons": [],
        })
    );
    let none = validated(&app, "8999999999999999999").await;
    assert_eq!(
        none.json(),
        json!({
            "iccid": "8999999999999999999",
            "exists": false,
            "deviceId": null,
            "archived": null,
            "status": null,
            "statusAllowsAssignment": null,
            "serviceProviderId": null,
            "customer": null,
            "unfinishedChange": null,
            "assignable": false,
            "reasons": [{"code": "device-not-found", "message": "the service provider has no such device"}],
        })
    );
}

#[tokio::test]
async fn the_check_of_one_device_says_what_a_submit_says() {
    let app = App::start().await;
    let world = &app.world;
    let mut archived = world.device(2);
    archived.archived = true;
    let mut asleep = world.device(3);
    asleep.status = Some("TEST_READY".to_owned());
    world
        .add(&[
            world.device(1),
            archived,
            asleep,
            world.device(4),
            world.device(5),
            world.device(6),
        ])
        .await;
    world.assign(4, "1001").await;
    let taken = app.request(&[world.iccid(5)]);
    let taken = app.post_association(&taken).await.change_id();
    for n in 1..=7 {
        let iccid = world.iccid(n);
        let request = app.request(std::slice::from_ref(&iccid));
        let submit = app
            .posting(&request)
            .query("?validateOnly=true")
            .send()
            .await;
        let answer = validated(&app, &format!("{}?revCustomerId=1001", iccid.as_str()))
            .await
            .json();
        let first = codes(&answer).first().map(|code| json!(code));
        let submitted = submit.json()["rejected"][0]["code"].clone();
        assert_eq!(first.unwrap_or(Value::Null), submitted, "device {n}");
        assert_eq!(
            answer["assignable"],
            submit.status == StatusCode::OK,
            "device {n}"
        );
    }
    let answer = validated(&app, world.iccid(5).as_str()).await.json();
    assert_eq!(answer["unfinishedChange"], taken);
    let answer = validated(&app, world.iccid(4).as_str()).await.json();
    assert_eq!(
        answer["customer"],
        json!({"revCustomerId": "1001", "name": "Fake Fleet One", "siteId": world.site.get(), "site": "Fake Fleet One HQ"})
    );
    assert_eq!(codes(&answer), ["assigned-to-other-customer"]);
}

#[tokio::test]
async fn faults_of_a_check_point_to_what_was_asked_with() {
    let app = App::start().await;
    app.world.add_assignable(1).await;
    let iccid = app.world.iccid(1);
    let iccid = iccid.as_str();
    for (path, fault) in [
        (
            format!("{iccid}?revCustomerId=9999"),
            ("?revCustomerId", "customer-not-found"),
        ),
        (
            format!("{iccid}?revCustomerId=1002"),
            ("?revCustomerId", "customer-not-found"),
        ),
        (
            format!("{iccid}?revCustomerId=x"),
            ("?revCustomerId", "invalid-id"),
        ),
        (
            format!("{iccid}?serviceProviderId=0"),
            ("?serviceProviderId", "invalid-id"),
        ),
        (format!("{iccid}?page=1"), ("?page", "unknown-parameter")),
        ("123".to_owned(), ("{iccid}", "invalid-iccid")),
        (
            "89000000000000000O1".to_owned(),
            ("{iccid}", "invalid-iccid"),
        ),
    ] {
        let answer = validated(&app, &path).await;
        assert_eq!(
            answer.status,
            StatusCode::UNPROCESSABLE_ENTITY,
            "{path}: {}",
            answer.text
        );
        let (pointer, code) = answer.errors().remove(0);
        assert_eq!((pointer.as_str(), code.as_str()), fault, "{path}");
    }
}

#[tokio::test]
async fn details_of_a_device_read_as_agreed() {
    let app = App::start().await;
    let world = &app.world;
    let request = app.request(&world.add_assignable(1).await);
    let id = app.post_association(&request).await.change_id();
    world.assign(1, "1001").await;
    let device = world.device_id(1).await.get();
    world
        .sql
        .run(
            "INSERT INTO dbo.DeviceActionHistory (M2MDeviceId, CurrentValue, ChangedField, ChangeEventType, DateOfChange, ChangedBy, \
                 BulkChangeId, CustomerAccountName, CustomerAccountNumber, TenantId) \
             VALUES (@P1, N'Fake Fleet One HQ (1001)', N'Customer', N'Associate Customer', N'2026-03-01T12:00:00', N'someone', @P2, \
                 N'Fake Fleet One HQ', N'1001', @P3);",
            &[&device, &id, &world.tenant.get()],
        )
        .await;
    let token = app.token();
    let answer = app
        .get(&format!("/M2M/DeviceDetails/{device}"), Some(&token))
        .await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    let change = |row: &Value| steady(row.clone(), &["id"]);
    let details = answer.json();
    let came = json!({
        "id": "[id]",
        "changedField": "Customer",
        "previousValue": null,
        "currentValue": "Fake Fleet One HQ (1001)",
        "changeEventType": "Associate Customer",
        "dateOfChange": "2026-03-01T12:00:00Z",
        "changedBy": "someone",
        "bulkChangeId": id,
        "customer": {"revCustomerId": "1001", "name": "Fake Fleet One HQ"},
    });
    assert_eq!(details["history"]["total"], 1);
    assert_eq!(change(&details["history"]["items"][0]), came);
    assert_eq!(
        details["assignment"],
        json!({
            "customer": {"revCustomerId": "1001", "name": "Fake Fleet One"},
            "siteId": world.site.get(),
            "site": "Fake Fleet One HQ",
            "assignedSince": "2026-03-01T12:00:00Z",
            "assignedBy": "someone",
            "service": null,
        })
    );
    assert_eq!(details["unfinishedChange"], id);
    assert_eq!(details["changes"][0]["bulkChangeId"], id);
    assert_eq!(details["changes"][0]["status"], "PENDING");
    assert_eq!(details["plans"]["queued"], json!([]));
    let about = &details["device"];
    assert_eq!(about["iccid"], world.iccid(1).as_str());
    assert_eq!(about["activatedDate"], "2026-01-15T00:00:00Z");
    for member in [
        "imsi",
        "ipAddress",
        "description",
        "communicationPlan",
        "apn",
        "costCenter",
    ] {
        assert_eq!(
            about.get(member),
            Some(&Value::Null),
            "{member} is there, and null"
        );
    }

    let history = app
        .get(&format!("/api/devices/{device}/history"), Some(&token))
        .await
        .json();
    assert_eq!(
        (&history["total"], &history["page"], &history["pageSize"]),
        (&json!(1), &json!(1), &json!(25))
    );
    assert_eq!(change(&history["items"][0]), came);
}

#[tokio::test]
async fn a_device_that_is_none_is_not_found_however_it_is_spelt() {
    let app = App::start().await;
    app.world.add_assignable(2).await;
    app.world.assign(2, "1002").await;
    let token = app.token();
    let hidden = app.world.device_id(2).await.to_string();
    for route in ["/M2M/DeviceDetails/{}", "/api/devices/{}/history"] {
        let path = |id: &str| route.replace("{}", id);
        let own = app.world.device_id(1).await;
        let seen = app.get(&path(&own.to_string()), Some(&token)).await;
        assert_eq!(seen.status, StatusCode::OK, "{}", seen.text);
        let none = app.get(&path("2147483647"), Some(&token)).await;
        assert_eq!(none.problem(), "/problems/not-found");
        let zero = format!("0{own}");
        for bad in [
            &hidden,
            &zero,
            "0",
            "-1",
            "+1",
            "2147483648",
            "x",
            "1'--",
            "%F0%9F%9A%9A",
        ] {
            let answer = app.get(&path(bad), Some(&token)).await;
            assert_eq!(answer.comparable(), none.comparable(), "{route} {bad}");
        }
        let answer = app
            .get(&format!("{}?sort=x", path("1")), Some(&token))
            .await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
}

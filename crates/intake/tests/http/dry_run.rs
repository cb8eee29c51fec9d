//! `validateOnly=true`: everything is checked and told, and nothing is written.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::app::{Answer, App, steady};

/// What API Gateway takes from a lambda at most.
const LARGEST_ANSWER: usize = 6 * 1024 * 1024;

async fn checked(app: &App, request: &Value) -> Answer {
    app.posting(request)
        .query("?validateOnly=true")
        .send()
        .await
}

/// How many rows each table has, and which ids it would give next.
async fn everything(app: &App) -> BTreeMap<String, i64> {
    let names = "SELECT TABLE_NAME FROM INFORMATION_SCHEMA.TABLES WHERE TABLE_TYPE = 'BASE TABLE'";
    let mut counts = BTreeMap::new();
    for name in app.base.sql.texts(names, &[]).await.into_iter().flatten() {
        let count = format!("SELECT COUNT_BIG(*) FROM dbo.[{name}] AS t");
        counts.insert(name, app.base.sql.count(&count, &[]).await);
    }
    assert!(counts.len() > 25, "{counts:?}");
    counts
}

async fn newest(app: &App, table: &str, column: &str) -> i64 {
    let text = format!("SELECT CAST(MAX(t.{column}) AS bigint) FROM dbo.{table} AS t");
    app.base.sql.count(&text, &[]).await
}

#[tokio::test]
async fn an_answer_tells_what_would_happen_to_each_device() {
    let app = App::start().await;
    let mut devices = app.world.add_assignable(3).await;
    app.world.assign(2, "1001").await;
    app.world.assign(3, "1002").await;
    devices.push(app.world.iccid(9));
    let mut request = app.full_request(&devices);
    request["devices"]
        .as_array_mut()
        .unwrap()
        .push(json!(devices[0].as_str()));
    request["addCarrierRatePlan"] = json!(true);
    request["carrierRatePlan"] = json!("CARRIER-1GB");
    request["effectiveDate"] = json!("2099-12-01");
    request["activatedDate"] = json!("2026-02-03");
    let answer = checked(&app, &request).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    let differing = [
        "device",
        "number",
        "duplicates",
        "estimatedFinish",
        "id",
        "poolId",
        "integrationAuthenticationId",
    ];
    insta::assert_json_snapshot!(steady(answer.json(), &differing));
    let first = &answer.json()["devices"][0];
    assert_eq!(first["device"], devices[0].as_str());
    assert_eq!(first["number"], app.world.device(1).msisdn.unwrap());
    assert_eq!(answer.json()["duplicates"], json!([devices[0].as_str()]));
}

#[tokio::test]
async fn a_plan_that_begins_today_is_assigned_and_without_a_service_line_no_call_is_made() {
    let app = App::start().await;
    let devices = app.world.add_assignable(1).await;
    let mut request = app.request(&devices);
    request["addCustomerRatePlan"] = json!(true);
    request["customerRatePlan"] = json!(app.world.plan);
    let answer = checked(&app, &request).await.json();
    let device = &answer["devices"][0];
    assert_eq!(
        device["steps"],
        json!(["take-ownership", "assign-customer-rate-plan"])
    );
    assert_eq!(
        (&device["number"], &device["queuedPlan"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(
        (&answer["revCalls"], &answer["minutes"]),
        (&json!(0), &json!(1))
    );
    assert_eq!(answer["serviceLine"], Value::Null);
}

#[tokio::test]
async fn nothing_is_written_and_the_database_is_asked_once() {
    let app = App::start().await;
    let devices = app.world.add_assignable(30).await;
    let first = app.post_association(&app.full_request(&devices[..1])).await;
    let before = everything(&app).await;
    let changes = newest(&app, "M2M_DeviceChange", "id").await;
    let outbox = newest(&app, "BulkChangeOutbox", "Id").await;
    let sent = app.queue.sent().len();
    for request in [
        app.full_request(&devices[1..]),
        app.request(&devices[1..]),
        app.full_request(&devices),
        app.request(&[app.world.iccid(77)]),
    ] {
        let post = app.posting(&request).query("?validateOnly=true");
        let (answer, trips) = app.round_trips(post.key("one").send()).await;
        assert!(
            answer.status == 200 || answer.status == 422,
            "{}",
            answer.text
        );
        assert_eq!(trips, 1);
    }
    assert_eq!(everything(&app).await, before);
    assert_eq!(app.queue.sent().len(), sent);
    // No id was used up either: the next ones follow the last.
    let next = app.post_association(&app.request(&devices[1..2])).await;
    assert_eq!(next.change_id(), first.change_id() + 1);
    assert_eq!(newest(&app, "M2M_DeviceChange", "id").await, changes + 1);
    assert_eq!(newest(&app, "BulkChangeOutbox", "Id").await, outbox + 1);
}

#[tokio::test]
async fn what_is_refused_is_refused_word_for_word_as_the_request_itself() {
    let app = App::start().await;
    let devices = app.world.add_assignable(1).await;
    let good = app.request(&devices);
    let with = |name: &str, value: Value| {
        let mut request = good.clone();
        request[name] = value;
        request
    };
    for (case, request) in [
        ("no device", app.request(&[app.world.iccid(8)])),
        ("a member", with("effectiveDate", json!("2026-02-30"))),
        ("another's customer", with("revCustomerId", json!("1002"))),
        ("no such customer", with("revCustomerId", json!("4711"))),
        (
            "no such provider",
            with("serviceProviderId", json!(2_000_000_000)),
        ),
        ("no such carrier plan", {
            let mut request = with("addCarrierRatePlan", json!(true));
            request["carrierRatePlan"] = json!("NONE");
            request
        }),
    ] {
        let dry = checked(&app, &request).await;
        let real = app.post_association(&request).await;
        assert_eq!(dry.status, StatusCode::UNPROCESSABLE_ENTITY, "{case}");
        assert_eq!(
            (dry.status, dry.comparable()),
            (real.status, real.comparable()),
            "{case}"
        );
    }
    for (case, dry, real) in [
        (
            "no token",
            app.posting(&good).without_token(),
            app.posting(&good).without_token(),
        ),
        ("not JSON", app.post("{"), app.post("{")),
        (
            "not called JSON",
            app.posting(&good).content_type(None),
            app.posting(&good).content_type(None),
        ),
        (
            "a bad key",
            app.posting(&good).key(""),
            app.posting(&good).key(""),
        ),
        (
            "a reader",
            app.posting(&good).token(reader(&app)),
            app.posting(&good).token(reader(&app)),
        ),
    ] {
        let dry = dry.query("?validateOnly=true").send().await;
        let real = real.send().await;
        assert!(dry.status.is_client_error(), "{case}");
        assert_eq!(
            (dry.status, dry.comparable()),
            (real.status, real.comparable()),
            "{case}"
        );
    }
    app.assert_nothing_written("refused requests").await;
}

fn reader(app: &App) -> String {
    let permissions = [local::sign_in::Permission::Read];
    app.sign_in
        .token(&app.claims().with_permissions(&permissions))
}

#[tokio::test]
async fn a_key_is_neither_stored_nor_answered_from() {
    let app = App::start().await;
    let devices = app.world.add_assignable(2).await;
    let request = app.request(&devices[..1]);
    for _ in 0..2 {
        let dry = app.posting(&request).query("?validateOnly=true").key("one");
        let dry = dry.send().await;
        assert_eq!(dry.json()["validateOnly"], true, "{}", dry.text);
        assert_eq!(dry.header("idempotent-replayed"), "");
    }
    let real = app.posting(&request).key("one").send().await;
    assert_eq!(real.status, StatusCode::ACCEPTED, "{}", real.text);
    // A key of a recorded request answers nothing here, whatever it was recorded for.
    let other = app.posting(&app.request(&devices[1..])).key("one");
    let other = other.query("?validateOnly=true").send().await;
    assert_eq!(other.json()["accepted"], 1, "{}", other.text);
}

#[tokio::test]
async fn the_parameter_is_true_or_false_and_nothing_else() {
    let app = App::start().await;
    let request = app.request(&app.world.add_assignable(1).await);
    for query in [
        "?validateOnly=1",
        "?validateOnly=True",
        "?validateOnly=",
        "?validateOnly",
        "?validateOnly=true&validateOnly=false",
    ] {
        let answer = app.posting(&request).query(query).send().await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{query}");
        assert_eq!(answer.problem(), "/problems/invalid-request");
        assert_eq!(answer.errors()[0].0, "?validateOnly", "{query}");
    }
    app.assert_nothing_written("bad parameters").await;
    let real = app
        .posting(&request)
        .query("?validateOnly=false")
        .send()
        .await;
    assert_eq!(real.status, StatusCode::ACCEPTED, "{}", real.text);
}

#[tokio::test]
async fn calls_and_minutes_count_what_waits_for_the_account_and_what_holds_it_up() {
    let app = App::start().await;
    let devices = app.world.add_assignable(1_000).await;
    let request = app.full_request(&devices[..475]);
    let alone = checked(&app, &request).await.json();
    assert_eq!(alone["revCalls"], 478);
    // 478 calls at 475 a minute, and the start.
    assert_eq!(alone["minutes"], 2);
    app.post_association(&app.full_request(&devices[475..]))
        .await;
    let beside = checked(&app, &request).await.json();
    // The other one has more than twice as much: each has its turn until this one is done.
    assert_eq!(
        (&beside["revCalls"], &beside["minutes"]),
        (&json!(478), &json!(3))
    );

    let account = app.world.account.get();
    for (set, code, minutes) in [
        (
            "StoppedSince = SYSUTCDATETIME()",
            "rev-account-stopped",
            Value::Null,
        ),
        (
            "StoppedSince = NULL, PausedUntil = '9999-12-31'",
            "rev-account-paused",
            Value::Null,
        ),
        (
            "PausedUntil = DATEADD(minute, 60, SYSUTCDATETIME())",
            "rev-account-paused",
            json!(63),
        ),
    ] {
        let update =
            format!("UPDATE dbo.RevCallBudget SET {set} WHERE IntegrationAuthenticationId = @P1;");
        app.base.sql.run(&update, &[&account]).await;
        let answer = checked(&app, &request).await.json();
        assert_eq!(answer["waitsFor"]["code"], code);
        assert_eq!(answer["minutes"], minutes, "{set}");
        assert_eq!(
            answer["estimatedFinish"].is_null(),
            minutes.is_null(),
            "{set}"
        );
    }
    let spent = "UPDATE dbo.RevCallBudget SET PausedUntil = NULL, CallsToday = CallsPerDay WHERE IntegrationAuthenticationId = @P1;";
    app.base.sql.run(spent, &[&account]).await;
    let answer = checked(&app, &request).await.json();
    assert_eq!(answer["waitsFor"]["code"], "rev-quota-of-the-day");
    let until = answer["waitsFor"]["until"].as_str().unwrap();
    assert!(until.ends_with("T00:00:00Z"), "{until}");
    // What needs no call waits for no account.
    let plain = checked(&app, &app.request(&devices[..475])).await.json();
    assert_eq!(
        (&plain["waitsFor"], &plain["minutes"]),
        (&Value::Null, &json!(1))
    );
}

#[tokio::test]
async fn an_answer_about_ten_thousand_devices_fits_into_what_a_lambda_may_answer() {
    let app = App::start().await;
    let devices = app.world.add_assignable(10_000).await;
    let mut request = app.full_request(&devices);
    let products: Vec<Value> = (1..=50)
        .map(|id| json!({"productId": id, "rate": 1234.5678}))
        .collect();
    request["products"] = json!(products);
    request["addCarrierRatePlan"] = json!(true);
    request["carrierRatePlan"] = json!("CARRIER-1GB");
    request["effectiveDate"] = json!("2099-12-01");
    let (answer, trips) = app.round_trips(checked(&app, &request)).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    assert_eq!(answer.json()["accepted"], 10_000);
    assert_eq!(trips, 1);
    // The body travels as a JSON string, where each quote takes two bytes.
    let travels = serde_json::to_string(&answer.text).unwrap().len();
    assert!(travels < LARGEST_ANSWER, "{travels} bytes");
    // With the longest numbers that the column holds it still fits.
    let number = answer.json()["devices"][0]["number"]
        .as_str()
        .unwrap()
        .len();
    let longest = travels + (150 - number) * 10_000;
    assert!(longest < LARGEST_ANSWER, "{longest} bytes");
    // And when every device is refused.
    let unknown: Vec<_> = (20_001..=30_000).map(|n| app.world.iccid(n)).collect();
    let refused = checked(&app, &app.full_request(&unknown)).await;
    assert_eq!(
        refused.json()["rejected"].as_array().map(Vec::len),
        Some(10_000)
    );
    let travels = serde_json::to_string(&refused.text).unwrap().len();
    assert!(travels < LARGEST_ANSWER, "{travels} bytes");
}

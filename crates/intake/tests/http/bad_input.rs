//! Input that is not a request: a problem that names the member, and nothing written.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::app::{App, steady};

/// A name, a change to a good request, and where and what the fault is.
type Case = (
    &'static str,
    fn(&mut Value),
    &'static [(&'static str, &'static str)],
);

const EMOJI_AND_SQL: &str = "1'; DROP TABLE dbo.Device;-- 🚚";

const CASES: [Case; 24] = [
    (
        "empty list",
        |r| r["devices"] = json!([]),
        &[("/devices", "empty")],
    ),
    (
        "no list",
        |r| drop(r.as_object_mut().unwrap().remove("devices")),
        &[("/devices", "missing")],
    ),
    (
        "null list",
        |r| r["devices"] = Value::Null,
        &[("/devices", "missing")],
    ),
    (
        "devices as text",
        |r| r["devices"] = json!("8900000000000000001"),
        &[("/devices", "wrong-type")],
    ),
    (
        "device as number",
        |r| r["devices"] = json!([8_900_000_000_000_000_001_u64]),
        &[("/devices/0", "wrong-type")],
    ),
    (
        "40 digits",
        |r| r["devices"] = json!(["8".repeat(40)]),
        &[("/devices/0", "not-an-iccid")],
    ),
    (
        "17 digits",
        |r| r["devices"] = json!(["8".repeat(17)]),
        &[("/devices/0", "not-an-iccid")],
    ),
    (
        "SQL in a device",
        |r| r["devices"] = json!([EMOJI_AND_SQL]),
        &[("/devices/0", "not-an-iccid")],
    ),
    (
        "emoji in a device",
        |r| r["devices"] = json!(["890000000000000000🚚"]),
        &[("/devices/0", "not-an-iccid")],
    ),
    (
        "SQL in the customer",
        |r| r["revCustomerId"] = json!(EMOJI_AND_SQL),
        &[("/revCustomerId", "not-a-customer-number")],
    ),
    (
        "customer as list",
        |r| r["revCustomerId"] = json!(["1001"]),
        &[("/revCustomerId", "not-a-customer-number")],
    ),
    (
        "SQL in the provider",
        |r| r["serviceProviderId"] = json!(EMOJI_AND_SQL),
        &[("/serviceProviderId", "not-an-id")],
    ),
    (
        "negative provider",
        |r| r["serviceProviderId"] = json!(-1),
        &[("/serviceProviderId", "not-an-id")],
    ),
    (
        "provider beyond int",
        |r| r["serviceProviderId"] = json!(4_294_967_297_u64),
        &[("/serviceProviderId", "not-an-id")],
    ),
    (
        "unknown member",
        |r| r["carrierId"] = json!(1),
        &[("/carrierId", "unknown-member")],
    ),
    (
        "tenant in the body",
        |r| r["tenantId"] = json!(2),
        &[("/tenantId", "unknown-member")],
    ),
    (
        "both spellings",
        |r| r["Devices"] = json!(["8900000000000000001"]),
        &[("/devices", "duplicate-member")],
    ),
    (
        "no such day",
        |r| r["effectiveDate"] = json!("2025-02-30"),
        &[("/effectiveDate", "not-a-date")],
    ),
    (
        "day as number",
        |r| r["effectiveDate"] = json!(20_250_201),
        &[("/effectiveDate", "not-a-date")],
    ),
    (
        "option as text",
        |r| r["createRevService"] = json!("yes"),
        &[("/createRevService", "wrong-type")],
    ),
    (
        "option without its members",
        |r| r["createRevService"] = json!(true),
        &[
            ("/serviceTypeId", "missing"),
            ("/providerId", "missing"),
            ("/products", "missing"),
        ],
    ),
    (
        "rates of another length",
        |r| {
            r["createRevService"] = json!(true);
            r["serviceTypeId"] = json!(1);
            r["providerId"] = json!(1);
            r["revProductIdList"] = json!([1, 2]);
            r["rateList"] = json!([1.0]);
        },
        &[("/rateList", "length")],
    ),
    (
        "text beyond its column",
        |r| {
            r["addCarrierRatePlan"] = json!(true);
            r["carrierRatePlan"] = json!("x".repeat(256));
        },
        &[("/carrierRatePlan", "too-long")],
    ),
    (
        "10,001 devices",
        |r| {
            let devices: Vec<String> = (0..10_001).map(|n| format!("89{n:017}")).collect();
            r["devices"] = json!(devices);
        },
        &[("/devices", "too-many-devices")],
    ),
];

#[tokio::test]
async fn every_bad_member_is_named_by_pointer_and_code() {
    let app = App::start().await;
    let good = app.request(&app.world.add_assignable(1).await);
    for (name, change, expected) in CASES {
        let mut request = good.clone();
        change(&mut request);
        let (answer, trips) = app.round_trips(app.post_association(&request)).await;
        assert_eq!(
            answer.status,
            StatusCode::UNPROCESSABLE_ENTITY,
            "{name}: {}",
            answer.text
        );
        assert_eq!(answer.problem(), "/problems/invalid-request", "{name}");
        let errors = answer.errors();
        for (pointer, code) in expected {
            let wanted = ((*pointer).to_owned(), (*code).to_owned());
            assert!(errors.contains(&wanted), "{name}: {errors:?}");
        }
        assert_eq!(trips, 0, "{name}");
    }
    app.assert_nothing_written("bad members").await;
}

#[tokio::test]
async fn a_body_that_is_not_json_is_a_400() {
    let app = App::start().await;
    let cases: [&[u8]; 5] = [b"", b"{", b"devices=1", b"\xff\xfe", b"{\"devices\":[}"];
    for body in cases {
        let answer = app.post(body).send().await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{body:?}");
        assert_eq!(answer.problem(), "/problems/not-json");
    }
    let answer = app.post("[]").send().await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    app.assert_nothing_written("what is not JSON").await;
}

#[tokio::test]
async fn a_body_over_the_limit_is_a_413_and_one_at_the_limit_is_read() {
    let app = App::start().await;
    let request = app.request(&[app.world.iccid(1)]).to_string();
    let padded = |length: usize| format!("{request}{}", " ".repeat(length - request.len()));
    let answer = app.post(padded(intake::body::LIMIT + 1)).send().await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(answer.problem(), "/problems/too-large");
    let answer = app.post(padded(intake::body::LIMIT)).send().await;
    assert_eq!(answer.problem(), "/problems/no-device-can-be-associated");
    app.assert_nothing_written("bodies at the limit").await;
}

#[tokio::test]
async fn a_body_under_another_name_is_a_415() {
    let app = App::start().await;
    let request = app.request(&app.world.add_assignable(1).await);
    for content_type in [
        None,
        Some("text/plain"),
        Some("application/x-www-form-urlencoded"),
    ] {
        let answer = app
            .posting(&request)
            .content_type(content_type)
            .send()
            .await;
        assert_eq!(
            answer.status,
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "{content_type:?}"
        );
        assert_eq!(answer.problem(), "/problems/unsupported-media-type");
    }
    app.assert_nothing_written("other media types").await;
}

#[tokio::test]
async fn a_parameter_that_is_not_known_is_refused_and_not_ignored() {
    let app = App::start().await;
    let request = app.request(&app.world.add_assignable(1).await);
    let answer = app.posting(&request).query("?dryRun=true").send().await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(
        answer.errors(),
        [("?dryRun".to_owned(), "unknown-parameter".to_owned())]
    );
    app.assert_nothing_written("an unknown parameter").await;
}

#[tokio::test]
async fn a_customer_plan_or_provider_that_does_not_exist_is_named() {
    let app = App::start().await;
    let good = app.full_request(&app.world.add_assignable(1).await);
    for (member, value, code) in [
        (
            "serviceProviderId",
            json!(2_147_483_647),
            "service-provider-not-found",
        ),
        ("revCustomerId", json!("100"), "customer-not-found"),
        (
            "customerRatePlan",
            json!(2_147_483_647),
            "customer-rate-plan-not-found",
        ),
        (
            "customerRatePool",
            json!(2_147_483_647),
            "customer-rate-pool-not-found",
        ),
    ] {
        let mut request = good.clone();
        request[member] = value;
        let answer = app.post_association(&request).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{member}");
        let wanted = (format!("/{member}"), code.to_owned());
        assert!(answer.errors().contains(&wanted), "{}", answer.text);
    }
    app.assert_nothing_written("what does not exist").await;
}

#[tokio::test]
async fn a_problem_reads_as_documented() {
    let app = App::start().await;
    let mut request = app.request(&[app.world.iccid(1)]);
    request["serviceProviderId"] = json!(1);
    request["effectiveDate"] = json!("2025-02-30");
    request["devices"] = json!(["8".repeat(40)]);
    let answer = app.post_association(&request).await;
    insta::assert_json_snapshot!(steady(answer.json(), &["requestId"]));
}

//! Requests as API Gateway hands them over (HTTP API, payload format 2.0).

use std::io::Read;

use axum::{body::Body, http::StatusCode};
use base64::{Engine, engine::general_purpose::STANDARD};
use flate2::read::GzDecoder;
use lambda_http::{Adapter, Context, LambdaEvent, Service, request::LambdaRequest};
use serde_json::{Value, json};

use crate::app::App;

#[tokio::test]
async fn an_event_of_api_gateway_is_served_under_its_own_request_id() {
    let app = App::start().await;
    let body = app.request(&app.world.add_assignable(1).await).to_string();
    let event = json!({
        "version": "2.0",
        "routeKey": "POST /M2M/AssociateCustomer",
        "rawPath": "/M2M/AssociateCustomer",
        "rawQueryString": "",
        "headers": {
            "authorization": format!("Bearer {}", app.token()),
            "content-type": "application/json",
            "host": "api.example",
        },
        "requestContext": {
            "apiId": "api",
            "domainName": "api.example",
            "http": {
                "method": "POST", "path": "/M2M/AssociateCustomer", "protocol": "HTTP/1.1",
                "sourceIp": "192.0.2.1", "userAgent": "test",
            },
            "requestId": "gateway-request-1",
            "routeKey": "POST /M2M/AssociateCustomer",
            "stage": "$default",
            "timeEpoch": 0,
        },
        "body": body,
        "isBase64Encoded": false,
    });
    let request = lambda_http::request::from_str(&event.to_string()).unwrap();
    let answer = app.call(request.map(Body::new)).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED, "{}", answer.text);
    assert_eq!(answer.header("x-request-id"), "gateway-request-1");
}

/// The event of a GET, as API Gateway sends it.
fn get(path: &str, headers: &Value) -> Value {
    json!({
        "version": "2.0", "routeKey": "$default", "rawPath": path, "rawQueryString": "", "headers": headers,
        "requestContext": {
            "apiId": "api", "domainName": "api.example",
            "http": {"method": "GET", "path": path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1", "userAgent": "test"},
            "requestId": "gateway-request-2", "routeKey": "$default", "stage": "$default", "timeEpoch": 0,
        },
        "isBase64Encoded": false,
    })
}

/// What the lambda hands back to API Gateway, made by the library that runs it.
async fn through_the_library(app: &App, event: Value) -> Value {
    let event: LambdaRequest = serde_json::from_value(event).unwrap();
    let mut service = Adapter::from(app.router());
    let answer = service
        .call(LambdaEvent::new(event, Context::default()))
        .await;
    serde_json::to_value(answer.unwrap()).unwrap()
}

#[tokio::test]
async fn a_long_answer_is_gzip_for_whoever_takes_it_and_travels_as_base64() {
    let app = App::start().await;
    let devices = app.world.add_assignable(25).await;
    let request = app.request(&devices);
    let id = app.post_association(&request).await.change_id();
    let path = format!("/M2M/BulkChangeStatus/{id}");
    let authorization = format!("Bearer {}", app.token());
    let plain = through_the_library(
        &app,
        get(
            &path,
            &json!({"host": "api.example", "authorization": authorization}),
        ),
    )
    .await;
    let zipped = through_the_library(
        &app,
        get(
            &path,
            &json!({"host": "api.example", "authorization": authorization, "accept-encoding": "gzip, br"}),
        ),
    )
    .await;
    assert_eq!(
        (&plain["statusCode"], &zipped["statusCode"]),
        (&json!(200), &json!(200))
    );
    assert_eq!(plain["isBase64Encoded"], false);
    assert_eq!(zipped["isBase64Encoded"], true);
    assert_eq!(zipped["headers"]["content-encoding"], "gzip");
    assert_eq!(plain["headers"].get("content-encoding"), None);
    for answer in [&plain, &zipped] {
        assert_eq!(answer["headers"]["vary"], "accept-encoding");
        assert_eq!(answer["headers"]["etag"], plain["headers"]["etag"]);
    }
    let text = plain["body"].as_str().unwrap();
    let bytes = STANDARD.decode(zipped["body"].as_str().unwrap()).unwrap();
    assert!(
        bytes.len() * 4 < text.len(),
        "{} of {}",
        bytes.len(),
        text.len()
    );
    let mut unzipped = String::new();
    GzDecoder::new(bytes.as_slice())
        .read_to_string(&mut unzipped)
        .unwrap();
    let same = |text: &str| {
        let mut document: Value = serde_json::from_str(text).unwrap();
        document["estimatedFinish"].take();
        document
    };
    assert_eq!(same(&unzipped), same(text));

    // What is short is left as it is, and a 304 has no body to press.
    let health = get(
        "/healthz",
        &json!({"host": "api.example", "accept-encoding": "gzip"}),
    );
    let health = through_the_library(&app, health).await;
    assert_eq!(health["isBase64Encoded"], false);
    let tag = &plain["headers"]["etag"];
    let known = json!({"host": "api.example", "authorization": authorization, "accept-encoding": "gzip", "if-none-match": tag});
    let known = through_the_library(&app, get(&path, &known)).await;
    assert_eq!(known["statusCode"], 304);
    assert_eq!(known["headers"].get("content-encoding"), None);
    assert_eq!(known["headers"]["vary"], "accept-encoding");
}

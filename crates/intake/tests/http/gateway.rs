//! Requests as API Gateway hands them over (HTTP API, payload format 2.0).

use axum::{body::Body, http::StatusCode};
use serde_json::json;

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

//! Paths, methods and headers.

use axum::{
    body::Body,
    http::{Request, StatusCode},
};

use crate::app::App;

#[tokio::test]
async fn a_path_that_is_none_is_a_404_problem() {
    let app = App::start().await;
    for path in ["/M2M/Nothing", "/M2M/AssociateCustomer/1", "/healthz/x"] {
        let answer = app.get(path, Some(&app.token())).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        assert_eq!(answer.problem(), "/problems/not-found");
    }
}

#[tokio::test]
async fn a_method_that_a_path_does_not_take_is_a_405_with_allow() {
    let app = App::start().await;
    for (method, path, allowed) in [
        ("PUT", "/M2M/AssociateCustomer", "GET,HEAD,POST"),
        ("DELETE", "/M2M/BulkChangeStatus/1", "GET,HEAD"),
        ("POST", "/healthz", "GET,HEAD"),
    ] {
        let request = Request::builder().method(method).uri(path);
        let answer = app.call(request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{path}");
        assert_eq!(answer.header("allow"), allowed, "{path}");
        assert_eq!(answer.problem(), "/problems/method-not-allowed");
    }
}

#[tokio::test]
async fn every_answer_has_security_headers_and_a_request_id() {
    let app = App::start().await;
    let mut ids = Vec::new();
    for path in ["/healthz", "/nothing", "/M2M/BulkChangeStatus/1"] {
        let answer = app.get(path, None).await;
        for (name, value) in [
            ("cache-control", "no-store"),
            ("x-content-type-options", "nosniff"),
            (
                "content-security-policy",
                "default-src 'none'; frame-ancestors 'none'",
            ),
            ("referrer-policy", "no-referrer"),
            ("x-frame-options", "DENY"),
        ] {
            assert_eq!(answer.header(name), value, "{path}");
        }
        assert!(
            answer
                .header("strict-transport-security")
                .contains("max-age")
        );
        ids.push(answer.header("x-request-id").to_owned());
    }
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 3);
}

#[tokio::test]
async fn health_needs_no_token_and_tells_no_detail() {
    let app = App::start().await;
    let (alive, trips) = app.round_trips(app.get("/healthz", None)).await;
    assert_eq!(
        (alive.status, alive.text.as_str()),
        (StatusCode::OK, r#"{"status":"ok"}"#)
    );
    assert_eq!(trips, 0);
    let ready = app.get("/healthz/ready", None).await;
    assert_eq!(
        (ready.status, ready.text.as_str()),
        (StatusCode::OK, r#"{"status":"ready"}"#)
    );
}

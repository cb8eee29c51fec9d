//! The first event of a process, where it needs nobody: no database, no queue, no issuer.

use end_to_end::{
    Wishes, World,
    function::{Function, environment_without_neighbours, http},
};
use lambda_simulator::InvocationStatus;
use serde_json::json;

use crate::instance::{Site, TIME_OUT, started};

#[tokio::test(flavor = "multi_thread")]
async fn the_first_answer_of_the_intake_needs_no_network() {
    let intake = started(Function::Intake, environment_without_neighbours()).await;
    let answer = intake.call(http("GET", "/healthz", None, "first")).await;
    assert_eq!(answer["statusCode"], 200, "{answer}");
    assert_eq!(answer["body"], r#"{"status":"ok"}"#);
    // What needs the database says so, and ends nothing.
    let ready = intake
        .call(http("GET", "/healthz/ready", None, "second"))
        .await;
    assert_eq!(ready["statusCode"], 503, "{ready}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_answer_of_the_consumer_needs_no_network() {
    let consumer = started(Function::Consumer, environment_without_neighbours()).await;
    let answer = consumer.call(json!({"Records": []})).await;
    assert_eq!(answer, json!({"batchItemFailures": []}));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_nobody_sends_is_an_error_and_the_next_one_is_answered() {
    let site = Site::of(World::embedded(Wishes::devices(1)).await).await;
    let consumer = site.instance(Function::Consumer).await;
    for event in [
        json!({"hello": "world"}),
        json!(["Records"]),
        json!(null),
        json!({"Records": "none"}),
    ] {
        let id = consumer.begin(event, TIME_OUT).await;
        let end = consumer.ended(&id).await;
        assert_eq!(end.status, InvocationStatus::Error);
        let error = end.error.unwrap();
        assert!(
            error.error_message.contains("neither an SQS batch"),
            "{error:?}"
        );
    }
    let answer = consumer.call(json!({"Records": []})).await;
    assert_eq!(answer, json!({"batchItemFailures": []}));
}

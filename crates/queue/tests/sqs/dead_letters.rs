//! What was given up: looked at, and sent back.

use std::sync::Mutex;

use axum::http::StatusCode;
use queue::{DeadLetter, DeadLetterError, DeadLetters, Incoming, SentBack};
use serde_json::{Value, json};

use crate::{Stub, client_at, entries};

const QUEUE: &str = "http://127.0.0.1/000000000000/device-bulk-change-queue";
const DEAD_LETTERS: &str = "http://127.0.0.1/000000000000/device-bulk-change-queue-dead-letters";

/// A message as SQS hands it out, the n-th of a test.
fn message(n: usize) -> Value {
    json!({
        "MessageId": format!("message-{n}"), "ReceiptHandle": format!("receipt-{n}"),
        "Body": format!(r#"{{"bulkChangeId":7,"chunk":{n},"tenantId":3}}"#),
        "Attributes": {
            "SentTimestamp": (1_700_000_000_000_usize + n).to_string(), "ApproximateReceiveCount": "6", "MessageGroupId": "3",
        },
        "MessageAttributes": {
            "BulkChangeId": {"DataType": "String", "StringValue": "7"},
            "Chunk": {"DataType": "String", "StringValue": n.to_string()},
            "TraceId": {"DataType": "String", "StringValue": "request-1"},
        },
    })
}

/// A dead letter queue with these messages, of which a receive hands out ten; what else is asked, `answer` knows.
async fn holding(
    messages: Vec<Value>,
    answer: impl Fn(&str, &Value) -> Option<Value> + Send + Sync + 'static,
) -> (Stub, DeadLetters) {
    let count = messages.len();
    let left = Mutex::new(messages);
    let stub = Stub::start(move |action, body| {
        let action = action.trim_start_matches("AmazonSQS.");
        let answered = answer(action, body).unwrap_or_else(|| match action {
            "ReceiveMessage" => {
                let mut left = left.lock().unwrap();
                let most = usize::try_from(body["MaxNumberOfMessages"].as_u64().unwrap()).unwrap();
                let most = most.min(left.len());
                json!({"Messages": left.drain(..most).collect::<Vec<_>>()})
            }
            "GetQueueAttributes" => {
                json!({"Attributes": {
                    "ApproximateNumberOfMessages": "0", "ApproximateNumberOfMessagesNotVisible": count.to_string(),
                }})
            }
            "SendMessageBatch" | "DeleteMessageBatch" | "ChangeMessageVisibilityBatch" => all_of(body),
            other => panic!("{other} is not asked for"),
        });
        (StatusCode::OK, answered)
    })
    .await;
    let queues = DeadLetters::new(client_at(&stub.url), QUEUE, DEAD_LETTERS);
    (stub, queues)
}

/// Every entry went through.
fn all_of(body: &Value) -> Value {
    let done: Vec<Value> = entries(body)
        .iter()
        .map(|entry| json!({"Id": entry["Id"], "MessageId": "m", "MD5OfMessageBody": "x"}))
        .collect();
    json!({"Successful": done, "Failed": []})
}

/// The requests of one kind.
fn asked(stub: &Stub, action: &str) -> Vec<Value> {
    let action = format!("AmazonSQS.{action}");
    let requests = stub.requests().into_iter();
    requests
        .filter(|(asked, _)| *asked == action)
        .map(|(_, body)| body)
        .collect()
}

fn receipts(request: &Value) -> Vec<String> {
    entries(request)
        .iter()
        .map(|entry| entry["ReceiptHandle"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn a_message_goes_back_with_everything_that_it_had_and_is_deleted_then() {
    let mut of_another = message(1);
    of_another["Body"] = "Not used".into();
    of_another["MessageAttributes"] = json!({
        "BulkChangeId": {"DataType": "String", "StringValue": "41"},
        "RetryNumber": {"DataType": "Number.int", "StringValue": "2"},
        "Seal": {"DataType": "Binary", "BinaryValue": "AAEC"},
    });
    of_another["Attributes"] = json!({"SentTimestamp": "1", "AWSTraceHeader": "Root=1-fake"});
    let (stub, queues) = holding(vec![message(2), of_another.clone()], |_, _| None).await;
    let look = queues.look(100).await.unwrap();
    let outcome = queues.send_back(&look.letters).await;
    assert!(
        matches!(outcome[..], [SentBack::Moved, SentBack::Moved]),
        "{outcome:?}"
    );
    let sent = asked(&stub, "SendMessageBatch").remove(0);
    assert_eq!(sent["QueueUrl"], QUEUE);
    assert_eq!(
        entries(&sent),
        [
            json!({
                "Id": "0", "MessageBody": "Not used", "DelaySeconds": 0, "MessageAttributes": of_another["MessageAttributes"],
                "MessageSystemAttributes": {"AWSTraceHeader": {"DataType": "String", "StringValue": "Root=1-fake"}},
            }),
            json!({
                "Id": "1", "MessageBody": message(2)["Body"], "DelaySeconds": 0, "MessageGroupId": "3",
                "MessageAttributes": message(2)["MessageAttributes"],
            }),
        ]
    );
    let deleted = asked(&stub, "DeleteMessageBatch").remove(0);
    assert_eq!(deleted["QueueUrl"], DEAD_LETTERS);
    assert_eq!(receipts(&deleted), ["receipt-1", "receipt-2"]);
}

#[tokio::test]
async fn what_the_queue_did_not_take_is_not_deleted() {
    let (stub, queues) = holding((0..5).map(message).collect(), |action, body| {
        (action == "SendMessageBatch").then(|| {
            let ids: Vec<Value> = entries(body).iter().map(|it| it["Id"].clone()).collect();
            let taken = [0, 2, 4]
                .map(|n: usize| json!({"Id": ids[n], "MessageId": "m", "MD5OfMessageBody": "x"}));
            json!({
                "Successful": taken,
                // The fourth is not mentioned at all.
                "Failed": [{"Id": ids[1], "Code": "InternalError", "Message": "try later", "SenderFault": false}],
            })
        })
    })
    .await;
    let look = queues.look(100).await.unwrap();
    let outcome = queues.send_back(&look.letters).await;
    let moved: Vec<bool> = outcome
        .iter()
        .map(|it| matches!(it, SentBack::Moved))
        .collect();
    assert_eq!(moved, [true, false, true, false, true], "{outcome:?}");
    let SentBack::Kept(error) = &outcome[1] else {
        panic!("{outcome:?}");
    };
    assert!(error.told().contains("try later"), "{}", error.told());
    let deleted = asked(&stub, "DeleteMessageBatch");
    assert_eq!(deleted.len(), 1);
    assert_eq!(
        receipts(&deleted[0]),
        ["receipt-0", "receipt-2", "receipt-4"]
    );
}

#[tokio::test]
async fn a_queue_that_takes_nothing_loses_nothing() {
    let stub = Stub::start(|action, _| match action {
        "AmazonSQS.ReceiveMessage" => (StatusCode::OK, json!({"Messages": [message(0)]})),
        "AmazonSQS.GetQueueAttributes" => (StatusCode::OK, json!({"Attributes": {}})),
        "AmazonSQS.SendMessageBatch" => (
            StatusCode::BAD_REQUEST,
            json!({"__type": "com.amazonaws.sqs#AccessDenied", "message": "no"}),
        ),
        other => panic!("{other} is not asked for"),
    })
    .await;
    let queues = DeadLetters::new(client_at(&stub.url), QUEUE, DEAD_LETTERS);
    let look = queues.look(1).await.unwrap();
    let outcome = queues.send_back(&look.letters).await;
    let [SentBack::Kept(error)] = &outcome[..] else {
        panic!("{outcome:?}");
    };
    assert!(error.told().contains("AccessDenied"), "{}", error.told());
}

#[tokio::test]
async fn what_cannot_be_deleted_is_said_to_be_in_both_queues() {
    let (_stub, queues) = holding((0..3).map(message).collect(), |action, body| {
        (action == "DeleteMessageBatch").then(|| {
            let ids: Vec<Value> = entries(body).iter().map(|it| it["Id"].clone()).collect();
            json!({
                "Successful": [{"Id": ids[0]}, {"Id": ids[2]}],
                "Failed": [{"Id": ids[1], "Code": "ReceiptHandleIsInvalid", "SenderFault": true}],
            })
        })
    })
    .await;
    let look = queues.look(100).await.unwrap();
    let outcome = queues.send_back(&look.letters).await;
    assert!(
        matches!(
            outcome[..],
            [SentBack::Moved, SentBack::Doubled(_), SentBack::Moved]
        ),
        "{outcome:?}"
    );
}

#[tokio::test]
async fn whoever_is_stopped_leaves_ten_messages_at_most_in_both_queues() {
    let (stub, queues) = holding((0..25).map(message).collect(), |_, _| None).await;
    let look = queues.look(100).await.unwrap();
    assert_eq!(queues.send_back(&look.letters).await.len(), 25);
    let order: Vec<String> = stub
        .requests()
        .into_iter()
        .map(|(action, _)| action)
        .filter(|action| action.ends_with("MessageBatch"))
        .collect();
    let (send, delete) = ("AmazonSQS.SendMessageBatch", "AmazonSQS.DeleteMessageBatch");
    assert_eq!(order, [send, delete, send, delete, send, delete]);
}

#[tokio::test]
async fn a_look_shows_all_the_longest_waiting_first_and_hides_them_until_they_are_released() {
    let mut messages: Vec<Value> = (0..23).rev().map(message).collect();
    // Handed out twice, as SQS may.
    messages.push(message(5));
    let (stub, queues) = holding(messages, |_, _| None).await;
    let look = queues.look(100).await.unwrap();
    let ids: Vec<&str> = look.letters.iter().map(DeadLetter::id).collect();
    let expected: Vec<String> = (0..23).map(|n| format!("message-{n}")).collect();
    assert_eq!(ids, expected);
    assert_eq!(look.others, 1);
    let first = &look.letters[0];
    assert_eq!((first.receives(), first.sent_at().is_some()), (6, true));
    let Ok(Incoming::Chunk(chunk)) = first.names() else {
        panic!("{:?}", first.names());
    };
    assert_eq!((chunk.bulk_change.get(), chunk.chunk), (7, 0));
    for request in asked(&stub, "ReceiveMessage") {
        assert_eq!(request["QueueUrl"], DEAD_LETTERS);
        assert_eq!(request["VisibilityTimeout"], 300);
    }
    queues.release(&look.letters).await.unwrap();
    let released = asked(&stub, "ChangeMessageVisibilityBatch");
    assert_eq!(released.len(), 3);
    for request in &released {
        assert_eq!(request["QueueUrl"], DEAD_LETTERS);
        for entry in entries(request) {
            assert_eq!(entry["VisibilityTimeout"], 0);
        }
    }
    let count: usize = released.iter().map(|it| entries(it).len()).sum();
    assert_eq!(count, 23);
}

#[tokio::test]
async fn a_look_takes_no_more_than_it_may() {
    let (stub, queues) = holding((0..25).map(message).collect(), |_, _| None).await;
    let look = queues.look(12).await.unwrap();
    assert_eq!((look.letters.len(), look.others), (12, 13));
    let asked: Vec<Value> = asked(&stub, "ReceiveMessage")
        .into_iter()
        .map(|request| request["MaxNumberOfMessages"].clone())
        .collect();
    assert_eq!(asked, [10, 2]);
}

/// Queues of which the first one has this redrive policy.
async fn with_policy(policy: Option<&'static str>) -> Result<(), DeadLetterError> {
    let (_stub, queues) = holding(Vec::new(), move |action, body| {
        (action == "GetQueueAttributes").then(|| {
            if body["QueueUrl"] == DEAD_LETTERS {
                return json!({"Attributes": {"QueueArn": "arn:aws:sqs:us-east-1:000000000000:the-dead-letters"}});
            }
            let mut attributes = json!({"QueueArn": "arn:aws:sqs:us-east-1:000000000000:the-queue"});
            if let Some(policy) = policy {
                attributes["RedrivePolicy"] = policy.into();
            }
            json!({"Attributes": attributes})
        })
    })
    .await;
    queues.check().await
}

#[tokio::test]
async fn queues_that_do_not_belong_together_are_refused() {
    let right = r#"{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:the-dead-letters","maxReceiveCount":"5"}"#;
    with_policy(Some(right)).await.unwrap();
    let wrong = r#"{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:another","maxReceiveCount":5}"#;
    for (policy, words) in [
        (None, "go to no queue, not to"),
        (
            Some(wrong),
            "go to arn:aws:sqs:us-east-1:000000000000:another, not to",
        ),
    ] {
        let error = with_policy(policy).await.unwrap_err().to_string();
        assert!(
            error.contains(words)
                && error.contains("the-queue")
                && error.contains("the-dead-letters"),
            "{error}"
        );
    }
}

#[tokio::test]
async fn a_fifo_queue_is_refused_before_anything_is_asked() {
    for (queue, dead_letters) in [
        ("http://x/1/a.fifo", DEAD_LETTERS),
        (QUEUE, "http://x/1/b.fifo"),
    ] {
        let queues = DeadLetters::new(client_at("http://127.0.0.1:9"), queue, dead_letters);
        let error = queues.check().await.unwrap_err();
        assert!(matches!(error, DeadLetterError::Fifo(_)), "{error:?}");
    }
}

#[tokio::test]
async fn a_queue_that_is_away_is_no_empty_one() {
    let queues = DeadLetters::new(client_at("http://127.0.0.1:9"), QUEUE, DEAD_LETTERS);
    let error = queues.look(10).await.unwrap_err();
    assert!(
        matches!(&error, DeadLetterError::Queue { which, .. } if which == DEAD_LETTERS),
        "{error:?}"
    );
}

//! Batches as the event source mapping of the queue hands them over, and the call of the schedule.

use serde_json::{Map, Value, json};

use super::{OF_OTHER_PRODUCER, OF_OTHER_TYPE, SUBMITTED};

/// One record of a batch.
fn record(id: &str, body: &str, attributes: &[(&str, String)], group: Option<&str>) -> Value {
    let named: Map<String, Value> = attributes
        .iter()
        .map(|(name, value)| {
            let value = json!({"stringValue": value, "stringListValues": [], "binaryListValues": [], "dataType": "String"});
            ((*name).to_owned(), value)
        })
        .collect();
    let mut record = json!({
        "messageId": id,
        "receiptHandle": format!("fake-receipt-of-{id}"),
        "body": body,
        "attributes": {
            "ApproximateReceiveCount": "1",
            "SentTimestamp": "1772366400000",
            "SenderId": "AROAFAKE",
            "ApproximateFirstReceiveTimestamp": "1772366400001",
        },
        "messageAttributes": named,
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:device-bulk-change-queue",
        "awsRegion": "us-east-1",
    });
    if let Some(group) = group {
        record["attributes"]["MessageGroupId"] = group.into();
    }
    record
}

/// Of ours: a chunk of the submitted bulk change.
fn chunk(id: &str) -> Value {
    record(
        id,
        &format!(r#"{{"bulkChangeId":{SUBMITTED},"chunk":0,"tenantId":1}}"#),
        &[
            ("BulkChangeId", SUBMITTED.to_string()),
            ("Chunk", "0".to_owned()),
        ],
        Some("1"),
    )
}

/// Begins like one of ours and is none: no delivery makes it readable.
fn poison(id: &str) -> Value {
    record(id, r#"{"bulkChangeId":"one"}"#, &[], None)
}

/// As AMOP 2.0 and the old portal send it: everything is in the attributes.
fn of_other_producer(id: &str, bulk_change: i64) -> Value {
    let attributes = [
        ("AdditionBulkChangeId", "0".to_owned()),
        ("BulkChangeId", bulk_change.to_string()),
    ];
    record(id, "Not used", &attributes, None)
}

pub(super) fn events() -> Vec<(&'static str, Value)> {
    let batch = |records: Vec<Value>| json!({"Records": records});
    vec![
        ("sqs-good", batch(vec![chunk("a-chunk")])),
        ("sqs-mixed", batch(vec![chunk("a-chunk"), poison("poison")])),
        ("sqs-poison", batch(vec![poison("poison")])),
        (
            "sqs-other-producer",
            batch(vec![of_other_producer("of-amop", OF_OTHER_PRODUCER)]),
        ),
        (
            "sqs-other-type",
            batch(vec![of_other_producer("of-another-type", OF_OTHER_TYPE)]),
        ),
        ("scheduled-sweep", sweep()),
    ]
}

/// What EventBridge sends once a minute.
#[must_use]
pub(crate) fn sweep() -> Value {
    json!({
        "version": "0",
        "id": "00000000-0000-0000-0000-000000000001",
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": "000000000000",
        "time": "2026-03-01T12:00:00Z",
        "region": "us-east-1",
        "resources": ["arn:aws:events:us-east-1:000000000000:rule/sweep"],
        "detail": {},
    })
}

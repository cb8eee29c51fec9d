//! The event that Lambda hands to the consumer: each record names work or is poison, and never both.

use std::collections::HashMap;

use association::trace::LONGEST_TRACE;
use aws_lambda_events::sqs::SqsMessage;
use queue::{
    ChunkMessage, Incoming, Unreadable,
    message::{BULK_CHANGE_ID, CHUNK},
};
use serde_json::Value;

use crate::told::assert_fit;

/// Each record of any event is read to exactly what it says, or refused with a reason; the others around it do not count.
pub fn sqs_event(bytes: &[u8]) {
    let Ok(event) = serde_json::from_slice::<Value>(bytes) else {
        return;
    };
    for record in event
        .get("Records")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        // What the consumer does with a record that Lambda's own shape does not fit: poison, by its id.
        let Ok(message) = serde_json::from_value::<SqsMessage>(record.clone()) else {
            continue;
        };
        let attributes: HashMap<String, String> = message
            .message_attributes
            .iter()
            .filter_map(|(name, attribute)| Some((name.clone(), attribute.string_value.clone()?)))
            .collect();
        let body = message.body.as_deref();
        assert_eq!(
            body,
            record["body"].as_str(),
            "the body is another than the record's"
        );
        match Incoming::read(body, &attributes) {
            Ok(Incoming::Chunk(chunk)) => assert_chunk(record, &chunk, &attributes),
            Ok(Incoming::BulkChange(id)) => {
                assert!(id.get() > 0);
                assert!(
                    !is_ours(body),
                    "a body of ours was taken for another producer's"
                );
                assert_eq!(said(record, BULK_CHANGE_ID), Some(id.get()));
            }
            Err(unreadable) => assert_poison(record, body, &unreadable),
        }
        if let Some(trace) = Incoming::trace(&attributes) {
            assert!((1..=LONGEST_TRACE).contains(&trace.as_str().len()));
            assert!(
                trace.as_str().bytes().all(|byte| byte.is_ascii_graphic()),
                "{trace}"
            );
        }
    }
}

fn assert_chunk(record: &Value, chunk: &ChunkMessage, attributes: &HashMap<String, String>) {
    let back = ChunkMessage::from_payload(&chunk.body());
    assert_eq!(
        back.ok().as_ref(),
        Some(chunk),
        "a chunk message does not read back"
    );
    assert!(is_ours(record["body"].as_str()));
    let id = chunk.bulk_change.get();
    assert!(
        said(record, BULK_CHANGE_ID).is_none_or(|said| said == id),
        "the attribute names another bulk change than {id}"
    );
    assert!(
        said(record, CHUNK).is_none_or(|said| said == i64::from(chunk.chunk)),
        "the attribute names another chunk than {}",
        chunk.chunk
    );
    // The body alone says as much: attributes are for people.
    let bare = Incoming::read(record["body"].as_str(), &HashMap::new());
    assert_eq!(bare.ok(), Some(Incoming::Chunk(*chunk)), "{attributes:?}");
}

fn assert_poison(record: &Value, body: Option<&str>, unreadable: &Unreadable) {
    assert_fit(&unreadable.to_string(), 100);
    // What plainly names work is no poison.
    let plain = said(record, BULK_CHANGE_ID).is_some_and(|id| id > 0) && !is_ours(body);
    assert!(
        !plain,
        "a message of the other producer was refused: {unreadable}"
    );
}

fn is_ours(body: Option<&str>) -> bool {
    body.is_some_and(|body| body.trim_start().starts_with('{'))
}

/// The number that an attribute holds, read from the event's own JSON.
fn said(record: &Value, attribute: &str) -> Option<i64> {
    record["messageAttributes"][attribute]["stringValue"]
        .as_str()?
        .trim()
        .parse()
        .ok()
}

//! Bulk changes that are not ours to work on: their message goes on, as it came, to the function that serves them.

use association::ids::BulkChangeId;
use aws_lambda_events::sqs::SqsMessage;
use queue::Outgoing;

use crate::{consumer::Consumer, work_error::WorkError};

/// Sends a message about a bulk change of another type or portal on to the queue that `OTHER_CHANGES_QUEUE_URL` names.
///
/// Sent twice is harmless: what receives it has to live with repeated deliveries anyway. Without the setting the message
/// fails, so that it ends in the dead letter queue and nothing is dropped.
pub(crate) async fn forward(
    consumer: &Consumer,
    message: &SqsMessage,
    id: BulkChangeId,
) -> Result<(), WorkError> {
    let Some(queue) = &consumer.queues.other_changes else {
        return Err(WorkError::NotForUs(id));
    };
    for result in queue.send(&[copy_of(message)]).await {
        result?;
    }
    tracing::info!(bulk_change_id = id.get(), "message_forwarded");
    Ok(())
}

/// Body, String attributes and message group as they came.
///
/// Every attribute of the other producer is a String. A message that SQS delivered keeps to its limits, so its copy does.
fn copy_of(message: &SqsMessage) -> Outgoing {
    let mut attributes: Vec<(String, String)> = message
        .message_attributes
        .iter()
        .filter_map(|(name, attribute)| Some((name.clone(), attribute.string_value.clone()?)))
        .collect();
    attributes.sort();
    Outgoing {
        body: message.body.clone().unwrap_or_default(),
        attributes,
        group: message.attributes.get("MessageGroupId").cloned(),
        delay: std::time::Duration::ZERO,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_copy_says_what_the_message_said() {
        let message: SqsMessage = serde_json::from_value(json!({
            "messageId": "1", "receiptHandle": "r", "body": "Not used", "md5OfBody": "",
            "attributes": {"ApproximateReceiveCount": "2", "MessageGroupId": "17"},
            "messageAttributes": {
                "RetryNumber": {"stringValue": "0", "dataType": "String", "stringListValues": [], "binaryListValues": []},
                "BulkChangeId": {"stringValue": " 41 ", "dataType": "String", "stringListValues": [], "binaryListValues": []},
            },
        }))
        .unwrap();
        let expected = Outgoing {
            body: "Not used".to_owned(),
            attributes: vec![
                ("BulkChangeId".to_owned(), " 41 ".to_owned()),
                ("RetryNumber".to_owned(), "0".to_owned()),
            ],
            group: Some("17".to_owned()),
            delay: std::time::Duration::ZERO,
        };
        assert_eq!(copy_of(&message), expected);
    }
}

//! What AWS does between the queue and the consumer: the event source mapping and the schedule (template.yaml).
//! `cargo lambda watch` polls no queue.

use std::time::Duration;

use aws_sdk_sqs::{
    Client,
    config::{BehaviorVersion, Credentials, Region},
    types::{DeleteMessageBatchRequestEntry, Message, MessageSystemAttributeName},
};
use serde_json::{Map, Value, json};

use super::{functions::Functions, neighbours::Addresses};
use crate::event_samples::{Function, sweep};

/// Messages of one call; the template's.
const BATCH: i32 = 10;
/// How long one question waits for messages, in seconds.
const WAIT: i32 = 1;
/// Between two calls of the schedule.
const SCHEDULE: Duration = Duration::from_mins(1);
/// After a question or a call that failed.
const PAUSE: Duration = Duration::from_secs(1);

/// Carries messages and calls.
pub(super) struct Bridge {
    functions: Functions,
    sqs: Client,
    queue: String,
}

impl Bridge {
    pub(super) fn new(functions: Functions, addresses: &Addresses) -> Self {
        let settings = aws_sdk_sqs::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("us-east-1"))
            .endpoint_url(&addresses.aws)
            .credentials_provider(Credentials::new("test", "test", None, None, "stand-in"))
            .build();
        Self {
            functions,
            sqs: Client::from_conf(settings),
            queue: addresses.queue.clone(),
        }
    }

    /// Never ends by itself; what fails is told and tried again.
    pub(super) async fn carry(&self) {
        tokio::join!(self.messages(), self.schedule());
    }

    async fn messages(&self) {
        loop {
            if let Err(error) = self.batch().await {
                tracing::warn!("batch: {error:#}");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }

    async fn schedule(&self) {
        loop {
            tokio::time::sleep(SCHEDULE).await;
            if let Err(error) = self.functions.call(Function::Consumer, &sweep()).await {
                tracing::warn!("scheduled call: {error:#}");
            }
        }
    }

    /// Takes a batch, hands it over, and deletes what did not fail. Without an answer everything comes back after the
    /// queue's visibility time-out.
    async fn batch(&self) -> anyhow::Result<()> {
        let received = self
            .sqs
            .receive_message()
            .queue_url(&self.queue)
            .max_number_of_messages(BATCH)
            .wait_time_seconds(WAIT)
            .message_system_attribute_names(MessageSystemAttributeName::All)
            .message_attribute_names("All")
            .send()
            .await
            .map_err(aws_sdk_sqs::Error::from)?;
        let messages = received.messages();
        if messages.is_empty() {
            return Ok(());
        }
        let event = json!({"Records": messages.iter().map(record).collect::<Vec<_>>()});
        let answer = self.functions.call(Function::Consumer, &event).await?;
        let done = done(messages, &answer)?;
        if done.is_empty() {
            return Ok(());
        }
        self.sqs
            .delete_message_batch()
            .queue_url(&self.queue)
            .set_entries(Some(done))
            .send()
            .await
            .map_err(aws_sdk_sqs::Error::from)?;
        Ok(())
    }
}

/// A message as the event source mapping writes it.
fn record(message: &Message) -> Value {
    let attributes: Map<String, Value> = message
        .attributes()
        .into_iter()
        .flatten()
        .map(|(name, value)| (name.as_str().to_owned(), value.as_str().into()))
        .collect();
    let named: Map<String, Value> = message
        .message_attributes()
        .into_iter()
        .flatten()
        .map(|(name, value)| {
            let value = json!({
                "stringValue": value.string_value(),
                "stringListValues": [],
                "binaryListValues": [],
                "dataType": value.data_type(),
            });
            (name.clone(), value)
        })
        .collect();
    json!({
        "messageId": message.message_id(),
        "receiptHandle": message.receipt_handle(),
        "body": message.body(),
        "md5OfBody": message.md5_of_body(),
        "attributes": attributes,
        "messageAttributes": named,
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:device-bulk-change-queue",
        "awsRegion": "us-east-1",
    })
}

/// The messages to delete: all but those that the answer names as failed. An answer of another form fails the whole batch, as it
/// does in AWS, and so does one that names a message which was not in it.
fn done(
    messages: &[Message],
    answer: &Value,
) -> anyhow::Result<Vec<DeleteMessageBatchRequestEntry>> {
    let unreadable = || anyhow::anyhow!("the function answers no batchItemFailures: {answer}");
    let failed: Vec<&str> = answer["batchItemFailures"]
        .as_array()
        .ok_or_else(unreadable)?
        .iter()
        .map(|failure| failure["itemIdentifier"].as_str())
        .collect::<Option<_>>()
        .ok_or_else(unreadable)?;
    let known = |id: &&str| {
        messages
            .iter()
            .any(|message| message.message_id() == Some(*id))
    };
    anyhow::ensure!(failed.iter().all(known), unreadable());
    messages
        .iter()
        .enumerate()
        .filter(|(_, message)| message.message_id().is_none_or(|id| !failed.contains(&id)))
        .map(|(place, message)| {
            DeleteMessageBatchRequestEntry::builder()
                .id(place.to_string())
                .set_receipt_handle(message.receipt_handle().map(str::to_owned))
                .build()
                .map_err(Into::into)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(id: &str) -> Message {
        Message::builder()
            .message_id(id)
            .receipt_handle(format!("receipt-{id}"))
            .build()
    }

    #[test]
    fn what_the_answer_names_as_failed_stays_and_the_rest_is_deleted() {
        let messages = [message("a"), message("b"), message("c")];
        let answer = json!({"batchItemFailures": [{"itemIdentifier": "b"}]});
        let deleted: Vec<String> = done(&messages, &answer)
            .unwrap()
            .iter()
            .map(|entry| entry.receipt_handle().to_owned())
            .collect();
        assert_eq!(deleted, ["receipt-a", "receipt-c"]);
    }

    #[test]
    fn an_answer_of_another_form_deletes_nothing() {
        for answer in [
            json!({}),
            json!(null),
            json!({"batchItemFailures": [{}]}),
            json!({"batchItemFailures": [{"itemIdentifier": "of-another-batch"}]}),
        ] {
            assert!(done(&[message("a")], &answer).is_err(), "{answer}");
        }
    }
}

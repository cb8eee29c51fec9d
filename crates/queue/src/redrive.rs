//! Sends given up messages back to device-bulk-change-queue.
//!
//! Each is sent, and then deleted where it was. Whoever is stopped in between leaves a message in both queues, which is harmless:
//! a message is an offer, and the work that it names is done once (docs/decisions/0205).

use aws_sdk_sqs::{
    error::BuildError,
    types::{
        DeleteMessageBatchRequestEntry, DeleteMessageBatchResultEntry, MessageAttributeValue,
        MessageSystemAttributeName, MessageSystemAttributeNameForSends,
        MessageSystemAttributeValue, SendMessageBatchRequestEntry, SendMessageBatchResultEntry,
    },
};

use crate::{
    batches::batches,
    dead_letters::{DeadLetter, DeadLetters},
    sending::QueueError,
    sqs::{failure, results},
};

/// What became of one message.
#[derive(Debug)]
pub enum SentBack {
    /// It is in device-bulk-change-queue, and in the dead letter queue no more.
    Moved,
    /// It is in both: it was sent, and could not be deleted.
    Doubled(QueueError),
    /// It is in the dead letter queue as before.
    Kept(QueueError),
}

impl DeadLetters {
    /// Sends messages back as they were: body, attributes of every type, message group and trace header. The answers stand in
    /// the order of the messages. A failure of one is no failure of another.
    pub async fn send_back(&self, letters: &[DeadLetter]) -> Vec<SentBack> {
        let sizes: Vec<usize> = letters.iter().map(size).collect();
        let mut outcome = Vec::with_capacity(letters.len());
        // What was received fits into a request, so the batches leave nothing out. One after the other: whoever is stopped
        // leaves ten messages at most in both queues.
        for batch in batches(&sizes) {
            let letters = &letters[batch];
            let sent = self.send(letters).await;
            let mut deleted = self.delete(letters, &sent).await.into_iter();
            outcome.extend(sent.into_iter().map(|sent| match sent {
                Err(error) => SentBack::Kept(error),
                Ok(()) => match deleted.next() {
                    Some(Ok(())) => SentBack::Moved,
                    Some(Err(error)) => SentBack::Doubled(error),
                    None => SentBack::Doubled(QueueError::Unanswered),
                },
            }));
        }
        outcome
    }

    async fn send(&self, letters: &[DeadLetter]) -> Vec<Result<(), QueueError>> {
        let entries: Result<Vec<_>, _> = letters
            .iter()
            .enumerate()
            .map(|(index, letter)| as_it_was(index, letter))
            .collect();
        let entries = match entries {
            Ok(entries) => entries,
            Err(error) => return all(letters.len(), || not_built(&error)),
        };
        let request = self.client.send_message_batch().queue_url(&self.queue);
        match request.set_entries(Some(entries)).send().await {
            Ok(answer) => results(
                letters.len(),
                answer
                    .successful()
                    .iter()
                    .map(SendMessageBatchResultEntry::id),
                answer.failed(),
            ),
            Err(error) => all(letters.len(), || failure(&error)),
        }
    }

    /// Deletes those that were sent; the answers are theirs alone.
    async fn delete(
        &self,
        letters: &[DeadLetter],
        sent: &[Result<(), QueueError>],
    ) -> Vec<Result<(), QueueError>> {
        let entries: Result<Vec<_>, _> = letters
            .iter()
            .zip(sent)
            .filter(|(_, sent)| sent.is_ok())
            .enumerate()
            .map(|(index, (letter, _))| {
                DeleteMessageBatchRequestEntry::builder()
                    .id(index.to_string())
                    .receipt_handle(letter.message.receipt_handle().unwrap_or_default())
                    .build()
            })
            .collect();
        let entries = match entries {
            Ok(entries) if entries.is_empty() => return Vec::new(),
            Ok(entries) => entries,
            Err(error) => return all(letters.len(), || not_built(&error)),
        };
        let count = entries.len();
        let request = self.client.delete_message_batch();
        let request = request.queue_url(&self.given_up);
        match request.set_entries(Some(entries)).send().await {
            Ok(answer) => results(
                count,
                answer
                    .successful()
                    .iter()
                    .map(DeleteMessageBatchResultEntry::id),
                answer.failed(),
            ),
            Err(error) => all(count, || failure(&error)),
        }
    }
}

fn all(count: usize, error: impl Fn() -> QueueError) -> Vec<Result<(), QueueError>> {
    (0..count).map(|_| Err(error())).collect()
}

fn not_built(error: &BuildError) -> QueueError {
    QueueError::request("not-built", error.to_string())
}

/// The message as it was sent the first time.
fn as_it_was(
    index: usize,
    letter: &DeadLetter,
) -> Result<SendMessageBatchRequestEntry, BuildError> {
    let entry = SendMessageBatchRequestEntry::builder()
        .id(index.to_string())
        .message_body(letter.message.body().unwrap_or_default())
        .set_message_attributes(letter.message.message_attributes().cloned())
        .set_message_group_id(
            letter
                .of_the_queue(&MessageSystemAttributeName::MessageGroupId)
                .map(str::to_owned),
        )
        .delay_seconds(0);
    let trace = letter.of_the_queue(&MessageSystemAttributeName::AwsTraceHeader);
    let Some(trace) = trace else {
        return entry.build();
    };
    let trace = MessageSystemAttributeValue::builder()
        .data_type("String")
        .string_value(trace)
        .build()?;
    entry
        .message_system_attributes(MessageSystemAttributeNameForSends::AwsTraceHeader, trace)
        .build()
}

/// What SQS counts towards its limit, in bytes.
fn size(letter: &DeadLetter) -> usize {
    let value = |value: &MessageAttributeValue| {
        value.data_type().len()
            + value.string_value().map_or(0, str::len)
            + value
                .binary_value()
                .map_or(0, |binary| binary.as_ref().len())
    };
    let attributes = letter.message.message_attributes().into_iter().flatten();
    let attributes: usize = attributes
        .map(|(name, named)| name.len() + value(named))
        .sum();
    letter.body_size() + attributes
}

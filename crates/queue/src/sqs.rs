//! The real queue.

use std::{collections::HashMap, ops::Range, time::Duration};

use aws_config::{BehaviorVersion, retry::RetryConfig, timeout::TimeoutConfig};
use aws_sdk_sqs::{
    Client,
    error::{ProvideErrorMetadata, SdkError},
    types::{
        BatchResultErrorEntry, MessageAttributeValue, SendMessageBatchRequestEntry,
        SendMessageBatchResultEntry,
    },
};
use futures::{FutureExt, StreamExt, future::BoxFuture, stream};

use crate::{
    batches::{MOST_BYTES, batches},
    sending::{LONGEST_HIDING, Outgoing, Queue, QueueError, whole_seconds},
};

/// How many requests of one send are under way at once.
const SIDE_BY_SIDE: usize = 4;
/// One attempt of one request.
const ATTEMPT: Duration = Duration::from_secs(3);
/// All attempts of one request together: what waits behind an outage stays in the outbox anyway.
const OPERATION: Duration = Duration::from_secs(6);
const CONNECT: Duration = Duration::from_secs(2);
const ATTEMPTS: u32 = 2;

/// A queue at SQS. Cheap to clone.
#[derive(Debug, Clone)]
pub struct SqsQueue {
    client: Client,
    url: String,
}

impl SqsQueue {
    /// Speaks through a client that is set up already.
    #[must_use]
    pub fn new(client: Client, url: impl Into<String>) -> Self {
        Self {
            client,
            url: url.into(),
        }
    }

    /// Takes region and credentials from the environment, as AWS SDKs do, with time-outs that leave a caller time to answer.
    /// Nothing is sent yet.
    pub async fn from_environment(url: impl Into<String>) -> Self {
        Self::new(client().await, url)
    }

    /// Another queue, through the same client.
    #[must_use]
    pub fn beside(&self, url: impl Into<String>) -> Self {
        Self::new(self.client.clone(), url)
    }

    async fn send_batch(
        &self,
        batch: Range<usize>,
        messages: &[Outgoing],
    ) -> (Range<usize>, Vec<Result<(), QueueError>>) {
        let messages = &messages[batch.clone()];
        let entries = messages
            .iter()
            .enumerate()
            .map(|(index, message)| entry(index, message))
            .collect::<Result<Vec<_>, _>>();
        let answer = match entries {
            Ok(entries) => {
                let request = self.client.send_message_batch().queue_url(&self.url);
                request.set_entries(Some(entries)).send().await
            }
            Err(error) => Err(SdkError::construction_failure(error)),
        };
        let results = match answer {
            Ok(output) => results(
                messages.len(),
                output
                    .successful()
                    .iter()
                    .map(SendMessageBatchResultEntry::id),
                output.failed(),
            ),
            // An error belongs to the whole request, and each message gets one of its own.
            Err(error) => messages.iter().map(|_| Err(failure(&error))).collect(),
        };
        (batch, results)
    }
}

/// A client with region and credentials from the environment.
pub(crate) async fn client() -> Client {
    let config = aws_config::defaults(BehaviorVersion::latest())
        .timeout_config(
            TimeoutConfig::builder()
                .connect_timeout(CONNECT)
                .operation_attempt_timeout(ATTEMPT)
                .operation_timeout(OPERATION)
                .build(),
        )
        .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS))
        .load()
        .await;
    Client::new(&config)
}

/// What became of each of `count` messages by the two lists of a batch's answer, which name places in the batch.
pub(crate) fn results<'a>(
    count: usize,
    successful: impl Iterator<Item = &'a str>,
    failed: &[BatchResultErrorEntry],
) -> Vec<Result<(), QueueError>> {
    let mut results: Vec<_> = (0..count).map(|_| Err(QueueError::Unanswered)).collect();
    for id in successful {
        if let Some(result) = result_of(&mut results, id) {
            *result = Ok(());
        }
    }
    for entry in failed {
        if let Some(result) = result_of(&mut results, entry.id()) {
            *result = Err(QueueError::Refused {
                code: entry.code().to_owned(),
                detail: entry.message().unwrap_or_default().to_owned(),
                sender_fault: entry.sender_fault(),
            });
        }
    }
    results
}

fn result_of<'a, T>(results: &'a mut [T], id: &str) -> Option<&'a mut T> {
    id.parse::<usize>()
        .ok()
        .and_then(|index| results.get_mut(index))
}

/// The ids of a request's entries are their places in the batch.
fn entry(
    index: usize,
    message: &Outgoing,
) -> Result<SendMessageBatchRequestEntry, aws_sdk_sqs::error::BuildError> {
    let attributes = message
        .attributes
        .iter()
        .map(|(name, value)| {
            let value = MessageAttributeValue::builder()
                .data_type("String")
                .string_value(value)
                .build()?;
            Ok((name.clone(), value))
        })
        .collect::<Result<HashMap<_, _>, aws_sdk_sqs::error::BuildError>>()?;
    let seconds = i32::try_from(message.delay.as_secs()).unwrap_or(i32::MAX);
    SendMessageBatchRequestEntry::builder()
        .id(index.to_string())
        .message_body(&message.body)
        .set_message_attributes(Some(attributes))
        .set_message_group_id(message.group.clone())
        // Without a delay of its own a message would take the queue's.
        .delay_seconds(seconds)
        .build()
}

/// A request that failed as a whole.
pub(crate) fn failure<E, R>(error: &SdkError<E, R>) -> QueueError
where
    SdkError<E, R>: std::error::Error + 'static,
    E: ProvideErrorMetadata,
{
    QueueError::request(&code_of(error), told(error))
}

fn code_of<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> String {
    let kind = match error {
        SdkError::ConstructionFailure(_) => "not-built",
        SdkError::TimeoutError(_) => "timed-out",
        SdkError::DispatchFailure(_) => "unreachable",
        SdkError::ResponseError(_) => "unreadable-answer",
        _ => "error",
    };
    error.code().unwrap_or(kind).to_owned()
}

fn told(error: &(dyn std::error::Error + 'static)) -> String {
    let mut told = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        told.push_str(": ");
        told.push_str(&error.to_string());
        cause = error.source();
    }
    told
}

impl Queue for SqsQueue {
    fn send<'a>(&'a self, messages: &'a [Outgoing]) -> BoxFuture<'a, Vec<Result<(), QueueError>>> {
        async move {
            fail::fail_point!("queue.send.before", |_| crate::faults::none_sent(messages));
            let sizes: Vec<usize> = messages.iter().map(Outgoing::size).collect();
            let mut results: Vec<Result<(), QueueError>> = sizes
                .iter()
                .map(|&bytes| {
                    Err(QueueError::TooLarge {
                        bytes,
                        limit: MOST_BYTES,
                    })
                })
                .collect();
            let mut answers = stream::iter(batches(&sizes))
                .map(|batch| self.send_batch(batch, messages))
                .buffer_unordered(SIDE_BY_SIDE);
            while let Some((batch, answered)) = answers.next().await {
                for (index, result) in batch.zip(answered) {
                    results[index] = result;
                }
            }
            fail::fail_point!("queue.send.after", |_| crate::faults::none_sent(messages));
            results
        }
        .boxed()
    }

    fn change_visibility<'a>(
        &'a self,
        receipt: &'a str,
        hidden: Duration,
    ) -> BoxFuture<'a, Result<(), QueueError>> {
        async move {
            fail::fail_point!("queue.hide.before", |_| Err(crate::faults::not_hidden()));
            let seconds = whole_seconds(hidden, LONGEST_HIDING);
            let answer = self
                .client
                .change_message_visibility()
                .queue_url(&self.url)
                .receipt_handle(receipt)
                .visibility_timeout(i32::try_from(seconds).unwrap_or(i32::MAX))
                .send()
                .await;
            fail::fail_point!("queue.hide.after", |_| Err(crate::faults::not_hidden()));
            answer.map(|_| ()).map_err(|error| failure(&error))
        }
        .boxed()
    }
}

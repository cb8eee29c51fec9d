//! The messages that the consumer gave up: looked at, and sent back.
//!
//! SQS cannot show a message without receiving it. A look hides what it found from everybody else for [`HIDDEN`], and
//! [`DeadLetters::release`] ends that; whoever is stopped in between releases nothing, and the messages show again by themselves.

use std::{
    collections::HashMap,
    time::{Duration, Instant, SystemTime},
};

use aws_sdk_sqs::{
    Client,
    types::{
        ChangeMessageVisibilityBatchRequestEntry, ChangeMessageVisibilityBatchResultEntry, Message,
        MessageSystemAttributeName, QueueAttributeName,
    },
};

use crate::{
    batches::MOST_MESSAGES,
    message::{Incoming, Unreadable},
    sending::QueueError,
    sqs::{client, failure, results},
};

/// For how long a look hides what it found.
pub const HIDDEN: Duration = Duration::from_mins(5);
/// A look ends after so long with what it has: what it found first must stay hidden until it is sent back or released.
const LOOKED_FOR: Duration = Duration::from_mins(2);
/// How long SQS looks for messages on all its servers before it says that there is none.
const LOOKED_FOR_SECONDS: i32 = 1;

/// Why the two queues cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DeadLetterError {
    /// One of them is a FIFO queue, which hands messages of a group out in order: one sent back would stand in the wrong place.
    #[error(
        "{0} is a FIFO queue: device-bulk-change-queue and its dead letter queue are standard queues"
    )]
    Fifo(String),
    /// What the queue gives up goes elsewhere, or nowhere.
    #[error("messages that {queue} gives up go to {}, not to {dead_letters}", to.as_deref().unwrap_or("no queue"))]
    NotItsDeadLetters {
        /// ARN of the queue.
        queue: String,
        /// ARN of its dead letter queue by its redrive policy.
        to: Option<String>,
        /// ARN of the queue that was named as such.
        dead_letters: String,
    },
    /// SQS did not do what it was asked.
    #[error("{which} does not answer as it should")]
    Queue {
        /// The queue's address.
        which: String,
        /// What it said.
        #[source]
        source: QueueError,
    },
    /// The answer lacks what every queue has.
    #[error("{0} answers without its {1}")]
    Incomplete(String, &'static str),
}

/// device-bulk-change-queue and its dead letter queue. Cheap to clone.
#[derive(Debug, Clone)]
pub struct DeadLetters {
    pub(crate) client: Client,
    pub(crate) queue: String,
    pub(crate) given_up: String,
}

/// What a look found.
#[derive(Debug)]
pub struct Look {
    /// The messages, the longest waiting first. Others cannot receive them for [`HIDDEN`].
    pub letters: Vec<DeadLetter>,
    /// About how many more are there: over the limit of the look, or hidden by somebody else's.
    pub others: usize,
}

/// A message that was given up.
#[derive(Debug, Clone)]
pub struct DeadLetter {
    pub(crate) message: Message,
}

impl DeadLetter {
    /// Its id, which it has had since it was sent.
    #[must_use]
    pub fn id(&self) -> &str {
        self.message.message_id().unwrap_or_default()
    }

    /// When it was sent to device-bulk-change-queue.
    #[must_use]
    pub fn sent_at(&self) -> Option<SystemTime> {
        let millis = self.number(&MessageSystemAttributeName::SentTimestamp)?;
        SystemTime::UNIX_EPOCH.checked_add(Duration::from_millis(millis))
    }

    /// How often it was received, by looks at it too.
    #[must_use]
    pub fn receives(&self) -> u64 {
        self.number(&MessageSystemAttributeName::ApproximateReceiveCount)
            .unwrap_or_default()
    }

    /// What it names, read as the consumer reads it.
    pub fn names(&self) -> Result<Incoming, Unreadable> {
        let attributes: HashMap<String, String> = self
            .message
            .message_attributes()
            .into_iter()
            .flatten()
            .filter_map(|(name, value)| Some((name.clone(), value.string_value()?.to_owned())))
            .collect();
        Incoming::read(self.message.body(), &attributes)
    }

    /// Bytes of its body.
    #[must_use]
    pub fn body_size(&self) -> usize {
        self.message.body().map_or(0, str::len)
    }

    pub(crate) fn of_the_queue(&self, name: &MessageSystemAttributeName) -> Option<&str> {
        self.message.attributes()?.get(name).map(String::as_str)
    }

    fn number(&self, name: &MessageSystemAttributeName) -> Option<u64> {
        self.of_the_queue(name)?.parse().ok()
    }
}

impl DeadLetters {
    /// Takes region and credentials from the environment, as AWS SDKs do. Nothing is sent yet.
    pub async fn from_environment(
        queue: impl Into<String>,
        dead_letters: impl Into<String>,
    ) -> Self {
        Self::new(client().await, queue, dead_letters)
    }

    /// Speaks through a client that is set up already.
    #[must_use]
    pub fn new(client: Client, queue: impl Into<String>, dead_letters: impl Into<String>) -> Self {
        Self {
            client,
            queue: queue.into(),
            given_up: dead_letters.into(),
        }
    }

    /// Whether these are two standard queues, the second one the dead letter queue of the first.
    pub async fn check(&self) -> Result<(), DeadLetterError> {
        for url in [&self.queue, &self.given_up] {
            if is_fifo(url) {
                return Err(DeadLetterError::Fifo(url.clone()));
            }
        }
        let (arn, policy) = (
            QueueAttributeName::QueueArn,
            QueueAttributeName::RedrivePolicy,
        );
        let mut of_queue = self
            .attributes(&self.queue, &[arn.clone(), policy.clone()])
            .await?;
        let mut of_dead_letters = self
            .attributes(&self.given_up, std::slice::from_ref(&arn))
            .await?;
        let missing = |url: &String| DeadLetterError::Incomplete(url.clone(), "ARN");
        let queue = of_queue.remove(&arn).ok_or_else(|| missing(&self.queue))?;
        let dead_letters = of_dead_letters
            .remove(&arn)
            .ok_or_else(|| missing(&self.given_up))?;
        let to = of_queue.get(&policy).and_then(|policy| target(policy));
        if to.as_ref() == Some(&dead_letters) {
            return Ok(());
        }
        Err(DeadLetterError::NotItsDeadLetters {
            queue,
            to,
            dead_letters,
        })
    }

    /// Receives what can be received in two minutes, at most so many, and hides it for [`HIDDEN`].
    pub async fn look(&self, most: usize) -> Result<Look, DeadLetterError> {
        let mut found: HashMap<String, DeadLetter> = HashMap::new();
        let end = Instant::now() + LOOKED_FOR;
        while found.len() < most && Instant::now() < end {
            let wanted = (most - found.len()).min(MOST_MESSAGES);
            let answer = self
                .client
                .receive_message()
                .queue_url(&self.given_up)
                .max_number_of_messages(i32::try_from(wanted).unwrap_or(1))
                .visibility_timeout(i32::try_from(HIDDEN.as_secs()).unwrap_or(i32::MAX))
                .wait_time_seconds(LOOKED_FOR_SECONDS)
                .message_system_attribute_names(MessageSystemAttributeName::All)
                .message_attribute_names("All")
                .send()
                .await
                .map_err(|error| refused(&self.given_up, failure(&error)))?;
            if answer.messages().is_empty() {
                break;
            }
            for message in answer.messages.unwrap_or_default() {
                let letter = DeadLetter { message };
                // SQS may hand a message out twice; the later receipt is the one that counts.
                found.insert(letter.id().to_owned(), letter);
            }
        }
        let mut letters: Vec<DeadLetter> = found.into_values().collect();
        letters.sort_by(|a, b| (a.sent_at(), a.id()).cmp(&(b.sent_at(), b.id())));
        let there = self.count().await?;
        Ok(Look {
            others: there.saturating_sub(letters.len()),
            letters,
        })
    }

    /// Lets others receive these again at once. What is not released shows by itself after [`HIDDEN`].
    pub async fn release(&self, letters: &[DeadLetter]) -> Result<(), DeadLetterError> {
        for batch in letters.chunks(MOST_MESSAGES) {
            let entries = batch
                .iter()
                .enumerate()
                .map(|(index, letter)| {
                    ChangeMessageVisibilityBatchRequestEntry::builder()
                        .id(index.to_string())
                        .receipt_handle(letter.message.receipt_handle().unwrap_or_default())
                        .visibility_timeout(0)
                        .build()
                })
                .collect::<Result<Vec<_>, _>>()
                .map_err(|error| {
                    refused(&self.given_up, QueueError::request("not-built", error))
                })?;
            let request = self.client.change_message_visibility_batch();
            let answer = request
                .queue_url(&self.given_up)
                .set_entries(Some(entries))
                .send()
                .await
                .map_err(|error| refused(&self.given_up, failure(&error)))?;
            let successful = answer.successful().iter();
            let successful = successful.map(ChangeMessageVisibilityBatchResultEntry::id);
            for result in results(batch.len(), successful, answer.failed()) {
                result.map_err(|error| refused(&self.given_up, error))?;
            }
        }
        Ok(())
    }

    /// About how many messages are in the dead letter queue, hidden ones too.
    async fn count(&self) -> Result<usize, DeadLetterError> {
        let names = [
            QueueAttributeName::ApproximateNumberOfMessages,
            QueueAttributeName::ApproximateNumberOfMessagesNotVisible,
        ];
        let counts = self.attributes(&self.given_up, &names).await?;
        Ok(counts
            .values()
            .filter_map(|count| count.parse::<usize>().ok())
            .sum())
    }

    async fn attributes(
        &self,
        url: &str,
        names: &[QueueAttributeName],
    ) -> Result<HashMap<QueueAttributeName, String>, DeadLetterError> {
        self.client
            .get_queue_attributes()
            .queue_url(url)
            .set_attribute_names(Some(names.to_vec()))
            .send()
            .await
            .map(|answer| answer.attributes.unwrap_or_default())
            .map_err(|error| refused(url, failure(&error)))
    }
}

fn refused(which: &str, source: QueueError) -> DeadLetterError {
    DeadLetterError::Queue {
        which: which.to_owned(),
        source,
    }
}

/// The name of a FIFO queue ends so, and that of no other.
fn is_fifo(url: &str) -> bool {
    let (_, suffix) = url.rsplit_once('.').unwrap_or_default();
    suffix.trim_end_matches('/') == "fifo"
}

/// `deadLetterTargetArn` of a redrive policy.
fn target(policy: &str) -> Option<String> {
    let policy: serde_json::Value = serde_json::from_str(policy).ok()?;
    Some(policy.get("deadLetterTargetArn")?.as_str()?.to_owned())
}

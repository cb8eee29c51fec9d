//! What goes onto a queue, the trait that takes it, and what can go wrong.

use std::{error::Error, time::Duration};

use association::{ids::BulkChangeId, trace::TraceId};
use futures::future::BoxFuture;

use crate::message::{
    ADDITION_BULK_CHANGE_ID, BULK_CHANGE_ID, CHUNK, ChunkMessage, NOT_USED, TRACE_ID,
};

/// The longest that SQS holds a message back.
pub const LONGEST_DELAY: Duration = Duration::from_mins(15);
/// The longest that SQS hides a message from other receivers.
pub const LONGEST_HIDING: Duration = Duration::from_hours(12);

/// A message on its way out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// Its text.
    pub body: String,
    /// Names and values of its attributes, all of type String.
    pub attributes: Vec<(String, String)>,
    /// `MessageGroupId`: the tenant. On a standard queue it shares deliveries out between groups.
    pub group: Option<String>,
    /// How long the queue holds it back; whole seconds, at most [`LONGEST_DELAY`].
    pub delay: Duration,
}

impl Outgoing {
    /// Offers a chunk at once.
    #[must_use]
    pub fn chunk(message: &ChunkMessage) -> Self {
        Self {
            body: message.body(),
            attributes: vec![
                (BULK_CHANGE_ID.to_owned(), message.bulk_change.to_string()),
                (CHUNK.to_owned(), message.chunk.to_string()),
            ],
            group: Some(message.tenant.to_string()),
            delay: Duration::ZERO,
        }
    }

    /// Names a whole bulk change, as the other producer does: for a queue that serves other change types.
    #[must_use]
    pub fn bulk_change(id: BulkChangeId) -> Self {
        Self {
            body: NOT_USED.to_owned(),
            attributes: vec![
                (BULK_CHANGE_ID.to_owned(), id.to_string()),
                (ADDITION_BULK_CHANGE_ID.to_owned(), "0".to_owned()),
            ],
            group: None,
            delay: Duration::ZERO,
        }
    }

    /// The same, held back for `delay`: rounded up to whole seconds, cut to [`LONGEST_DELAY`].
    #[must_use]
    pub fn after(self, delay: Duration) -> Self {
        Self {
            delay: Duration::from_secs(whole_seconds(delay, LONGEST_DELAY)),
            ..self
        }
    }

    /// The same, with the id of the request that caused it.
    #[must_use]
    pub fn traced(mut self, trace: Option<&TraceId>) -> Self {
        if let Some(trace) = trace {
            self.attributes
                .push((TRACE_ID.to_owned(), trace.to_string()));
        }
        self
    }

    /// What SQS counts towards its limit: body, and name, type and value of each attribute, in bytes.
    #[must_use]
    pub fn size(&self) -> usize {
        let attributes: usize = self
            .attributes
            .iter()
            .map(|(name, value)| name.len() + "String".len() + value.len())
            .sum();
        self.body.len() + attributes
    }
}

/// Whole seconds of a duration, rounded up and limited.
pub(crate) fn whole_seconds(duration: Duration, longest: Duration) -> u64 {
    let up = duration.as_secs() + u64::from(duration.subsec_nanos() > 0);
    up.min(longest.as_secs())
}

/// What the queue did not do.
#[derive(Debug, thiserror::Error)]
pub enum QueueError {
    /// The queue gave no answer, or the request as a whole failed. The message may be on the queue all the same.
    #[error("the queue did not take the request ({code})")]
    Request {
        /// The service's error code, or what kind of failure it was.
        code: String,
        /// What the client library says.
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },
    /// The queue refused this one message; others of the same batch may have gone through.
    #[error("the queue refused the message ({code}): {detail}")]
    Refused {
        /// The service's error code.
        code: String,
        /// The service's words.
        detail: String,
        /// Whether the message itself is at fault, so that sending it again changes nothing.
        sender_fault: bool,
    },
    /// The answer to a batch did not mention this message.
    #[error("the queue's answer does not mention the message")]
    Unanswered,
    /// Larger than a message may be.
    #[error("the message has {bytes} bytes; the queue takes at most {limit}")]
    TooLarge {
        /// Its size as SQS counts it.
        bytes: usize,
        /// What SQS takes.
        limit: usize,
    },
}

impl QueueError {
    /// Whether sending the same message again can succeed. Sending again is always harmless: a message is an offer.
    #[must_use]
    pub fn worth_repeating(&self) -> bool {
        match self {
            Self::Request { .. } | Self::Unanswered => true,
            Self::Refused { sender_fault, .. } => !sender_fault,
            Self::TooLarge { .. } => false,
        }
    }

    /// The error with its causes in one line, for a log line or an outbox row.
    #[must_use]
    pub fn told(&self) -> String {
        let mut told = self.to_string();
        let mut cause = self.source();
        while let Some(error) = cause {
            told.push_str(": ");
            told.push_str(&error.to_string());
            cause = error.source();
        }
        told
    }

    /// A request that failed as a whole.
    pub fn request(code: &str, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Request {
            code: code.to_owned(),
            source: source.into(),
        }
    }
}

/// The few things that intake and consumer do with a queue.
///
/// Receiving and deleting is the event source mapping's work, so neither is here.
pub trait Queue: Send + Sync {
    /// Sends messages; the results stand in the order of the messages. A failure of one is no failure of another.
    fn send<'a>(&'a self, messages: &'a [Outgoing]) -> BoxFuture<'a, Vec<Result<(), QueueError>>>;

    /// Hides a delivered message for `hidden` from now (rounded up to whole seconds, at most [`LONGEST_HIDING`]),
    /// so that a failed one does not come back at once.
    fn change_visibility<'a>(
        &'a self,
        receipt: &'a str,
        hidden: Duration,
    ) -> BoxFuture<'a, Result<(), QueueError>>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delay_is_rounded_up_and_kept_within_what_the_queue_takes() {
        let message = Outgoing::bulk_change(BulkChangeId::new(1).unwrap());
        for (asked, kept) in [(0, 0), (1, 1), (4_200, 5), (5_000, 5), (2_000_000, 900)] {
            let delayed = message.clone().after(Duration::from_millis(asked));
            assert_eq!(delayed.delay, Duration::from_secs(kept), "{asked} ms");
        }
    }

    #[test]
    fn only_the_message_s_own_fault_makes_repeating_useless() {
        let refused = |sender_fault| QueueError::Refused {
            code: String::new(),
            detail: String::new(),
            sender_fault,
        };
        assert!(QueueError::request("x", "y").worth_repeating());
        assert!(QueueError::Unanswered.worth_repeating());
        assert!(refused(false).worth_repeating());
        assert!(!refused(true).worth_repeating());
        assert!(!QueueError::TooLarge { bytes: 2, limit: 1 }.worth_repeating());
    }
}

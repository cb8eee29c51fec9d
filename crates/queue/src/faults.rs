//! What the fault points of this crate answer when a test asks for an error.

use crate::sending::{Outgoing, QueueError};

/// Every message failed. After the effect this is a lie, and the caller has to live with it.
#[allow(
    dead_code,
    reason = "called only when the feature `failpoints` of the crate `fail` is on"
)]
pub(crate) fn none_sent(messages: &[Outgoing]) -> Vec<Result<(), QueueError>> {
    messages
        .iter()
        .map(|_| Err(QueueError::request("fault-point", "a test asked for this")))
        .collect()
}

/// The message was not hidden, or nobody knows.
#[allow(
    dead_code,
    reason = "called only when the feature `failpoints` of the crate `fail` is on"
)]
pub(crate) fn not_hidden() -> QueueError {
    QueueError::request("fault-point", "a test asked for this")
}

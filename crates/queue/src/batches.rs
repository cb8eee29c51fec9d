//! How many messages travel in one request to SQS.

use std::ops::Range;

use crate::sending::Outgoing;

/// The most messages in one request.
pub(crate) const MOST_MESSAGES: usize = 10;
/// The most bytes in one request, and in one message.
pub(crate) const MOST_BYTES: usize = 1024 * 1024;

/// Cuts messages into batches that keep to both limits, in their order.
///
/// A message over the limit stands in no batch.
pub(crate) fn batches(messages: &[Outgoing]) -> Vec<Range<usize>> {
    let mut batches = Vec::new();
    let (mut start, mut bytes) = (0, 0);
    for (index, message) in messages.iter().enumerate() {
        let size = message.size();
        let full = index - start == MOST_MESSAGES || bytes + size > MOST_BYTES;
        if full && start < index {
            batches.push(start..index);
            (start, bytes) = (index, 0);
        }
        if size > MOST_BYTES {
            (start, bytes) = (index + 1, 0);
        } else {
            bytes += size;
        }
    }
    if start < messages.len() {
        batches.push(start..messages.len());
    }
    batches
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use std::time::Duration;

    use super::*;

    fn of_size(size: usize) -> Outgoing {
        Outgoing {
            body: "x".repeat(size),
            attributes: Vec::new(),
            group: None,
            delay: Duration::ZERO,
        }
    }

    proptest! {
        #[test]
        fn every_message_that_fits_travels_once_and_no_batch_passes_a_limit(
            sizes in prop::collection::vec(
                prop_oneof![5 => 1_usize..200, 2 => 200_000_usize..MOST_BYTES + 1, 1 => Just(MOST_BYTES + 1)],
                0..40,
            )
        ) {
            let messages: Vec<Outgoing> = sizes.iter().copied().map(of_size).collect();
            let batches = batches(&messages);
            for batch in &batches {
                prop_assert!(!batch.is_empty() && batch.len() <= MOST_MESSAGES);
                let bytes: usize = sizes[batch.clone()].iter().sum();
                prop_assert!(bytes <= MOST_BYTES);
            }
            let sent: Vec<usize> = batches.into_iter().flatten().collect();
            let fit: Vec<usize> = (0..sizes.len()).filter(|&i| sizes[i] <= MOST_BYTES).collect();
            prop_assert_eq!(sent, fit);
        }
    }

    #[test]
    fn twenty_five_small_messages_make_three_batches() {
        let messages = vec![of_size(50); 25];
        assert_eq!(batches(&messages), [0..10, 10..20, 20..25]);
    }
}

//! How many messages travel in one request to SQS.

use std::ops::Range;

/// The most messages in one request.
pub(crate) const MOST_MESSAGES: usize = 10;
/// The most bytes in one request, and in one message.
pub(crate) const MOST_BYTES: usize = 1024 * 1024;

/// Cuts messages of these sizes into batches that keep to both limits, in their order.
///
/// A message over the limit stands in no batch.
pub(crate) fn batches(sizes: &[usize]) -> Vec<Range<usize>> {
    let mut batches = Vec::new();
    let (mut start, mut bytes) = (0, 0);
    for (index, &size) in sizes.iter().enumerate() {
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
    if start < sizes.len() {
        batches.push(start..sizes.len());
    }
    batches
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_message_that_fits_travels_once_and_no_batch_passes_a_limit(
            sizes in prop::collection::vec(
                prop_oneof![5 => 1_usize..200, 2 => 200_000_usize..MOST_BYTES + 1, 1 => Just(MOST_BYTES + 1)],
                0..40,
            )
        ) {
            let batches = batches(&sizes);
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
        assert_eq!(batches(&[50; 25]), [0..10, 10..20, 20..25]);
    }
}

//! Offers of the linked carrier plan changes: sent, and marked as sent; what the queue does not take is sent by the sweep.

use central::outbox::OutboxMessage;
use queue::send_bulk_changes;

use crate::{consumer::Consumer, notice};

/// Offers linked bulk changes on the queue that `CARRIER_CHANGES_QUEUE_URL` names, and marks what became of each.
///
/// A crash before the mark sends one twice, which is harmless: the message only names the bulk change. Returns how many
/// were taken.
pub(crate) async fn offer(consumer: &Consumer, offers: &[OutboxMessage]) -> usize {
    let Some(queue) = &consumer.queues.carrier_changes else {
        return 0;
    };
    let rows = offers
        .iter()
        .map(|offer| (offer.id, offer.payload.as_str()));
    let outcome = send_bulk_changes(queue.as_ref(), rows).await;
    for (id, error) in &outcome.failed {
        if let Some(offer) = offers.iter().find(|offer| offer.id == *id) {
            notice::tell(offer, error, "carrier_change_not_offered");
        }
    }
    notice::mark(consumer, &outcome.sent, &outcome.failed).await;
    outcome.sent.len()
}

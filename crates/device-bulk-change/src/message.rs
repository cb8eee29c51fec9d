//! One message: what it names, and whose turn that is.

use std::{collections::HashMap, time::Instant};

use association::ids::BulkChangeId;
use aws_lambda_events::sqs::SqsMessage;
use central::CentralError;
use queue::Incoming;

use crate::{chunk, consumer::Consumer};

/// Why a message is not done with. It is delivered again, and in the end goes to the dead letter queue.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WorkError {
    /// Poison: another delivery will not read better.
    #[error("the message cannot be read")]
    Unreadable(#[from] queue::Unreadable),
    /// Never dropped: a bulk change that does not exist may be one that is not committed, or one of another database.
    #[error("bulk change {0} does not exist")]
    NoSuchBulkChange(BulkChangeId),
    /// A bulk change without work rows: of another producer or another kind.
    #[error("bulk change {0} was not recorded by this system")]
    NotRecordedHere(BulkChangeId),
    /// The database did not answer, again and again.
    #[error("the database did not take part")]
    Central(#[from] CentralError),
    /// The rest of the chunk could not be offered again; the message itself stays instead.
    #[error("the chunk could not be offered again")]
    Queue(#[from] queue::QueueError),
}

/// Works on a message until it is done with: finished, or offered again for later.
pub(crate) async fn work(
    consumer: &Consumer,
    message: &SqsMessage,
    deadline: Instant,
) -> Result<(), WorkError> {
    let attributes: HashMap<String, String> = message
        .message_attributes
        .iter()
        .filter_map(|(name, attribute)| Some((name.clone(), attribute.string_value.clone()?)))
        .collect();
    let span = tracing::Span::current();
    match Incoming::read(message.body.as_deref(), &attributes)? {
        Incoming::Chunk(chunk) => {
            span.record("bulk_change_id", chunk.bulk_change.get());
            span.record("tenant_id", chunk.tenant.get());
            chunk::work(consumer, &chunk, deadline).await
        }
        Incoming::BulkChange(id) => {
            span.record("bulk_change_id", id.get());
            chunk::offer_all(consumer, id).await
        }
    }
}

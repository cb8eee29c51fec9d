//! Why a message is not done with.

use association::ids::BulkChangeId;
use central::CentralError;

/// Why a message is not done with. It is delivered again, and in the end goes to the dead letter queue.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WorkError {
    /// Poison: another delivery will not read better.
    #[error("the message cannot be read")]
    Unreadable(#[from] queue::Unreadable),
    /// Never dropped: a bulk change that does not exist may be one that is not committed, or one of another database.
    #[error("bulk change {0} does not exist")]
    NoSuchBulkChange(BulkChangeId),
    /// A chunk message for a bulk change without work rows: nobody of this system sends one.
    #[error("bulk change {0} was not recorded by this system")]
    NotRecordedHere(BulkChangeId),
    /// Each time its rows were checked, another had taken the bulk change or a device of it before they were written.
    #[error("bulk change {0} was taken by others each time it was checked")]
    TakenMeanwhile(BulkChangeId),
    /// A bulk change of another type or portal, and `OTHER_CHANGES_QUEUE_URL` is not set.
    #[error(
        "bulk change {0} is of another type or portal, and OTHER_CHANGES_QUEUE_URL does not say who serves those"
    )]
    NotForUs(BulkChangeId),
    /// The database did not answer, again and again.
    #[error("the database did not take part")]
    Central(#[from] CentralError),
    /// What the message stands for could not be offered again or passed on; the message itself stays instead.
    #[error("the work could not be offered again or passed on")]
    Queue(#[from] queue::QueueError),
}

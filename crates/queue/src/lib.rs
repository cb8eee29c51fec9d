//! The message contract of device-bulk-change-queue, and sending.
//!
//! A message is an offer of work and nothing more: what is to be done stands in the database, so a message may be
//! lost, repeated or come late. That is why nothing here waits for proof that a message arrived.
//!
//! - [`message`]: what a message says, and how one is read back.
//! - [`sending`]: the trait [`Queue`], its errors, and what goes onto a queue.
//! - [`sqs`]: the real queue.
//! - [`memory`]: a queue in memory for tests, with faults on demand.
//! - [`outbox`]: sends what a transaction left in the outbox.
//! - [`dead_letters`]: shows what the consumer gave up; [`redrive`] sends it back. For people (`ops`), not for a lambda.

#[cfg(feature = "sqs")]
mod batches;
#[cfg(feature = "sqs")]
pub mod dead_letters;
mod faults;
pub mod memory;
pub mod message;
pub mod outbox;
#[cfg(feature = "sqs")]
pub mod redrive;
pub mod sending;
#[cfg(feature = "sqs")]
pub mod sqs;

#[cfg(feature = "sqs")]
pub use dead_letters::{DeadLetter, DeadLetterError, DeadLetters, Look};
pub use memory::MemoryQueue;
pub use message::{ChunkMessage, Incoming, Unreadable};
pub use outbox::{OutboxRow, OutboxSent, send_bulk_changes, send_outbox};
#[cfg(feature = "sqs")]
pub use redrive::SentBack;
pub use sending::{Outgoing, Queue, QueueError};
#[cfg(feature = "sqs")]
pub use sqs::SqsQueue;

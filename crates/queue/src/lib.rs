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

mod batches;
pub mod dead_letters;
mod faults;
pub mod memory;
pub mod message;
pub mod outbox;
pub mod redrive;
pub mod sending;
pub mod sqs;

pub use dead_letters::{DeadLetter, DeadLetterError, DeadLetters, Look};
pub use memory::MemoryQueue;
pub use message::{ChunkMessage, Incoming, Unreadable};
pub use outbox::{OutboxRow, OutboxSent, send_bulk_changes, send_outbox};
pub use redrive::SentBack;
pub use sending::{Outgoing, Queue, QueueError};
pub use sqs::SqsQueue;

//! What is read from outside, each as a fuzz target: a function that takes any bytes and asserts what is promised of them.
//!
//! `make fuzz` lets libFuzzer look for bytes that break a promise, from the corpus in `fuzz/corpus`; the test `replay` runs the
//! same functions over that corpus, without libFuzzer, with every other test.
//!
//! A panic is not the only thing that can be wrong: a reader that takes too much, tells what it must not, or reads the same thing
//! in two ways fails here too. What is expected is worked out a second time in this crate, from the design and not from the code.

#![expect(
    clippy::missing_panics_doc,
    reason = "a target panics when a promise is broken: that is all it does"
)]

mod foreign_change;
mod request;
mod rev_answer;
mod settling;
mod sqs_event;
mod statement;
mod tds;
mod told;

pub use foreign_change::foreign_change;
pub use request::{body_of, request};
pub use rev_answer::{is_answer, rev_answer};
pub use sqs_event::sqs_event;
pub use statement::statement;
pub use tds::tds;

/// A target: its name, which is that of its program and of its folder in the corpus, and what it does with bytes.
pub type Target = (&'static str, fn(&[u8]));

/// Every target.
pub const TARGETS: [Target; 6] = [
    ("request", request),
    ("foreign_change", foreign_change),
    ("sqs_event", sqs_event),
    ("rev_answer", rev_answer),
    ("tds", tds),
    ("statement", statement),
];

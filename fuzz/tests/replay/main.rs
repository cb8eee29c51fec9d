//! The targets over the committed corpus and over inputs made by structure, with every other test and without libFuzzer.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::too_many_lines,
    clippy::unwrap_used,
    reason = "what a test cannot make is a failed test"
)]

mod any_message;
mod any_request;
mod corpus;
#[path = "../../../crates/association/tests/support/known.rs"]
mod known;
mod seeds;
mod served;

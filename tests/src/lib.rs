//! The world of the end to end tests: the real router and the real consumer between the stand-ins.
//!
//! A test speaks in verbs: [`World::post`] a request, [`World::drain`] the queue until the work is done,
//! let time [`World::pass`], then compare what Rev holds and what the tables say ([`truth`], [`billed`]).

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "what a test cannot set up is a failed test"
)]

pub mod amop;
pub mod billed;
pub mod caller;
pub mod deliveries;
pub mod effects;
#[path = "../../crates/central/tests/support/existing.rs"]
pub mod existing;
pub mod function;
pub mod kill;
pub mod logins;
pub mod other_producer;
pub mod packages;
mod prepared;
pub mod printed;
pub mod running;
pub mod schedule;
pub mod sql;
pub mod sqs;
pub mod truth;
pub mod world;

pub use world::{Wishes, World};

//! Named fault points, struck on purpose. They belong to the process, so these tests have one of their own and each of them takes
//! the [`fail::FailScenario`] first.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "what a test cannot make is a failed test"
)]

mod again;
mod complete;
mod intake;
mod other_producer;
mod play;
mod scene;
mod stand;
mod strike;
mod sweep;

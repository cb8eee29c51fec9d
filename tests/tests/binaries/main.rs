//! The binaries as they are shipped, out of their packages, under the Runtime API of lambda-simulator: what holds for the library in
//! the other tests holds for the processes too.
//!
//! `make e2e` builds the packages and runs this; `LAMBDA_PACKAGES` names them.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "what a test cannot make is a failed test"
)]

mod batches;
mod cold_start;
mod instance;
mod killed;
mod memory;
mod time_out;
mod warm_calls;
mod wrong_start;

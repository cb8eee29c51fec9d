//! What a caller of the intake lambda may rely on, over its router.
//!
//! Runs against the embedded server, or against the one that `CENTRAL_TEST_CONNECTION` names.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::expect_used,
    reason = "what a test cannot set up or read is a failed test"
)]

mod accepting;
mod app;
mod bad_input;
mod devices;
mod dry_run;
mod gateway;
mod idempotency;
mod inventory;
mod lists;
mod logging;
mod openapi;
mod pages;
mod round_trips;
mod routes;
mod starting;
mod status;
mod tokens;
mod two_tenants;
mod visibility;
mod watching;

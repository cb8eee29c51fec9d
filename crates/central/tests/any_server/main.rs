//! What holds on every server: the embedded one, or the one that `CENTRAL_TEST_CONNECTION` names.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "what a test cannot make is a failed test"
)]

#[path = "../bench/mod.rs"]
mod bench;
#[path = "../support/mod.rs"]
mod support;

mod bulk_changes;
mod check;
mod check_foreign;
mod claims;
mod customers;
mod devices;
mod enrolments;
mod facts;
mod finishing;
mod inventory;
mod ops_settle;
mod pointing_elsewhere;
mod preflights;
mod records;
mod status;
mod submit;

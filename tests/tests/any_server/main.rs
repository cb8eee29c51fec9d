//! What holds on every server: the embedded one, or the one that `CENTRAL_TEST_CONNECTION` names.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "what a test cannot make is a failed test"
)]

mod carrier_plan;
mod dry_run;
mod other_producer;
mod plan_dates;
mod round_trips;
mod watching;
mod whole_way;

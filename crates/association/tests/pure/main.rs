//! The pure core, without a database and without a billing system.

#![allow(
    clippy::needless_pass_by_value,
    clippy::panic,
    clippy::too_many_lines,
    clippy::unwrap_used,
    reason = "what a test cannot make is a failed test"
)]

mod a_line_is_opened_once;
mod any_spelling;
mod devices_are_checked;
#[path = "../support/known.rs"]
mod known;
mod requests_are_read;
mod rows_of_another_producer_are_read;
mod schedules;

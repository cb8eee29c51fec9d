//! The portal in a real browser: Debian's chromium, driven by chromedriver, against the real router, the embedded database, the
//! sign-in stand-in and the Rev stand-in.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "what a test cannot make is a failed test"
)]

mod bulk_changes;
mod device_details;
mod driving;
mod harness;
mod lost_connection;
mod portal;

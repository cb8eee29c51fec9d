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
mod every_page;
mod harness;
mod keyboard;
mod lost_connection;
mod pasted_list;
mod pictures;
mod portal;
mod second_tab;
mod session_end;
mod submit_again;
mod whole_flow;
mod wizard;

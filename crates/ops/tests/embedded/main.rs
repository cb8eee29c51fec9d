//! The binary `ops` as a person runs it, on the embedded server.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "what a test cannot make is a failed test"
)]

#[path = "../driver/mod.rs"]
mod driver;

mod accounts;
mod authorities;
mod command_line;
mod settle;
mod show;

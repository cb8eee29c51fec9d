//! The stand-ins and the sample data.

#![allow(
    clippy::unwrap_used,
    reason = "what a test cannot make is a failed test"
)]

mod rev_local;
mod sample;

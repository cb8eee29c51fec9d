//! The pure core of device association: request, checks, plan, steps and what follows what.
//!
//! Nothing here waits, reads a clock or speaks to anything: what is decided depends on the arguments alone.

// The basis that the tests here share with those of other crates names this one.
#[cfg(test)]
extern crate self as association;

pub mod actor;
mod billed;
pub mod change_request;
pub mod check;
pub mod decide;
pub mod follow;
pub mod foreign;
pub mod foreign_rows;
mod foreign_values;
pub mod ids;
pub mod limits;
mod members;
pub mod parse;
pub mod plan;
pub mod request;
pub mod service_line;
pub mod steps;
pub mod trace;

//! A local stand-in for SQL Server: TDS in front, SQLite behind, the T-SQL that this project uses.
//!
//! For development and tests only: never linked into a lambda.
//! What it does not know is refused with error 40000 and the name of the construct, never ignored or guessed.

pub mod batch;
pub mod catalog;
pub mod clock;
pub mod collect;
pub mod database;
mod definitions;
#[cfg(test)]
mod engine_tests;
pub mod error;
mod failure;
pub mod faults;
pub mod heard;
pub mod interrupted;
mod lock;
pub mod permissions;
mod scalar_functions;
pub mod server;
pub mod session;
pub mod sink;
pub mod snapshot;
mod tds;
pub mod translate;
pub mod value;
mod writes;

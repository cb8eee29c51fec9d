//! A local stand-in for SQL Server: TDS in front, SQLite behind, the T-SQL that this project uses.
//!
//! For development and tests only: never linked into a lambda.
//! What it does not know is refused with error 40000 and the name of the construct, never ignored or guessed.

pub mod error;
pub mod sink;
pub mod value;
pub mod batch;
pub mod catalog;
pub mod clock;
pub mod database;
mod lock;
pub mod session;
pub mod faults;
pub mod server;
mod tds;
pub mod translate;
mod scalar_functions;
pub mod collect;
mod definitions;
mod failure;
mod writes;
#[cfg(test)]
mod engine_tests;

//! Queries and expressions mean what they mean on SQL Server: asked in T-SQL through a session, answered with values and types.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod ask;
mod combining;
mod dates;
mod expressions;
mod grouping;
mod json;
mod metadata;
mod misread;
mod refusals;
mod sources;
mod text;

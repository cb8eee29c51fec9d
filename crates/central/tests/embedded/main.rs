//! What needs faults on demand, the moved clock or a database of its own: on the embedded server only.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "what a test cannot make is a failed test"
)]

#[path = "../bench/mod.rs"]
mod bench;
#[path = "../support/existing.rs"]
mod existing;
#[path = "../simulation/mod.rs"]
mod simulation;
#[path = "../support/mod.rs"]
mod support;

mod budget;
mod connecting;
mod crashes;
mod cut_midway;
mod existing_database;
mod fair_share;
mod intake_faults;
mod leases;
mod links;
mod migrate;
mod needed;
mod records_refused;
mod shared_budget;
mod sweep;
mod twice;
mod wires;

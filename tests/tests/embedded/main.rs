//! What needs faults on demand, the moved clock or a database of its own: on the embedded server only.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "what a test cannot make is a failed test"
)]

mod assigned_meanwhile;
mod budget_of_eight;
mod carrier_plan;
mod deliveries;
mod doubtful;
mod endings;
mod events;
mod fair_share;
mod followed;
mod killed;
mod lease_end;
mod looked_up_odd;
mod looking_up;
mod measured;
mod nothing_secret;
mod other_changes;
mod outages;
mod outbox;
mod plan_dates;
mod preflight_refused;
mod quota;
mod rev_faults;
mod rights;
mod rotated;
mod schedules;
mod waiting_chunks;
mod wires;

//! A stand-in for Rev.io: the five calls over real HTTP, service lines in memory, a limit like Rev.io's, faults on demand.
//!
//! Rev.io itself cannot be asked "have you billed this device twice?" by a test; this can. It keeps a line for every request
//! that opened one, whatever the caller was told, and counts them per reference and per number.
//!
//! Time is its own ([`RevStandIn::advance`]): what is late, what is limited and how long a token lasts follows a clock that a
//! test moves. Latency alone is real time.

mod accounts;
mod admin;
mod answer;
mod books;
mod calls;
mod clock;
mod fault;
mod ledger;
mod limit;
mod rule;
mod serve;
mod stand_in;

pub use accounts::{FAKE_ACCOUNTS, FakeAccount};
pub use books::{CallRecord, most_in_a_minute};
pub use fault::{Does, Fault, Reply};
pub use ledger::Line;
pub use rule::{Call, Rule};
pub use stand_in::{Options, RevStandIn};

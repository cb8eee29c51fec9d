//! Lambda 1: takes association requests over HTTP, records them and enqueues the work.
//!
//! [`router`] is everything; `main` puts it behind API Gateway, tests call it as it is.
//! The way of a request: [`token`] says who asks, [`body`] and `association::parse` what is asked, `central::check` what is known,
//! `association::decide` what follows, `central::submit` records it, [`associate`] answers.
//!
//! # Fields of log lines
//!
//! One span per request, `request`, with `request_id`, `method`, `route` (the pattern, never the path), and once they are known
//! `tenant`, `user` and `bulk_change`. Lines in it:
//!
//! | message | fields |
//! | --- | --- |
//! | `answered` | `status`, `problem` (the type of a problem answer), `duration_ms` |
//! | `bulk change accepted` | `accepted`, `rejected`, `duplicates` (devices), `round_trips` (to the database; exact while the process works on one request) |
//! | `request checked only` | `accepted`, `rejected`, `duplicates` (devices); nothing was written |
//! | `stored answer given again` | none |
//! | `a device was taken in between` | `attempt` |
//! | `chunks stay in the outbox` | `unsent` (messages), `error` |
//! | `outbox not marked` | `error` |
//! | `token refused` | `reason` |
//! | `signing keys fetched` | `keys` (how many are usable) |
//! | `signing keys not fetched` | `error` |
//! | `sign-in endpoints not fetched` | `error` |
//! | `export` | `error`: why a file could not be written |
//! | `database` | `error`, `number` (SQL Server's) |
//!
//! Text that came from elsewhere passes [`logs::masked`], so that no whole ICCID or MSISDN reaches a line.

pub mod associate;
pub mod body;
pub mod bulk_changes;
pub mod compression;
pub mod customers;
pub mod device;
pub mod entity_tag;
pub mod envelope;
pub mod estimate;
pub mod health;
mod ids;
pub mod inventory;
pub mod listing;
pub mod logs;
mod moment;
pub mod negotiate;
pub mod openapi;
pub mod pages;
pub mod prefer;
pub mod problem;
mod query;
mod router;
pub mod routes;
pub mod security_headers;
pub mod settings;
pub mod status;
pub mod token;
mod unavailable;

use std::sync::Arc;

use central::{Central, budget::BudgetLimits};
use queue::Queue;

pub use router::router;
use token::Verifier;

/// What the routes work with. Cheap to clone.
#[derive(Clone)]
pub struct Intake {
    /// Where requests are recorded.
    pub central: Central,
    /// Where work is offered.
    pub queue: Arc<dyn Queue>,
    /// Says who asks.
    pub verifier: Arc<Verifier>,
    /// The portal as a client of the issuer; without it nobody can sign in to the pages.
    pub portal: Option<settings::PortalClient>,
    /// What a Rev account may be asked; written to its budget row and used for estimates.
    pub budget: BudgetLimits,
    /// How long a status answer waits for news.
    pub patience: status::Patience,
}

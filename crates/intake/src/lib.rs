//! Lambda 1: takes association requests over HTTP, records them and enqueues the work.
//!
//! [`router`] is everything; `main` puts it behind API Gateway, tests call it as it is.
//! The way of a request: [`token`] says who asks, [`body`] and `association::parse` what is asked, `central::check` what is known,
//! `association::decide` what follows, `central::submit` records it, [`associate`] answers.
//!
//! Its log lines and metrics: docs/LOGGING.md.
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

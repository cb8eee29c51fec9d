//! Everything that speaks to AltaworxCentral: one module per question asked of the database, its `.sql` beside it.
//!
//! [`Central`] is the way in; every statement goes through its one `query`, which counts round trips, sets time-outs,
//! drops a connection after any error and tries transient errors again. Correctness rests on unique constraints and
//! conditions in the statements, never on what an instance remembers.

mod authority;
mod decode;
mod driver;
mod error;
mod login;
mod masked;
mod pool;
mod settings;
mod share_budget;
mod socket;
mod statement;

pub mod account;
pub mod budget;
pub mod bulk_changes;
pub mod change_log;
pub mod check;
pub mod claim;
pub mod device_details;
pub mod device_history;
pub mod enroll;
pub mod facts;
pub mod finish;
pub mod inventory;
pub mod listing;
#[cfg(feature = "migrate")]
pub mod migrate;
pub mod ops;
pub mod outbox;
pub mod preflight;
pub mod rate_plans;
pub mod ready;
pub mod record;
pub mod rev_customers;
pub mod sites;
pub mod slots;
pub mod status;
pub mod status_mark;
pub mod stored_answer;
pub mod submit;
pub mod sweep;
pub mod validate_device;

pub use authority::AuthorityError;
pub use driver::Central;
pub use error::{CentralError, ConnectError, Next};
pub use login::{Login, Logins, NoLogin};
pub use masked::masked;
pub use settings::{Settings, SettingsError};

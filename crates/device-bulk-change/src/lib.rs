//! Lambda 2, `AltaworxDeviceBulkChange`: opens service lines at Rev.io and takes over ownership in Device_Tenant.
//!
//! Every message walks one way: claim → Rev calls → facts → record → finish. What decides is in `association`, what is
//! remembered is in the database; a message is only a hint that there is something to do, so losing or repeating one
//! does no harm.

mod account_state;
mod accounts;
mod assignment;
mod batch;
mod billing;
mod carrier_changes;
mod chunk;
mod configuration;
mod consumer;
mod ended;
mod enroll;
mod event;
mod hiding;
mod looking_up;
mod message;
mod notice;
mod notifier;
mod other_changes;
mod outcome;
mod persist;
mod preflight;
mod rev_logins;
mod slots;
mod sweep;
mod told;
mod work_error;

pub use configuration::{Configuration, ConfigurationError};
pub use consumer::{Consumer, Limits, OtherQueues};
pub use event::{EventError, Invocation, handle};
pub use notifier::Notifier;
pub use rev_logins::RevLogins;
pub use sweep::Swept;

//! Logins out of AWS Secrets Manager.
//!
//! A secret is read when it is first needed and kept until what it said is refused; then it is read once more, so that a rotation
//! in mid-work costs one refused login and nothing else ([`Kept`]).
//!
//! # Fields of log lines
//!
//! | message | fields |
//! | --- | --- |
//! | `secret read` | `secret` (its ARN or name, never its value), `again` (whether what was known had been refused) |
//! | `secret not read` | `secret`, `error` |

mod database;
mod environment;
mod kept;
mod reader;

pub use database::DatabaseLogin;
pub use environment::{Wrong, central_settings};
pub use kept::Kept;
pub use reader::{ReadError, Reader, SecretsManager};

//! Who may do what: logins, users, roles and GRANT, as far as the project's scripts use them.
//!
//! The server's own login is the owner and may everything. A login made by CREATE LOGIN works as the user that CREATE USER
//! gave it, with the rights of its roles and no others:
//!
//! - Every column that a statement names needs SELECT (in a WHERE, on the right of a SET, in an OUTPUT), on the table or on
//!   that column. A table that is read without naming a column (`COUNT(*)`) needs SELECT on any of its columns.
//! - UPDATE is needed for each column that is set, on the table or on that column; INSERT, DELETE and EXECUTE for the whole.
//! - Inside a procedure nothing is asked: procedures and tables have one owner (ownership chaining).
//! - Table variables belong to the batch. Constraints, defaults and identity values need no right.
//! - An object without any right on it is not seen: `OBJECT_ID` answers NULL.

mod access;
mod apply;
mod explore;
mod ledger;
mod parse;
mod principals;
pub mod statement;

pub(crate) use access::{Access, Accesses};
pub use access::{Right, Verb, as_granted};
pub(crate) use apply::apply;
pub use explore::Explored;
pub(crate) use explore::Findings;
pub(crate) use ledger::Ledger;
pub(crate) use parse::{is_security, security};
pub use principals::Principals;

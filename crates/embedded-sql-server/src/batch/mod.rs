//! From the text of a batch to its statements, and their execution.

mod boundary;
mod calls;
pub(crate) mod cursor;
mod declared_once;
mod evaluate;
pub(crate) mod frame;
mod options;
pub(crate) mod parse;
pub(crate) mod run;
pub mod statement;
pub(crate) mod table_variables;

pub use statement::Statement;

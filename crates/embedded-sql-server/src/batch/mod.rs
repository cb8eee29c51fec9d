//! From the text of a batch to its statements, and their execution.

mod boundary;
mod calls;
mod control;
pub(crate) mod cursor;
mod declared_once;
mod evaluate;
mod execute;
mod explore;
pub(crate) mod frame;
mod options;
pub(crate) mod parse;
mod parts;
mod rows;
pub(crate) mod run;
mod select;
pub mod statement;
pub(crate) mod table_variables;

pub use statement::Statement;

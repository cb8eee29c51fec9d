//! Where a batch puts what it has to say, in the order in which a client receives it.

use crate::{
    error::SqlError,
    value::{Column, SqlType, Value},
};

/// An OUTPUT parameter at the end of a call.
#[derive(Debug, Clone, PartialEq)]
pub struct Returned<'a> {
    /// Its place in the client's call, from 0.
    pub place: u16,
    /// As the client named it; empty when it was given by its place.
    pub name: &'a str,
    /// As declared.
    pub sql_type: SqlType,
    /// Of that type.
    pub value: Value,
}

/// Receives the results of a batch. The wire turns each call into TDS tokens; tests collect them.
pub trait Sink {
    /// A result set begins.
    fn columns(&mut self, columns: &[Column]);
    /// A row of the result set that began last.
    fn row(&mut self, values: &[Value]);
    /// A statement ended. `count` is the number of rows when it is counted (never under NOCOUNT, except for SELECT inside the last DONE where SQL Server also hides it).
    fn done(&mut self, count: Option<u64>);
    /// An error was raised. Whether the batch goes on is the interpreter's matter.
    fn error(&mut self, error: &SqlError);
    /// A message without error (PRINT, class 0 to 10).
    fn info(&mut self, message: &str);
    /// A transaction began (ENVCHANGE 8) with this descriptor.
    fn transaction_began(&mut self, descriptor: u64);
    /// The transaction with this descriptor ended: committed (ENVCHANGE 9) or rolled back (10).
    fn transaction_ended(&mut self, descriptor: u64, committed: bool);
    /// The current database changed (ENVCHANGE 1), by USE.
    fn database_changed(&mut self, from: &str, to: &str);
    /// A procedure that was called by RPC (sp_executesql included) or EXEC returned this status.
    fn return_status(&mut self, status: i32);
    /// What an OUTPUT parameter of a call by RPC holds at its end; comes right after the status.
    fn return_value(&mut self, returned: &Returned<'_>);
}

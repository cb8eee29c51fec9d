//! A sink that keeps what it is given, for tests.

use crate::error::SqlError;
use crate::sink::{Returned, Sink};
use crate::value::{Column, Value};

/// Everything that a batch had to say.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Collected {
    /// Result sets, in order.
    pub sets: Vec<ResultSet>,
    /// The counts of statements that ended.
    pub counts: Vec<Option<u64>>,
    /// Errors, in order.
    pub errors: Vec<SqlError>,
    /// PRINT
    pub messages: Vec<String>,
    /// Transactions that began (`None`) or ended (committed or not), in order.
    pub transactions: Vec<Option<bool>>,
    /// Return statuses.
    pub statuses: Vec<i32>,
    /// OUTPUT parameters of calls: place, name, value.
    pub returned: Vec<(u16, String, Value)>,
}

/// A result set.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ResultSet {
    /// Names and types.
    pub columns: Vec<Column>,
    /// Rows in order.
    pub rows: Vec<Vec<Value>>,
}

impl Collected {
    /// The numbers of the errors.
    #[must_use]
    pub fn error_numbers(&self) -> Vec<u32> {
        self.errors.iter().map(|error| error.number).collect()
    }

    /// The rows of the last result set.
    #[must_use]
    pub fn rows(&self) -> &[Vec<Value>] {
        self.sets
            .last()
            .map(|set| set.rows.as_slice())
            .unwrap_or_default()
    }
}

impl Sink for Collected {
    fn columns(&mut self, columns: &[Column]) {
        self.sets.push(ResultSet {
            columns: columns.to_vec(),
            rows: Vec::new(),
        });
    }
    fn row(&mut self, values: &[Value]) {
        if let Some(set) = self.sets.last_mut() {
            set.rows.push(values.to_vec());
        }
    }
    fn done(&mut self, count: Option<u64>) {
        self.counts.push(count);
    }
    fn error(&mut self, error: &SqlError) {
        self.errors.push(error.clone());
    }
    fn info(&mut self, message: &str) {
        self.messages.push(message.to_owned());
    }
    fn transaction_began(&mut self, _descriptor: u64) {
        self.transactions.push(None);
    }
    fn transaction_ended(&mut self, _descriptor: u64, committed: bool) {
        self.transactions.push(Some(committed));
    }
    fn database_changed(&mut self, _from: &str, _to: &str) {}
    fn return_status(&mut self, status: i32) {
        self.statuses.push(status);
    }
    fn return_value(&mut self, returned: &Returned<'_>) {
        self.returned.push((
            returned.place,
            returned.name.to_owned(),
            returned.value.clone(),
        ));
    }
}

//! What the engine promises, batch by batch, without the wire.

mod batches;
mod constraints;
mod outputs;
mod permissions;
mod persistence;
mod procedures;
mod project_files;
mod transactions;
mod writes;

use crate::collect::Collected;
use crate::database::{Database, Storage};
use crate::session::Session;
use crate::value::Value;

fn database() -> Database {
    Database::open(&Storage::Memory, "AltaworxCentral").unwrap()
}

/// A session on a new database where this batch has run.
fn session_with(text: &str) -> Session {
    let mut session = database().session();
    run(&mut session, text);
    session
}

/// Runs a batch that must not raise an error.
fn run(session: &mut Session, text: &str) -> Collected {
    let collected = try_run(session, text);
    assert_eq!(collected.errors, [], "{text}");
    collected
}

/// Runs a batch.
fn try_run(session: &mut Session, text: &str) -> Collected {
    let mut collected = Collected::default();
    session.batch(text, &mut collected);
    collected
}

/// The rows of a query, as text: values by comma, rows by bar.
fn shown(session: &mut Session, text: &str) -> String {
    show(run(session, text).rows())
}

fn show(rows: &[Vec<Value>]) -> String {
    rows.iter()
        .map(|row| row.iter().map(cell).collect::<Vec<_>>().join(","))
        .collect::<Vec<_>>()
        .join("|")
}

fn cell(value: &Value) -> String {
    match value {
        Value::Null => "NULL".to_owned(),
        Value::Bit(bit) => u8::from(*bit).to_string(),
        Value::Int(number) => number.to_string(),
        Value::Float(number) => number.to_string(),
        Value::Decimal(number) => number.to_string(),
        Value::Text(text) => text.clone(),
        Value::Binary(bytes) => format!("{} bytes", bytes.len()),
        Value::Uuid(id) => id.to_string(),
        Value::Date(date) => date.to_string(),
        Value::DateTime(moment) => moment.to_string(),
        Value::DateTimeOffset(moment) => moment.to_string(),
    }
}

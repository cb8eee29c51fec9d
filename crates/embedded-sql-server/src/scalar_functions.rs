//! The functions and the collation that translated statements use inside SQLite.
//!
//! An error travels through SQLite as the text `mssql:<number>:<message>`; [`server_error`] reads it back.

mod arithmetic;
mod collation;
mod conversions;
mod dates;
mod hashes;
mod json;
mod open_json;
mod pattern;
mod text;

use rusqlite::{
    Connection, Result,
    functions::{Context, FunctionFlags},
    types::{Value, ValueRef},
};

pub use collation::{COLLATION, compare, folded};
pub(crate) use dates::Part;
pub(crate) use json::Path;

use crate::{error::SqlError, value::SqlType};

const PREFIX: &str = "mssql:";

/// Makes the functions and the collation known to a connection.
pub fn register(connection: &Connection) -> Result<()> {
    connection.create_collation(COLLATION, compare)?;
    conversions::register(connection)?;
    arithmetic::register(connection)?;
    text::register(connection)?;
    pattern::register(connection)?;
    dates::register(connection)?;
    json::register(connection)?;
    open_json::register(connection)?;
    hashes::register(connection)
}

/// The server error that a message of SQLite carries, if it does.
#[must_use]
pub fn server_error(message: &str) -> Option<SqlError> {
    let (_, rest) = message.split_once(PREFIX)?;
    let (number, text) = rest.split_once(':')?;
    Some(SqlError::new(number.parse().ok()?, text))
}

/// The error as SQLite carries it.
fn raise(error: &SqlError) -> rusqlite::Error {
    rusqlite::Error::UserFunctionError(format!("{PREFIX}{}:{}", error.number, error.message).into())
}

/// Registers a function whose answer depends on its arguments alone.
fn add<F>(connection: &Connection, name: &'static str, arguments: i32, function: F) -> Result<()>
where
    F: Fn(&Context<'_>) -> std::result::Result<Value, SqlError> + Send + 'static,
{
    let flags = FunctionFlags::SQLITE_UTF8
        | FunctionFlags::SQLITE_DETERMINISTIC
        | FunctionFlags::SQLITE_INNOCUOUS;
    connection.create_scalar_function(name, arguments, flags, move |context| {
        function(context).map_err(|error| raise(&error))
    })
}

/// An argument as text; None when it is NULL.
fn text_at<'c>(
    context: &'c Context<'_>,
    at: usize,
) -> std::result::Result<Option<&'c str>, SqlError> {
    match context.get_raw(at) {
        ValueRef::Null => Ok(None),
        value => value
            .as_str()
            .map(Some)
            .map_err(|_| SqlError::unsupported("a value that is not text in a text function")),
    }
}

/// An argument as a whole number; None when it is NULL.
fn whole_at(context: &Context<'_>, at: usize) -> std::result::Result<Option<i64>, SqlError> {
    match context.get_raw(at) {
        ValueRef::Null => Ok(None),
        ValueRef::Integer(number) => Ok(Some(number)),
        _ => Err(SqlError::unsupported(
            "a value that is not a whole number in a function",
        )),
    }
}

/// An argument that carries [`SqlType::code`].
fn type_at(context: &Context<'_>, at: usize) -> std::result::Result<SqlType, SqlError> {
    whole_at(context, at)?
        .and_then(SqlType::from_code)
        .ok_or_else(|| SqlError::unsupported("a type code in a function"))
}

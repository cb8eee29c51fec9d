//! CAST, CONVERT and TRY_CONVERT, the assignment to a column, and sort keys of types whose text does not sort.

use rusqlite::{Connection, Result, functions::Context, types::Value as Stored};

use super::{add, text_at, type_at, whole_at};
use crate::{
    error::SqlError,
    translate::{
        conversion::{convert_styled, decode, encode},
        text_of,
    },
    value::{SqlType, Value},
};

pub(super) fn register(connection: &Connection) -> Result<()> {
    add(connection, "mssql_convert", 4, converted)?;
    add(
        connection,
        "mssql_try_convert",
        4,
        |context| match converted(context) {
            // A conversion that does not exist at all is an error for TRY_CONVERT too.
            Err(error) if !matches!(error.number, 529 | 40000) => Ok(Stored::Null),
            other => other,
        },
    )?;
    add(connection, "mssql_assign", 5, assigned)?;
    // A scalar subquery's value, and how many rows it has.
    add(connection, "mssql_single", 2, |context| {
        if whole_at(context, 1)?.is_some_and(|rows| rows > 1) {
            return Err(SqlError::new(
                512,
                "Subquery returned more than 1 value. This is not permitted when the subquery follows =, !=, <, <= , >, >= or when the subquery is used as an expression.",
            ));
        }
        Stored::try_from(context.get_raw(0))
            .map_err(|_| SqlError::unsupported("a text that is not UTF-8"))
    })?;
    add(
        connection,
        "mssql_row_count",
        1,
        |context| match whole_at(context, 0)? {
            None => Err(SqlError::new(
                1060,
                "The number of rows provided for a TOP or FETCH clauses row count parameter must be an integer.",
            )),
            Some(count) if count < 0 => Err(SqlError::new(
                127,
                "A TOP N or FETCH rowcount value may not be negative.",
            )),
            Some(count) => Ok(Stored::Integer(count)),
        },
    )?;
    add(connection, "mssql_guid_order", 1, guid_order)?;
    add(connection, "mssql_utc", 1, utc)
}

fn converted(context: &Context<'_>) -> std::result::Result<Stored, SqlError> {
    let (from, to) = (type_at(context, 1)?, type_at(context, 2)?);
    let value = decode(context.get_raw(0), from)?;
    encode(
        &convert_styled(&value, from, to, whole_at(context, 3)?)?,
        to,
    )
}

fn assigned(context: &Context<'_>) -> std::result::Result<Stored, SqlError> {
    let (from, to) = (type_at(context, 1)?, type_at(context, 2)?);
    let value = decode(context.get_raw(0), from)?;
    let limit = to.limit().unwrap_or(usize::MAX);
    let (too_long, shown) = match &value {
        // Trailing blanks are cut without complaint.
        Value::Text(text) => (
            text_of::length(text.trim_end_matches(' '), to.is_unicode()) > limit,
            text.chars().take(limit).collect(),
        ),
        Value::Binary(bytes) => (bytes.len() > limit, String::new()),
        _ => (false, String::new()),
    };
    if too_long {
        let table = text_at(context, 3)?.unwrap_or_default();
        let column = text_at(context, 4)?.unwrap_or_default();
        return Err(SqlError::new(
            2628,
            format!(
                "String or binary data would be truncated in table '{table}', column '{column}'. Truncated value: '{shown}'."
            ),
        ));
    }
    encode(&convert_styled(&value, from, to, None)?, to)
}

/// SQL Server orders a uniqueidentifier by its last six bytes first.
fn guid_order(context: &Context<'_>) -> std::result::Result<Stored, SqlError> {
    let Value::Uuid(id) = decode(context.get_raw(0), SqlType::UniqueIdentifier)? else {
        return Ok(Stored::Null);
    };
    let b = id.to_bytes_le();
    let order = [10, 11, 12, 13, 14, 15, 8, 9, 6, 7, 4, 5, 0, 1, 2, 3].map(|at: usize| b[at]);
    Ok(Stored::Blob(order.to_vec()))
}

/// The moment of a datetimeoffset in UTC, whose text order is time order.
fn utc(context: &Context<'_>) -> std::result::Result<Stored, SqlError> {
    let Value::DateTimeOffset(moment) = decode(context.get_raw(0), SqlType::DateTimeOffset(7))?
    else {
        return Ok(Stored::Null);
    };
    encode(
        &Value::DateTimeOffset(moment.to_offset(time::UtcOffset::UTC)),
        SqlType::DateTimeOffset(7),
    )
}

//! Conversions between types within the SQLite text.

use super::{
    scope::{Form, Typed},
    text_literal,
};
use crate::{
    error::SqlError,
    value::{Length, SqlType},
};

pub use super::{
    declared::data_type,
    storage::{decode, encode},
    value_conversion::{convert_styled, convert_value},
};

/// Converts as CAST, SET and parameters do: text that is too long is cut silently.
pub fn convert(typed: Typed, to: SqlType) -> Result<Typed, SqlError> {
    convert_with(typed, to, None, false)
}

/// Converts as CONVERT with a style does; `attempt` answers NULL where a value does not convert (TRY_CAST, TRY_CONVERT).
pub fn convert_with(
    typed: Typed,
    to: SqlType,
    style: Option<&Typed>,
    attempt: bool,
) -> Result<Typed, SqlError> {
    if typed.is_bare_null() {
        return Ok(Typed::new("NULL", to, true));
    }
    if style.is_none()
        && let Some(sql) = direct(&typed, to)
    {
        return Ok(Typed {
            sql,
            sql_type: to,
            nullable: typed.nullable,
            form: kept_form(typed.form, typed.sql_type == to),
        });
    }
    let function = if attempt {
        "mssql_try_convert"
    } else {
        "mssql_convert"
    };
    let sql = format!(
        "{function}({}, {}, {}, {})",
        typed.sql,
        typed.sql_type.code(),
        to.code(),
        style.map_or("NULL", |style| style.sql.as_str())
    );
    Ok(Typed::new(
        sql,
        to,
        typed.nullable || attempt || style.is_some_and(|style| style.nullable),
    ))
}

fn kept_form(form: Form, same: bool) -> Form {
    if same { form } else { Form::Other }
}

/// Converts as an assignment to a column does: text or bytes that are too long are error 2628, and conversions that
/// SQL Server does not do without being asked are errors 257 and 206.
pub fn assign(typed: Typed, to: SqlType, table: &str, column: &str) -> Result<Typed, SqlError> {
    implicit_allowed(&typed, to)?;
    let shrinks = match (typed.sql_type.limit(), to.limit()) {
        (_, None) => false,
        (Some(from), Some(limit)) => from > limit,
        (None, Some(_)) => typed.sql_type.is_text() || typed.sql_type.is_binary(),
    };
    if !shrinks || typed.is_bare_null() || !(typed.sql_type.is_text() || typed.sql_type.is_binary())
    {
        return convert(typed, to);
    }
    let sql = format!(
        "mssql_assign({}, {}, {}, {}, {})",
        typed.sql,
        typed.sql_type.code(),
        to.code(),
        text_literal(table),
        text_literal(column)
    );
    Ok(Typed::new(sql, to, typed.nullable))
}

/// Errors 257 and 206 for what SQL Server converts only when asked to.
pub fn implicit_allowed(typed: &Typed, to: SqlType) -> Result<(), SqlError> {
    let from = typed.sql_type;
    if typed.is_bare_null() || from == to {
        return Ok(());
    }
    let numeric = |t: SqlType| {
        t.is_whole() || matches!(t, SqlType::Bit | SqlType::Float | SqlType::Decimal { .. })
    };
    if from.is_text() && to.is_binary() {
        return Err(SqlError::new(
            257,
            format!(
                "Implicit conversion from data type {} to {} is not allowed. Use the CONVERT function to run this query.",
                from.name(),
                to.name()
            ),
        ));
    }
    let clash = (numeric(from) && to.is_temporal())
        || (from.is_temporal() && numeric(to))
        || (from == SqlType::UniqueIdentifier && (numeric(to) || to.is_temporal()))
        || (to == SqlType::UniqueIdentifier && (numeric(from) || from.is_temporal()))
        || (from.is_binary() && (to.is_temporal() || to == SqlType::Float))
        || (to.is_binary() && from.is_temporal());
    if clash {
        return Err(SqlError::new(
            206,
            format!(
                "Operand type clash: {} is incompatible with {}",
                from.name(),
                to.name()
            ),
        ));
    }
    Ok(())
}

/// The text of a conversion that needs no function; None when it does.
fn direct(typed: &Typed, to: SqlType) -> Option<String> {
    let from = typed.sql_type;
    let sql = &typed.sql;
    if from == to {
        return Some(sql.clone());
    }
    match (from, to) {
        (SqlType::Bit, t) if t.is_whole() => Some(sql.clone()),
        (f, t) if f.is_whole() && t.is_whole() => {
            let ((from_least, from_most), (least, most)) = (f.range()?, t.range()?);
            let literal = matches!(typed.form, Form::Literal { .. })
                .then(|| sql.parse::<i64>().ok())
                .flatten();
            let fits = literal.map_or(least <= from_least && from_most <= most, |n| {
                least <= n && n <= most
            });
            fits.then(|| sql.clone())
        }
        (f, SqlType::Float) if f.is_whole() || f == SqlType::Bit => {
            Some(format!("CAST({sql} AS REAL)"))
        }
        (f, SqlType::Decimal { precision, scale }) if f.is_whole() || f == SqlType::Bit => {
            let digits = super::inference::decimal_of(typed)?.0;
            up_scaled(sql, digits, 0, precision, scale)
        }
        (
            SqlType::Decimal {
                precision: p,
                scale: s,
            },
            SqlType::Decimal { precision, scale },
        ) => up_scaled(sql, p, s, precision, scale),
        (f, t) if f.is_text() && t.is_text() => {
            let fixed = matches!(t, SqlType::Char(_) | SqlType::NChar(_));
            let narrows_code_page = f.is_unicode() && !t.is_unicode();
            let fits = match (f.limit(), t.limit()) {
                (_, None) => true,
                (Some(from), Some(limit)) => from <= limit,
                (None, Some(_)) => false,
            };
            (!fixed && !narrows_code_page && fits).then(|| sql.clone())
        }
        (f, SqlType::VarBinary(length)) if f.is_binary() => match (f.limit(), length) {
            (_, Length::Max) => Some(sql.clone()),
            (Some(from), Length::Limited(limit)) if from <= usize::from(limit) => Some(sql.clone()),
            _ => None,
        },
        (SqlType::DateTime2(f), SqlType::DateTime2(t)) if f <= t => Some(sql.clone()),
        (SqlType::DateTime, SqlType::DateTime2(t)) if t >= 3 => Some(sql.clone()),
        (SqlType::Date, SqlType::DateTime2(_)) => Some(format!("({sql} || ' 00:00:00.0000000')")),
        (SqlType::DateTimeOffset(f), SqlType::DateTimeOffset(t)) if f <= t => Some(sql.clone()),
        _ => None,
    }
}

/// A scaled integer with more digits after the point, where nothing can overflow.
fn up_scaled(sql: &str, digits: u8, from_scale: u8, precision: u8, scale: u8) -> Option<String> {
    let more = scale.checked_sub(from_scale)?;
    if digits - from_scale > precision - scale || (more > 0 && digits + more > 18) {
        return None;
    }
    Some(if more == 0 {
        sql.to_owned()
    } else {
        format!("({sql} * {})", 10_i64.pow(u32::from(more)))
    })
}

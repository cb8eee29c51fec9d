//! Functions of dates. The clock is the statement's: every call in it gives the same time.

use sqlparser::ast::Expr;
use time::UtcOffset;

use super::{
    conversion,
    expression::expression,
    functions::whole,
    moments,
    scope::{Scope, Typed},
    text_literal,
};
use crate::{
    error::SqlError,
    scalar_functions::Part,
    value::{SqlType, Value},
};

pub(super) fn function(
    scope: &Scope<'_>,
    name: &str,
    arguments: &[&Expr],
) -> Result<Option<Typed>, SqlError> {
    let typed = match (name, arguments) {
        ("SYSUTCDATETIME" | "SYSDATETIME", []) => now(scope, SqlType::DateTime2(7)),
        ("GETUTCDATE" | "GETDATE" | "CURRENT_TIMESTAMP", []) => now(scope, SqlType::DateTime),
        ("SYSDATETIMEOFFSET", []) => now(scope, SqlType::DateTimeOffset(7)),
        ("DATEADD", [part, number, date]) => date_add(scope, part, number, date),
        ("DATEDIFF", [part, start, end]) => date_diff(scope, part, start, end, false),
        ("DATEDIFF_BIG", [part, start, end]) => date_diff(scope, part, start, end, true),
        ("DATEPART", [part, date]) => date_part(scope, part_of(part)?, date),
        ("YEAR", [date]) => date_part(scope, "year", date),
        ("MONTH", [date]) => date_part(scope, "month", date),
        ("DAY", [date]) => date_part(scope, "day", date),
        ("DATEFROMPARTS", [year, month, day]) => {
            let (year, month, day) = (
                whole(scope, year)?,
                whole(scope, month)?,
                whole(scope, day)?,
            );
            let nullable = year.nullable || month.nullable || day.nullable;
            Ok(Typed::new(
                format!(
                    "mssql_datefromparts({}, {}, {})",
                    year.sql, month.sql, day.sql
                ),
                SqlType::Date,
                nullable,
            ))
        }
        ("EOMONTH", [date]) => end_of_month(scope, date, None),
        ("EOMONTH", [date, months]) => end_of_month(scope, date, Some(months)),
        _ => return Ok(None),
    };
    typed.map(Some)
}

fn now(scope: &Scope<'_>, sql_type: SqlType) -> Result<Typed, SqlError> {
    let now = scope.statement.session.now;
    let value = match sql_type {
        SqlType::DateTimeOffset(_) => Value::DateTimeOffset(now.assume_offset(UtcOffset::UTC)),
        SqlType::DateTime => Value::DateTime(moments::round_to_ticks(now).unwrap_or(now)),
        _ => Value::DateTime(moments::round_to_scale(now, 7).unwrap_or(now)),
    };
    let stored = conversion::encode(&value, sql_type)?;
    // A key with a blank cannot be a variable's.
    Ok(Typed::new(
        scope
            .statement
            .bind(&format!("now {}", sql_type.name()), || stored),
        sql_type,
        false,
    ))
}

/// The canonical text of a date part, which stands as a bare name.
fn part_of(expr: &Expr) -> Result<&str, SqlError> {
    match expr {
        Expr::Identifier(name)
            if name.quote_style.is_none() && Part::named(&name.value).is_some() =>
        {
            Ok(&name.value)
        }
        other => Err(SqlError::new(
            155,
            format!("'{other}' is not a recognized datepart option."),
        )),
    }
}

/// An expression as a date: text becomes datetime2 here, which reads more than datetime does.
fn date(scope: &Scope<'_>, expr: &Expr) -> Result<Typed, SqlError> {
    dated(expression(scope, expr)?)
}

fn dated(typed: Typed) -> Result<Typed, SqlError> {
    if typed.is_bare_null() || typed.sql_type.is_text() {
        return conversion::convert(typed, SqlType::DateTime2(7));
    }
    if typed.sql_type.is_temporal() {
        return Ok(typed);
    }
    Err(SqlError::new(
        8116,
        format!(
            "Argument data type {} is invalid for this date function.",
            typed.sql_type.name()
        ),
    ))
}

fn date_add(
    scope: &Scope<'_>,
    part: &Expr,
    number: &Expr,
    moment: &Expr,
) -> Result<Typed, SqlError> {
    let part = part_of(part)?;
    let number = expression(scope, number)?;
    conversion::implicit_allowed(&number, SqlType::Int)?;
    let number = conversion::convert(number, SqlType::Int)?;
    let moment = expression(scope, moment)?;
    // DATEADD of a text answers datetime, unlike the functions that only read.
    let moment = if moment.sql_type.is_text() || moment.is_bare_null() {
        conversion::convert(moment, SqlType::DateTime)?
    } else {
        dated(moment)?
    };
    let sql = format!(
        "mssql_dateadd({}, {}, {}, {})",
        text_literal(part),
        number.sql,
        moment.sql,
        moment.sql_type.code()
    );
    Ok(Typed::new(
        sql,
        moment.sql_type,
        number.nullable || moment.nullable,
    ))
}

/// A date as datetime2, a datetimeoffset as its moment in UTC: what differences are counted on.
fn comparable_moment(typed: Typed) -> Result<Typed, SqlError> {
    if let SqlType::DateTimeOffset(_) = typed.sql_type {
        let utc = Typed::new(
            format!("substr(mssql_utc({}), 1, 27)", typed.sql),
            SqlType::DateTime2(7),
            typed.nullable,
        );
        return Ok(utc);
    }
    conversion::convert(typed, SqlType::DateTime2(7))
}

fn date_diff(
    scope: &Scope<'_>,
    part: &Expr,
    start: &Expr,
    end: &Expr,
    big: bool,
) -> Result<Typed, SqlError> {
    let part = part_of(part)?;
    let (start, end) = (
        comparable_moment(date(scope, start)?)?,
        comparable_moment(date(scope, end)?)?,
    );
    let sql = format!(
        "mssql_datediff({}, {}, {}, {})",
        text_literal(part),
        start.sql,
        end.sql,
        u8::from(big)
    );
    Ok(Typed::new(
        sql,
        if big { SqlType::BigInt } else { SqlType::Int },
        start.nullable || end.nullable,
    ))
}

fn date_part(scope: &Scope<'_>, part: &str, moment: &Expr) -> Result<Typed, SqlError> {
    // The parts of a datetimeoffset are those of its local time.
    let moment = conversion::convert(date(scope, moment)?, SqlType::DateTime2(7))?;
    Ok(Typed::new(
        format!("mssql_datepart({}, {})", text_literal(part), moment.sql),
        SqlType::Int,
        moment.nullable,
    ))
}

fn end_of_month(
    scope: &Scope<'_>,
    moment: &Expr,
    months: Option<&Expr>,
) -> Result<Typed, SqlError> {
    let moment = conversion::convert(date(scope, moment)?, SqlType::Date)?;
    let months = months
        .map(|months| whole(scope, months))
        .transpose()?
        .map_or("0".to_owned(), |months| months.sql);
    Ok(Typed::new(
        format!("mssql_eomonth({}, {months})", moment.sql),
        SqlType::Date,
        true,
    ))
}

//! The values of a change as other producers write them: number or text of it, true or "true", dates with or without a time.
//! Null, empty text, 0 as an id and the first day of the calendar (a date that was never set) count as not said.

use std::str::FromStr;

use rust_decimal::Decimal;
use serde_json::Value;
use time::{Date, format_description::BorrowedFormatItem, macros::format_description};

use crate::billed::amount_limit;

const DAY: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]");

/// What a member says, when it is to be a value of type `T`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Read<T> {
    /// Nothing.
    NotSaid,
    /// This.
    Said(T),
    /// Something else.
    Wrong,
}

/// Text, trimmed; a number or a truth as its text.
pub(crate) fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim().to_owned()),
        Value::Number(number) => Some(
            number
                .as_f64()
                .and_then(whole_float)
                .map_or_else(|| number.to_string(), |whole| whole.to_string()),
        ),
        Value::Bool(said) => Some(said.to_string()),
        Value::Null => Some(String::new()),
        Value::Array(_) | Value::Object(_) => None,
    }
}

pub(crate) fn flag(value: &Value) -> Read<bool> {
    match text(value)
        .as_deref()
        .map(str::to_ascii_lowercase)
        .as_deref()
    {
        Some("") => Read::NotSaid,
        Some("true" | "1") => Read::Said(true),
        Some("false" | "0") => Read::Said(false),
        _ => Read::Wrong,
    }
}

pub(crate) fn whole(value: &Value) -> Read<i32> {
    let Some(text) = text(value) else {
        return Read::Wrong;
    };
    if text.is_empty() {
        return Read::NotSaid;
    }
    match Decimal::from_str(&text).ok().filter(Decimal::is_integer) {
        Some(number) if number.is_zero() => Read::NotSaid,
        Some(number) => match i32::try_from(number.trunc()) {
            Ok(number) if number > 0 => Read::Said(number),
            _ => Read::Wrong,
        },
        None => Read::Wrong,
    }
}

/// An amount of zero or more with at most four digits after the point.
pub(crate) fn decimal(value: &Value) -> Read<Decimal> {
    let text = match value {
        Value::Null => return Read::NotSaid,
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.trim().to_owned(),
        _ => return Read::Wrong,
    };
    if text.is_empty() {
        return Read::NotSaid;
    }
    let amount = Decimal::from_str(&text).or_else(|_| Decimal::from_scientific(&text));
    match amount.map(|amount| amount.normalize()) {
        Ok(amount)
            if (!amount.is_sign_negative() || amount.is_zero())
                && amount < amount_limit()
                && amount.scale() <= 4 =>
        {
            Read::Said(amount)
        }
        _ => Read::Wrong,
    }
}

/// The day as it is written; a time and an offset behind it do not move it.
pub(crate) fn day(value: &Value) -> Read<Date> {
    let Value::String(written) = value else {
        return Read::Wrong;
    };
    let written = written.trim();
    if written.is_empty() {
        return Read::NotSaid;
    }
    let (day, rest) = written.split_at_checked(10).unwrap_or((written, ""));
    if !(rest.is_empty() || rest.starts_with(['T', ' '])) {
        return Read::Wrong;
    }
    match Date::parse(day, DAY) {
        Ok(day) if (2000..2100).contains(&day.year()) => Read::Said(day),
        Ok(day) if day.year() == 1 => Read::NotSaid,
        _ => Read::Wrong,
    }
}

/// A float that is a whole number, so that 1001.0 reads as 1001.
fn whole_float(number: f64) -> Option<i64> {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the range is checked before"
    )]
    (number.fract() == 0.0 && number.abs() < 9e15).then_some(number as i64)
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use time::macros::date;

    use super::*;

    #[test]
    fn a_number_is_read_from_its_text_and_0_says_nothing() {
        for value in [json!(7), json!("7"), json!(" 7 "), json!(7.0), json!("7.0")] {
            assert_eq!(whole(&value), Read::Said(7), "{value}");
        }
        for value in [json!(0), json!("0"), json!(""), json!(" "), json!(null)] {
            assert_eq!(whole(&value), Read::NotSaid, "{value}");
        }
        for value in [
            json!(-1),
            json!(7.5),
            json!("x"),
            json!(2_147_483_648_i64),
            json!([7]),
            json!(true),
        ] {
            assert_eq!(whole(&value), Read::Wrong, "{value}");
        }
    }

    #[test]
    fn a_day_is_the_one_that_is_written() {
        for text in [
            "2026-03-01",
            "2026-03-01T00:00:00",
            "2026-03-01T00:00:00Z",
            "2026-03-01T23:59:59.999-08:00",
            "2026-03-01 00:00:00",
        ] {
            assert_eq!(
                day(&json!(text)),
                Read::Said(date!(2026 - 03 - 01)),
                "{text}"
            );
        }
        for value in [json!(""), json!("0001-01-01T00:00:00")] {
            assert_eq!(day(&value), Read::NotSaid, "{value}");
        }
        for value in [
            json!("2026-02-30"),
            json!("03/01/2026"),
            json!("1999-12-31"),
            json!(20_260_301),
            json!("2026-03-011"),
        ] {
            assert_eq!(day(&value), Read::Wrong, "{value}");
        }
    }

    #[test]
    fn truth_and_amounts_are_read_from_text() {
        for value in [
            json!(true),
            json!("true"),
            json!("True"),
            json!(1),
            json!("1"),
        ] {
            assert_eq!(flag(&value), Read::Said(true), "{value}");
        }
        assert_eq!(flag(&json!("yes")), Read::Wrong);
        for value in [json!(4.5), json!("4.50"), json!("4.5")] {
            assert_eq!(decimal(&value), Read::Said(Decimal::new(45, 1)), "{value}");
        }
        for value in [json!(-1), json!("4,50"), json!(0.000_01), json!(true)] {
            assert_eq!(decimal(&value), Read::Wrong, "{value}");
        }
    }
}

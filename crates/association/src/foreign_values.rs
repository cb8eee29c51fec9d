//! The values of a change as other producers write them: number or text of it, true or "true", dates with or without a time.
//! Null, empty text, 0 as an id and the first day of the calendar (a date that was never set) count as not said.

use rust_decimal::Decimal;
use serde_json::Value;
use time::{Date, format_description::BorrowedFormatItem, macros::format_description};

use crate::{
    billed::amount_limit,
    limits::{FIRST_YEAR, LAST_YEAR},
    members::{exactly, is_amount},
};

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
        // So that 1001.0 reads as 1001.
        Value::Number(number) => Some(
            exactly(&number.to_string())
                .map_or_else(|| number.to_string(), |exact| exact.to_string()),
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
    match exactly(&text)
        .filter(Decimal::is_integer)
        .and_then(|number| i32::try_from(number).ok())
    {
        Some(0) => Read::NotSaid,
        Some(number @ 1..) => Read::Said(number),
        _ => Read::Wrong,
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
    exactly(&text)
        .filter(|amount| is_amount(*amount, amount_limit()))
        .map_or(Read::Wrong, Read::Said)
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
        Ok(day) if (FIRST_YEAR..=LAST_YEAR).contains(&day.year()) => Read::Said(day),
        Ok(day) if day.year() == 1 => Read::NotSaid,
        _ => Read::Wrong,
    }
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
    fn a_day_lies_between_2000_and_2099() {
        assert_eq!(day(&json!("2000-01-01")), Read::Said(date!(2000 - 01 - 01)));
        assert_eq!(
            day(&json!(" 2099-12-31 ")),
            Read::Said(date!(2099 - 12 - 31))
        );
        for text in ["2100-01-01", "1999-12-31", "0002-01-01", "2026"] {
            assert_eq!(day(&json!(text)), Read::Wrong, "{text}");
        }
    }

    #[test]
    fn truth_is_read_from_text_and_numbers() {
        for value in [
            json!(true),
            json!("true"),
            json!("True"),
            json!(1),
            json!("1"),
        ] {
            assert_eq!(flag(&value), Read::Said(true), "{value}");
        }
        for value in [json!(false), json!(" FALSE "), json!(0), json!("0")] {
            assert_eq!(flag(&value), Read::Said(false), "{value}");
        }
        for value in [json!(""), json!(" "), json!(null)] {
            assert_eq!(flag(&value), Read::NotSaid, "{value}");
        }
        for value in [json!("yes"), json!(2), json!([true]), json!({})] {
            assert_eq!(flag(&value), Read::Wrong, "{value}");
        }
    }

    #[test]
    fn an_amount_is_read_exactly_with_four_digits_at_most() {
        for value in [json!(4.5), json!("4.50"), json!("4.5"), json!("45e-1")] {
            assert_eq!(decimal(&value), Read::Said(Decimal::new(45, 1)), "{value}");
        }
        for value in [json!(0), json!("0.00"), json!(-0.0), json!("-0")] {
            assert_eq!(decimal(&value), Read::Said(Decimal::ZERO), "{value}");
        }
        let largest = Decimal::new(9_999_999_999_999_999, 4);
        assert_eq!(decimal(&json!("999999999999.9999")), Read::Said(largest));
        assert_eq!(decimal(&json!("0.00010")), Read::Said(Decimal::new(1, 4)));
        for value in [json!(null), json!(""), json!(" ")] {
            assert_eq!(decimal(&value), Read::NotSaid, "{value}");
        }
        for value in [
            json!(-1),
            json!("-0.0001"),
            json!("4,50"),
            json!(0.000_01),
            json!("1000000000000"),
            json!(1e12),
            json!(true),
            json!([1]),
        ] {
            assert_eq!(decimal(&value), Read::Wrong, "{value}");
        }
    }

    #[test]
    fn a_number_is_its_own_text() {
        for (value, written) in [
            (json!(1001), "1001"),
            (json!(1001.0), "1001"),
            (json!(9_007_199_254_740_993_i64), "9007199254740993"),
            (json!(1e16), "10000000000000000"),
            (json!(0.25), "0.25"),
            (json!(1e300), "1e+300"),
            (json!(true), "true"),
            (json!(" x "), "x"),
            (json!(null), ""),
        ] {
            assert_eq!(text(&value).as_deref(), Some(written), "{value}");
        }
        for value in [json!([1]), json!({})] {
            assert_eq!(text(&value), None, "{value}");
        }
    }
}

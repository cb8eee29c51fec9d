//! CAST and CONVERT of one value, with SQL Server's errors.

use rust_decimal::{
    Decimal, RoundingStrategy,
    prelude::{FromPrimitive, ToPrimitive},
};
use time::{OffsetDateTime, PrimitiveDateTime, UtcOffset};
use uuid::Uuid;

use super::{binary_conversion, moments, text_of};
use crate::{
    error::SqlError,
    value::{SqlType, Value},
};

/// Converts a value of one type to another as CAST does, for parameters and variables: see [`convert_styled`].
pub fn convert_value(value: &Value, from: SqlType, to: SqlType) -> Result<Value, SqlError> {
    convert_styled(value, from, to, None)
}

/// Converts a value of one type to another as CAST does (`style` None) or CONVERT with a style.
/// Text that is too long for the target is cut silently. Errors: 241, 244, 245, 248, 8114, 8115, 8169, 220, 529.
pub fn convert_styled(
    value: &Value,
    from: SqlType,
    to: SqlType,
    style: Option<i64>,
) -> Result<Value, SqlError> {
    if *value == Value::Null {
        return Ok(Value::Null);
    }
    match to {
        SqlType::Bit => to_bit(value, from),
        SqlType::TinyInt | SqlType::SmallInt | SqlType::Int | SqlType::BigInt => {
            to_whole(value, from, to).map(Value::Int)
        }
        SqlType::Float => to_float(value, from).map(Value::Float),
        SqlType::Decimal { precision, scale } => {
            to_decimal(value, from, precision, scale).map(Value::Decimal)
        }
        SqlType::NVarChar(_) | SqlType::VarChar(_) | SqlType::Char(_) | SqlType::NChar(_) => {
            text_of::text_of(value, from, to, style).map(Value::Text)
        }
        SqlType::VarBinary(_) | SqlType::Binary(_) => {
            binary_conversion::to_binary(value, from, to, style).map(Value::Binary)
        }
        SqlType::UniqueIdentifier => to_uuid(value, from),
        SqlType::Date | SqlType::DateTime | SqlType::DateTime2(_) | SqlType::DateTimeOffset(_) => {
            to_moment(value, from, to)
        }
    }
}

/// Error 529: no conversion between these types exists.
pub(super) fn not_allowed(from: SqlType, to: SqlType) -> SqlError {
    SqlError::new(
        529,
        format!(
            "Explicit conversion from data type {} to {} is not allowed.",
            from.name(),
            to.name()
        ),
    )
}

/// Error 245 for a text that does not read as the target.
fn unreadable(text: &str, from: SqlType, to: SqlType) -> SqlError {
    SqlError::new(
        245,
        format!(
            "Conversion failed when converting the {} value '{text}' to data type {}.",
            from.name(),
            to.name()
        ),
    )
}

/// Error 8114, the form that bigint, decimal and float have for a text that does not read as a number.
fn unreadable_number(from: SqlType, to: SqlType) -> SqlError {
    SqlError::new(
        8114,
        format!(
            "Error converting data type {} to {}.",
            from.name(),
            to.name()
        ),
    )
}

/// Error 8115.
pub(super) fn overflow(to: SqlType) -> SqlError {
    SqlError::new(
        8115,
        format!(
            "Arithmetic overflow error converting expression to data type {}.",
            to.name()
        ),
    )
}

fn to_bit(value: &Value, from: SqlType) -> Result<Value, SqlError> {
    let bit = match value {
        Value::Bit(bit) => *bit,
        Value::Int(number) => *number != 0,
        Value::Float(number) => *number != 0.0,
        Value::Decimal(number) => !number.is_zero(),
        Value::Text(text) => match text.trim().to_lowercase().as_str() {
            "true" => true,
            "false" | "" => false,
            number => {
                number
                    .parse::<i64>()
                    .map_err(|_| unreadable(text, from, SqlType::Bit))?
                    != 0
            }
        },
        _ => return Err(not_allowed(from, SqlType::Bit)),
    };
    Ok(Value::Bit(bit))
}

fn to_whole(value: &Value, from: SqlType, to: SqlType) -> Result<i64, SqlError> {
    let number = match value {
        Value::Bit(bit) => i64::from(*bit),
        Value::Int(number) => *number,
        #[expect(
            clippy::cast_possible_truncation,
            reason = "the range was checked; the fraction is cut, as SQL Server does"
        )]
        Value::Float(number) if number.abs() < 9.2e18 => *number as i64,
        Value::Float(_) => return Err(overflow(to)),
        Value::Decimal(number) => number.trunc().to_i64().ok_or_else(|| overflow(to))?,
        Value::Text(text) => return whole_of_text(text, from, to),
        Value::Binary(bytes) => whole_of_bytes(bytes),
        _ => return Err(not_allowed(from, to)),
    };
    let (least, most) = to.range().unwrap_or((i64::MIN, i64::MAX));
    if (least..=most).contains(&number) {
        return Ok(number);
    }
    Err(match to {
        SqlType::TinyInt | SqlType::SmallInt => SqlError::new(
            220,
            format!(
                "Arithmetic overflow error for data type {}, value = {number}.",
                to.name()
            ),
        ),
        _ => overflow(to),
    })
}

fn whole_of_bytes(bytes: &[u8]) -> i64 {
    bytes
        .iter()
        .rev()
        .take(8)
        .rev()
        .fold(0_i64, |sum, byte| (sum << 8) | i64::from(*byte))
}

fn whole_of_text(text: &str, from: SqlType, to: SqlType) -> Result<i64, SqlError> {
    let digits = text.trim();
    let wrong = || {
        if to == SqlType::BigInt {
            unreadable_number(from, to)
        } else {
            unreadable(text, from, to)
        }
    };
    if digits.is_empty() {
        return Ok(0);
    }
    let unsigned = digits.strip_prefix(['+', '-']).unwrap_or(digits);
    if unsigned.is_empty() || !unsigned.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(wrong());
    }
    let (least, most) = to.range().unwrap_or((i64::MIN, i64::MAX));
    match digits.parse::<i64>() {
        Ok(number) if (least..=most).contains(&number) => Ok(number),
        _ => Err(match to {
            SqlType::Int => SqlError::new(
                248,
                format!(
                    "The conversion of the {} value '{text}' overflowed an int column.",
                    from.name()
                ),
            ),
            SqlType::TinyInt | SqlType::SmallInt => SqlError::new(
                244,
                format!(
                    "The conversion of the {} value '{text}' overflowed an {} column. Use a larger integer column.",
                    from.name(),
                    if to == SqlType::TinyInt {
                        "INT1"
                    } else {
                        "INT2"
                    }
                ),
            ),
            _ => SqlError::new(
                8115,
                format!(
                    "Arithmetic overflow error converting expression to data type {}.",
                    to.name()
                ),
            ),
        }),
    }
}

fn to_float(value: &Value, from: SqlType) -> Result<f64, SqlError> {
    match value {
        Value::Bit(bit) => Ok(f64::from(u8::from(*bit))),
        #[expect(
            clippy::cast_precision_loss,
            reason = "float holds 53 bits in SQL Server too"
        )]
        Value::Int(number) => Ok(*number as f64),
        Value::Float(number) => Ok(*number),
        Value::Decimal(number) => number
            .to_string()
            .parse()
            .map_err(|_| overflow(SqlType::Float)),
        Value::Text(text) if text.trim().is_empty() => Ok(0.0),
        Value::Text(text) => {
            let known = text
                .trim()
                .bytes()
                .all(|b| b.is_ascii_digit() || matches!(b, b'+' | b'-' | b'.' | b'e' | b'E'));
            text.trim()
                .parse()
                .ok()
                .filter(|number: &f64| known && number.is_finite())
                .ok_or_else(|| unreadable_number(from, SqlType::Float))
        }
        _ => Err(not_allowed(from, SqlType::Float)),
    }
}

fn to_decimal(value: &Value, from: SqlType, precision: u8, scale: u8) -> Result<Decimal, SqlError> {
    let to = SqlType::Decimal { precision, scale };
    let too_big = || {
        SqlError::new(
            8115,
            format!(
                "Arithmetic overflow error converting {} to data type numeric.",
                from.name()
            ),
        )
    };
    let number = match value {
        Value::Bit(bit) => Decimal::from(u8::from(*bit)),
        Value::Int(number) => Decimal::from(*number),
        Value::Float(number) => Decimal::from_f64(*number).ok_or_else(too_big)?,
        Value::Decimal(number) => *number,
        Value::Text(text) => decimal_of_text(text).ok_or_else(|| unreadable_number(from, to))?,
        _ => return Err(not_allowed(from, to)),
    };
    let rounded =
        number.round_dp_with_strategy(u32::from(scale), RoundingStrategy::MidpointAwayFromZero);
    let most = 10_i128
        .checked_pow(u32::from(precision - scale))
        .unwrap_or(i128::MAX);
    if rounded
        .trunc()
        .to_i128()
        .is_none_or(|whole| whole.abs() >= most)
    {
        return Err(too_big());
    }
    Ok(rounded)
}

/// A decimal as T-SQL writes it: sign, digits, one point. No exponent, unlike float.
pub(crate) fn decimal_of_text(text: &str) -> Option<Decimal> {
    let digits = text.trim();
    let unsigned = digits.strip_prefix(['+', '-']).unwrap_or(digits);
    let plain = unsigned
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'.');
    if !plain || !unsigned.bytes().any(|byte| byte.is_ascii_digit()) {
        return None;
    }
    digits.trim_start_matches('+').parse().ok()
}

fn to_uuid(value: &Value, from: SqlType) -> Result<Value, SqlError> {
    match value {
        Value::Uuid(id) => Ok(Value::Uuid(*id)),
        Value::Text(text) => {
            let plain = text.trim();
            // SQL Server reads 36 characters, with or without braces, and ignores what follows.
            let inner = plain
                .strip_prefix('{')
                .and_then(|rest| rest.split_once('}'))
                .map_or(plain, |(inner, _)| inner);
            let id = inner
                .get(..36)
                .and_then(|first| Uuid::try_parse(first).ok());
            id.map(Value::Uuid).ok_or_else(|| {
                SqlError::new(8169, "Conversion failed when converting from a character string to uniqueidentifier.")
            })
        }
        Value::Binary(bytes) => {
            let bytes: [u8; 16] = bytes
                .get(..16)
                .and_then(|first| first.try_into().ok())
                .ok_or_else(|| not_allowed(from, SqlType::UniqueIdentifier))?;
            Ok(Value::Uuid(Uuid::from_bytes_le(bytes)))
        }
        _ => Err(not_allowed(from, SqlType::UniqueIdentifier)),
    }
}

fn to_moment(value: &Value, from: SqlType, to: SqlType) -> Result<Value, SqlError> {
    let (local, offset) = match value {
        Value::Date(date) => (date.midnight(), None),
        Value::DateTime(moment) => (*moment, None),
        Value::DateTimeOffset(moment) => (
            PrimitiveDateTime::new(moment.date(), moment.time()),
            Some(moment.offset()),
        ),
        Value::Text(text) => {
            let parsed = moments::parse(text).ok_or_else(unreadable_moment)?;
            if to == SqlType::DateTime && parsed.fraction_digits > 3 {
                return Err(unreadable_moment());
            }
            if !matches!(to, SqlType::DateTimeOffset(_))
                && parsed.offset.is_some_and(|offset| offset != UtcOffset::UTC)
            {
                return Err(SqlError::unsupported(format_args!(
                    "a text with an offset as {}",
                    to.name()
                )));
            }
            (parsed.local, parsed.offset)
        }
        _ => return Err(not_allowed(from, to)),
    };
    let out_of_range = || {
        SqlError::new(
            517,
            format!(
                "Adding a value to a '{}' column caused an overflow.",
                to.name()
            ),
        )
    };
    match to {
        SqlType::Date => Ok(Value::Date(local.date())),
        SqlType::DateTime => {
            if local.year() < 1753 {
                return Err(SqlError::new(
                    242,
                    format!(
                        "The conversion of a {} data type to a datetime data type resulted in an out-of-range value.",
                        from.name()
                    ),
                ));
            }
            moments::round_to_ticks(local)
                .map(Value::DateTime)
                .ok_or_else(out_of_range)
        }
        SqlType::DateTimeOffset(scale) => {
            let rounded = moments::round_to_scale(local, scale).ok_or_else(out_of_range)?;
            let zoned: OffsetDateTime = rounded.assume_offset(offset.unwrap_or(UtcOffset::UTC));
            Ok(Value::DateTimeOffset(zoned))
        }
        SqlType::DateTime2(scale) => moments::round_to_scale(local, scale)
            .map(Value::DateTime)
            .ok_or_else(out_of_range),
        _ => Err(not_allowed(from, to)),
    }
}

fn unreadable_moment() -> SqlError {
    SqlError::new(
        241,
        "Conversion failed when converting date and/or time from character string.",
    )
}

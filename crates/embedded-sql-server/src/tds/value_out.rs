//! Values of result columns, to the wire.

use rust_decimal::Decimal;
use time::{Date, PrimitiveDateTime, Time};

use super::{code_page, type_info::decimal_size};
use crate::value::{Length, SqlType, Value};

const NULL_WORD: u16 = 0xFFFF;
/// Bytes in one chunk of a `max` value.
const CHUNK: usize = 0x10_0000;

/// A value that its column cannot carry: a mistake of this server, reported as an error of the statement.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the embedded server has computed {value} for a result column of type {sql_type}")]
pub(super) struct DoesNotFit {
    value: String,
    sql_type: String,
}

/// Writes a value as this type.
pub(super) fn write(
    value: &Value,
    sql_type: SqlType,
    bytes: &mut Vec<u8>,
) -> Result<(), DoesNotFit> {
    let does_not_fit = || DoesNotFit {
        value: format!("{value:?}").chars().take(100).collect(),
        sql_type: format!("{sql_type:?}"),
    };
    if *value == Value::Null {
        null(sql_type, bytes);
        return Ok(());
    }
    match (sql_type, value) {
        (SqlType::Bit, Value::Bit(bit)) => short(&[u8::from(*bit)], bytes),
        (SqlType::Bit, Value::Int(number)) => short(&[u8::from(*number != 0)], bytes),
        (SqlType::TinyInt, Value::Int(number)) => {
            short(
                &u8::try_from(*number)
                    .map_err(|_| does_not_fit())?
                    .to_le_bytes(),
                bytes,
            );
        }
        (SqlType::SmallInt, Value::Int(number)) => {
            short(
                &i16::try_from(*number)
                    .map_err(|_| does_not_fit())?
                    .to_le_bytes(),
                bytes,
            );
        }
        (SqlType::Int, Value::Int(number)) => {
            short(
                &i32::try_from(*number)
                    .map_err(|_| does_not_fit())?
                    .to_le_bytes(),
                bytes,
            );
        }
        (SqlType::BigInt, Value::Int(number)) => short(&number.to_le_bytes(), bytes),
        (SqlType::Float, Value::Float(number)) => short(&number.to_le_bytes(), bytes),
        (SqlType::Decimal { precision, scale }, Value::Decimal(number)) => {
            decimal(*number, precision, scale, bytes).ok_or_else(does_not_fit)?;
        }
        (SqlType::NVarChar(length), Value::Text(text)) => {
            sized(length, &utf16(text), bytes).ok_or_else(does_not_fit)?;
        }
        (SqlType::NChar(length), Value::Text(text)) => {
            let mut padded = utf16(text);
            while padded.len() < usize::from(length) * 2 {
                padded.extend_from_slice(&[b' ', 0]);
            }
            word(&padded, bytes).ok_or_else(does_not_fit)?;
        }
        (SqlType::VarChar(length), Value::Text(text)) => {
            sized(length, &code_page::encode(text), bytes).ok_or_else(does_not_fit)?;
        }
        (SqlType::Char(length), Value::Text(text)) => {
            word(&padded(code_page::encode(text), length, b' '), bytes).ok_or_else(does_not_fit)?;
        }
        (SqlType::VarBinary(length), Value::Binary(binary)) => {
            sized(length, binary, bytes).ok_or_else(does_not_fit)?;
        }
        (SqlType::Binary(length), Value::Binary(binary)) => {
            word(&padded(binary.clone(), length, 0), bytes).ok_or_else(does_not_fit)?;
        }
        (SqlType::UniqueIdentifier, Value::Uuid(uuid)) => short(&uuid.to_bytes_le(), bytes),
        (SqlType::Date, Value::Date(date)) => short(&days(*date).ok_or_else(does_not_fit)?, bytes),
        (SqlType::DateTime2(scale), Value::DateTime(moment)) => {
            short(&date_time(*moment, scale).ok_or_else(does_not_fit)?, bytes);
        }
        (SqlType::DateTime, Value::DateTime(moment)) => {
            short(&old_date_time(*moment).ok_or_else(does_not_fit)?, bytes);
        }
        (SqlType::DateTimeOffset(scale), Value::DateTimeOffset(moment)) => {
            // Universal time goes over the wire, and the offset beside it.
            let utc = moment.to_utc();
            let mut value = date_time(PrimitiveDateTime::new(utc.date(), utc.time()), scale)
                .ok_or_else(does_not_fit)?;
            value.extend_from_slice(&moment.offset().whole_minutes().to_le_bytes());
            short(&value, bytes);
        }
        _ => return Err(does_not_fit()),
    }
    Ok(())
}

fn null(sql_type: SqlType, bytes: &mut Vec<u8>) {
    match sql_type {
        SqlType::NVarChar(Length::Max)
        | SqlType::VarChar(Length::Max)
        | SqlType::VarBinary(Length::Max) => {
            bytes.extend_from_slice(&u64::MAX.to_le_bytes());
        }
        SqlType::NVarChar(_)
        | SqlType::VarChar(_)
        | SqlType::VarBinary(_)
        | SqlType::NChar(_)
        | SqlType::Char(_)
        | SqlType::Binary(_) => {
            bytes.extend_from_slice(&NULL_WORD.to_le_bytes());
        }
        _ => bytes.push(0),
    }
}

/// At most 17 bytes, with their count in one byte before them.
fn short(value: &[u8], bytes: &mut Vec<u8>) {
    bytes.push(u8::try_from(value.len()).unwrap_or(u8::MAX));
    bytes.extend_from_slice(value);
}

fn word(value: &[u8], bytes: &mut Vec<u8>) -> Option<()> {
    let length = u16::try_from(value.len())
        .ok()
        .filter(|length| *length != NULL_WORD)?;
    bytes.extend_from_slice(&length.to_le_bytes());
    bytes.extend_from_slice(value);
    Some(())
}

fn sized(length: Length, value: &[u8], bytes: &mut Vec<u8>) -> Option<()> {
    if length != Length::Max {
        return word(value, bytes);
    }
    bytes.extend_from_slice(&u64::try_from(value.len()).ok()?.to_le_bytes());
    for chunk in value.chunks(CHUNK) {
        bytes.extend_from_slice(&u32::try_from(chunk.len()).ok()?.to_le_bytes());
        bytes.extend_from_slice(chunk);
    }
    bytes.extend_from_slice(&[0; 4]);
    Some(())
}

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

fn padded(mut value: Vec<u8>, length: u16, with: u8) -> Vec<u8> {
    value.resize(value.len().max(usize::from(length)), with);
    value
}

fn decimal(number: Decimal, precision: u8, scale: u8, bytes: &mut Vec<u8>) -> Option<()> {
    let held = number.round_dp_with_strategy(
        u32::from(scale),
        rust_decimal::RoundingStrategy::MidpointAwayFromZero,
    );
    let missing = u32::from(scale).checked_sub(held.scale())?;
    let magnitude = held
        .mantissa()
        .unsigned_abs()
        .checked_mul(10_u128.checked_pow(missing)?)?;
    if magnitude >= 10_u128.checked_pow(u32::from(precision))? {
        return None;
    }
    let size = decimal_size(precision);
    bytes.push(size);
    bytes.push(u8::from(!held.is_sign_negative()));
    bytes.extend_from_slice(magnitude.to_le_bytes().get(..usize::from(size) - 1)?);
    Some(())
}

/// Days since 0001-01-01, in three bytes.
fn days(date: Date) -> Option<[u8; 3]> {
    let first = Date::from_ordinal_date(1, 1).ok()?;
    let count = u32::try_from((date - first).whole_days()).ok()?;
    let [a, b, c, 0] = count.to_le_bytes() else {
        return None;
    };
    Some([a, b, c])
}

fn nanoseconds(time: Time) -> u64 {
    let (hour, minute, second, nanosecond) = time.as_hms_nano();
    (u64::from(hour) * 3600 + u64::from(minute) * 60 + u64::from(second)) * 1_000_000_000
        + u64::from(nanosecond)
}

fn date_time(moment: PrimitiveDateTime, scale: u8) -> Option<Vec<u8>> {
    let unit = 10_u64.pow(9_u32.checked_sub(u32::from(scale))?);
    let size = match scale {
        0..=2 => 3,
        3..=4 => 4,
        _ => 5,
    };
    let mut value = (nanoseconds(moment.time()) / unit)
        .to_le_bytes()
        .get(..size)?
        .to_vec();
    value.extend_from_slice(&days(moment.date())?);
    Some(value)
}

/// Days since 1900 and three-hundredths of a second, four bytes each.
fn old_date_time(moment: PrimitiveDateTime) -> Option<Vec<u8>> {
    let first = Date::from_ordinal_date(1900, 1).ok()?;
    let mut count = i32::try_from((moment.date() - first).whole_days()).ok()?;
    let mut ticks =
        u32::try_from((nanoseconds(moment.time()) * 3 + 5_000_000) / 10_000_000).ok()?;
    if ticks == 24 * 3600 * 300 {
        count += 1;
        ticks = 0;
    }
    Some([count.to_le_bytes(), ticks.to_le_bytes()].concat())
}

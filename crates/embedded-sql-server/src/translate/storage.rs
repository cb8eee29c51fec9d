//! Values between SQL Server's types and what SQLite keeps.

use rusqlite::types::{Value as Stored, ValueRef};
use rust_decimal::{Decimal, prelude::ToPrimitive};
use time::{Date, OffsetDateTime, PrimitiveDateTime};
use uuid::Uuid;

use super::moments;
use crate::{
    error::SqlError,
    value::{SqlType, Value},
};

/// A value of this type as SQLite keeps it. Error 8115 for a decimal beyond 18 digits.
pub fn encode(value: &Value, as_type: SqlType) -> Result<Stored, SqlError> {
    Ok(match value {
        Value::Null => Stored::Null,
        Value::Bit(bit) => Stored::Integer(i64::from(*bit)),
        Value::Int(number) => match as_type {
            SqlType::Decimal { .. } => Stored::Integer(scaled(Decimal::from(*number), as_type)?),
            #[expect(
                clippy::cast_precision_loss,
                reason = "float holds 53 bits in SQL Server too"
            )]
            SqlType::Float => Stored::Real(*number as f64),
            _ => Stored::Integer(*number),
        },
        Value::Float(number) => Stored::Real(*number),
        Value::Decimal(number) => Stored::Integer(scaled(*number, as_type)?),
        Value::Text(text) => Stored::Text(text.clone()),
        Value::Binary(bytes) => Stored::Blob(bytes.clone()),
        Value::Uuid(id) => Stored::Text(id.hyphenated().to_string().to_uppercase()),
        Value::Date(date) => Stored::Text(moments::date_text(*date)),
        Value::DateTime(moment) => Stored::Text(moments::moment_text(*moment)),
        Value::DateTimeOffset(moment) => Stored::Text(moments::offset_text(*moment)),
    })
}

/// The scaled integer of a decimal, rounded half away from zero to the type's scale.
fn scaled(number: Decimal, as_type: SqlType) -> Result<i64, SqlError> {
    let scale = match as_type {
        SqlType::Decimal { scale, .. } => u32::from(scale),
        _ => number.scale(),
    };
    let overflow = || {
        SqlError::new(
            8115,
            "Arithmetic overflow error converting numeric to data type numeric.",
        )
    };
    let mut rounded =
        number.round_dp_with_strategy(scale, rust_decimal::RoundingStrategy::MidpointAwayFromZero);
    rounded.rescale(scale);
    if rounded.scale() != scale {
        return Err(overflow());
    }
    rounded.mantissa().to_i64().ok_or_else(overflow)
}

/// What SQLite answered, as a value of the type that the translation promised.
pub fn decode(stored: ValueRef<'_>, as_type: SqlType) -> Result<Value, SqlError> {
    let mismatch = || {
        SqlError::unsupported(format_args!(
            "a stored {} where the translation promised {}",
            stored.data_type(),
            as_type.name()
        ))
    };
    let text = || stored.as_str().map_err(|_| mismatch());
    Ok(match (as_type, stored) {
        (_, ValueRef::Null) => Value::Null,
        (SqlType::Bit, ValueRef::Integer(number)) => Value::Bit(number != 0),
        (
            SqlType::TinyInt | SqlType::SmallInt | SqlType::Int | SqlType::BigInt,
            ValueRef::Integer(number),
        ) => Value::Int(number),
        (SqlType::Float, ValueRef::Real(number)) => Value::Float(number),
        #[expect(
            clippy::cast_precision_loss,
            reason = "float holds 53 bits in SQL Server too"
        )]
        (SqlType::Float, ValueRef::Integer(number)) => Value::Float(number as f64),
        (SqlType::Decimal { scale, .. }, ValueRef::Integer(number)) => Value::Decimal(
            Decimal::try_from_i128_with_scale(i128::from(number), u32::from(scale))
                .map_err(|_| mismatch())?,
        ),
        (SqlType::NVarChar(_) | SqlType::VarChar(_) | SqlType::Char(_) | SqlType::NChar(_), _) => {
            Value::Text(text()?.to_owned())
        }
        (SqlType::VarBinary(_) | SqlType::Binary(_), ValueRef::Blob(bytes)) => {
            Value::Binary(bytes.to_vec())
        }
        (SqlType::UniqueIdentifier, _) => {
            Value::Uuid(Uuid::parse_str(text()?).map_err(|_| mismatch())?)
        }
        (SqlType::Date, _) => Value::Date(stored_date(text()?).ok_or_else(mismatch)?),
        (SqlType::DateTime | SqlType::DateTime2(_), _) => {
            Value::DateTime(stored_moment(text()?).ok_or_else(mismatch)?)
        }
        (SqlType::DateTimeOffset(_), _) => {
            Value::DateTimeOffset(stored_offset(text()?).ok_or_else(mismatch)?)
        }
        _ => return Err(mismatch()),
    })
}

fn stored_date(text: &str) -> Option<Date> {
    moments::parse(text).map(|parsed| parsed.local.date())
}

fn stored_moment(text: &str) -> Option<PrimitiveDateTime> {
    moments::parse(text).map(|parsed| parsed.local)
}

fn stored_offset(text: &str) -> Option<OffsetDateTime> {
    let parsed = moments::parse(text)?;
    Some(parsed.local.assume_offset(parsed.offset?))
}

#[cfg(test)]
mod tests {
    use time::macros::{date, datetime};

    use super::*;
    use crate::value::Length;

    #[test]
    fn every_type_comes_back_as_it_went_in() {
        let cases = [
            (SqlType::Bit, Value::Bit(true)),
            (SqlType::BigInt, Value::Int(i64::MAX)),
            (SqlType::Float, Value::Float(1.5)),
            (
                SqlType::Decimal {
                    precision: 25,
                    scale: 4,
                },
                Value::Decimal(Decimal::new(1_234_567, 4)),
            ),
            (
                SqlType::NVarChar(Length::Max),
                Value::Text("zażółć".to_owned()),
            ),
            (SqlType::VarBinary(Length::Max), Value::Binary(vec![0, 255])),
            (SqlType::UniqueIdentifier, Value::Uuid(Uuid::from_u128(7))),
            (SqlType::Date, Value::Date(date!(2026 - 02 - 28))),
            (
                SqlType::DateTime2(7),
                Value::DateTime(datetime!(2026-02-28 1:02:03.1234567)),
            ),
            (
                SqlType::DateTimeOffset(7),
                Value::DateTimeOffset(datetime!(2026-02-28 1:02:03.5 -03:30)),
            ),
        ];
        for (sql_type, value) in cases {
            let stored = encode(&value, sql_type).unwrap();
            assert_eq!(
                decode(ValueRef::from(&stored), sql_type).unwrap(),
                value,
                "{sql_type:?}"
            );
        }
    }

    #[test]
    fn a_decimal_beyond_the_kept_digits_is_an_overflow() {
        let value = Value::Decimal(Decimal::new(i64::MAX, 0));
        assert_eq!(
            encode(
                &value,
                SqlType::Decimal {
                    precision: 38,
                    scale: 4
                }
            )
            .unwrap_err()
            .number,
            8115
        );
    }
}

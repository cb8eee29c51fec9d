//! The type that SQL Server gives a combination of types: precedence, lengths, and the precision of arithmetic.

use super::scope::{Form, Typed};
use crate::{
    error::SqlError,
    value::{Length, SqlType},
};

/// Higher wins when two types meet (data type precedence).
fn precedence(sql_type: SqlType) -> u8 {
    match sql_type {
        SqlType::DateTimeOffset(_) => 18,
        SqlType::DateTime2(_) => 17,
        SqlType::DateTime => 16,
        SqlType::Date => 15,
        SqlType::Float => 14,
        SqlType::Decimal { .. } => 13,
        SqlType::BigInt => 12,
        SqlType::Int => 11,
        SqlType::SmallInt => 10,
        SqlType::TinyInt => 9,
        SqlType::Bit => 8,
        SqlType::UniqueIdentifier => 7,
        SqlType::NVarChar(_) => 6,
        SqlType::NChar(_) => 5,
        SqlType::VarChar(_) => 4,
        SqlType::Char(_) => 3,
        SqlType::VarBinary(_) => 2,
        SqlType::Binary(_) => 1,
    }
}

/// The type that both sides are converted to when they are compared, or meet in CASE, COALESCE or UNION.
/// Error 206 when the types do not go together.
pub fn common_type(a: &Typed, b: &Typed) -> Result<SqlType, SqlError> {
    if a.is_bare_null() {
        return Ok(b.sql_type);
    }
    if b.is_bare_null() {
        return Ok(a.sql_type);
    }
    let (high, low) = if precedence(a.sql_type) >= precedence(b.sql_type) {
        (a, b)
    } else {
        (b, a)
    };
    let clash = || {
        SqlError::new(
            206,
            format!(
                "Operand type clash: {} is incompatible with {}",
                low.sql_type.name(),
                high.sql_type.name()
            ),
        )
    };
    Ok(match (high.sql_type, low.sql_type) {
        (x, y) if x == y => x,
        (SqlType::Decimal { .. }, _) => {
            if low.sql_type == SqlType::UniqueIdentifier || low.sql_type.is_binary() {
                return Err(clash());
            }
            match decimal_of(low) {
                Some((p2, s2)) => {
                    let (p1, s1) = decimal_of(high).unwrap_or((38, 0));
                    let scale = s1.max(s2);
                    let precision = ((p1 - s1).max(p2 - s2) + scale).min(38);
                    SqlType::Decimal { precision, scale }
                }
                None => high.sql_type,
            }
        }
        (x, y) if x.is_text() && y.is_text() => longer(x, y),
        (SqlType::VarBinary(a), SqlType::VarBinary(b)) => SqlType::VarBinary(longest(a, b)),
        (SqlType::VarBinary(a), SqlType::Binary(b))
        | (SqlType::Binary(b), SqlType::VarBinary(a)) => {
            SqlType::VarBinary(longest(a, Length::Limited(b)))
        }
        (SqlType::Binary(a), SqlType::Binary(b)) => SqlType::Binary(a.max(b)),
        (SqlType::DateTime2(a), SqlType::DateTime2(b)) => SqlType::DateTime2(a.max(b)),
        (SqlType::DateTime2(a), SqlType::DateTime) => SqlType::DateTime2(a.max(3)),
        (SqlType::DateTimeOffset(a), SqlType::DateTimeOffset(b) | SqlType::DateTime2(b)) => {
            SqlType::DateTimeOffset(a.max(b))
        }
        (x, y) if x.is_temporal() && (y.is_temporal() || y.is_text()) => x,
        (x, y) if x.is_temporal() => {
            return Err(SqlError::new(
                206,
                format!(
                    "Operand type clash: {} is incompatible with {}",
                    x.name(),
                    y.name()
                ),
            ));
        }
        (SqlType::UniqueIdentifier, y) if !y.is_text() && !y.is_binary() => return Err(clash()),
        (x, SqlType::UniqueIdentifier) if !x.is_text() => return Err(clash()),
        (SqlType::Float, y) if y.is_binary() => return Err(clash()),
        (x, _) => x,
    })
}

fn longer(x: SqlType, y: SqlType) -> SqlType {
    let length = longest(text_length(x), text_length(y));
    let fixed = matches!(x, SqlType::Char(_) | SqlType::NChar(_))
        && matches!(y, SqlType::Char(_) | SqlType::NChar(_));
    match (x.is_unicode() || y.is_unicode(), fixed, length) {
        (true, true, Length::Limited(n)) => SqlType::NChar(n.min(4000)),
        (false, true, Length::Limited(n)) => SqlType::Char(n),
        (true, _, Length::Limited(n)) => SqlType::NVarChar(Length::Limited(n.min(4000))),
        (true, _, Length::Max) => SqlType::NVarChar(Length::Max),
        (false, _, length) => SqlType::VarChar(length),
    }
}

fn longest(a: Length, b: Length) -> Length {
    match (a, b) {
        (Length::Limited(a), Length::Limited(b)) => Length::Limited(a.max(b)),
        _ => Length::Max,
    }
}

/// The length of a text type; of another type, the length that its values have as text.
#[must_use]
pub fn text_length(sql_type: SqlType) -> Length {
    match sql_type {
        SqlType::NVarChar(length) | SqlType::VarChar(length) | SqlType::VarBinary(length) => length,
        SqlType::Char(n) | SqlType::NChar(n) | SqlType::Binary(n) => Length::Limited(n),
        SqlType::Bit => Length::Limited(1),
        SqlType::TinyInt => Length::Limited(3),
        SqlType::SmallInt => Length::Limited(6),
        SqlType::Int => Length::Limited(12),
        SqlType::BigInt => Length::Limited(24),
        SqlType::Float => Length::Limited(23),
        SqlType::Decimal { .. } => Length::Limited(41),
        SqlType::UniqueIdentifier => Length::Limited(36),
        SqlType::Date => Length::Limited(10),
        SqlType::DateTime2(_) => Length::Limited(27),
        SqlType::DateTime => Length::Limited(26),
        SqlType::DateTimeOffset(_) => Length::Limited(34),
    }
}

/// The type of `a + b` of two texts: the lengths add up, to 4,000 of nvarchar and 8,000 of varchar at most.
#[must_use]
pub fn concatenated(x: SqlType, y: SqlType) -> SqlType {
    let unicode = x.is_unicode() || y.is_unicode();
    let length = match (text_length(x), text_length(y)) {
        (Length::Limited(a), Length::Limited(b)) => {
            Length::Limited(a.saturating_add(b).min(if unicode { 4000 } else { 8000 }))
        }
        _ => Length::Max,
    };
    if unicode {
        SqlType::NVarChar(length)
    } else {
        SqlType::VarChar(length)
    }
}

/// The precision and scale that a number has beside a decimal; a whole-number literal counts its own digits.
#[must_use]
pub fn decimal_of(typed: &Typed) -> Option<(u8, u8)> {
    if let (Form::Literal { digits }, true) = (&typed.form, typed.sql_type.is_whole())
        && *digits > 0
    {
        return Some((*digits, 0));
    }
    match typed.sql_type {
        SqlType::Decimal { precision, scale } => Some((precision, scale)),
        SqlType::BigInt => Some((19, 0)),
        SqlType::Int => Some((10, 0)),
        SqlType::SmallInt => Some((5, 0)),
        SqlType::TinyInt => Some((3, 0)),
        SqlType::Bit => Some((1, 0)),
        _ => None,
    }
}

/// Precision and scale of decimal arithmetic
/// (<https://learn.microsoft.com/sql/t-sql/data-types/precision-scale-and-length-transact-sql>).
#[must_use]
pub fn decimal_result(operator: char, (p1, s1): (u8, u8), (p2, s2): (u8, u8)) -> SqlType {
    let (p1, s1, p2, s2) = (i32::from(p1), i32::from(s1), i32::from(p2), i32::from(s2));
    let (precision, scale) = match operator {
        '*' => cap(p1 + p2 + 1, s1 + s2),
        '/' => {
            let scale = 6.max(s1 + p2 + 1);
            cap(p1 - s1 + s2 + scale, scale)
        }
        '%' => {
            let scale = s1.max(s2);
            ((p1 - s1).min(p2 - s2) + scale, scale)
        }
        _ => {
            let scale = s1.max(s2);
            let whole = (p1 - s1).max(p2 - s2);
            let precision = whole + scale + 1;
            if precision > 38 {
                (38, scale.min(38 - whole).max(0))
            } else {
                (precision, scale)
            }
        }
    };
    let small = |number: i32, most: i32| u8::try_from(number.clamp(0, most)).unwrap_or(38);
    let precision = small(precision.max(1), 38);
    SqlType::Decimal {
        precision,
        scale: small(scale, i32::from(precision)),
    }
}

/// A product or quotient beyond 38 digits gives up scale, but keeps six digits of it.
fn cap(precision: i32, scale: i32) -> (i32, i32) {
    if precision <= 38 {
        return (precision, scale);
    }
    let whole = precision - scale;
    if whole < 32 {
        (38, scale.min(38 - whole))
    } else {
        (38, scale.min(6))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(sql_type: SqlType) -> Typed {
        Typed::new("x", sql_type, true)
    }

    const fn decimal(precision: u8, scale: u8) -> SqlType {
        SqlType::Decimal { precision, scale }
    }

    #[test]
    fn decimal_arithmetic_has_the_documented_precision() {
        assert_eq!(decimal_result('/', (2, 1), (1, 0)), decimal(7, 6));
        assert_eq!(decimal_result('+', (25, 4), (25, 4)), decimal(26, 4));
        assert_eq!(decimal_result('*', (25, 4), (25, 4)), decimal(38, 6));
        assert_eq!(decimal_result('/', (25, 4), (25, 4)), decimal(38, 13));
    }

    #[test]
    fn the_higher_type_wins_and_a_bare_null_never_does() {
        let n = SqlType::NVarChar(Length::Limited(5));
        let v = SqlType::VarChar(Length::Limited(20));
        assert_eq!(
            common_type(&of(n), &of(v)).unwrap(),
            SqlType::NVarChar(Length::Limited(20))
        );
        assert_eq!(
            common_type(&of(v), &of(SqlType::Int)).unwrap(),
            SqlType::Int
        );
        assert_eq!(
            common_type(&Typed::null(), &of(SqlType::DateTime2(3))).unwrap(),
            SqlType::DateTime2(3)
        );
        assert_eq!(
            common_type(&of(SqlType::Int), &of(decimal(5, 2))).unwrap(),
            decimal(12, 2)
        );
        assert_eq!(
            common_type(&of(SqlType::Date), &of(SqlType::Int))
                .unwrap_err()
                .number,
            206
        );
    }
}

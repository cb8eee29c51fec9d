//! Arithmetic with SQL Server's overflow (8115) and division by zero (8134), on whole numbers, decimals and floats.

use rusqlite::{
    Connection, Result,
    functions::Context,
    types::{Value as Stored, ValueRef},
};

use super::{add, text_at, type_at, whole_at};
use crate::{error::SqlError, value::SqlType};

type Outcome = std::result::Result<Stored, SqlError>;

pub(super) fn register(connection: &Connection) -> Result<()> {
    // operator, left, right, type of left, type of right, type of the result
    add(connection, "mssql_arithmetic", 6, arithmetic)?;
    add(connection, "mssql_in_range", 2, |context| {
        match (whole_at(context, 0)?, type_at(context, 1)?.range()) {
            (Some(number), Some((least, most))) if number < least || number > most => {
                Err(overflow(type_at(context, 1)?))
            }
            (Some(number), _) => Ok(Stored::Integer(number)),
            (None, _) => Ok(Stored::Null),
        }
    })?;
    add(connection, "mssql_round", 5, round)?;
    add(connection, "mssql_power", 2, |context| {
        match (context.get_raw(0), context.get_raw(1)) {
            (ValueRef::Real(base), ValueRef::Real(exponent)) => finite(base.powf(exponent)),
            _ => Ok(Stored::Null),
        }
    })
}

fn overflow(to: SqlType) -> SqlError {
    SqlError::new(
        8115,
        format!(
            "Arithmetic overflow error converting expression to data type {}.",
            to.name()
        ),
    )
}

fn divided_by_zero() -> SqlError {
    SqlError::new(8134, "Divide by zero error encountered.")
}

fn finite(number: f64) -> Outcome {
    if number.is_finite() {
        Ok(Stored::Real(number))
    } else {
        Err(overflow(SqlType::Float))
    }
}

fn arithmetic(context: &Context<'_>) -> Outcome {
    let operator = text_at(context, 0)?
        .and_then(|text| text.chars().next())
        .unwrap_or(' ');
    let (left, right) = (context.get_raw(1), context.get_raw(2));
    if left == ValueRef::Null || right == ValueRef::Null {
        return Ok(Stored::Null);
    }
    match type_at(context, 5)? {
        SqlType::Float => float(operator, left, right),
        to @ SqlType::Decimal { precision, scale } => {
            let (a, b) = (whole(left)?, whole(right)?);
            let (sa, sb) = (
                scale_of(type_at(context, 3)?),
                scale_of(type_at(context, 4)?),
            );
            let result = decimal(operator, (a, sa), (b, sb), scale)?.ok_or_else(|| overflow(to))?;
            let most = 10_i128
                .checked_pow(u32::from(precision))
                .unwrap_or(i128::MAX);
            let kept = i64::try_from(result).ok().filter(|_| result.abs() < most);
            kept.map(Stored::Integer).ok_or_else(|| overflow(to))
        }
        to => {
            let (a, b) = (whole(left)?, whole(right)?);
            let result = match operator {
                '+' => a.checked_add(b),
                '-' => a.checked_sub(b),
                '*' => a.checked_mul(b),
                '/' | '%' if b == 0 => return Err(divided_by_zero()),
                '/' => a.checked_div(b),
                '%' => a.checked_rem(b).or(Some(0)),
                '&' => Some(a & b),
                '|' => Some(a | b),
                '^' => Some(a ^ b),
                _ => return Err(SqlError::unsupported(format_args!("operator {operator}"))),
            };
            let (least, most) = to.range().unwrap_or((i64::MIN, i64::MAX));
            result
                .filter(|n| (least..=most).contains(n))
                .map(Stored::Integer)
                .ok_or_else(|| overflow(to))
        }
    }
}

fn whole(value: ValueRef<'_>) -> std::result::Result<i64, SqlError> {
    value
        .as_i64()
        .map_err(|_| SqlError::unsupported("arithmetic on a value that is not a number"))
}

fn scale_of(sql_type: SqlType) -> u8 {
    match sql_type {
        SqlType::Decimal { scale, .. } => scale,
        _ => 0,
    }
}

/// The result at its scale; None on overflow. Sums and products round, quotients are cut, as SQL Server does.
fn decimal(
    operator: char,
    (a, sa): (i64, u8),
    (b, sb): (i64, u8),
    scale: u8,
) -> std::result::Result<Option<i128>, SqlError> {
    let (a, b) = (i128::from(a), i128::from(b));
    let common = sa.max(sb);
    let aligned = || Some((up(a, common - sa)?, up(b, common - sb)?));
    Ok(match operator {
        '+' => aligned().and_then(|(a, b)| rescaled(a.checked_add(b)?, common, scale)),
        '-' => aligned().and_then(|(a, b)| rescaled(a.checked_sub(b)?, common, scale)),
        '*' => a
            .checked_mul(b)
            .and_then(|product| rescaled(product, sa + sb, scale)),
        '/' | '%' if b == 0 => return Err(divided_by_zero()),
        '/' => {
            let shift = i32::from(scale) + i32::from(sb) - i32::from(sa);
            match u8::try_from(shift) {
                Ok(shift) => up(a, shift).map(|a| a / b),
                Err(_) => up(b, u8::try_from(-shift).unwrap_or(u8::MAX)).map(|b| a / b),
            }
        }
        '%' => aligned().and_then(|(a, b)| rescaled(a.checked_rem(b)?, common, scale)),
        _ => {
            return Err(SqlError::unsupported(format_args!(
                "operator {operator} on decimals"
            )));
        }
    })
}

fn up(number: i128, digits: u8) -> Option<i128> {
    number.checked_mul(10_i128.checked_pow(u32::from(digits))?)
}

fn rescaled(number: i128, from: u8, to: u8) -> Option<i128> {
    if to >= from {
        return up(number, to - from);
    }
    let unit = 10_i128.checked_pow(u32::from(from - to))?;
    let half = if number < 0 { -unit / 2 } else { unit / 2 };
    Some(number.checked_add(half)? / unit)
}

fn float(operator: char, left: ValueRef<'_>, right: ValueRef<'_>) -> Outcome {
    let number = |value: ValueRef<'_>| {
        value
            .as_f64()
            .map_err(|_| SqlError::unsupported("float arithmetic on a value that is not a float"))
    };
    let (a, b) = (number(left)?, number(right)?);
    match operator {
        '+' => finite(a + b),
        '-' => finite(a - b),
        '*' => finite(a * b),
        '/' if b == 0.0 => Err(divided_by_zero()),
        '/' => finite(a / b),
        _ => Err(SqlError::unsupported(format_args!(
            "operator {operator} on float"
        ))),
    }
}

/// ROUND, FLOOR and CEILING of a scaled integer: value, its scale, digits to keep, mode (0 round, 1 cut, 2 floor, 3 ceiling), result type.
fn round(context: &Context<'_>) -> Outcome {
    let mode = whole_at(context, 3)?.unwrap_or(0);
    let Some(digits) = whole_at(context, 2)? else {
        return Ok(Stored::Null);
    };
    if let ValueRef::Real(number) = context.get_raw(0) {
        let unit = 10_f64.powi(i32::try_from(digits.clamp(-300, 300)).unwrap_or(0));
        return finite(match mode {
            0 => (number * unit).round() / unit,
            1 => (number * unit).trunc() / unit,
            2 => number.floor(),
            _ => number.ceil(),
        });
    }
    let Some(number) = whole_at(context, 0)? else {
        return Ok(Stored::Null);
    };
    let number = i128::from(number);
    let drop = whole_at(context, 1)?
        .unwrap_or(0)
        .saturating_sub(digits)
        .max(0);
    let Some(unit) = u32::try_from(drop)
        .ok()
        .and_then(|drop| 10_i128.checked_pow(drop))
    else {
        return Ok(Stored::Integer(0));
    };
    let units = match mode {
        0 => (number + number.signum() * (unit / 2)) / unit,
        1 => number / unit,
        2 => number.div_euclid(unit),
        _ => -(-number).div_euclid(unit),
    };
    let to = type_at(context, 4)?;
    // FLOOR and CEILING answer scale 0, ROUND keeps the scale.
    let result = if mode >= 2 { units } else { units * unit };
    let (least, most) = to.range().unwrap_or((i64::MIN, i64::MAX));
    i64::try_from(result)
        .ok()
        .filter(|n| (least..=most).contains(n))
        .map(Stored::Integer)
        .ok_or_else(|| overflow(to))
}

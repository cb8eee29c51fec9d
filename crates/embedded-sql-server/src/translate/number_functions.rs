//! Functions of numbers.

use sqlparser::ast::Expr;

use super::{
    conversion,
    expression::expression,
    functions::whole,
    operators,
    scope::{Scope, Typed},
};
use crate::{error::SqlError, value::SqlType};

pub(super) fn function(
    scope: &Scope<'_>,
    name: &str,
    arguments: &[&Expr],
) -> Result<Option<Typed>, SqlError> {
    let typed = match (name, arguments) {
        ("ABS", [value]) => {
            let value = number(scope, value)?;
            let negative = operators::negated(value.clone())?;
            let sql = format!(
                "(CASE WHEN {} < 0 THEN {} ELSE {} END)",
                value.sql, negative.sql, value.sql
            );
            Ok(Typed::new(sql, value.sql_type, value.nullable))
        }
        ("SIGN", [value]) => {
            let value = number(scope, value)?;
            if let SqlType::Decimal { .. } | SqlType::Float = value.sql_type {
                return Err(SqlError::unsupported(format_args!(
                    "SIGN of {}",
                    value.sql_type.name()
                )));
            }
            Ok(Typed::new(
                format!("sign({})", value.sql),
                widened(value.sql_type),
                value.nullable,
            ))
        }
        ("CEILING", [value]) => floor_or_ceiling(scope, value, 3),
        ("FLOOR", [value]) => floor_or_ceiling(scope, value, 2),
        ("ROUND", [value, digits]) => round(scope, value, digits, None),
        ("ROUND", [value, digits, mode]) => round(scope, value, digits, Some(mode)),
        ("POWER", [base, exponent]) => power(scope, base, exponent),
        _ => return Ok(None),
    };
    typed.map(Some)
}

/// An expression as a number: text becomes float, bit becomes int.
fn number(scope: &Scope<'_>, expr: &Expr) -> Result<Typed, SqlError> {
    let typed = expression(scope, expr)?;
    match typed.sql_type {
        sql_type if sql_type.is_text() => conversion::convert(typed, SqlType::Float),
        SqlType::Bit => conversion::convert(typed, SqlType::Int),
        SqlType::Float | SqlType::Decimal { .. } => Ok(typed),
        sql_type if sql_type.is_whole() => Ok(typed),
        other => Err(SqlError::new(
            8116,
            format!(
                "Argument data type {} is invalid for argument 1 of this function.",
                other.name()
            ),
        )),
    }
}

/// ABS keeps smallint and tinyint, SIGN and the roundings answer int for them.
fn widened(sql_type: SqlType) -> SqlType {
    match sql_type {
        SqlType::TinyInt | SqlType::SmallInt => SqlType::Int,
        other => other,
    }
}

/// FLOOR (mode 2) and CEILING (mode 3): a decimal loses its scale.
pub(in crate::translate) fn floor_or_ceiling(
    scope: &Scope<'_>,
    expr: &Expr,
    mode: u8,
) -> Result<Typed, SqlError> {
    let value = number(scope, expr)?;
    let (result, scale) = match value.sql_type {
        SqlType::Decimal { precision, scale } => (
            SqlType::Decimal {
                precision,
                scale: 0,
            },
            scale,
        ),
        other => (widened(other), 0),
    };
    Ok(Typed::new(
        format!(
            "mssql_round({}, {scale}, 0, {mode}, {})",
            value.sql,
            result.code()
        ),
        result,
        value.nullable,
    ))
}

fn round(
    scope: &Scope<'_>,
    value: &Expr,
    digits: &Expr,
    mode: Option<&Expr>,
) -> Result<Typed, SqlError> {
    let value = number(scope, value)?;
    let digits = whole(scope, digits)?;
    let mode = mode
        .map(|mode| whole(scope, mode))
        .transpose()?
        .map_or("0".to_owned(), |mode| format!("({} <> 0)", mode.sql));
    let (result, scale) = match value.sql_type {
        SqlType::Decimal { scale, .. } => (value.sql_type, scale),
        other => (widened(other), 0),
    };
    let sql = format!(
        "mssql_round({}, {scale}, {}, {mode}, {})",
        value.sql,
        digits.sql,
        result.code()
    );
    Ok(Typed::new(sql, result, value.nullable || digits.nullable))
}

fn power(scope: &Scope<'_>, base: &Expr, exponent: &Expr) -> Result<Typed, SqlError> {
    let base = number(scope, base)?;
    let exponent = conversion::convert(number(scope, exponent)?, SqlType::Float)?;
    let (result, nullable) = (widened(base.sql_type), base.nullable || exponent.nullable);
    let base = conversion::convert(base, SqlType::Float)?;
    let power = Typed::new(
        format!("mssql_power({}, {})", base.sql, exponent.sql),
        SqlType::Float,
        nullable,
    );
    conversion::convert(power, result)
}

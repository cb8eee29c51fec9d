//! Arithmetic, concatenation and comparison of typed expressions.

use super::{
    conversion, inference,
    scope::{Form, Typed},
};
use crate::{
    error::SqlError,
    scalar_functions::COLLATION,
    value::{Length, SqlType},
};

/// `a + b` and its like: concatenation of texts, else arithmetic. Errors 8117 and 206 for types that do not go together.
pub(super) fn arithmetic(operator: char, left: &Typed, right: &Typed) -> Result<Typed, SqlError> {
    let nullable = left.nullable || right.nullable;
    if operator == '+' && joins_texts(left, right) {
        let (one, other) = (text_side(left, right), text_side(right, left));
        let sql = format!("({} || {})", left.sql, right.sql);
        return Ok(Typed::new(
            joined(sql, &[one, other]),
            inference::concatenated(one, other),
            nullable,
        ));
    }
    let invalid = |typed: &Typed| {
        SqlError::new(
            8117,
            format!(
                "Operand data type {} is invalid for {} operator.",
                typed.sql_type.name(),
                operator_name(operator)
            ),
        )
    };
    let (a, b) = (left.sql_type, right.sql_type);
    if (a == SqlType::DateTime || b == SqlType::DateTime) && !a.is_text() && !b.is_text() {
        return Err(SqlError::unsupported(
            "arithmetic on datetime: use DATEADD and DATEDIFF",
        ));
    }
    let common = inference::common_type(left, right)?;
    if common.is_temporal() {
        return Err(invalid(if left.sql_type.is_temporal() {
            left
        } else {
            right
        }));
    }
    if common.is_text()
        || common.is_binary()
        || matches!(common, SqlType::Bit | SqlType::UniqueIdentifier)
    {
        return Err(invalid(left));
    }
    let bitwise = matches!(operator, '&' | '|' | '^');
    if (bitwise || operator == '%') && common == SqlType::Float
        || bitwise && matches!(common, SqlType::Decimal { .. })
    {
        return Err(invalid(left));
    }
    let (left, right, result) = if let SqlType::Decimal { .. } = common {
        let left = number_beside_decimal(left, common)?;
        let right = number_beside_decimal(right, common)?;
        let sides = (
            inference::decimal_of(&left).unwrap_or((38, 0)),
            inference::decimal_of(&right).unwrap_or((38, 0)),
        );
        let result = inference::decimal_result(operator, sides.0, sides.1);
        (left, right, result)
    } else {
        (
            conversion::convert(left.clone(), common)?,
            conversion::convert(right.clone(), common)?,
            common,
        )
    };
    let sql = format!(
        "mssql_arithmetic('{operator}', {}, {}, {}, {}, {})",
        left.sql,
        right.sql,
        left.sql_type.code(),
        right.sql_type.code(),
        result.code()
    );
    Ok(Typed::new(sql, result, nullable))
}

/// The text of a concatenation, cut where the lengths together are beyond 4,000 characters (8,000 of varchar).
pub(super) fn joined(sql: String, parts: &[SqlType]) -> String {
    let Some((first, rest)) = parts.split_first() else {
        return sql;
    };
    let whole = rest.iter().fold(*first, |so_far, next| {
        inference::concatenated(so_far, *next)
    });
    let lengths: Option<usize> = parts
        .iter()
        .map(|part| match inference::text_length(*part) {
            Length::Limited(length) => Some(usize::from(length)),
            Length::Max => None,
        })
        .sum();
    match (lengths, whole.limit()) {
        (Some(length), Some(limit)) if length > limit => {
            let from = if whole.is_unicode() {
                SqlType::NVarChar(Length::Max)
            } else {
                SqlType::VarChar(Length::Max)
            };
            format!(
                "mssql_convert({sql}, {}, {}, NULL)",
                from.code(),
                whole.code()
            )
        }
        _ => sql,
    }
}

/// A text beside a decimal becomes that decimal; a number keeps its own precision.
fn number_beside_decimal(typed: &Typed, common: SqlType) -> Result<Typed, SqlError> {
    if typed.sql_type.is_text() || typed.is_bare_null() {
        conversion::convert(typed.clone(), common)
    } else {
        Ok(typed.clone())
    }
}

fn joins_texts(left: &Typed, right: &Typed) -> bool {
    match (left.sql_type.is_text(), right.sql_type.is_text()) {
        (true, true) => true,
        (true, false) => right.is_bare_null(),
        (false, true) => left.is_bare_null(),
        (false, false) => false,
    }
}

fn text_side(side: &Typed, other: &Typed) -> SqlType {
    if side.is_bare_null() {
        other.sql_type
    } else {
        side.sql_type
    }
}

fn operator_name(operator: char) -> &'static str {
    match operator {
        '+' => "add",
        '-' => "subtract",
        '*' => "multiply",
        '/' => "divide",
        '%' => "modulo",
        '&' => "'&'",
        '|' => "'|'",
        _ => "'^'",
    }
}

/// `-a`
pub(super) fn negated(operand: Typed) -> Result<Typed, SqlError> {
    if let Form::Literal { .. } = operand.form
        && !operand.sql_type.is_text()
        && !operand.sql_type.is_binary()
        && !operand.sql.starts_with('-')
    {
        return Ok(Typed {
            sql: format!("-{}", operand.sql),
            ..operand
        });
    }
    let zero = Typed {
        sql: "0".to_owned(),
        sql_type: operand.sql_type,
        nullable: false,
        form: Form::Other,
    };
    match operand.sql_type {
        SqlType::Decimal { .. } => {
            let sql = format!(
                "mssql_arithmetic('-', 0, {}, {code}, {code}, {code})",
                operand.sql,
                code = operand.sql_type.code()
            );
            Ok(Typed::new(sql, operand.sql_type, operand.nullable))
        }
        SqlType::Float => Ok(Typed::new(
            format!("(-{})", operand.sql),
            operand.sql_type,
            operand.nullable,
        )),
        sql_type if sql_type.is_whole() => arithmetic('-', &zero, &operand),
        other => Err(SqlError::new(
            8117,
            format!(
                "Operand data type {} is invalid for minus operator.",
                other.name()
            ),
        )),
    }
}

/// `a = b` and its like, as SQLite text. Both sides become the type that wins; text compares by the collation.
pub(super) fn comparison(operator: &str, left: &Typed, right: &Typed) -> Result<String, SqlError> {
    let (left, right, _) = comparable(left, right)?;
    let ordered = !matches!(operator, "=" | "<>");
    Ok(match left.sql_type {
        SqlType::UniqueIdentifier if ordered => {
            format!(
                "(mssql_guid_order({}) {operator} mssql_guid_order({}))",
                left.sql, right.sql
            )
        }
        SqlType::DateTimeOffset(_) => format!(
            "(mssql_utc({}) {operator} mssql_utc({}))",
            left.sql, right.sql
        ),
        sql_type if sql_type.is_text() => format!(
            "({} {operator} {} COLLATE {COLLATION})",
            left.sql, right.sql
        ),
        _ => format!("({} {operator} {})", left.sql, right.sql),
    })
}

/// Both sides in the type in which they compare.
pub(super) fn comparable(left: &Typed, right: &Typed) -> Result<(Typed, Typed, SqlType), SqlError> {
    let common = inference::common_type(left, right)?;
    let as_common = |typed: &Typed| {
        conversion::implicit_allowed(typed, common)?;
        // Texts compare as they are, whatever their lengths.
        if common.is_text() && typed.sql_type.is_text() {
            return Ok(Typed {
                sql_type: common,
                ..typed.clone()
            });
        }
        conversion::convert(typed.clone(), common)
    };
    Ok((as_common(left)?, as_common(right)?, common))
}

//! Functions of text.

use sqlparser::ast::Expr;

use super::{
    conversion,
    expression::expression,
    functions::{longest_of, whole},
    inference, operators,
    scope::{Form, Scope, Typed},
    text_literal,
};
use crate::{
    error::SqlError,
    value::{Length, SqlType},
};

/// An expression as text: numbers and dates become the varchar that CAST would make of them.
pub(in crate::translate) fn text(scope: &Scope<'_>, expr: &Expr) -> Result<Typed, SqlError> {
    as_text(expression(scope, expr)?)
}

pub(super) fn as_text(typed: Typed) -> Result<Typed, SqlError> {
    if typed.is_bare_null() {
        return Ok(Typed::new(
            "NULL",
            SqlType::VarChar(Length::Limited(1)),
            true,
        ));
    }
    if typed.sql_type.is_text() {
        return Ok(typed);
    }
    if typed.sql_type.is_binary() {
        return Err(SqlError::unsupported("a text function of varbinary"));
    }
    let length = inference::text_length(typed.sql_type);
    conversion::convert(typed, SqlType::VarChar(length))
}

/// The variable-length type of a text.
fn variable(sql_type: SqlType) -> SqlType {
    let length = inference::text_length(sql_type);
    if sql_type.is_unicode() {
        SqlType::NVarChar(length)
    } else {
        SqlType::VarChar(length)
    }
}

/// The same with a length that a literal gives.
fn at_most(sql_type: SqlType, count: &Typed) -> SqlType {
    let given = matches!(count.form, Form::Literal { .. })
        .then(|| count.sql.parse::<u16>().ok())
        .flatten();
    match (variable(sql_type), given) {
        (SqlType::NVarChar(Length::Limited(length)), Some(given)) => {
            SqlType::NVarChar(Length::Limited(given.clamp(1, length)))
        }
        (SqlType::VarChar(Length::Limited(length)), Some(given)) => {
            SqlType::VarChar(Length::Limited(given.clamp(1, length)))
        }
        (SqlType::NVarChar(Length::Max), Some(given)) if given <= 4000 => {
            SqlType::NVarChar(Length::Limited(given.max(1)))
        }
        (SqlType::VarChar(Length::Max), Some(given)) if given <= 8000 => {
            SqlType::VarChar(Length::Limited(given.max(1)))
        }
        (unlimited, _) => unlimited,
    }
}

pub(super) fn function(
    scope: &Scope<'_>,
    name: &str,
    arguments: &[&Expr],
) -> Result<Option<Typed>, SqlError> {
    let simple = |function: &str, value: &Expr| {
        let value = text(scope, value)?;
        Ok(Typed::new(
            format!("{function}({})", value.sql),
            variable(value.sql_type),
            value.nullable,
        ))
    };
    let typed = match (name, arguments) {
        ("LEFT" | "RIGHT", [value, count]) => {
            let (value, count) = (text(scope, value)?, whole(scope, count)?);
            let sql = format!(
                "mssql_{}({}, {})",
                name.to_lowercase(),
                value.sql,
                count.sql
            );
            Ok(Typed::new(
                sql,
                at_most(value.sql_type, &count),
                value.nullable || count.nullable,
            ))
        }
        ("SUBSTRING", [value, from, length]) => substring(scope, value, from, length),
        ("REPLACE", [value, from, to]) => {
            let (value, from, to) = (text(scope, value)?, text(scope, from)?, text(scope, to)?);
            let sql_type = longest_of(inference::concatenated(
                inference::concatenated(value.sql_type, from.sql_type),
                to.sql_type,
            ));
            let sql = format!("mssql_replace({}, {}, {})", value.sql, from.sql, to.sql);
            Ok(Typed::new(
                sql,
                sql_type,
                value.nullable || from.nullable || to.nullable,
            ))
        }
        ("UPPER", [value]) => simple("mssql_upper", value),
        ("LOWER", [value]) => simple("mssql_lower", value),
        ("REVERSE", [value]) => simple("mssql_reverse", value),
        ("LTRIM", [value]) => trim(scope, value, None, 1),
        ("RTRIM", [value]) => trim(scope, value, None, 2),
        ("TRIM", [value]) => trim(scope, value, None, 3),
        ("REPLICATE", [value, count]) => {
            let (value, count) = (text(scope, value)?, whole(scope, count)?);
            Ok(Typed::new(
                format!("mssql_replicate({}, {})", value.sql, count.sql),
                longest_of(value.sql_type),
                true,
            ))
        }
        ("SPACE", [count]) => {
            let count = whole(scope, count)?;
            Ok(Typed::new(
                format!("mssql_replicate(' ', {})", count.sql),
                SqlType::VarChar(Length::Limited(8000)),
                true,
            ))
        }
        ("STUFF", [value, from, length, with]) => {
            let (value, with) = (text(scope, value)?, text(scope, with)?);
            let (from, length) = (whole(scope, from)?, whole(scope, length)?);
            let sql = format!(
                "mssql_stuff({}, {}, {}, {})",
                value.sql, from.sql, length.sql, with.sql
            );
            Ok(Typed::new(
                sql,
                inference::concatenated(value.sql_type, with.sql_type),
                true,
            ))
        }
        ("CONCAT", [_, _, ..]) => concat(scope, arguments),
        ("CONCAT_WS", [separator, values @ ..]) if values.len() >= 2 => {
            concat_with(scope, separator, values)
        }
        ("CHAR", [code]) => {
            let code = whole(scope, code)?;
            Ok(Typed::new(
                format!("mssql_character({})", code.sql),
                SqlType::VarChar(Length::Limited(1)),
                true,
            ))
        }
        ("NCHAR", [code]) => {
            let code = whole(scope, code)?;
            Ok(Typed::new(
                format!("mssql_character({})", code.sql),
                SqlType::NVarChar(Length::Limited(1)),
                true,
            ))
        }
        _ => return Ok(None),
    };
    typed.map(Some)
}

/// SUBSTRING of text or bytes.
pub(in crate::translate) fn substring(
    scope: &Scope<'_>,
    value: &Expr,
    from: &Expr,
    length: &Expr,
) -> Result<Typed, SqlError> {
    let value = expression(scope, value)?;
    let (from, length) = (whole(scope, from)?, whole(scope, length)?);
    let nullable = value.nullable || from.nullable || length.nullable;
    let (value, sql_type) = if value.sql_type.is_binary() {
        let sql_type = value.sql_type;
        (value, sql_type)
    } else {
        let value = as_text(value)?;
        let sql_type = at_most(value.sql_type, &length);
        (value, sql_type)
    };
    Ok(Typed::new(
        format!(
            "mssql_substring({}, {}, {})",
            value.sql, from.sql, length.sql
        ),
        sql_type,
        nullable,
    ))
}

/// TRIM and its halves: sides 1 left, 2 right, 3 both.
pub(in crate::translate) fn trim(
    scope: &Scope<'_>,
    value: &Expr,
    characters: Option<&Expr>,
    sides: u8,
) -> Result<Typed, SqlError> {
    let value = text(scope, value)?;
    let characters = characters
        .map(|it| text(scope, it))
        .transpose()?
        .map_or(text_literal(" "), |it| it.sql);
    Ok(Typed::new(
        format!("mssql_trim({}, {characters}, {sides})", value.sql),
        variable(value.sql_type),
        value.nullable,
    ))
}

/// CONCAT reads NULL as the empty text.
fn concat(scope: &Scope<'_>, arguments: &[&Expr]) -> Result<Typed, SqlError> {
    let values = arguments
        .iter()
        .map(|argument| text(scope, argument))
        .collect::<Result<Vec<_>, _>>()?;
    let types: Vec<SqlType> = values.iter().map(|value| value.sql_type).collect();
    let sql_type = joined_type(&values);
    let parts: Vec<String> = values
        .into_iter()
        .map(|value| {
            if value.nullable {
                format!("coalesce({}, '')", value.sql)
            } else {
                value.sql
            }
        })
        .collect();
    Ok(Typed::new(
        operators::joined(format!("({})", parts.join(" || ")), &types),
        sql_type,
        false,
    ))
}

fn concat_with(scope: &Scope<'_>, separator: &Expr, values: &[&Expr]) -> Result<Typed, SqlError> {
    let separator = text(scope, separator)?;
    let values = values
        .iter()
        .map(|value| text(scope, value))
        .collect::<Result<Vec<_>, _>>()?;
    let sql_type = longest_of(joined_type(&values));
    let parts: Vec<String> = values.into_iter().map(|value| value.sql).collect();
    Ok(Typed::new(
        format!(
            "concat_ws(coalesce({}, ''), {})",
            separator.sql,
            parts.join(", ")
        ),
        sql_type,
        false,
    ))
}

fn joined_type(values: &[Typed]) -> SqlType {
    let mut types = values.iter().map(|value| value.sql_type);
    let first = types.next().unwrap_or(SqlType::VarChar(Length::Limited(1)));
    variable(types.fold(first, inference::concatenated))
}

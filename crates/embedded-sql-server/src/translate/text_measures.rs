//! Functions that count and find in text.

use sqlparser::ast::Expr;

use super::{
    expression::expression,
    functions::{text, whole},
    inference,
    scope::{Scope, Typed},
};
use crate::{
    error::SqlError,
    value::{Length, SqlType},
};

pub(super) fn function(
    scope: &Scope<'_>,
    name: &str,
    arguments: &[&Expr],
) -> Result<Option<Typed>, SqlError> {
    let typed = match (name, arguments) {
        ("LEN", [value]) => {
            let value = text(scope, value)?;
            let big = inference::text_length(value.sql_type) == Length::Max;
            Ok(Typed::new(
                format!("mssql_len({})", value.sql),
                if big { SqlType::BigInt } else { SqlType::Int },
                value.nullable,
            ))
        }
        ("DATALENGTH", [value]) => {
            let value = expression(scope, value)?;
            let big = value.sql_type.limit().is_none()
                && (value.sql_type.is_text() || value.sql_type.is_binary());
            let sql = format!("mssql_datalength({}, {})", value.sql, value.sql_type.code());
            Ok(Typed::new(
                sql,
                if big { SqlType::BigInt } else { SqlType::Int },
                value.nullable,
            ))
        }
        ("CHARINDEX", [needle, value]) => charindex(scope, needle, value, None),
        ("CHARINDEX", [needle, value, start]) => charindex(scope, needle, value, Some(start)),
        ("PATINDEX", [pattern, value]) => {
            let (pattern, value) = (text(scope, pattern)?, text(scope, value)?);
            let sql = format!("mssql_patindex({}, {})", pattern.sql, value.sql);
            Ok(Typed::new(
                sql,
                position_type(value.sql_type),
                pattern.nullable || value.nullable,
            ))
        }
        ("UNICODE", [value]) => {
            let value = text(scope, value)?;
            Ok(Typed::new(
                format!("mssql_unicode({})", value.sql),
                SqlType::Int,
                true,
            ))
        }
        _ => return Ok(None),
    };
    typed.map(Some)
}

fn position_type(sql_type: SqlType) -> SqlType {
    if inference::text_length(sql_type) == Length::Max {
        SqlType::BigInt
    } else {
        SqlType::Int
    }
}

fn charindex(
    scope: &Scope<'_>,
    needle: &Expr,
    value: &Expr,
    start: Option<&Expr>,
) -> Result<Typed, SqlError> {
    let (needle, value) = (text(scope, needle)?, text(scope, value)?);
    let start = start.map(|start| whole(scope, start)).transpose()?;
    let nullable =
        needle.nullable || value.nullable || start.as_ref().is_some_and(|it| it.nullable);
    let start = start.map_or("1".to_owned(), |start| start.sql);
    let sql = format!("mssql_charindex({}, {}, {start})", needle.sql, value.sql);
    Ok(Typed::new(sql, position_type(value.sql_type), nullable))
}

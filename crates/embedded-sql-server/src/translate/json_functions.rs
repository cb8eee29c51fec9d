//! Functions of JSON text.

use sqlparser::ast::Expr;

use super::{
    functions::text,
    metadata,
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
        ("ISJSON", [value]) => {
            let value = text(scope, value)?;
            Ok(Typed::new(
                format!("mssql_isjson({})", value.sql),
                SqlType::Int,
                value.nullable,
            ))
        }
        ("STRING_ESCAPE", [value, kind]) => {
            if !metadata::constant_text(scope, kind)?.eq_ignore_ascii_case("json") {
                return Err(SqlError::unsupported(
                    "STRING_ESCAPE of another kind than 'json'",
                ));
            }
            let value = text(scope, value)?;
            let sql = format!("mssql_json_escape({})", value.sql);
            Ok(Typed::new(
                sql,
                SqlType::NVarChar(Length::Max),
                value.nullable,
            ))
        }
        ("JSON_VALUE", [value, path]) => json(
            scope,
            "mssql_json_value",
            value,
            Some(path),
            Length::Limited(4000),
        ),
        ("JSON_QUERY", [value]) => json(scope, "mssql_json_query", value, None, Length::Max),
        ("JSON_QUERY", [value, path]) => {
            json(scope, "mssql_json_query", value, Some(path), Length::Max)
        }
        _ => return Ok(None),
    };
    typed.map(Some)
}

fn json(
    scope: &Scope<'_>,
    function: &str,
    value: &Expr,
    path: Option<&&Expr>,
    length: Length,
) -> Result<Typed, SqlError> {
    let value = text(scope, value)?;
    let path = path
        .map(|path| text(scope, path))
        .transpose()?
        .map_or("'$'".to_owned(), |path| path.sql);
    Ok(Typed::new(
        format!("{function}({}, {path})", value.sql),
        SqlType::NVarChar(length),
        true,
    ))
}

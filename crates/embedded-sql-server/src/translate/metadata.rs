//! Functions that ask the catalog.

use sqlparser::ast::{BinaryOperator, Expr, Value as Literal};

use super::{
    functions::whole,
    scope::{Scope, Typed},
    text_literal,
};
use crate::{
    catalog::Table,
    error::SqlError,
    value::{Length, SqlType, Value},
};

pub(super) fn function(
    scope: &Scope<'_>,
    name: &str,
    arguments: &[&Expr],
) -> Result<Option<Typed>, SqlError> {
    let catalog = scope.statement.catalog;
    let int = |number: Option<i64>| {
        Typed::new(
            number.map_or("NULL".to_owned(), |n| n.to_string()),
            SqlType::Int,
            true,
        )
    };
    Ok(Some(match (name, arguments) {
        ("OBJECT_ID", [object, kind @ ..]) if kind.len() <= 1 => {
            let object = constant_text(scope, object)?;
            let kind = kind
                .first()
                .map(|kind| constant_text(scope, kind))
                .transpose()?;
            let found = unqualified(&object).and_then(|object| catalog.object(&object));
            let facts = scope.statement.session;
            let seen = |id| !facts.restricted || catalog.principals.sees(&facts.database_user, id);
            let wanted = found.filter(|(id, _)| seen(*id)).filter(|(_, its)| {
                kind.as_ref()
                    .is_none_or(|kind| kind.trim().eq_ignore_ascii_case(its))
            });
            int(wanted.map(|(id, _)| i64::from(id)))
        }
        ("OBJECT_NAME", [id]) => {
            let id = whole(scope, id)?;
            let cases: Vec<String> = catalog
                .tables()
                .map(|table| {
                    format!(
                        "WHEN {} THEN {}",
                        table.object_id,
                        text_literal(&table.name)
                    )
                })
                .chain(
                    catalog
                        .procedures()
                        .map(|it| format!("WHEN {} THEN {}", it.object_id, text_literal(&it.name))),
                )
                .collect();
            let sql = if cases.is_empty() {
                "NULL".to_owned()
            } else {
                format!("(CASE {} {} END)", id.sql, cases.join(" "))
            };
            Typed::new(sql, SqlType::NVarChar(Length::Limited(128)), true)
        }
        ("COL_LENGTH", [table, column]) => {
            let (table, column) = (constant_text(scope, table)?, constant_text(scope, column)?);
            let found = unqualified(&table)
                .and_then(|table| catalog.table(&table)?.column(unbracketed(&column)));
            let length = found.map(|column| i64::from(byte_length(column.sql_type)));
            Typed::new(
                length.map_or("NULL".to_owned(), |n| n.to_string()),
                SqlType::SmallInt,
                true,
            )
        }
        ("SCHEMA_ID", [schema]) => int(constant_text(scope, schema)?
            .eq_ignore_ascii_case("dbo")
            .then_some(1)),
        ("SCHEMA_ID", []) => int(Some(1)),
        ("SCHEMA_NAME", [id]) => {
            let id = whole(scope, id)?;
            Typed::new(
                format!("(CASE {} WHEN 1 THEN 'dbo' END)", id.sql),
                SqlType::NVarChar(Length::Limited(128)),
                true,
            )
        }
        ("DATABASE_PRINCIPAL_ID" | "USER_ID", [principal]) => {
            let known = catalog.principals.knows(&constant_text(scope, principal)?);
            int(known.then_some(5))
        }
        ("SUSER_ID", [login]) => {
            let login = constant_text(scope, login)?;
            let known =
                login.eq_ignore_ascii_case("sa") || catalog.principals.password(&login).is_some();
            int(known.then_some(260))
        }
        ("TYPE_NAME", [id]) => {
            let id = whole(scope, id)?;
            let cases: Vec<String> = TYPES
                .iter()
                .map(|(id, name)| format!("WHEN {id} THEN {}", text_literal(name)))
                .collect();
            let sql = format!("(CASE {} {} END)", id.sql, cases.join(" "));
            Typed::new(sql, SqlType::NVarChar(Length::Limited(128)), true)
        }
        ("DB_ID", []) => Typed::new("5", SqlType::SmallInt, true),
        _ => return Ok(None),
    }))
}

/// The text of an argument that must be known before the statement runs: a literal, a variable, or both joined.
pub(super) fn constant_text(scope: &Scope<'_>, expr: &Expr) -> Result<String, SqlError> {
    match expr {
        Expr::Value(value) => match &value.value {
            Literal::SingleQuotedString(text) | Literal::NationalStringLiteral(text) => {
                Ok(text.clone())
            }
            other => Err(SqlError::unsupported(format_args!("{other} as a name"))),
        },
        Expr::Identifier(name) if name.value.starts_with('@') => {
            let variable = scope
                .statement
                .variables
                .get(&name.value)
                .ok_or_else(|| super::scope::undeclared(&name.value))?;
            match &variable.value {
                Value::Text(text) => Ok(text.clone()),
                Value::Null => Ok(String::new()),
                _ => Err(SqlError::unsupported(format_args!(
                    "{} as a name",
                    name.value
                ))),
            }
        }
        Expr::BinaryOp {
            left,
            op: BinaryOperator::Plus,
            right,
        } => Ok(constant_text(scope, left)? + &constant_text(scope, right)?),
        Expr::Nested(inner) => constant_text(scope, inner),
        other => Err(SqlError::unsupported(format_args!(
            "{other} as a name: only literals and variables are known beforehand"
        ))),
    }
}

/// The object's own name out of `dbo.Name`, `[dbo].[Name]` or `Database.dbo.Name`; None in another schema.
fn unqualified(written: &str) -> Option<String> {
    let parts: Vec<&str> = written.split('.').map(unbracketed).collect();
    match parts.as_slice() {
        [name] => Some((*name).to_owned()),
        [schema, name] | [_, schema, name]
            if schema.eq_ignore_ascii_case("dbo") || schema.is_empty() =>
        {
            Some((*name).to_owned())
        }
        _ => None,
    }
}

fn unbracketed(part: &str) -> &str {
    let part = part.trim();
    part.strip_prefix('[')
        .and_then(|part| part.strip_suffix(']'))
        .unwrap_or(part)
}

/// `system_type_id` of sys.types, with the name of the type.
const TYPES: [(u8, &str); 18] = [
    (36, "uniqueidentifier"),
    (40, "date"),
    (42, "datetime2"),
    (43, "datetimeoffset"),
    (48, "tinyint"),
    (52, "smallint"),
    (56, "int"),
    (61, "datetime"),
    (62, "float"),
    (104, "bit"),
    (106, "decimal"),
    (127, "bigint"),
    (165, "varbinary"),
    (167, "varchar"),
    (173, "binary"),
    (175, "char"),
    (231, "nvarchar"),
    (239, "nchar"),
];

/// `system_type_id` of sys.columns.
pub(super) fn type_id(sql_type: SqlType) -> u8 {
    match sql_type {
        SqlType::UniqueIdentifier => 36,
        SqlType::Date => 40,
        SqlType::DateTime2(_) => 42,
        SqlType::DateTimeOffset(_) => 43,
        SqlType::TinyInt => 48,
        SqlType::SmallInt => 52,
        SqlType::Int => 56,
        SqlType::DateTime => 61,
        SqlType::Float => 62,
        SqlType::Bit => 104,
        SqlType::Decimal { .. } => 106,
        SqlType::BigInt => 127,
        SqlType::VarBinary(_) => 165,
        SqlType::VarChar(_) => 167,
        SqlType::Binary(_) => 173,
        SqlType::Char(_) => 175,
        SqlType::NVarChar(_) => 231,
        SqlType::NChar(_) => 239,
    }
}

/// `max_length` of sys.columns: bytes, -1 for max.
pub(super) fn byte_length(sql_type: SqlType) -> i16 {
    let bytes = |length: Length, width: u16| match length {
        Length::Max => -1,
        Length::Limited(n) => i16::try_from(n.saturating_mul(width)).unwrap_or(i16::MAX),
    };
    match sql_type {
        SqlType::Bit | SqlType::TinyInt => 1,
        SqlType::SmallInt => 2,
        SqlType::Int => 4,
        SqlType::BigInt | SqlType::Float | SqlType::DateTime => 8,
        SqlType::Decimal { precision, .. } => match precision {
            1..=9 => 5,
            10..=19 => 9,
            20..=28 => 13,
            _ => 17,
        },
        SqlType::NVarChar(length) => bytes(length, 2),
        SqlType::VarChar(length) | SqlType::VarBinary(length) => bytes(length, 1),
        SqlType::Char(n) | SqlType::Binary(n) => bytes(Length::Limited(n), 1),
        SqlType::NChar(n) => bytes(Length::Limited(n), 2),
        SqlType::UniqueIdentifier => 16,
        SqlType::Date => 3,
        SqlType::DateTime2(scale) => 6 + i16::from(scale > 2) + i16::from(scale > 4),
        SqlType::DateTimeOffset(scale) => 8 + i16::from(scale > 2) + i16::from(scale > 4),
    }
}

/// The columns of a table with their one-based ids.
pub(super) fn numbered(
    table: &Table,
) -> impl Iterator<Item = (usize, &crate::catalog::TableColumn)> {
    table
        .columns
        .iter()
        .enumerate()
        .map(|(at, column)| (at + 1, column))
}

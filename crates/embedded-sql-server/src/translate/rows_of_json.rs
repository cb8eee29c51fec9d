//! Row sources that come as a JSON array of arrays: OPENJSON, STRING_SPLIT, system views, and derived tables after APPLY.
//!
//! SQLite has no LATERAL, but the argument of a table function sees the FROM items before it.

use sqlparser::ast::{Expr, OpenJsonTableColumn};

use super::{
    conversion, functions,
    scope::{RowSource, Scope, SourceColumn, Statement, TranslatedQuery},
    text_literal,
};
use crate::{
    error::SqlError,
    scalar_functions::Path,
    value::{Column, Length, SqlType},
};

/// How a cell is read back: bytes travel as hexadecimal digits, and float as a number that may look whole.
fn cell(json: &str, at: usize, sql_type: SqlType) -> String {
    let cell = format!("json_extract({json}, '$[{at}]')");
    match sql_type {
        SqlType::VarBinary(_) | SqlType::Binary(_) => format!("unhex({cell})"),
        SqlType::Float => format!("CAST({cell} AS REAL)"),
        _ => cell,
    }
}

/// Rows of a JSON text as a FROM item.
///
/// Where the text sees the items before it (`lateral`), each column is read from the row's own JSON.
/// Else the rows are read once into columns: a join may visit them many times.
fn rows(
    statement: &Statement<'_>,
    name: &str,
    json: &str,
    columns: &[Column],
    lateral: bool,
) -> (String, RowSource) {
    let alias = statement.fresh_alias();
    let source_columns = columns
        .iter()
        .enumerate()
        .map(|(at, column)| SourceColumn {
            name: column.name.clone(),
            sql_type: column.sql_type,
            nullable: column.nullable,
            sql: if lateral {
                cell(&format!("{alias}.value"), at, column.sql_type)
            } else {
                format!("{alias}.c{at}")
            },
        })
        .collect();
    let source = RowSource {
        name: name.to_owned(),
        alias: alias.clone(),
        table: None,
        object: 0,
        columns: source_columns,
    };
    if lateral {
        return (format!("json_each({json}) AS {alias}"), source);
    }
    let inner = statement.fresh_alias();
    let items: Vec<String> = columns
        .iter()
        .enumerate()
        .map(|(at, column)| {
            format!(
                "{} AS c{at}",
                cell(&format!("{inner}.value"), at, column.sql_type)
            )
        })
        .collect();
    // The LIMIT keeps SQLite from folding the subquery into the query around it, which would read every cell anew.
    let sql = format!(
        "(SELECT {} FROM json_each({json}) AS {inner} LIMIT -1) AS {alias}",
        items.join(", ")
    );
    (sql, source)
}

fn column(name: &str, sql_type: SqlType) -> Column {
    Column {
        name: name.to_owned(),
        sql_type,
        nullable: true,
    }
}

/// OPENJSON, with the columns of WITH, or with key, value and type.
pub(super) fn open_json(
    scope: &Scope<'_>,
    json: &Expr,
    path: Option<&Expr>,
    with: &[OpenJsonTableColumn],
    lateral: bool,
) -> Result<(String, RowSource), SqlError> {
    let around = scope.without_sources();
    let inner = if lateral { scope } else { &around };
    let json = functions::text(inner, json)?.sql;
    let path = path
        .map(|path| functions::text(inner, path))
        .transpose()?
        .map_or("'$'".to_owned(), |path| path.sql);
    if with.is_empty() {
        let columns = [
            Column {
                nullable: false,
                ..column("key", SqlType::NVarChar(Length::Limited(4000)))
            },
            column("value", SqlType::NVarChar(Length::Max)),
            Column {
                nullable: false,
                ..column("type", SqlType::TinyInt)
            },
        ];
        return Ok(rows(
            scope.statement,
            "OPENJSON",
            &format!("mssql_openjson_plain({json}, {path})"),
            &columns,
            lateral,
        ));
    }
    let mut columns = Vec::with_capacity(with.len());
    let mut declared = Vec::with_capacity(with.len());
    for OpenJsonTableColumn {
        name,
        r#type,
        path,
        as_json,
    } in with
    {
        let sql_type = conversion::data_type(r#type)?;
        if *as_json && sql_type != SqlType::NVarChar(Length::Max) {
            return Err(SqlError::new(
                13618,
                "AS JSON option can be specified only for column of nvarchar(max) type in WITH clause.",
            ));
        }
        if sql_type.is_binary() {
            return Err(SqlError::unsupported("a binary column of OPENJSON"));
        }
        let path = path
            .clone()
            .unwrap_or_else(|| format!("$.\"{}\"", name.value));
        Path::parse(&path)?;
        declared.push(serde_json::json!([path, sql_type.code(), as_json]));
        columns.push(column(&name.value, sql_type));
    }
    let declared = text_literal(&serde_json::Value::Array(declared).to_string());
    Ok(rows(
        scope.statement,
        "OPENJSON",
        &format!("mssql_openjson({json}, {path}, {declared})"),
        &columns,
        lateral,
    ))
}

/// STRING_SPLIT with its one column `value`.
pub(super) fn string_split(
    scope: &Scope<'_>,
    text: &Expr,
    separator: &Expr,
    lateral: bool,
) -> Result<(String, RowSource), SqlError> {
    let around = scope.without_sources();
    let inner = if lateral { scope } else { &around };
    let (text, separator) = (
        functions::text(inner, text)?,
        functions::text(inner, separator)?,
    );
    let columns = [column("value", text.sql_type)];
    Ok(rows(
        scope.statement,
        "STRING_SPLIT",
        &format!("mssql_string_split({}, {})", text.sql, separator.sql),
        &columns,
        lateral,
    ))
}

/// The rows of a query after APPLY.
pub(super) fn of_query(
    scope: &Scope<'_>,
    name: &str,
    query: &TranslatedQuery,
) -> (String, RowSource) {
    let alias = scope.statement.fresh_alias();
    let cells: Vec<String> = query
        .columns
        .iter()
        .enumerate()
        .map(|(at, column)| {
            if column.sql_type.is_binary() {
                format!("CASE WHEN {alias}.c{at} IS NOT NULL THEN hex({alias}.c{at}) END")
            } else {
                format!("{alias}.c{at}")
            }
        })
        .collect();
    let json = format!(
        "(SELECT json_group_array(json_array({})) FROM ({}) AS {alias})",
        cells.join(", "),
        query.sql
    );
    rows(scope.statement, name, &json, &query.columns, true)
}

/// Rows that are known beforehand.
pub(super) fn known(
    statement: &Statement<'_>,
    name: &str,
    columns: &[Column],
    rows_of: &serde_json::Value,
) -> (String, RowSource) {
    let json = statement.bind_new(rusqlite::types::Value::Text(rows_of.to_string()));
    rows(statement, name, &json, columns, false)
}

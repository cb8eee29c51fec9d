//! Unique keys in SQLite, where NULLs do not collide, as SQL Server means them, where they do.

use sqlparser::ast::{BinaryOperator, Expr};

use crate::catalog::{IndexColumn, Table};
use crate::translate::{quote_name, same_name};
use crate::value::SqlType;

/// The statements for a unique key. `filter`: the condition as parsed and as translated.
///
/// A key column that can be NULL is indexed as an expression that gives NULL a value which no column can have.
/// Queries cannot use such an index, so a plain one stands beside it.
pub(super) fn unique_index(
    table: &Table,
    storage: &str,
    temporary: bool,
    name: &str,
    key: &[IndexColumn],
    filter: Option<(&Expr, &str)>,
) -> Vec<String> {
    let mut statements = Vec::new();
    let nullable = |column: &IndexColumn| {
        table.column(&column.name).is_some_and(|it| it.nullable)
            && !excludes_null(filter.map(|(parsed, _)| parsed), &column.name)
    };
    if key.iter().any(nullable) {
        let columns: Vec<String> = key
            .iter()
            .map(|column| {
                if nullable(column) {
                    null_as_value(table, &column.name)
                } else {
                    quote_name(&column.name)
                }
            })
            .collect();
        statements.push(index_text(
            storage,
            temporary,
            true,
            name,
            &columns.join(", "),
            filter,
        ));
        statements.push(plain_index(
            storage,
            temporary,
            &format!("{name} (for queries)"),
            key,
            filter,
        ));
    } else {
        statements.push(index_text(
            storage,
            temporary,
            true,
            name,
            &key_text(key),
            filter,
        ));
    }
    statements
}

/// The statement for an index that is not unique.
pub(super) fn plain_index(
    storage: &str,
    temporary: bool,
    name: &str,
    key: &[IndexColumn],
    filter: Option<(&Expr, &str)>,
) -> String {
    index_text(storage, temporary, false, name, &key_text(key), filter)
}

/// The SQLite index of a table's index or key: SQLite has one set of names for all tables.
pub(super) fn index_name(storage: &str, name: &str) -> String {
    quote_name(&format!("{storage}.{name}"))
}

fn key_text(key: &[IndexColumn]) -> String {
    key.iter()
        .map(|column| {
            format!(
                "{}{}",
                quote_name(&column.name),
                if column.descending { " DESC" } else { "" }
            )
        })
        .collect::<Vec<_>>()
        .join(", ")
}

fn index_text(
    storage: &str,
    temporary: bool,
    unique: bool,
    name: &str,
    columns: &str,
    filter: Option<(&Expr, &str)>,
) -> String {
    let unique = if unique { "UNIQUE " } else { "" };
    let schema = if temporary { "temp." } else { "" };
    let filter = filter.map_or_else(String::new, |(_, sql)| format!(" WHERE {sql}"));
    format!(
        "CREATE {unique}INDEX {schema}{} ON {} ({columns}){filter}",
        index_name(storage, name),
        quote_name(storage)
    )
}

fn null_as_value(table: &Table, column: &str) -> String {
    let quoted = quote_name(column);
    match table.column(column).map(|column| column.sql_type) {
        // Text in a column of bytes, bytes in any other: a value that the column itself cannot hold.
        Some(SqlType::VarBinary(_) | SqlType::Binary(_)) => format!("ifnull({quoted}, 'NULL')"),
        Some(SqlType::NVarChar(_) | SqlType::VarChar(_) | SqlType::Char(_) | SqlType::NChar(_)) => {
            format!("ifnull({quoted}, x'00') COLLATE MSSQL")
        }
        _ => format!("ifnull({quoted}, x'00')"),
    }
}

/// Whether a filter lets no row through whose column is NULL.
fn excludes_null(filter: Option<&Expr>, column: &str) -> bool {
    match filter {
        Some(Expr::IsNotNull(tested)) => {
            matches!(tested.as_ref(), Expr::Identifier(name) if same_name(&name.value, column))
        }
        Some(Expr::BinaryOp {
            left,
            op: BinaryOperator::And,
            right,
        }) => excludes_null(Some(left), column) || excludes_null(Some(right), column),
        Some(Expr::Nested(inner)) => excludes_null(Some(inner), column),
        _ => false,
    }
}

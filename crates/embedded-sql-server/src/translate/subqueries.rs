//! Queries within expressions, and rows written out with VALUES.

use sqlparser::ast::{self, Expr, Query, SetExpr};

use super::{
    common_tables::order_not_allowed,
    conversion,
    expression::{common_type_of, expression},
    literals,
    query::{has_top, query},
    scope::{Scope, TranslatedQuery, Typed},
    select,
};
use crate::{
    error::SqlError,
    value::{Column, SqlType},
};

/// VALUES as a table: each column has the type that its rows have in common.
pub(super) fn table_of_values(
    scope: &Scope<'_>,
    values: &ast::Values,
) -> Result<TranslatedQuery, SqlError> {
    let rows = values
        .rows
        .iter()
        .map(|row| {
            row.content
                .iter()
                .map(|cell| expression(scope, cell))
                .collect::<Result<Vec<_>, _>>()
        })
        .collect::<Result<Vec<_>, _>>()?;
    let width = rows.first().map_or(0, Vec::len);
    if width == 0 || rows.iter().any(|row| row.len() != width) {
        return Err(SqlError::new(
            10709,
            "The number of columns for each row in a table value constructor must be the same.",
        ));
    }
    let mut columns = Vec::with_capacity(width);
    for at in 0..width {
        let cells: Vec<&Typed> = rows.iter().filter_map(|row| row.get(at)).collect();
        let sql_type = if cells.iter().all(|cell| cell.is_bare_null()) {
            SqlType::Int
        } else {
            common_type_of(&cells)?
        };
        columns.push(Column {
            name: String::new(),
            sql_type,
            nullable: cells.iter().any(|cell| cell.nullable),
        });
    }
    // SQLite takes at most 500 parts of a UNION, but in VALUES of several rows it does not see the query around.
    let as_values = rows.len() > 400;
    let mut texts = Vec::with_capacity(rows.len());
    for row in rows {
        let mut cells = Vec::with_capacity(width);
        for (at, (cell, column)) in row.into_iter().zip(&columns).enumerate() {
            let cell = conversion::convert(cell, column.sql_type)?.sql;
            cells.push(if as_values {
                cell
            } else {
                format!("{cell} AS c{at}")
            });
        }
        texts.push(if as_values {
            format!("({})", cells.join(", "))
        } else {
            format!("SELECT {}", cells.join(", "))
        });
    }
    let sql = if as_values {
        let names: Vec<String> = (0..width)
            .map(|at| format!("column{} AS c{at}", at + 1))
            .collect();
        format!(
            "SELECT {} FROM (VALUES {})",
            names.join(", "),
            texts.join(", ")
        )
    } else {
        texts.join(" UNION ALL ")
    };
    Ok(TranslatedQuery { sql, columns })
}

/// `(SELECT …)` as a value. Error 512 when it has more than one row, 116 when it has more than one column.
pub(super) fn scalar_subquery(scope: &Scope<'_>, subquery: &Query) -> Result<Typed, SqlError> {
    let inner = query(&Scope::inside(scope), subquery)?;
    if subquery.order_by.is_some() && subquery.limit_clause.is_none() && !has_top(&subquery.body) {
        return Err(order_not_allowed());
    }
    let [column] = inner.columns.as_slice() else {
        return Err(SqlError::new(
            116,
            "Only one expression can be specified in the select list when the subquery is not introduced with EXISTS.",
        ));
    };
    let sql = if gives_one_row(subquery) {
        format!("({})", inner.sql)
    } else {
        let alias = scope.statement.fresh_alias();
        format!(
            "(SELECT mssql_single({alias}.c0, count(*) OVER ()) FROM ({}) AS {alias} LIMIT 1)",
            inner.sql
        )
    };
    Ok(Typed::new(sql, column.sql_type, true))
}

/// Whether the query gives one row at most by its form: TOP (1), no FROM, or an aggregate without GROUP BY.
fn gives_one_row(subquery: &Query) -> bool {
    let SetExpr::Select(select) = subquery.body.as_ref() else {
        return false;
    };
    if select.from.is_empty() {
        return true;
    }
    match &select.top {
        Some(ast::Top {
            quantity: Some(ast::TopQuantity::Constant(1)),
            ..
        }) => true,
        Some(ast::Top {
            quantity: Some(ast::TopQuantity::Expr(Expr::Value(value))),
            ..
        }) => literals::literal(&value.value).is_ok_and(|literal| literal.sql == "1"),
        Some(_) => false,
        None => select::is_one_group(select),
    }
}

//! Queries: WITH, set operations, ORDER BY, OFFSET and FETCH around one or more SELECTs.

use sqlparser::ast::{
    self, Expr, LimitClause, OrderByExpr, OrderByKind, OrderBySort, Query, SetExpr, SetOperator,
    SetQuantifier,
};

use super::{
    common_tables::common_tables,
    conversion,
    expression::{expression, sort_key},
    inference,
    scope::{Scope, TranslatedQuery, Typed},
    select, subqueries,
};
use crate::{error::SqlError, value::Column};

/// Translates a query. Its SQLite columns are `c0`, `c1`, ….
pub fn query(scope: &Scope<'_>, query: &Query) -> Result<TranslatedQuery, SqlError> {
    let Query {
        with,
        body,
        order_by,
        limit_clause,
        fetch,
        locks,
        for_clause,
        settings,
        format_clause,
        pipe_operators,
    } = query;
    if for_clause.is_some() {
        return Err(SqlError::unsupported("FOR JSON, FOR XML and FOR BROWSE"));
    }
    if !locks.is_empty()
        || settings.is_some()
        || format_clause.is_some()
        || !pipe_operators.is_empty()
    {
        return Err(SqlError::unsupported(format_args!(
            "this form of query: {query}"
        )));
    }
    let mut scope = scope.clone();
    let prefix = with
        .as_ref()
        .map(|with| common_tables(&mut scope, with))
        .transpose()?
        .unwrap_or_default();
    let order = ordering(order_by.as_ref())?;
    let page = page(&scope, limit_clause.as_ref(), fetch.as_ref())?;
    if page.is_some() && order.is_empty() {
        return Err(SqlError::new(
            102,
            "Incorrect syntax near 'OFFSET': it needs ORDER BY.",
        ));
    }
    let mut translated = body_of(&scope, body, order, page)?;
    translated.sql.insert_str(0, &prefix);
    Ok(translated)
}

/// Whether ORDER BY has a purpose inside a subquery.
pub(super) fn has_top(body: &SetExpr) -> bool {
    matches!(body, SetExpr::Select(select) if select.top.is_some())
}

/// OFFSET and FETCH.
pub(super) struct Page {
    offset: String,
    count: Option<String>,
}

fn page(
    scope: &Scope<'_>,
    limit: Option<&LimitClause>,
    fetch: Option<&ast::Fetch>,
) -> Result<Option<Page>, SqlError> {
    let offset = match limit {
        None => None,
        Some(LimitClause::LimitOffset {
            limit: None,
            offset: Some(offset),
            limit_by,
        }) if limit_by.is_empty() => Some(row_limit(scope, &offset.value)?),
        Some(_) => return Err(SqlError::new(102, "Incorrect syntax near 'LIMIT'.")),
    };
    let count = match fetch {
        None => None,
        Some(ast::Fetch {
            with_ties: false,
            percent: false,
            quantity: Some(quantity),
        }) => Some(row_limit(scope, quantity)?),
        Some(_) => return Err(SqlError::unsupported("FETCH WITH TIES or PERCENT")),
    };
    match (offset, count) {
        (None, None) => Ok(None),
        (Some(offset), count) => Ok(Some(Page { offset, count })),
        (None, Some(_)) => Err(SqlError::new(
            153,
            "Invalid usage of the option FETCH in the SELECT statement: it needs OFFSET.",
        )),
    }
}

/// The count of TOP, OFFSET and FETCH: a whole number that is not NULL (1060) and not negative (127).
pub fn row_limit(scope: &Scope<'_>, expr: &Expr) -> Result<String, SqlError> {
    let count = expression(&scope.without_sources(), expr)?;
    if !count.sql_type.is_whole() {
        return Err(SqlError::new(
            1060,
            "The number of rows provided for a TOP or FETCH clauses row count parameter must be an integer.",
        ));
    }
    Ok(format!("mssql_row_count({})", count.sql))
}

fn ordering(order_by: Option<&ast::OrderBy>) -> Result<&[OrderByExpr], SqlError> {
    match order_by {
        None => Ok(&[]),
        Some(ast::OrderBy {
            kind: OrderByKind::Expressions(keys),
            interpolate: None,
        }) => Ok(keys),
        Some(other) => Err(SqlError::unsupported(format_args!("{other}"))),
    }
}

/// ` DESC` or nothing.
pub(super) fn order_direction(key: &OrderByExpr) -> Result<&'static str, SqlError> {
    if key.options.nulls_first.is_some() || key.with_fill.is_some() {
        return Err(SqlError::unsupported(format_args!("ORDER BY {key}")));
    }
    match &key.options.sort {
        None | Some(OrderBySort::Asc) => Ok(""),
        Some(OrderBySort::Desc) => Ok(" DESC"),
        Some(_) => Err(SqlError::unsupported(format_args!("ORDER BY {key}"))),
    }
}

/// What follows LIMIT in SQLite for a page or a TOP, which T-SQL does not mix; empty without both.
pub(super) fn limit_of(page: Option<Page>, top: Option<String>) -> Result<String, SqlError> {
    match (page, top) {
        (None, None) => Ok(String::new()),
        (None, Some(top)) => Ok(top),
        (Some(page), None) => Ok(format!(
            "{} OFFSET {}",
            page.count.unwrap_or("-1".to_owned()),
            page.offset
        )),
        (Some(_), Some(_)) => Err(SqlError::new(
            10741,
            "A TOP can not be used in the same query or sub-query as an OFFSET.",
        )),
    }
}

fn body_of(
    scope: &Scope<'_>,
    body: &SetExpr,
    order: &[OrderByExpr],
    page: Option<Page>,
) -> Result<TranslatedQuery, SqlError> {
    match body {
        SetExpr::Select(select) => select::select(scope, select, order, page),
        SetExpr::Query(inner) if order.is_empty() && page.is_none() => query(scope, inner),
        SetExpr::Query(inner) => ordered(scope, query(scope, inner)?, order, page),
        SetExpr::SetOperation {
            left,
            op,
            set_quantifier,
            right,
        } => {
            let combined = combined(scope, left, *op, *set_quantifier, right)?;
            if order.is_empty() {
                Ok(combined)
            } else {
                ordered(scope, combined, order, page)
            }
        }
        SetExpr::Values(values) if order.is_empty() => subqueries::table_of_values(scope, values),
        other => Err(SqlError::unsupported(format_args!("query {other}"))),
    }
}

/// The whole of a query without its own ORDER BY, put in an order of its columns.
fn ordered(
    scope: &Scope<'_>,
    inner: TranslatedQuery,
    order: &[OrderByExpr],
    page: Option<Page>,
) -> Result<TranslatedQuery, SqlError> {
    let alias = scope.statement.fresh_alias();
    let mut keys = Vec::new();
    for key in order {
        let position = select::output_position(&inner.columns, &key.expr)?.ok_or_else(|| {
            SqlError::new(104, "ORDER BY items must appear in the select list if the statement contains a UNION, INTERSECT or EXCEPT operator.")
        })?;
        let typed = inner
            .column(&alias, position)
            .ok_or_else(|| SqlError::unsupported("this ORDER BY"))?;
        keys.push(format!("{}{}", sort_key(&typed), order_direction(key)?));
    }
    let order = if keys.is_empty() {
        String::new()
    } else {
        format!(" ORDER BY {}", keys.join(", "))
    };
    let limit = limit_of(page, None)?;
    let limit = if limit.is_empty() {
        limit
    } else {
        format!(" LIMIT {limit}")
    };
    Ok(TranslatedQuery {
        sql: format!("SELECT * FROM ({}) AS {alias}{order}{limit}", inner.sql),
        columns: inner.columns,
    })
}

fn combined(
    scope: &Scope<'_>,
    left: &SetExpr,
    op: SetOperator,
    quantifier: SetQuantifier,
    right: &SetExpr,
) -> Result<TranslatedQuery, SqlError> {
    let (keyword, distinct) = match (op, quantifier) {
        (SetOperator::Union, SetQuantifier::All) => ("UNION ALL", false),
        (SetOperator::Union, SetQuantifier::None) => ("UNION", true),
        (SetOperator::Except, SetQuantifier::None) => ("EXCEPT", true),
        (SetOperator::Intersect, SetQuantifier::None) => ("INTERSECT", true),
        _ => return Err(SqlError::unsupported(format_args!("{op} {quantifier}"))),
    };
    let (left, right) = (
        body_of(scope, left, &[], None)?,
        body_of(scope, right, &[], None)?,
    );
    if left.columns.len() != right.columns.len() {
        return Err(SqlError::new(
            205,
            "All queries combined using a UNION, INTERSECT or EXCEPT operator must have an equal number of expressions in their target lists.",
        ));
    }
    let mut columns = Vec::with_capacity(left.columns.len());
    for (one, other) in left.columns.iter().zip(&right.columns) {
        let typed = |column: &Column| Typed::new("", column.sql_type, column.nullable);
        columns.push(Column {
            name: one.name.clone(),
            sql_type: inference::common_type(&typed(one), &typed(other))?,
            nullable: one.nullable || other.nullable,
        });
    }
    let side = |side: &TranslatedQuery| -> Result<String, SqlError> {
        let alias = scope.statement.fresh_alias();
        let mut items = Vec::with_capacity(columns.len());
        for (position, column) in columns.iter().enumerate() {
            let typed = side
                .column(&alias, position)
                .ok_or_else(|| SqlError::unsupported("this set operation"))?;
            let typed = conversion::convert(typed, column.sql_type)?;
            let sql = if distinct && column.sql_type.is_text() {
                sort_key(&typed)
            } else {
                typed.sql
            };
            items.push(format!("{sql} AS c{position}"));
        }
        Ok(format!(
            "SELECT {} FROM ({}) AS {alias}",
            items.join(", "),
            side.sql
        ))
    };
    // Wrapped, so that a longer chain keeps the order of its operations.
    let sql = format!(
        "SELECT * FROM ({} {keyword} {})",
        side(&left)?,
        side(&right)?
    );
    Ok(TranslatedQuery { sql, columns })
}

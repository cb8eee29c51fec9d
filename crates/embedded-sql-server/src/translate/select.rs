//! One SELECT.

use sqlparser::ast::{
    self, Distinct, Expr, GroupByExpr, OrderByExpr, Select, SelectFlavor, SelectItem, Top,
    TopQuantity,
};

use super::{
    aggregates,
    condition::condition,
    expression::{expression, sort_key},
    few_rows::with_hints,
    query::{Page, limit_of, order_direction, row_limit},
    scope::{Grouping, Scope, TranslatedQuery, Typed, same_name},
    select_items::{Item, items},
    source,
};
use crate::{error::SqlError, value::Column};

/// Translates a SELECT with the ORDER BY and OFFSET of the query around it.
pub(super) fn select(
    around: &Scope<'_>,
    select: &Select,
    order: &[OrderByExpr],
    page: Option<Page>,
) -> Result<TranslatedQuery, SqlError> {
    only_known_parts(select)?;
    let mut scope = around.clone();
    scope.sources.clear();
    scope.grouping = None;
    scope.saw_aggregate.set(false);
    let from = source::from_clause(&mut scope, &select.from)?;
    let filter = select
        .selection
        .as_ref()
        .map(|filter| condition(&scope, filter))
        .transpose()?;
    let filter = with_hints(filter, &select.from, &scope.sources);
    let keys = group_keys(&scope, &select.group_by)?;
    if scope.saw_aggregate.get() {
        return Err(SqlError::new(
            147,
            "An aggregate may not appear in the WHERE or GROUP BY clause.",
        ));
    }
    // Whether the query is grouped shows only in its items: translated once to see, and then as what they are.
    let mut list = items(&scope, &select.projection)?;
    let mut having = select
        .having
        .as_ref()
        .map(|having| condition(&scope, having))
        .transpose()?;
    let mut sorting = order_keys(&scope, &list, order)?;
    let grouped = scope.saw_aggregate.get() || !keys.is_empty() || having.is_some();
    if grouped {
        scope.grouping = Some(Grouping {
            keys: keys.iter().map(|key| key.sql.clone()).collect(),
        });
        list = items(&scope, &select.projection)?;
        having = select
            .having
            .as_ref()
            .map(|having| condition(&scope, having))
            .transpose()?;
        sorting = order_keys(&scope, &list, order)?;
    }
    let distinct = is_distinct(select, &sorting)?;
    let top = select
        .top
        .as_ref()
        .map(|top| top_of(&scope, top))
        .transpose()?;

    // SQLite takes HAVING without GROUP BY only beside an aggregate in the list.
    let one_group = having.is_some() && keys.is_empty();
    let mut texts: Vec<String> = list
        .iter()
        .enumerate()
        .map(|(at, (_, typed))| {
            let sql = if distinct && typed.sql_type.is_text() {
                sort_key(typed)
            } else {
                typed.sql.clone()
            };
            format!("{sql} AS c{at}")
        })
        .collect();
    if one_group {
        texts.push("count(*)".to_owned());
    }
    let keys: Vec<String> = keys.iter().map(sort_key).collect();
    let sorting: Vec<String> = sorting.into_iter().map(|key| key.sql).collect();
    let mut parts = vec![format!(
        "SELECT {}{}",
        if distinct { "DISTINCT " } else { "" },
        texts.join(", ")
    )];
    let mut clause = |keyword: &str, text: String| {
        if !text.is_empty() {
            parts.push(format!("{keyword} {text}"));
        }
    };
    clause("FROM", from);
    clause("WHERE", filter.unwrap_or_default());
    clause("GROUP BY", keys.join(", "));
    clause("HAVING", having.unwrap_or_default());
    clause("ORDER BY", sorting.join(", "));
    clause("LIMIT", limit_of(page, top)?);
    let mut sql = parts.join(" ");
    if one_group {
        let names: Vec<String> = (0..list.len()).map(|at| format!("c{at}")).collect();
        sql = format!("SELECT {} FROM ({sql})", names.join(", "));
    }
    let columns = list
        .into_iter()
        .map(|(name, typed)| Column {
            name,
            sql_type: typed.sql_type,
            nullable: typed.nullable,
        })
        .collect();
    Ok(TranslatedQuery { sql, columns })
}

fn is_distinct(select: &Select, sorting: &[SortKey]) -> Result<bool, SqlError> {
    let distinct = match &select.distinct {
        None | Some(Distinct::All) => false,
        Some(Distinct::Distinct) => true,
        Some(other) => return Err(SqlError::unsupported(format_args!("SELECT {other}"))),
    };
    if distinct && sorting.iter().any(|key| !key.in_list) {
        return Err(SqlError::new(
            145,
            "ORDER BY items must appear in the select list if SELECT DISTINCT is specified.",
        ));
    }
    Ok(distinct)
}

/// Refuses the parts of the tree that T-SQL does not have, and those that this server does not know.
fn only_known_parts(select: &Select) -> Result<(), SqlError> {
    let Select {
        select_token: _,
        optimizer_hints,
        distinct: _,
        select_modifiers,
        top: _,
        top_before_distinct: _,
        projection: _,
        exclude,
        into,
        from: _,
        lateral_views,
        prewhere,
        selection: _,
        connect_by,
        group_by: _,
        cluster_by,
        distribute_by,
        sort_by,
        having: _,
        named_window,
        qualify,
        window_before_qualify: _,
        value_table_mode,
        flavor,
    } = select;
    if into.is_some() {
        return Err(SqlError::unsupported("SELECT INTO"));
    }
    let plain = optimizer_hints.is_empty()
        && select_modifiers.is_none()
        && exclude.is_none()
        && lateral_views.is_empty()
        && prewhere.is_none()
        && connect_by.is_empty()
        && cluster_by.is_empty()
        && distribute_by.is_empty()
        && sort_by.is_empty()
        && named_window.is_empty()
        && qualify.is_none()
        && value_table_mode.is_none()
        && *flavor == SelectFlavor::Standard;
    if plain {
        Ok(())
    } else {
        Err(SqlError::unsupported(format_args!(
            "this form of SELECT: {select}"
        )))
    }
}

fn top_of(scope: &Scope<'_>, top: &Top) -> Result<String, SqlError> {
    match top {
        Top {
            with_ties: false,
            percent: false,
            quantity: Some(TopQuantity::Constant(count)),
        } => Ok(count.to_string()),
        Top {
            with_ties: false,
            percent: false,
            quantity: Some(TopQuantity::Expr(expr)),
        } => row_limit(scope, expr),
        _ => Err(SqlError::unsupported(format_args!("{top}"))),
    }
}

fn group_keys(scope: &Scope<'_>, group_by: &GroupByExpr) -> Result<Vec<Typed>, SqlError> {
    let GroupByExpr::Expressions(keys, modifiers) = group_by else {
        return Err(SqlError::unsupported("GROUP BY ALL"));
    };
    if !modifiers.is_empty() {
        return Err(SqlError::unsupported(format_args!("{group_by}")));
    }
    keys.iter()
        .map(|key| match key {
            // SQL Server groups by no constant, and SQLite would read a number as a position.
            Expr::Value(_) => Err(SqlError::new(164, "Each GROUP BY expression must contain at least one column that is not an outer reference.")),
            key => expression(scope, key),
        })
        .collect()
}

struct SortKey {
    sql: String,
    in_list: bool,
}

/// The position of the result column that an ORDER BY item names, by its name or number. Error 108 for a number beyond the list.
pub(super) fn output_position(columns: &[Column], key: &Expr) -> Result<Option<usize>, SqlError> {
    match key {
        Expr::Value(value) => {
            let number = match &value.value {
                ast::Value::Number(digits, _) => digits.parse::<usize>().ok(),
                _ => None,
            };
            let number = number.filter(|number| (1..=columns.len()).contains(number)).ok_or_else(|| {
                SqlError::new(108, format!("The ORDER BY position number {value} is out of range of the number of items in the select list."))
            })?;
            Ok(Some(number - 1))
        }
        Expr::Identifier(name) if !name.value.starts_with('@') => Ok(columns
            .iter()
            .position(|column| same_name(&column.name, &name.value))),
        _ => Ok(None),
    }
}

fn order_keys(
    scope: &Scope<'_>,
    list: &[Item],
    order: &[OrderByExpr],
) -> Result<Vec<SortKey>, SqlError> {
    let columns: Vec<Column> = list
        .iter()
        .map(|(name, typed)| Column {
            name: name.clone(),
            sql_type: typed.sql_type,
            nullable: typed.nullable,
        })
        .collect();
    order
        .iter()
        .map(|key| {
            let position = output_position(&columns, &key.expr)?;
            let typed = match position.and_then(|position| list.get(position)) {
                Some((_, typed)) => typed.clone(),
                None => expression(scope, &key.expr)?,
            };
            let in_list = position.is_some() || list.iter().any(|(_, item)| item.sql == typed.sql);
            // A constant would be read as a position by SQLite; its order is no order.
            let constant = typed.sql.parse::<f64>().is_ok();
            let sql = if constant {
                "NULL".to_owned()
            } else {
                format!("{}{}", sort_key(&typed), order_direction(key)?)
            };
            Ok(SortKey { sql, in_list })
        })
        .collect()
}

/// Whether a SELECT is one group by its form: aggregates without GROUP BY.
pub(super) fn is_one_group(select: &Select) -> bool {
    let ungrouped = matches!(&select.group_by, GroupByExpr::Expressions(keys, modifiers) if keys.is_empty() && modifiers.is_empty());
    ungrouped
        && select.projection.iter().any(|item| match item {
            SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } => {
                is_aggregate_call(expr)
            }
            _ => false,
        })
}

fn is_aggregate_call(expr: &Expr) -> bool {
    match expr {
        Expr::Function(call) => {
            call.over.is_none() && aggregates::is_aggregate(&call.name.to_string().to_uppercase())
        }
        Expr::Nested(inner) => is_aggregate_call(inner),
        _ => false,
    }
}

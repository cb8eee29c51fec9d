//! One SELECT.

use sqlparser::ast::{self, Distinct, Expr, GroupByExpr, Ident, OrderByExpr, Select, SelectFlavor, SelectItem, SelectItemQualifiedWildcardKind, Top, TopQuantity};

use super::{
    aggregates,
    condition::condition,
    expression::{expression, sort_key},
    query::{Page, limit_of, order_direction, row_limit},
    scope::{Form, Grouping, RowSource, Scope, TranslatedQuery, Typed, same_name},
    source,
};
use crate::{error::SqlError, value::Column};

/// A select item: its name, and its value.
type Item = (String, Typed);

/// Translates a SELECT with the ORDER BY and OFFSET of the query around it.
pub(super) fn select(around: &Scope<'_>, select: &Select, order: &[OrderByExpr], page: Option<Page>) -> Result<TranslatedQuery, SqlError> {
    only_known_parts(select)?;
    let mut scope = around.clone();
    scope.sources.clear();
    scope.grouping = None;
    scope.saw_aggregate.set(false);
    let from = source::from_clause(&mut scope, &select.from)?;
    let filter = select.selection.as_ref().map(|filter| condition(&scope, filter)).transpose()?;
    let keys = group_keys(&scope, &select.group_by)?;
    if scope.saw_aggregate.get() {
        return Err(SqlError::new(147, "An aggregate may not appear in the WHERE or GROUP BY clause."));
    }
    // Whether the query is grouped shows only in its items: translated once to see, and then as what they are.
    let mut list = items(&scope, &select.projection)?;
    let mut having = select.having.as_ref().map(|having| condition(&scope, having)).transpose()?;
    let mut sorting = order_keys(&scope, &list, order)?;
    let grouped = scope.saw_aggregate.get() || !keys.is_empty() || having.is_some();
    if grouped {
        scope.grouping = Some(Grouping { keys: keys.iter().map(|key| key.sql.clone()).collect() });
        list = items(&scope, &select.projection)?;
        having = select.having.as_ref().map(|having| condition(&scope, having)).transpose()?;
        sorting = order_keys(&scope, &list, order)?;
    }
    let distinct = match &select.distinct {
        None | Some(Distinct::All) => false,
        Some(Distinct::Distinct) => true,
        Some(other) => return Err(SqlError::unsupported(format_args!("SELECT {other}"))),
    };
    if distinct && sorting.iter().any(|key| !key.in_list) {
        return Err(SqlError::new(145, "ORDER BY items must appear in the select list if SELECT DISTINCT is specified."));
    }
    let top = select.top.as_ref().map(|top| top_of(&scope, top)).transpose()?;

    let texts: Vec<String> = list
        .iter()
        .enumerate()
        .map(|(at, (_, typed))| {
            let sql = if distinct && typed.sql_type.is_text() { sort_key(typed) } else { typed.sql.clone() };
            format!("{sql} AS c{at}")
        })
        .collect();
    let mut sql = format!("SELECT {}{}", if distinct { "DISTINCT " } else { "" }, texts.join(", "));
    if !from.is_empty() {
        sql.push_str(&format!(" FROM {from}"));
    }
    if let Some(filter) = filter {
        sql.push_str(&format!(" WHERE {filter}"));
    }
    if !keys.is_empty() {
        sql.push_str(&format!(" GROUP BY {}", keys.iter().map(sort_key).collect::<Vec<_>>().join(", ")));
    }
    if let Some(having) = having {
        // Without GROUP BY, SQLite wants an aggregate in the list; a constant key makes one group too, but of no rows none.
        sql.push_str(&format!(" HAVING {having}"));
    }
    if !sorting.is_empty() {
        sql.push_str(&format!(" ORDER BY {}", sorting.into_iter().map(|key| key.sql).collect::<Vec<_>>().join(", ")));
    }
    sql.push_str(&limit_of(page, top)?);
    let columns = list
        .into_iter()
        .map(|(name, typed)| Column { name, sql_type: typed.sql_type, nullable: typed.nullable })
        .collect();
    Ok(TranslatedQuery { sql, columns })
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
    if plain { Ok(()) } else { Err(SqlError::unsupported(format_args!("this form of SELECT: {select}"))) }
}

fn top_of(scope: &Scope<'_>, top: &Top) -> Result<String, SqlError> {
    match top {
        Top { with_ties: false, percent: false, quantity: Some(TopQuantity::Constant(count)) } => Ok(count.to_string()),
        Top { with_ties: false, percent: false, quantity: Some(TopQuantity::Expr(expr)) } => row_limit(scope, expr),
        _ => Err(SqlError::unsupported(format_args!("{top}"))),
    }
}

fn group_keys(scope: &Scope<'_>, group_by: &GroupByExpr) -> Result<Vec<Typed>, SqlError> {
    let GroupByExpr::Expressions(keys, modifiers) = group_by else { return Err(SqlError::unsupported("GROUP BY ALL")) };
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

fn items(scope: &Scope<'_>, projection: &[SelectItem]) -> Result<Vec<Item>, SqlError> {
    let mut items = Vec::with_capacity(projection.len());
    for item in projection {
        match item {
            SelectItem::UnnamedExpr(expr) => {
                if let Expr::BinaryOp { left, op: ast::BinaryOperator::Eq, .. } = expr {
                    assigned_variable(left)?;
                }
                let typed = expression(scope, expr)?;
                let name = match &typed.form {
                    Form::Column(name) => name.clone(),
                    _ => String::new(),
                };
                items.push((name, typed));
            }
            SelectItem::ExprWithAlias { expr, alias } => {
                not_an_assignment(alias)?;
                items.push((alias.value.clone(), expression(scope, expr)?));
            }
            SelectItem::Wildcard(options) => {
                plain_wildcard(options)?;
                if scope.sources.is_empty() {
                    return Err(SqlError::new(263, "Must specify table to select from."));
                }
                for source in &scope.sources {
                    all_columns(scope, source, &mut items)?;
                }
            }
            SelectItem::QualifiedWildcard(SelectItemQualifiedWildcardKind::ObjectName(name), options) => {
                plain_wildcard(options)?;
                let source = name.0.last().and_then(|part| part.as_ident()).and_then(|part| scope.source(&part.value));
                let source = source.ok_or_else(|| {
                    SqlError::new(107, format!("The column prefix '{name}' does not match with a table name or alias name used in the query."))
                })?;
                all_columns(scope, source, &mut items)?;
            }
            other => return Err(SqlError::unsupported(format_args!("select item {other}"))),
        }
    }
    Ok(items)
}

/// The parser reads `SELECT @a = b` as `b AS @a`; the interpreter takes assignments out before they come here.
fn not_an_assignment(alias: &Ident) -> Result<(), SqlError> {
    if alias.quote_style.is_none() && alias.value.starts_with('@') {
        return Err(SqlError::unsupported(format_args!("SELECT {} = … as a part of a query", alias.value)));
    }
    Ok(())
}

fn assigned_variable(left: &Expr) -> Result<(), SqlError> {
    if let Expr::Identifier(name) = left { not_an_assignment(name) } else { Ok(()) }
}

fn plain_wildcard(options: &ast::WildcardAdditionalOptions) -> Result<(), SqlError> {
    let ast::WildcardAdditionalOptions { wildcard_token: _, opt_ilike, opt_exclude, opt_except, opt_replace, opt_rename, opt_alias } = options;
    let plain = opt_ilike.is_none()
        && opt_exclude.is_none()
        && opt_except.is_none()
        && opt_replace.is_none()
        && opt_rename.is_none()
        && opt_alias.is_none();
    if plain { Ok(()) } else { Err(SqlError::unsupported("* with options")) }
}

fn all_columns(scope: &Scope<'_>, source: &RowSource, items: &mut Vec<Item>) -> Result<(), SqlError> {
    for column in &source.columns {
        if scope.grouping.as_ref().is_some_and(|grouping| !grouping.keys.contains(&column.sql)) {
            return Err(SqlError::new(
                8120,
                format!(
                    "Column '{}.{}' is invalid in the select list because it is not contained in either an aggregate function or the GROUP BY clause.",
                    source.name, column.name
                ),
            ));
        }
        items.push((
            column.name.clone(),
            Typed {
                sql: column.sql.clone(),
                sql_type: column.sql_type,
                nullable: column.nullable,
                form: Form::Column(column.name.clone()),
            },
        ));
    }
    Ok(())
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
        Expr::Identifier(name) if !name.value.starts_with('@') => {
            Ok(columns.iter().position(|column| same_name(&column.name, &name.value)))
        }
        _ => Ok(None),
    }
}

fn order_keys(scope: &Scope<'_>, list: &[Item], order: &[OrderByExpr]) -> Result<Vec<SortKey>, SqlError> {
    let columns: Vec<Column> = list
        .iter()
        .map(|(name, typed)| Column { name: name.clone(), sql_type: typed.sql_type, nullable: typed.nullable })
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
            let sql = if constant { "NULL".to_owned() } else { format!("{}{}", sort_key(&typed), order_direction(key)?) };
            Ok(SortKey { sql, in_list })
        })
        .collect()
}

/// Whether a SELECT is one group by its form: aggregates without GROUP BY.
pub(super) fn is_one_group(select: &Select) -> bool {
    let ungrouped = matches!(&select.group_by, GroupByExpr::Expressions(keys, modifiers) if keys.is_empty() && modifiers.is_empty());
    ungrouped
        && select.projection.iter().any(|item| match item {
            SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } => is_aggregate_call(expr),
            _ => false,
        })
}

fn is_aggregate_call(expr: &Expr) -> bool {
    match expr {
        Expr::Function(call) => call.over.is_none() && aggregates::is_aggregate(&call.name.to_string().to_uppercase()),
        Expr::Nested(inner) => is_aggregate_call(inner),
        _ => false,
    }
}

//! Tells SQLite that table variables are small.
//!
//! Without statistics SQLite takes every table for large, and may read all of a real table to find the hundred rows that a table
//! variable names. SQL Server expects few rows in one; the hint says the same and excludes no row.

use sqlparser::ast::{JoinOperator, TableFactor, TableWithJoins};

use crate::translate::Scope;

/// The condition for each table variable of a FROM clause whose joins are all inner ones; else none. The scope holds the sources
/// of this FROM clause alone.
pub(super) fn hint(from: &[TableWithJoins], scope: &Scope<'_>) -> Option<String> {
    let mut factors = Vec::new();
    for item in from {
        factors.push(&item.relation);
        for join in &item.joins {
            if !matches!(
                join.join_operator,
                JoinOperator::Join(_) | JoinOperator::Inner(_) | JoinOperator::CrossJoin(_)
            ) {
                return None;
            }
            factors.push(&join.relation);
        }
    }
    if factors.len() != scope.sources.len() {
        return None;
    }
    let conditions: Vec<String> = factors
        .iter()
        .zip(&scope.sources)
        .filter(|(factor, _)| is_variable(factor))
        .map(|(_, source)| format!("likelihood({}.rowid >= {}, 0.0001)", source.alias, i64::MIN))
        .collect();
    (!conditions.is_empty()).then(|| conditions.join(" AND "))
}

/// The WHERE clause of a condition and a hint.
pub(super) fn filtered(condition: Option<String>, hint: Option<String>) -> String {
    match (condition, hint) {
        (Some(condition), Some(hint)) => format!(" WHERE ({condition}) AND {hint}"),
        (Some(one), None) | (None, Some(one)) => format!(" WHERE {one}"),
        (None, None) => String::new(),
    }
}

fn is_variable(factor: &TableFactor) -> bool {
    matches!(factor, TableFactor::Table { name, .. } if name.to_string().starts_with('@'))
}

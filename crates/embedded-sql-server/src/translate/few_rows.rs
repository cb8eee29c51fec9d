//! Tells SQLite that table variables are small.
//!
//! Without statistics SQLite takes every table for large, and may read all of a real table to find the hundred rows that a table
//! variable names. SQL Server expects few rows in one; the hint says the same and excludes no row.

use sqlparser::ast::{JoinOperator, TableFactor, TableWithJoins};

use super::RowSource;

/// A condition with the hints for the table variables of a FROM clause, whose sources these are and no others.
///
/// There are none without a real table beside the variable, nor where a row of the variable may be missing.
pub(crate) fn with_hints(
    condition: Option<String>,
    from: &[TableWithJoins],
    sources: &[RowSource],
) -> Option<String> {
    match (condition, hints(from, sources)) {
        (Some(condition), Some(hints)) => Some(format!("({condition}) AND {hints}")),
        (one, other) => one.or(other),
    }
}

fn hints(from: &[TableWithJoins], sources: &[RowSource]) -> Option<String> {
    let mut factors = Vec::new();
    for item in from {
        factors.push((&item.relation, true));
        for join in &item.joins {
            let always = match join.join_operator {
                JoinOperator::Join(_) | JoinOperator::Inner(_) | JoinOperator::CrossJoin(_) => true,
                JoinOperator::Left(_) | JoinOperator::LeftOuter(_) => false,
                _ => return None,
            };
            factors.push((&join.relation, always));
        }
    }
    // Something between parentheses brings sources of its own.
    if factors.len() != sources.len() || factors.iter().all(|(factor, _)| is_variable(factor)) {
        return None;
    }
    let conditions: Vec<String> = factors
        .iter()
        .zip(sources)
        .filter(|((factor, always), _)| *always && is_variable(factor))
        .map(|(_, source)| format!("likelihood({}.rowid >= {}, 0.0001)", source.alias, i64::MIN))
        .collect();
    (!conditions.is_empty()).then(|| conditions.join(" AND "))
}

fn is_variable(factor: &TableFactor) -> bool {
    matches!(factor, TableFactor::Table { name, .. } if name.to_string().starts_with('@'))
}

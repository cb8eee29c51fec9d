//! Conditions: what may stand after WHERE, ON, HAVING, IF and CASE WHEN.

use sqlparser::ast::{BinaryOperator, Expr, UnaryOperator};

use super::{
    conversion,
    expression::{common_type_of, expression},
    operators, query,
    scope::{Scope, Typed},
};
use crate::{error::SqlError, scalar_functions::COLLATION, value::SqlType};

/// Translates a condition. Its SQLite text is 1, 0 or NULL, with SQL Server's logic of unknown.
pub fn condition(scope: &Scope<'_>, expr: &Expr) -> Result<String, SqlError> {
    match expr {
        Expr::Nested(inner) => condition(scope, inner),
        Expr::BinaryOp {
            left,
            op: BinaryOperator::And,
            right,
        } => Ok(format!(
            "({} AND {})",
            condition(scope, left)?,
            condition(scope, right)?
        )),
        Expr::BinaryOp {
            left,
            op: BinaryOperator::Or,
            right,
        } => Ok(format!(
            "({} OR {})",
            condition(scope, left)?,
            condition(scope, right)?
        )),
        Expr::BinaryOp { left, op, right } => {
            let Some(operator) = comparison_operator(op) else {
                return Err(not_a_condition(expr));
            };
            operators::comparison(
                operator,
                &expression(scope, left)?,
                &expression(scope, right)?,
            )
        }
        Expr::UnaryOp {
            op: UnaryOperator::Not,
            expr,
        } => Ok(format!("(NOT {})", condition(scope, expr)?)),
        Expr::IsNull(inner) => Ok(format!("({} IS NULL)", expression(scope, inner)?.sql)),
        Expr::IsNotNull(inner) => Ok(format!("({} IS NOT NULL)", expression(scope, inner)?.sql)),
        Expr::Between {
            expr,
            negated,
            low,
            high,
        } => {
            let value = expression(scope, expr)?;
            let from = operators::comparison(">=", &value, &expression(scope, low)?)?;
            let to = operators::comparison("<=", &value, &expression(scope, high)?)?;
            Ok(format!(
                "({}({from} AND {to}))",
                if *negated { "NOT " } else { "" }
            ))
        }
        Expr::InList {
            expr,
            list,
            negated,
        } => in_list(scope, expr, list, *negated),
        Expr::InSubquery {
            expr,
            subquery,
            negated,
        } => in_subquery(scope, expr, subquery, *negated),
        Expr::Exists { subquery, negated } => {
            let inner = Scope::inside(scope);
            Ok(format!(
                "({}EXISTS ({}))",
                if *negated { "NOT " } else { "" },
                query::query(&inner, subquery)?.sql
            ))
        }
        Expr::Like {
            negated,
            any: false,
            expr,
            pattern,
            escape_char,
        } => like(scope, expr, pattern, escape_char.as_deref(), *negated),
        other => Err(not_a_condition(other)),
    }
}

fn comparison_operator(op: &BinaryOperator) -> Option<&'static str> {
    Some(match op {
        BinaryOperator::Eq => "=",
        BinaryOperator::NotEq => "<>",
        BinaryOperator::Lt => "<",
        BinaryOperator::LtEq => "<=",
        BinaryOperator::Gt => ">",
        BinaryOperator::GtEq => ">=",
        _ => return None,
    })
}

fn not_a_condition(expr: &Expr) -> SqlError {
    match expr {
        Expr::Identifier(_)
        | Expr::CompoundIdentifier(_)
        | Expr::Value(_)
        | Expr::Function(_)
        | Expr::Case { .. }
        | Expr::Subquery(_) => SqlError::new(
            4145,
            format!(
                "An expression of non-boolean type specified in a context where a condition is expected, near '{expr}'."
            ),
        ),
        other => SqlError::unsupported(format_args!("condition {other}")),
    }
}

fn in_list(
    scope: &Scope<'_>,
    expr: &Expr,
    list: &[Expr],
    negated: bool,
) -> Result<String, SqlError> {
    let value = expression(scope, expr)?;
    let items = list
        .iter()
        .map(|item| expression(scope, item))
        .collect::<Result<Vec<_>, _>>()?;
    let not = if negated { "NOT " } else { "" };
    let all: Vec<&Typed> = std::iter::once(&value).chain(&items).collect();
    let common = if all.iter().all(|it| it.is_bare_null()) {
        SqlType::Int
    } else {
        common_type_of(&all)?
    };
    if matches!(common, SqlType::DateTimeOffset(_)) {
        let tests = items
            .iter()
            .map(|item| operators::comparison("=", &value, item))
            .collect::<Result<Vec<_>, _>>()?;
        return Ok(format!("({not}({}))", tests.join(" OR ")));
    }
    let as_common = |typed: Typed| {
        conversion::implicit_allowed(&typed, common)?;
        // Cutting to the common length never happens: it is the longest.
        conversion::convert(typed, common)
    };
    let value = as_common(value)?;
    let items = items
        .into_iter()
        .map(|item| Ok(as_common(item)?.sql))
        .collect::<Result<Vec<_>, SqlError>>()?;
    let collate = if common.is_text() {
        format!(" COLLATE {COLLATION}")
    } else {
        String::new()
    };
    Ok(format!(
        "({}{collate} {not}IN ({}))",
        value.sql,
        items.join(", ")
    ))
}

fn in_subquery(
    scope: &Scope<'_>,
    expr: &Expr,
    subquery: &sqlparser::ast::Query,
    negated: bool,
) -> Result<String, SqlError> {
    let value = expression(scope, expr)?;
    let inner = query::query(&Scope::inside(scope), subquery)?;
    if inner.columns.len() != 1 {
        return Err(SqlError::new(
            116,
            "Only one expression can be specified in the select list when the subquery is not introduced with EXISTS.",
        ));
    }
    let alias = scope.statement.fresh_alias();
    let column = inner
        .column(&alias, 0)
        .ok_or_else(|| SqlError::unsupported("IN over a query without columns"))?;
    let (value, column, common) = operators::comparable(&value, &column)?;
    let not = if negated { "NOT " } else { "" };
    if matches!(common, SqlType::DateTimeOffset(_)) {
        return Err(SqlError::unsupported("IN over a query of datetimeoffset"));
    }
    let collate = if common.is_text() {
        format!(" COLLATE {COLLATION}")
    } else {
        String::new()
    };
    Ok(format!(
        "({}{collate} {not}IN (SELECT {} FROM ({}) AS {alias}))",
        value.sql, column.sql, inner.sql
    ))
}

fn like(
    scope: &Scope<'_>,
    expr: &Expr,
    pattern: &Expr,
    escape: Option<&Expr>,
    negated: bool,
) -> Result<String, SqlError> {
    let text = super::functions::text(scope, expr)?;
    let pattern = super::functions::text(scope, pattern)?;
    let escape = escape.map(|escape| expression(scope, escape)).transpose()?;
    let sql = format!(
        "mssql_like({}, {}, {}, {})",
        text.sql,
        pattern.sql,
        escape.map_or("NULL".to_owned(), |it| it.sql),
        u8::from(text.sql_type.is_unicode() || pattern.sql_type.is_unicode())
    );
    Ok(if negated {
        format!("(NOT {sql})")
    } else {
        format!("({sql})")
    })
}

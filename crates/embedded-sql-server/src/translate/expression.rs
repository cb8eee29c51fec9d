//! Scalar expressions.

use sqlparser::ast::{BinaryOperator, CaseWhen, CastKind, Expr, Ident, UnaryOperator, Value};

use super::{
    condition::condition,
    conversion, functions, inference, literals, names, operators,
    scope::{Scope, Typed},
    subqueries,
};
use crate::{error::SqlError, scalar_functions::COLLATION};

/// Translates a scalar expression, with the type that SQL Server gives it.
/// Errors: 207, 209, 4104 (columns), 137 (variables), 195 (functions), 8120 (GROUP BY), 206, 8117 (types), 40000.
pub fn expression(scope: &Scope<'_>, expr: &Expr) -> Result<Typed, SqlError> {
    // A select item that is a GROUP BY expression as a whole may name its columns.
    if let Some(grouping) = scope
        .grouping
        .as_ref()
        .filter(|grouping| !grouping.keys.is_empty())
    {
        let whole = translated(&scope.ungrouped(), expr);
        if let Ok(whole) = whole
            && grouping.keys.contains(&whole.sql)
        {
            return Ok(whole);
        }
    }
    translated(scope, expr)
}

fn translated(scope: &Scope<'_>, expr: &Expr) -> Result<Typed, SqlError> {
    match expr {
        Expr::Identifier(name) => names::identifier(scope, name),
        Expr::CompoundIdentifier(parts) => names::qualified(scope, parts),
        Expr::Value(value) => match &value.value {
            // The variable after FETCH NEXT, which the parser reads in no other way.
            Value::Placeholder(name) => names::identifier(scope, &Ident::new(name.as_str())),
            literal => literals::literal(literal),
        },
        Expr::Nested(inner) => expression(scope, inner),
        Expr::UnaryOp { op, expr } => unary(scope, *op, expr),
        Expr::BinaryOp { left, op, right } => binary(scope, left, op, right),
        Expr::Case {
            operand,
            conditions,
            else_result,
            case_token: _,
            end_token: _,
        } => case(
            scope,
            operand.as_deref(),
            conditions,
            else_result.as_deref(),
        ),
        Expr::Cast {
            kind: kind @ (CastKind::Cast | CastKind::TryCast),
            expr,
            data_type,
            format: None,
        } => {
            let to = cast_type(data_type)?;
            conversion::convert_with(
                expression(scope, expr)?,
                to,
                None,
                *kind == CastKind::TryCast,
            )
        }
        Expr::Convert {
            is_try,
            expr,
            data_type: Some(data_type),
            charset: None,
            target_before_value: true,
            styles,
        } => {
            let to = cast_type(data_type)?;
            let style = match styles.as_slice() {
                [] => None,
                [style] => Some(functions::whole(scope, style)?),
                _ => return Err(SqlError::unsupported("CONVERT with several styles")),
            };
            conversion::convert_with(expression(scope, expr)?, to, style.as_ref(), *is_try)
        }
        Expr::Subquery(query) => subqueries::scalar_subquery(scope, query),
        Expr::Function(function) => functions::function(scope, function),
        Expr::Substring {
            expr,
            substring_from: Some(from),
            substring_for: Some(length),
            special: true,
            shorthand: _,
        } => functions::substring(scope, expr, from, length),
        Expr::Substring { .. } => Err(SqlError::new(
            174,
            "The substring function requires 3 argument(s).",
        )),
        Expr::Trim {
            trim_where,
            trim_what,
            expr,
            trim_characters: None,
        } => {
            if trim_where.is_some() {
                return Err(SqlError::unsupported("TRIM with LEADING, TRAILING or BOTH"));
            }
            functions::trim(scope, expr, trim_what.as_deref(), 3)
        }
        Expr::Floor { expr, field: _ } => functions::floor_or_ceiling(scope, expr, 2),
        Expr::Collate { expr, collation } => {
            let name = collation.to_string();
            if name.eq_ignore_ascii_case("database_default")
                || name.to_lowercase().ends_with("_ci_as")
            {
                return expression(scope, expr);
            }
            Err(SqlError::unsupported(format_args!("COLLATE {collation}")))
        }
        Expr::IsNull(_)
        | Expr::IsNotNull(_)
        | Expr::InList { .. }
        | Expr::InSubquery { .. }
        | Expr::Between { .. }
        | Expr::Like { .. }
        | Expr::Exists { .. } => Err(SqlError::new(
            102,
            "Incorrect syntax: a condition stands where a value is expected.",
        )),
        other => Err(SqlError::unsupported(format_args!("expression {other}"))),
    }
}

/// CAST without a length means 30 characters, where a declaration means 1.
pub(super) fn cast_type(
    declared: &sqlparser::ast::DataType,
) -> Result<crate::value::SqlType, SqlError> {
    use crate::value::{Length, SqlType};
    use sqlparser::ast::DataType;
    Ok(match (declared, conversion::data_type(declared)?) {
        (DataType::Nvarchar(None), _) => SqlType::NVarChar(Length::Limited(30)),
        (DataType::Varchar(None), _) => SqlType::VarChar(Length::Limited(30)),
        (DataType::Char(None), _) => SqlType::Char(30),
        (DataType::Varbinary(None), _) => SqlType::VarBinary(Length::Limited(30)),
        (DataType::Binary(None), _) => SqlType::Binary(30),
        (_, sql_type) => sql_type,
    })
}

fn unary(scope: &Scope<'_>, op: UnaryOperator, expr: &Expr) -> Result<Typed, SqlError> {
    if op == UnaryOperator::BitwiseNot && matches!(expr, Expr::BinaryOp { .. }) {
        return Err(unclear_precedence());
    }
    let operand = expression(scope, expr)?;
    match op {
        UnaryOperator::Plus => Ok(operand),
        UnaryOperator::Minus => operators::negated(operand),
        UnaryOperator::BitwiseNot if operand.sql_type.is_whole() => Ok(Typed::new(
            format!("(~{})", operand.sql),
            operand.sql_type,
            operand.nullable,
        )),
        UnaryOperator::Not => Err(SqlError::new(102, "Incorrect syntax near 'NOT'.")),
        other => Err(SqlError::unsupported(format_args!(
            "operator {other} of {}",
            operand.sql_type.name()
        ))),
    }
}

fn binary(
    scope: &Scope<'_>,
    left: &Expr,
    op: &BinaryOperator,
    right: &Expr,
) -> Result<Typed, SqlError> {
    let operator = match op {
        BinaryOperator::Plus => '+',
        BinaryOperator::Minus => '-',
        BinaryOperator::Multiply => '*',
        BinaryOperator::Divide => '/',
        BinaryOperator::Modulo => '%',
        BinaryOperator::BitwiseAnd => '&',
        BinaryOperator::BitwiseOr => '|',
        BinaryOperator::BitwiseXor => '^',
        BinaryOperator::And
        | BinaryOperator::Or
        | BinaryOperator::Eq
        | BinaryOperator::NotEq
        | BinaryOperator::Lt
        | BinaryOperator::LtEq
        | BinaryOperator::Gt
        | BinaryOperator::GtEq => {
            return Err(SqlError::new(102, format!("Incorrect syntax near '{op}'.")));
        }
        other => return Err(SqlError::unsupported(format_args!("operator {other}"))),
    };
    if [left, right].into_iter().any(
        |side| matches!(side, Expr::BinaryOp { op: inner, .. } if read_in_another_order(op, inner)),
    ) {
        return Err(unclear_precedence());
    }
    operators::arithmetic(
        operator,
        &expression(scope, left)?,
        &expression(scope, right)?,
    )
}

/// T-SQL gives `+ - & ^ |` one precedence and reads them from left to right; the parser ranks them.
fn read_in_another_order(outer: &BinaryOperator, inner: &BinaryOperator) -> bool {
    let bitwise = |op: &BinaryOperator| {
        matches!(
            op,
            BinaryOperator::BitwiseAnd | BinaryOperator::BitwiseOr | BinaryOperator::BitwiseXor
        )
    };
    let additive = |op: &BinaryOperator| matches!(op, BinaryOperator::Plus | BinaryOperator::Minus);
    outer != inner
        && ((bitwise(outer) && (bitwise(inner) || additive(inner)))
            || (additive(outer) && bitwise(inner)))
}

fn unclear_precedence() -> SqlError {
    SqlError::unsupported("bit operators beside other operators without parentheses")
}

fn case(
    scope: &Scope<'_>,
    operand: Option<&Expr>,
    conditions: &[CaseWhen],
    otherwise: Option<&Expr>,
) -> Result<Typed, SqlError> {
    let operand = operand
        .map(|operand| expression(scope, operand))
        .transpose()?;
    let mut branches = Vec::with_capacity(conditions.len());
    for CaseWhen {
        condition: when,
        result,
    } in conditions
    {
        let test = match &operand {
            None => condition(scope, when)?,
            Some(operand) => operators::comparison("=", operand, &expression(scope, when)?)?,
        };
        branches.push((test, expression(scope, result)?));
    }
    choice(
        branches,
        otherwise
            .map(|otherwise| expression(scope, otherwise))
            .transpose()?,
    )
}

/// The first result whose condition holds, all of one type.
pub(super) fn choice(
    branches: Vec<(String, Typed)>,
    otherwise: Option<Typed>,
) -> Result<Typed, SqlError> {
    let results: Vec<&Typed> = branches
        .iter()
        .map(|(_, result)| result)
        .chain(otherwise.as_ref())
        .collect();
    let sql_type = common_type_of(&results)?;
    let nullable = otherwise.as_ref().is_none_or(|it| it.nullable)
        || results.iter().any(|result| result.nullable);
    let mut parts = vec!["(CASE".to_owned()];
    for (test, result) in branches {
        let result = conversion::convert(result, sql_type)?;
        parts.push(format!("WHEN {test} THEN {}", result.sql));
    }
    if let Some(otherwise) = otherwise {
        parts.push(format!(
            "ELSE {}",
            conversion::convert(otherwise, sql_type)?.sql
        ));
    }
    parts.push("END)".to_owned());
    Ok(Typed::new(parts.join(" "), sql_type, nullable))
}

/// The type that all of these have in common. Error 8133 when all are bare NULLs.
pub(super) fn common_type_of(all: &[&Typed]) -> Result<crate::value::SqlType, SqlError> {
    let mut typed = all.iter().filter(|it| !it.is_bare_null());
    let first = typed.next().ok_or_else(|| {
        SqlError::new(8133, "At least one of the result expressions in a CASE specification must be an expression other than the NULL constant.")
    })?;
    let mut so_far = (*first).clone();
    for next in typed {
        let sql_type = inference::common_type(&so_far, next)?;
        so_far = if sql_type == so_far.sql_type {
            so_far
        } else {
            Typed::new("", sql_type, true)
        };
    }
    Ok(so_far.sql_type)
}

/// The expression as ORDER BY, GROUP BY and DISTINCT compare it.
pub(super) fn sort_key(typed: &Typed) -> String {
    use crate::value::SqlType;
    match typed.sql_type {
        sql_type if sql_type.is_text() => format!("{} COLLATE {COLLATION}", typed.sql),
        SqlType::UniqueIdentifier => format!("mssql_guid_order({})", typed.sql),
        SqlType::DateTimeOffset(_) => format!("mssql_utc({})", typed.sql),
        _ => typed.sql.clone(),
    }
}

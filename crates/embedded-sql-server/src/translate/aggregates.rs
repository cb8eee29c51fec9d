//! Aggregates and window functions.

use sqlparser::ast::{
    DuplicateTreatment, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments,
    OrderByExpr, WindowFrameBound, WindowFrameUnits, WindowType,
};

use super::{
    conversion,
    expression::{expression, sort_key},
    functions::{self, longest_of},
    query::order_direction,
    scope::{Scope, Typed},
};
use crate::{error::SqlError, scalar_functions::COLLATION, value::SqlType};

/// Whether a name is an aggregate's.
pub(super) fn is_aggregate(name: &str) -> bool {
    matches!(
        name,
        "COUNT" | "COUNT_BIG" | "SUM" | "AVG" | "MIN" | "MAX" | "STRING_AGG"
    )
}

/// An aggregate without OVER. Its argument names the columns of every row.
pub(super) fn aggregate(scope: &Scope<'_>, name: &str, call: &Function) -> Result<Typed, SqlError> {
    scope.saw_aggregate.set(true);
    let rows = scope.ungrouped();
    rows.saw_aggregate.set(false);
    let typed = if name == "STRING_AGG" {
        string_agg(&rows, call)?
    } else {
        plain(&rows, name, call, "")?
    };
    if rows.saw_aggregate.get() {
        return Err(SqlError::new(
            130,
            "Cannot perform an aggregate function on an expression containing an aggregate or a subquery.",
        ));
    }
    Ok(typed)
}

struct Argument {
    distinct: &'static str,
    /// None of `*`.
    value: Option<Typed>,
}

fn argument(scope: &Scope<'_>, name: &str, call: &Function) -> Result<Argument, SqlError> {
    let unknown = || SqlError::unsupported(format_args!("these arguments of {name}"));
    let FunctionArguments::List(list) = &call.args else {
        return Err(unknown());
    };
    if !list.clauses.is_empty() || !call.within_group.is_empty() {
        return Err(unknown());
    }
    let distinct = match list.duplicate_treatment {
        Some(DuplicateTreatment::Distinct) => "DISTINCT ",
        _ => "",
    };
    match list.args.as_slice() {
        [FunctionArg::Unnamed(FunctionArgExpr::Wildcard)] if name.starts_with("COUNT") => {
            Ok(Argument {
                distinct,
                value: None,
            })
        }
        [FunctionArg::Unnamed(FunctionArgExpr::Expr(expr))] => Ok(Argument {
            distinct,
            value: Some(expression(scope, expr)?),
        }),
        _ => Err(unknown()),
    }
}

/// COUNT, SUM, AVG, MIN and MAX; `over` is the OVER clause or empty.
fn plain(scope: &Scope<'_>, name: &str, call: &Function, over: &str) -> Result<Typed, SqlError> {
    let Argument { distinct, value } = argument(scope, name, call)?;
    let Some(value) = value else {
        let sql_type = if name == "COUNT" {
            SqlType::Int
        } else {
            SqlType::BigInt
        };
        return Ok(Typed::new(format!("count(*){over}"), sql_type, false));
    };
    let invalid = || {
        SqlError::new(
            8117,
            format!(
                "Operand data type {} is invalid for {} operator.",
                value.sql_type.name(),
                name.to_lowercase()
            ),
        )
    };
    let collated = if value.sql_type.is_text() {
        format!("{} COLLATE {COLLATION}", value.sql)
    } else {
        value.sql.clone()
    };
    match name {
        "COUNT" => Ok(Typed::new(
            format!("count({distinct}{collated}){over}"),
            SqlType::Int,
            false,
        )),
        "COUNT_BIG" => Ok(Typed::new(
            format!("count({distinct}{collated}){over}"),
            SqlType::BigInt,
            false,
        )),
        "MIN" | "MAX" => {
            if matches!(
                value.sql_type,
                SqlType::Bit | SqlType::UniqueIdentifier | SqlType::DateTimeOffset(_)
            ) {
                return Err(invalid());
            }
            Ok(Typed::new(
                format!("{}({collated}){over}", name.to_lowercase()),
                value.sql_type,
                true,
            ))
        }
        "SUM" => {
            let sum = format!("sum({distinct}{}){over}", value.sql);
            let sql_type = sum_type(value.sql_type).ok_or_else(invalid)?;
            Ok(Typed::new(checked(&sum, sql_type), sql_type, true))
        }
        "AVG" => average(&value, distinct, over).ok_or_else(invalid),
        _ => Err(SqlError::unsupported(format_args!("aggregate {name}"))),
    }
}

fn sum_type(sql_type: SqlType) -> Option<SqlType> {
    Some(match sql_type {
        SqlType::TinyInt | SqlType::SmallInt | SqlType::Int => SqlType::Int,
        SqlType::BigInt => SqlType::BigInt,
        SqlType::Decimal { scale, .. } => SqlType::Decimal {
            precision: 38,
            scale,
        },
        SqlType::Float => SqlType::Float,
        _ => return None,
    })
}

fn checked(sql: &str, sql_type: SqlType) -> String {
    if sql_type == SqlType::Int {
        format!("mssql_in_range({sql}, {})", sql_type.code())
    } else {
        sql.to_owned()
    }
}

/// AVG of whole numbers cuts; of a decimal it has at least six digits after the point.
fn average(value: &Typed, distinct: &str, over: &str) -> Option<Typed> {
    let sum = format!("sum({distinct}{}){over}", value.sql);
    let count = format!("count({distinct}{}){over}", value.sql);
    let sql_type = sum_type(value.sql_type)?;
    match sql_type {
        SqlType::Float => Some(Typed::new(
            format!("avg({distinct}{}){over}", value.sql),
            sql_type,
            true,
        )),
        SqlType::Decimal { scale, .. } => {
            let result = SqlType::Decimal {
                precision: 38,
                scale: scale.max(6),
            };
            // No rows: the sum is NULL, and the division never happens.
            let sql = format!(
                "mssql_arithmetic('/', {sum}, {count}, {}, {}, {})",
                sql_type.code(),
                SqlType::BigInt.code(),
                result.code()
            );
            Some(Typed::new(sql, result, true))
        }
        _ => Some(Typed::new(
            format!("({} / {count})", checked(&sum, sql_type)),
            sql_type,
            true,
        )),
    }
}

/// STRING_AGG(value, separator) WITHIN GROUP (ORDER BY …): NULLs are left out.
fn string_agg(scope: &Scope<'_>, call: &Function) -> Result<Typed, SqlError> {
    let arguments = functions::arguments("STRING_AGG", &call.args)?;
    let [value, separator] = arguments.as_slice() else {
        return Err(SqlError::new(
            174,
            "The STRING_AGG function requires 2 argument(s).",
        ));
    };
    let (value, separator) = (
        functions::text(scope, value)?,
        functions::text(scope, separator)?,
    );
    let order = order_list(scope, &call.within_group)?;
    let order = if order.is_empty() {
        order
    } else {
        format!(" ORDER BY {order}")
    };
    let sql = format!("group_concat({}, {}{order})", value.sql, separator.sql);
    let sql_type = longest_of(value.sql_type);
    let sql = match sql_type.limit() {
        Some(limit) => format!("mssql_aggregated({sql}, {limit})"),
        None => sql,
    };
    Ok(Typed::new(sql, sql_type, true))
}

fn order_list(scope: &Scope<'_>, order: &[OrderByExpr]) -> Result<String, SqlError> {
    let keys = order
        .iter()
        .map(|key| {
            Ok(format!(
                "{}{}",
                sort_key(&expression(scope, &key.expr)?),
                order_direction(key)?
            ))
        })
        .collect::<Result<Vec<_>, SqlError>>()?;
    Ok(keys.join(", "))
}

/// A function with OVER.
pub(super) fn windowed(
    scope: &Scope<'_>,
    name: &str,
    call: &Function,
    over: &WindowType,
) -> Result<Typed, SqlError> {
    let over = format!(" OVER ({})", window(scope, over)?);
    match name {
        "COUNT" | "COUNT_BIG" | "SUM" | "AVG" | "MIN" | "MAX" => {
            if let FunctionArguments::List(list) = &call.args
                && list.duplicate_treatment == Some(DuplicateTreatment::Distinct)
            {
                return Err(SqlError::new(
                    10759,
                    "Use of DISTINCT is not allowed with the OVER clause.",
                ));
            }
            plain(scope, name, call, &over)
        }
        "ROW_NUMBER" | "RANK" | "DENSE_RANK" => {
            if !functions::arguments(name, &call.args)?.is_empty() {
                return Err(SqlError::new(
                    174,
                    format!("The {name} function requires 0 argument(s)."),
                ));
            }
            if !over.contains("ORDER BY") {
                return Err(SqlError::new(
                    4112,
                    format!("The function '{name}' must have an OVER clause with ORDER BY."),
                ));
            }
            Ok(Typed::new(
                format!("{}(){over}", name.to_lowercase()),
                SqlType::BigInt,
                false,
            ))
        }
        "LAG" | "LEAD" => neighbour(scope, name, &functions::arguments(name, &call.args)?, &over),
        "FIRST_VALUE" | "LAST_VALUE" => match functions::arguments(name, &call.args)?.as_slice() {
            [value] => {
                let value = expression(scope, value)?;
                Ok(Typed::new(
                    format!("{}({}){over}", name.to_lowercase(), value.sql),
                    value.sql_type,
                    true,
                ))
            }
            _ => Err(SqlError::unsupported(format_args!(
                "these arguments of {name}"
            ))),
        },
        _ => Err(SqlError::unsupported(format_args!(
            "function {name} with OVER"
        ))),
    }
}

fn neighbour(
    scope: &Scope<'_>,
    name: &str,
    arguments: &[&Expr],
    over: &str,
) -> Result<Typed, SqlError> {
    let (value, rest) = match arguments {
        [value, rest @ ..] if rest.len() <= 2 => (expression(scope, value)?, rest),
        _ => {
            return Err(SqlError::unsupported(format_args!(
                "these arguments of {name}"
            )));
        }
    };
    let mut texts = vec![value.sql.clone()];
    if let Some(offset) = rest.first() {
        texts.push(functions::whole(scope, offset)?.sql);
    }
    if let Some(default) = rest.get(1) {
        texts.push(conversion::convert(expression(scope, default)?, value.sql_type)?.sql);
    }
    let sql = format!("{}({}){over}", name.to_lowercase(), texts.join(", "));
    Ok(Typed::new(sql, value.sql_type, true))
}

fn window(scope: &Scope<'_>, over: &WindowType) -> Result<String, SqlError> {
    let WindowType::WindowSpec(spec) = over else {
        return Err(SqlError::unsupported("a named window"));
    };
    if spec.window_name.is_some() {
        return Err(SqlError::unsupported("a named window"));
    }
    let mut parts = Vec::new();
    if !spec.partition_by.is_empty() {
        let keys = spec
            .partition_by
            .iter()
            .map(|key| Ok(sort_key(&expression(scope, key)?)))
            .collect::<Result<Vec<_>, SqlError>>()?;
        parts.push(format!("PARTITION BY {}", keys.join(", ")));
    }
    if !spec.order_by.is_empty() {
        parts.push(format!("ORDER BY {}", order_list(scope, &spec.order_by)?));
    }
    if let Some(frame) = &spec.window_frame {
        let units = match frame.units {
            WindowFrameUnits::Rows => "ROWS",
            WindowFrameUnits::Range => "RANGE",
            WindowFrameUnits::Groups => {
                return Err(SqlError::unsupported("a window frame of GROUPS"));
            }
        };
        let end = frame
            .end_bound
            .as_ref()
            .map_or(Ok("CURRENT ROW".to_owned()), |end| bound(scope, end))?;
        parts.push(format!(
            "{units} BETWEEN {} AND {end}",
            bound(scope, &frame.start_bound)?
        ));
    }
    Ok(parts.join(" "))
}

fn bound(scope: &Scope<'_>, bound: &WindowFrameBound) -> Result<String, SqlError> {
    Ok(match bound {
        WindowFrameBound::CurrentRow => "CURRENT ROW".to_owned(),
        WindowFrameBound::Preceding(None) => "UNBOUNDED PRECEDING".to_owned(),
        WindowFrameBound::Following(None) => "UNBOUNDED FOLLOWING".to_owned(),
        WindowFrameBound::Preceding(Some(count)) => {
            format!("{} PRECEDING", functions::whole(scope, count)?.sql)
        }
        WindowFrameBound::Following(Some(count)) => {
            format!("{} FOLLOWING", functions::whole(scope, count)?.sql)
        }
    })
}

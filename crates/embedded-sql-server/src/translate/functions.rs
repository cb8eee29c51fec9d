//! Functions of one row, by name.

use sqlparser::ast::{Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments, ObjectName};

use super::{
    aggregates, conversion, date_functions,
    expression::{choice, common_type_of, expression},
    inference, json_functions, metadata, number_functions, operators,
    scope::{Scope, Typed},
    session_functions, text_functions, text_measures,
};
use crate::{
    error::SqlError,
    value::{Length, SqlType},
};

pub(super) use number_functions::floor_or_ceiling;
pub(super) use session_functions::global;
pub(super) use text_functions::{substring, text, trim};

/// A call: an aggregate, a window function or a function of one row. Error 195 when the name is not known.
pub(super) fn function(scope: &Scope<'_>, call: &Function) -> Result<Typed, SqlError> {
    let name = name_of(&call.name)?;
    if call.uses_odbc_syntax
        || call.null_treatment.is_some()
        || call.filter.is_some()
        || call.parameters != FunctionArguments::None
    {
        return Err(SqlError::unsupported(format_args!("this form of {name}")));
    }
    if let Some(over) = &call.over {
        return aggregates::windowed(scope, &name, call, over);
    }
    if aggregates::is_aggregate(&name) {
        return aggregates::aggregate(scope, &name, call);
    }
    if !call.within_group.is_empty() {
        return Err(SqlError::unsupported(format_args!(
            "WITHIN GROUP of {name}"
        )));
    }
    let arguments = arguments(&name, &call.args)?;
    of_one_row(scope, &name, &arguments)
}

/// The upper-case name of a function without schema.
fn name_of(name: &ObjectName) -> Result<String, SqlError> {
    match name.0.as_slice() {
        [part] => match part.as_ident() {
            Some(ident) => Ok(ident.value.to_uppercase()),
            None => Err(SqlError::unsupported(format_args!("function {name}"))),
        },
        _ => Err(SqlError::new(
            4121,
            format!(
                "Cannot find either column or the user-defined function or aggregate \"{name}\", or the name is ambiguous."
            ),
        )),
    }
}

/// The arguments, which are plain expressions.
pub(super) fn arguments<'e>(
    name: &str,
    arguments: &'e FunctionArguments,
) -> Result<Vec<&'e Expr>, SqlError> {
    match arguments {
        FunctionArguments::None => Ok(Vec::new()),
        FunctionArguments::List(list)
            if list.clauses.is_empty() && list.duplicate_treatment.is_none() =>
        {
            list.args
                .iter()
                .map(|argument| match argument {
                    FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => Ok(expr),
                    other => Err(SqlError::unsupported(format_args!(
                        "argument {other} of {name}"
                    ))),
                })
                .collect()
        }
        other => Err(SqlError::unsupported(format_args!(
            "arguments {other} of {name}"
        ))),
    }
}

fn of_one_row(scope: &Scope<'_>, name: &str, arguments: &[&Expr]) -> Result<Typed, SqlError> {
    match (name, arguments) {
        ("ISNULL", [value, otherwise]) => {
            is_null(&expression(scope, value)?, expression(scope, otherwise)?)
        }
        ("COALESCE", [_, _, ..]) => coalesce(scope, arguments),
        ("NULLIF", [value, other]) => {
            let value = expression(scope, value)?;
            let same = operators::comparison("=", &value, &expression(scope, other)?)?;
            Ok(Typed::new(
                format!("(CASE WHEN {same} THEN NULL ELSE {} END)", value.sql),
                value.sql_type,
                true,
            ))
        }
        ("IIF", [test, yes, no]) => {
            let branch = (
                super::condition::condition(scope, test)?,
                expression(scope, yes)?,
            );
            choice(vec![branch], Some(expression(scope, no)?))
        }
        ("CHOOSE", [index, values @ ..]) if !values.is_empty() => {
            let index = whole(scope, index)?;
            let branches = values.iter().zip(1..).map(|(value, at)| {
                Ok((format!("({} = {at})", index.sql), expression(scope, value)?))
            });
            choice(branches.collect::<Result<_, SqlError>>()?, None)
        }
        ("NEWID", []) => Ok(Typed::new(
            "mssql_newid()",
            SqlType::UniqueIdentifier,
            false,
        )),
        ("HASHBYTES", [algorithm, value]) => {
            let value = expression(scope, value)?;
            if !value.sql_type.is_text() && !value.sql_type.is_binary() {
                return Err(SqlError::new(
                    8116,
                    format!(
                        "Argument data type {} is invalid for argument 2 of hashbytes function.",
                        value.sql_type.name()
                    ),
                ));
            }
            let algorithm = text(scope, algorithm)?;
            let bytes = conversion::convert(value, SqlType::VarBinary(Length::Max))?;
            Ok(Typed::new(
                format!("mssql_hashbytes({}, {})", algorithm.sql, bytes.sql),
                SqlType::VarBinary(Length::Limited(8000)),
                bytes.nullable,
            ))
        }
        _ => {
            if let Some(typed) = date_functions::function(scope, name, arguments)? {
                return Ok(typed);
            }
            if let Some(typed) = number_functions::function(scope, name, arguments)? {
                return Ok(typed);
            }
            if let Some(typed) = json_functions::function(scope, name, arguments)? {
                return Ok(typed);
            }
            if let Some(typed) = text_measures::function(scope, name, arguments)? {
                return Ok(typed);
            }
            if let Some(typed) = text_functions::function(scope, name, arguments)? {
                return Ok(typed);
            }
            if let Some(typed) = session_functions::function(scope, name, arguments)? {
                return Ok(typed);
            }
            if let Some(typed) = metadata::function(scope, name, arguments)? {
                return Ok(typed);
            }
            Err(unknown(name, arguments.len()))
        }
    }
}

/// Error 40000 for what SQL Server knows and this server does not (or with other arguments), 195 for what neither knows.
fn unknown(name: &str, arguments: usize) -> SqlError {
    const KNOWN: &[&str] = &[
        "ISNULL",
        "COALESCE",
        "NULLIF",
        "IIF",
        "CHOOSE",
        "ABS",
        "SIGN",
        "CEILING",
        "FLOOR",
        "ROUND",
        "POWER",
        "NEWID",
        "HASHBYTES",
        "ISJSON",
        "JSON_VALUE",
        "JSON_QUERY",
        "FORMAT",
        "GREATEST",
        "LEAST",
        "JSON_MODIFY",
        "CHECKSUM",
        "RAND",
        "SQRT",
        "EXP",
        "LOG",
        "DATENAME",
        "DATEADD",
        "DATEDIFF",
        "DATEPART",
        "LEN",
        "LEFT",
        "RIGHT",
        "REPLACE",
        "CONCAT",
        "TRANSLATE",
        "SOUNDEX",
        "STR",
        "QUOTENAME",
        "ISNUMERIC",
        "ISDATE",
        "PARSE",
        "SWITCHOFFSET",
        "TODATETIMEOFFSET",
        "OBJECT_ID",
        "COL_LENGTH",
        "NTILE",
        "ROW_NUMBER",
        "RANK",
        "LAG",
        "LEAD",
        "ROLLUP",
        "CUBE",
        "GROUPING",
        "GROUPING_ID",
        "STDEV",
        "VAR",
        "CHECKSUM_AGG",
        "PERCENT_RANK",
        "CUME_DIST",
        "SESSION_CONTEXT",
        "CURSOR_STATUS",
        "TYPE_NAME",
        "TYPE_ID",
        "FILEPROPERTY",
        "COLUMNPROPERTY",
        "OBJECTPROPERTY",
        "INDEXPROPERTY",
        "DATETIME2FROMPARTS",
        "DATETIMEFROMPARTS",
        "TIMEFROMPARTS",
        "ASCII",
        "STRING_ESCAPE",
        "COMPRESS",
        "DECOMPRESS",
    ];
    if KNOWN.contains(&name) {
        return SqlError::unsupported(format_args!("function {name} with {arguments} arguments"));
    }
    SqlError::new(
        195,
        format!("'{name}' is not a recognized built-in function name."),
    )
}

/// An expression as a whole number, converted where it is something else.
pub(super) fn whole(scope: &Scope<'_>, expr: &Expr) -> Result<Typed, SqlError> {
    let typed = expression(scope, expr)?;
    if typed.sql_type.is_whole() && !typed.is_bare_null() {
        return Ok(typed);
    }
    conversion::implicit_allowed(&typed, SqlType::Int)?;
    conversion::convert(typed, SqlType::Int)
}

/// ISNULL takes the type of its first argument, and cuts the second to it.
fn is_null(value: &Typed, otherwise: Typed) -> Result<Typed, SqlError> {
    if value.is_bare_null() {
        return Ok(otherwise);
    }
    conversion::implicit_allowed(&otherwise, value.sql_type)?;
    let nullable = value.nullable && otherwise.nullable;
    let sql_type = value.sql_type;
    let otherwise = conversion::convert(otherwise, sql_type)?;
    Ok(Typed::new(
        format!("coalesce({}, {})", value.sql, otherwise.sql),
        sql_type,
        nullable,
    ))
}

fn coalesce(scope: &Scope<'_>, arguments: &[&Expr]) -> Result<Typed, SqlError> {
    let values = arguments
        .iter()
        .map(|argument| expression(scope, argument))
        .collect::<Result<Vec<_>, _>>()?;
    let sql_type = common_type_of(&values.iter().collect::<Vec<_>>())
        .map_err(|error| if error.number == 8133 { SqlError::new(4127, "At least one of the arguments to COALESCE must be an expression that is not the NULL constant.") } else { error })?;
    let nullable = values.iter().all(|value| value.nullable);
    let converted = values
        .into_iter()
        .map(|value| {
            conversion::implicit_allowed(&value, sql_type)?;
            Ok(conversion::convert(value, sql_type)?.sql)
        })
        .collect::<Result<Vec<_>, SqlError>>()?;
    Ok(Typed::new(
        format!("coalesce({})", converted.join(", ")),
        sql_type,
        nullable,
    ))
}

/// The length of a text result that cannot be told: the most of its kind, or max.
pub(super) fn longest_of(sql_type: SqlType) -> SqlType {
    match (inference::text_length(sql_type), sql_type.is_unicode()) {
        (Length::Max, true) => SqlType::NVarChar(Length::Max),
        (Length::Max, false) => SqlType::VarChar(Length::Max),
        (_, true) => SqlType::NVarChar(Length::Limited(4000)),
        (_, false) => SqlType::VarChar(Length::Limited(8000)),
    }
}

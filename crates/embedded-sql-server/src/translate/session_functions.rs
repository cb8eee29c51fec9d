//! Functions that tell about the session and the server.

use sqlparser::ast::Expr;

use super::{
    functions::text,
    metadata::constant_text,
    scope::{Scope, Typed},
    text_literal,
};
use crate::{
    error::SqlError,
    value::{Length, SqlType},
};

/// What this server says it is: SQL Server 2017, the oldest version that the project supports.
const PRODUCT_VERSION: &str = "14.0.3456.2";

fn name(text: &str) -> Typed {
    Typed::new(
        text_literal(text),
        SqlType::NVarChar(Length::Limited(128)),
        true,
    )
}

/// `@@ROWCOUNT` and its like. Error 137 for what is not one.
pub(in crate::translate) fn global(scope: &Scope<'_>, written: &str) -> Result<Typed, SqlError> {
    let session = scope.statement.session;
    let int = |number: i64| Typed::new(number.to_string(), SqlType::Int, false);
    Ok(match written.to_uppercase().as_str() {
        "@@ROWCOUNT" => int(session.row_count),
        "@@TRANCOUNT" => int(i64::from(session.transaction_count)),
        "@@SPID" => Typed::new(session.session_id.to_string(), SqlType::SmallInt, false),
        "@@LOCK_TIMEOUT" => int(i64::from(session.lock_timeout)),
        "@@ERROR" => int(0),
        "@@MAX_PRECISION" => Typed::new("38", SqlType::TinyInt, false),
        "@@LANGUAGE" => name("us_english"),
        "@@SERVERNAME" => name("embedded"),
        "@@VERSION" => Typed::new(
            text_literal(&format!(
                "Embedded stand-in for Microsoft SQL Server 2017 - {PRODUCT_VERSION}"
            )),
            SqlType::NVarChar(Length::Limited(300)),
            true,
        ),
        "@@IDENTITY" | "@@FETCH_STATUS" | "@@PROCID" | "@@DBTS" | "@@OPTIONS" | "@@DATEFIRST"
        | "@@CURSOR_ROWS" | "@@NESTLEVEL" => {
            return Err(SqlError::unsupported(written));
        }
        _ => return Err(super::scope::undeclared(written)),
    })
}

pub(super) fn function(
    scope: &Scope<'_>,
    called: &str,
    arguments: &[&Expr],
) -> Result<Option<Typed>, SqlError> {
    let session = scope.statement.session;
    let error = session.error.as_ref();
    let number = |number: Option<i64>, sql_type| {
        Typed::new(
            number.map_or("NULL".to_owned(), |n| n.to_string()),
            sql_type,
            true,
        )
    };
    Ok(Some(match (called, arguments) {
        ("SCOPE_IDENTITY", []) => number(
            session.scope_identity,
            SqlType::Decimal {
                precision: 38,
                scale: 0,
            },
        ),
        ("XACT_STATE", []) => Typed::new(
            session.transaction_state.to_string(),
            SqlType::SmallInt,
            false,
        ),
        ("ERROR_NUMBER", []) => number(error.map(|it| i64::from(it.number)), SqlType::Int),
        ("ERROR_SEVERITY", []) => number(error.map(|it| i64::from(it.class)), SqlType::Int),
        ("ERROR_STATE", []) => number(error.map(|it| i64::from(it.state)), SqlType::Int),
        ("ERROR_LINE", []) => number(error.map(|it| i64::from(it.line)), SqlType::Int),
        ("ERROR_MESSAGE", []) => Typed::new(
            error.map_or("NULL".to_owned(), |it| text_literal(&it.message)),
            SqlType::NVarChar(Length::Limited(4000)),
            true,
        ),
        ("ERROR_PROCEDURE", []) => {
            let procedure = error
                .map(|it| it.procedure.as_str())
                .filter(|procedure| !procedure.is_empty());
            Typed::new(
                procedure.map_or("NULL".to_owned(), text_literal),
                SqlType::NVarChar(Length::Limited(128)),
                true,
            )
        }
        ("DB_NAME", []) => name(&session.database),
        ("SUSER_SNAME" | "SUSER_NAME" | "ORIGINAL_LOGIN" | "SYSTEM_USER", []) => {
            name(&session.user)
        }
        ("USER_NAME" | "CURRENT_USER" | "SESSION_USER", []) => name(&session.database_user),
        ("SCHEMA_NAME", []) => name("dbo"),
        ("HOST_NAME" | "APP_NAME", []) => name("embedded"),
        ("SERVERPROPERTY", [property]) => server_property(scope, property)?,
        ("DATABASEPROPERTYEX", [database, property]) => {
            text(scope, database)?;
            match constant_text(scope, property)?.to_lowercase().as_str() {
                "collation" => name("SQL_Latin1_General_CP1_CI_AS"),
                "status" => name("ONLINE"),
                "updateability" => name("READ_WRITE"),
                _ => {
                    return Err(SqlError::unsupported(format_args!(
                        "DATABASEPROPERTYEX {property}"
                    )));
                }
            }
        }
        _ => return Ok(None),
    }))
}

fn server_property(scope: &Scope<'_>, property: &Expr) -> Result<Typed, SqlError> {
    Ok(
        match constant_text(scope, property)?.to_lowercase().as_str() {
            "productversion" => name(PRODUCT_VERSION),
            "productmajorversion" => name("14"),
            "productlevel" => name("RTM"),
            "edition" => name("Embedded"),
            "engineedition" => Typed::new("3", SqlType::Int, true),
            "collation" => name("SQL_Latin1_General_CP1_CI_AS"),
            "servername" | "machinename" => name("embedded"),
            _ => Typed::new("NULL", SqlType::NVarChar(Length::Limited(128)), true),
        },
    )
}

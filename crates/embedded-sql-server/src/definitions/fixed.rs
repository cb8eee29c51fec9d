//! Conditions that stand inside a SQLite definition: of a CHECK, of a filtered index.

use sqlparser::ast::Expr;
use time::PrimitiveDateTime;

use crate::catalog::{Catalog, Table};
use crate::error::SqlError;
use crate::translate::{self, RowSource, Scope, SessionFacts, TableVariables, Variables};

/// The condition of a CHECK or a filtered index, over the columns of its own table alone.
pub(super) fn fixed_condition(
    catalog: &Catalog,
    table: &Table,
    condition: &Expr,
) -> Result<String, SqlError> {
    let (variables, table_variables) = (Variables::default(), TableVariables::default());
    let facts = SessionFacts {
        now: PrimitiveDateTime::MIN,
        database: String::new(),
        user: String::new(),
        database_user: String::new(),
        restricted: false,
        session_id: 0,
        row_count: 0,
        transaction_count: 0,
        transaction_state: 0,
        scope_identity: None,
        error: None,
        lock_timeout: -1,
    };
    let statement = translate::Statement::new(catalog, &variables, &table_variables, &facts);
    let scope = Scope::new(&statement).with_sources(vec![RowSource::unqualified(table)]);
    let text = translate::condition(&scope, condition)?;
    // A definition in SQLite has no parameters.
    if statement.bindings().is_empty() {
        Ok(text)
    } else {
        Err(SqlError::unsupported(
            "a CHECK or filter that depends on more than its row",
        ))
    }
}

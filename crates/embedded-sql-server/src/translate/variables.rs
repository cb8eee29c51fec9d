//! What a batch has declared, and what functions such as `@@ROWCOUNT` tell about its session.

use std::collections::BTreeMap;

use time::PrimitiveDateTime;

use crate::{
    catalog::Table,
    error::SqlError,
    value::{SqlType, Value},
};

/// A scalar variable or parameter of the batch.
#[derive(Debug, Clone, PartialEq)]
pub struct Variable {
    /// With its `@`, as declared.
    pub name: String,
    /// As declared.
    pub sql_type: SqlType,
    /// Its value now.
    pub value: Value,
}

/// The scalar variables in scope, by name without case.
#[derive(Debug, Clone, Default)]
pub struct Variables(BTreeMap<String, Variable>);

impl Variables {
    /// Adds a variable, or replaces it when the name is taken (the caller raises 134 where that is an error).
    pub fn declare(&mut self, name: &str, sql_type: SqlType, value: Value) {
        self.0.insert(
            name.to_lowercase(),
            Variable {
                name: name.to_owned(),
                sql_type,
                value,
            },
        );
    }

    /// The variable of this name (with its `@`).
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Variable> {
        self.0.get(&name.to_lowercase())
    }

    /// Gives a declared variable a value of its type. Error 137 when it is not declared.
    pub fn set(&mut self, name: &str, value: Value) -> Result<(), SqlError> {
        let variable = self
            .0
            .get_mut(&name.to_lowercase())
            .ok_or_else(|| undeclared(name))?;
        variable.value = value;
        Ok(())
    }
}

/// A table variable: its definition, and the SQLite table that holds its rows.
#[derive(Debug, Clone)]
pub struct TableVariable {
    /// Name of the SQLite table, not quoted.
    pub storage: String,
    /// Its columns and constraints.
    pub table: Table,
}

/// The table variables in scope, by name without case.
#[derive(Debug, Clone, Default)]
pub struct TableVariables(BTreeMap<String, TableVariable>);

impl TableVariables {
    /// Adds a table variable.
    pub fn declare(&mut self, name: &str, storage: String, table: Table) {
        self.0
            .insert(name.to_lowercase(), TableVariable { storage, table });
    }

    /// The table variable of this name (with its `@`).
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&TableVariable> {
        self.0.get(&name.to_lowercase())
    }

    /// All of them, to drop their storage.
    pub fn iter(&self) -> impl Iterator<Item = &TableVariable> {
        self.0.values()
    }
}

/// What functions such as `@@ROWCOUNT` and `SYSUTCDATETIME()` tell about the session, fixed for one statement.
#[derive(Debug, Clone, PartialEq)]
pub struct SessionFacts {
    /// The clock (UTC), read once per statement.
    pub now: PrimitiveDateTime,
    /// `DB_NAME()`
    pub database: String,
    /// `SUSER_SNAME()`
    pub user: String,
    /// `USER_NAME()`
    pub database_user: String,
    /// Whether the user may do only what it was granted. Not so for the owner, and for nobody inside a procedure.
    pub restricted: bool,
    /// `@@SPID`
    pub session_id: i16,
    /// `@@ROWCOUNT`
    pub row_count: i64,
    /// `@@TRANCOUNT`
    pub transaction_count: i32,
    /// `XACT_STATE()`: 1 in a transaction, 0 outside, -1 doomed.
    pub transaction_state: i16,
    /// `SCOPE_IDENTITY()`
    pub scope_identity: Option<i64>,
    /// What `ERROR_NUMBER()` and its siblings tell, inside a CATCH.
    pub error: Option<SqlError>,
    /// `@@LOCK_TIMEOUT` in milliseconds, -1 without limit.
    pub lock_timeout: i32,
}

/// Error 137.
#[must_use]
pub fn undeclared(name: &str) -> SqlError {
    SqlError::new(137, format!("Must declare the scalar variable \"{name}\"."))
}

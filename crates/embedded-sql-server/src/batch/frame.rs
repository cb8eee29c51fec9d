//! What a batch or a procedure call has of its own.

use super::statement::{Action, Statement};
use crate::translate::{TableVariables, Variables};
use crate::value::Value;

/// Variables live as long as their batch or procedure call.
#[derive(Debug)]
pub(crate) struct Frame {
    /// Scalar variables and parameters.
    pub(crate) variables: Variables,
    /// Table variables.
    pub(crate) tables: TableVariables,
    /// 1 for a batch, one more with each EXEC (`@@NESTLEVEL` and one).
    pub(crate) nesting: usize,
    /// The procedure's name, empty in a batch.
    pub(crate) procedure: String,
    /// `SCOPE_IDENTITY()`
    pub(crate) scope_identity: Option<i64>,
}

impl Frame {
    /// Without variables.
    pub(crate) fn new(nesting: usize) -> Self {
        Self {
            variables: Variables::default(),
            tables: TableVariables::default(),
            nesting,
            procedure: String::new(),
            scope_identity: None,
        }
    }

    /// Makes the scalar variables known, as NULL: T-SQL declares them for the whole batch, whichever way the batch goes.
    pub(crate) fn declare_all(&mut self, statements: &[Statement]) {
        for statement in statements {
            match &statement.action {
                Action::Declare(declarations) => {
                    for declaration in declarations {
                        self.variables.declare(
                            &declaration.name,
                            declaration.sql_type,
                            Value::Null,
                        );
                    }
                }
                Action::Block(statements) => self.declare_all(statements),
                Action::If {
                    then, otherwise, ..
                } => {
                    self.declare_all(std::slice::from_ref(then));
                    if let Some(otherwise) = otherwise {
                        self.declare_all(std::slice::from_ref(otherwise));
                    }
                }
                Action::While { body, .. } => self.declare_all(std::slice::from_ref(body)),
                _ => {}
            }
        }
    }
}

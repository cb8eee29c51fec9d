//! Error 134: a variable is declared once in a batch, wherever in it.

use std::collections::BTreeSet;

use super::statement::{Action, Statement};
use crate::error::SqlError;

/// Looks through a batch before it runs.
pub(crate) fn check(statements: &[Statement]) -> Result<(), SqlError> {
    let mut seen = BTreeSet::new();
    statements
        .iter()
        .try_for_each(|statement| visit(statement, &mut seen))
}

fn visit(statement: &Statement, seen: &mut BTreeSet<String>) -> Result<(), SqlError> {
    let mut declare = |name: &str| {
        if seen.insert(name.to_lowercase()) {
            return Ok(());
        }
        let message = format!(
            "The variable name '{name}' has already been declared. Variable names must be unique within a query batch or stored procedure."
        );
        Err(SqlError {
            line: statement.line,
            ..SqlError::new(134, message)
        })
    };
    match &statement.action {
        Action::Declare(declarations) => declarations
            .iter()
            .try_for_each(|declaration| declare(&declaration.name)),
        Action::DeclareTable { name, .. } => declare(name),
        Action::Block(statements) => statements
            .iter()
            .try_for_each(|statement| visit(statement, seen)),
        Action::If {
            then, otherwise, ..
        } => {
            visit(then, seen)?;
            otherwise
                .as_ref()
                .map_or(Ok(()), |otherwise| visit(otherwise, seen))
        }
        Action::While { body, .. } => visit(body, seen),
        _ => Ok(()),
    }
}

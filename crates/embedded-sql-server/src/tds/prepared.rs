//! Prepared statements: the texts that a client has given a handle to, until it takes the handle back or its session is reset.

use std::collections::BTreeMap;

use super::{arguments, declarations::Declared, requests::Request};
use crate::{error::SqlError, value::Parameter};

/// A statement that waits for its arguments.
#[derive(Debug, Clone)]
struct Statement {
    text: String,
    declared: Vec<Declared>,
}

/// The prepared statements of one connection.
#[derive(Debug, Default)]
pub(crate) struct PreparedStatements {
    statements: BTreeMap<i32, Statement>,
    last: i32,
}

impl PreparedStatements {
    /// Keeps a statement, and gives it a handle that no other has had.
    pub(crate) fn keep(&mut self, text: &str, declared: &[Declared]) -> i32 {
        self.last = self.last.wrapping_add(1);
        let statement = Statement {
            text: text.to_owned(),
            declared: declared.to_vec(),
        };
        self.statements.insert(self.last, statement);
        self.last
    }

    /// The request that executes the statement of this handle with these arguments. Error 8179 for an unknown handle.
    pub(crate) fn execution(
        &self,
        handle: i32,
        given: Vec<Parameter>,
    ) -> Result<Request, SqlError> {
        let statement = self
            .statements
            .get(&handle)
            .ok_or_else(|| unknown(handle))?;
        Ok(Request::ExecuteSql {
            text: statement.text.clone(),
            parameters: arguments::bind(&statement.declared, given.into_iter())?,
        })
    }

    /// Forgets a statement. Error 8179 for an unknown handle.
    pub(crate) fn forget(&mut self, handle: i32) -> Result<(), SqlError> {
        match self.statements.remove(&handle) {
            Some(_) => Ok(()),
            None => Err(unknown(handle)),
        }
    }

    /// Forgets all of them, as a reset of the session does.
    pub(crate) fn clear(&mut self) {
        self.statements.clear();
    }
}

fn unknown(handle: i32) -> SqlError {
    SqlError {
        state: 4,
        ..SqlError::new(
            8179,
            format!("Could not find prepared statement with handle {handle}."),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::{SqlType, Value};

    fn declared(name: &str) -> Declared {
        Declared {
            name: name.to_owned(),
            sql_type: SqlType::Int,
            output: false,
        }
    }

    #[test]
    fn a_handle_is_good_until_it_is_taken_back_and_never_comes_again() {
        let mut prepared = PreparedStatements::default();
        let first = prepared.keep("SELECT @a", &[declared("@a")]);
        let given = Parameter {
            name: String::new(),
            sql_type: SqlType::Int,
            value: Value::Int(7),
            returned: None,
        };
        let expected = Request::ExecuteSql {
            text: "SELECT @a".into(),
            parameters: vec![Parameter {
                name: "@a".into(),
                ..given.clone()
            }],
        };
        assert_eq!(prepared.execution(first, vec![given]), Ok(expected));
        assert_eq!(prepared.forget(first), Ok(()));
        let number = |result: Result<Request, SqlError>| result.map_err(|error| error.number);
        assert_eq!(number(prepared.execution(first, vec![])), Err(8179));
        assert_eq!(
            prepared.forget(first).map_err(|error| error.number),
            Err(8179)
        );
        assert_ne!(prepared.keep("SELECT 1", &[]), first);
    }

    #[test]
    fn a_reset_takes_every_handle_back() {
        let mut prepared = PreparedStatements::default();
        let handle = prepared.keep("SELECT 1", &[]);
        prepared.clear();
        assert!(prepared.execution(handle, vec![]).is_err());
    }
}

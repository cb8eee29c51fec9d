//! Reading rows: every column by name and type, with an error that names it.

use tiberius::{FromSql, Row};

use crate::{error::CentralError, statement::Statement};

/// The rows of one result set, in order.
pub(crate) type ResultSet = Vec<Row>;

/// All result sets of a statement. Sets are taken in the order the statement gives them; one too few is an error.
pub(crate) struct Answer {
    statement: &'static str,
    sets: std::vec::IntoIter<ResultSet>,
}

impl Answer {
    pub(crate) fn new(statement: &Statement, sets: Vec<ResultSet>) -> Self {
        Self {
            statement: statement.name,
            sets: sets.into_iter(),
        }
    }

    /// Passes over all result sets but the last: procedures of an existing database may answer with sets of their own.
    pub(crate) fn skip_to_last(&mut self) {
        while self.sets.len() > 1 {
            self.sets.next();
        }
    }

    /// The next result set, each row read by `read`.
    pub(crate) fn rows<T>(
        &mut self,
        what: &'static str,
        read: impl Fn(&Fields<'_>) -> Result<T, CentralError>,
    ) -> Result<Vec<T>, CentralError> {
        let statement = self.statement;
        let set = self.sets.next().ok_or_else(|| CentralError::Decode {
            statement,
            column: what,
            problem: "the result set is missing".to_owned(),
        })?;
        set.iter()
            .map(|row| read(&Fields { statement, row }))
            .collect()
    }

    /// The next result set, which has one row or none.
    pub(crate) fn row<T>(
        &mut self,
        what: &'static str,
        read: impl Fn(&Fields<'_>) -> Result<T, CentralError>,
    ) -> Result<Option<T>, CentralError> {
        let mut rows = self.rows(what, read)?;
        if rows.len() > 1 {
            return Err(self.problem(what, format!("{} rows instead of one", rows.len())));
        }
        Ok(rows.pop())
    }

    /// The next result set, which has exactly one row.
    pub(crate) fn one<T>(
        &mut self,
        what: &'static str,
        read: impl Fn(&Fields<'_>) -> Result<T, CentralError>,
    ) -> Result<T, CentralError> {
        self.row(what, read)?
            .ok_or_else(|| self.problem(what, "no row instead of one".to_owned()))
    }

    fn problem(&self, column: &'static str, problem: String) -> CentralError {
        CentralError::Decode {
            statement: self.statement,
            column,
            problem,
        }
    }
}

/// One row.
pub(crate) struct Fields<'a> {
    statement: &'static str,
    row: &'a Row,
}

impl<'a> Fields<'a> {
    /// A row of this statement.
    pub(crate) fn of(statement: &Statement, row: &'a Row) -> Self {
        Self {
            statement: statement.name,
            row,
        }
    }

    /// A column that is never NULL.
    pub(crate) fn get<T: FromSql<'a>>(&self, column: &'static str) -> Result<T, CentralError> {
        self.optional(column)?
            .ok_or_else(|| self.problem(column, "it is NULL".to_owned()))
    }

    /// A column that can be NULL. Its case does not count: a database that somebody else made may spell it otherwise.
    pub(crate) fn optional<T: FromSql<'a>>(
        &self,
        column: &'static str,
    ) -> Result<Option<T>, CentralError> {
        let position = self
            .row
            .columns()
            .iter()
            .position(|it| it.name().eq_ignore_ascii_case(column))
            .ok_or_else(|| self.problem(column, "it is not in the answer".to_owned()))?;
        self.row
            .try_get(position)
            .map_err(|error| self.problem(column, error.to_string()))
    }

    /// A text column that is never NULL.
    pub(crate) fn text(&self, column: &'static str) -> Result<String, CentralError> {
        self.get::<&str>(column).map(str::to_owned)
    }

    /// A text column that can be NULL.
    pub(crate) fn optional_text(
        &self,
        column: &'static str,
    ) -> Result<Option<String>, CentralError> {
        Ok(self.optional::<&str>(column)?.map(str::to_owned))
    }

    /// A column that is never NULL, read into a type of the domain; `parse` says what is wrong with it.
    pub(crate) fn parsed<S: FromSql<'a>, T, E: std::fmt::Display>(
        &self,
        column: &'static str,
        parse: impl FnOnce(S) -> Result<T, E>,
    ) -> Result<T, CentralError> {
        parse(self.get(column)?).map_err(|error| self.problem(column, error.to_string()))
    }

    /// A column that can be NULL, read into a type of the domain.
    pub(crate) fn optional_parsed<S: FromSql<'a>, T, E: std::fmt::Display>(
        &self,
        column: &'static str,
        parse: impl FnOnce(S) -> Result<T, E>,
    ) -> Result<Option<T>, CentralError> {
        self.optional(column)?
            .map(parse)
            .transpose()
            .map_err(|error| self.problem(column, error.to_string()))
    }

    /// What is wrong with a column.
    pub(crate) fn problem(&self, column: &'static str, problem: String) -> CentralError {
        CentralError::Decode {
            statement: self.statement,
            column,
            problem,
        }
    }
}

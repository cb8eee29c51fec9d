//! What a statement uses: noted while it is translated, compared with what its user may.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fmt;

use crate::catalog::Catalog;

/// What a right allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verb {
    /// To read columns.
    Select,
    /// To add rows.
    Insert,
    /// To set columns.
    Update,
    /// To remove rows.
    Delete,
    /// To call a procedure.
    Execute,
}

impl Verb {
    /// As GRANT names it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Select => "SELECT",
            Self::Insert => "INSERT",
            Self::Update => "UPDATE",
            Self::Delete => "DELETE",
            Self::Execute => "EXECUTE",
        }
    }

    /// Whether it can be granted for single columns.
    #[must_use]
    pub fn has_columns(self) -> bool {
        matches!(self, Self::Select | Self::Update)
    }
}

/// A right on a table, on one column of it, or on a procedure.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Right {
    /// The table or procedure, without schema, as the catalog spells it.
    pub object: String,
    /// What it allows.
    pub verb: Verb,
    /// The column. None: all of the table; or, of something used, the table without naming a column.
    pub column: Option<String>,
}

impl fmt::Display for Right {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} ON dbo.{}", self.verb.name(), self.object)?;
        match &self.column {
            Some(column) => write!(formatter, " ({column})"),
            None => Ok(()),
        }
    }
}

/// What is needed, as GRANT would give it to a role that holds this: rights on columns only where the role holds the verb on columns of that table and not on the whole.
#[must_use]
pub fn as_granted(needed: &BTreeSet<Right>, granted: &BTreeSet<Right>) -> BTreeSet<Right> {
    let by_column = |right: &Right| {
        let same = |other: &&Right| other.object == right.object && other.verb == right.verb;
        right.verb.has_columns()
            && granted.iter().filter(same).any(|it| it.column.is_some())
            && granted.iter().filter(same).all(|it| it.column.is_some())
    };
    needed
        .iter()
        .filter(|right| !(by_column(right) && right.column.is_none()))
        .map(|right| Right {
            column: right.column.clone().filter(|_| by_column(right)),
            ..right.clone()
        })
        .collect()
}

/// One use of an object: by its id, so that taking note of it costs nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Access {
    pub(crate) object: i32,
    pub(crate) verb: Verb,
    /// Position of the column.
    pub(crate) column: Option<usize>,
}

impl Access {
    /// With names; None for what is not defined any more.
    pub(crate) fn named(self, catalog: &Catalog) -> Option<Right> {
        if let Some(procedure) = catalog.procedures().find(|it| it.object_id == self.object) {
            return Some(Right {
                object: procedure.name.clone(),
                verb: self.verb,
                column: None,
            });
        }
        let table = catalog.tables().find(|it| it.object_id == self.object)?;
        Some(Right {
            object: table.name.clone(),
            verb: self.verb,
            column: match self.column {
                Some(position) => Some(table.columns.get(position)?.name.clone()),
                None => None,
            },
        })
    }
}

/// What one statement uses, filled while it is translated.
#[derive(Debug, Default)]
pub(crate) struct Accesses(RefCell<BTreeSet<Access>>);

impl Accesses {
    /// Takes note. Table variables (object 0) need no right.
    pub(crate) fn note(&self, object: i32, verb: Verb, column: Option<usize>) {
        if object != 0 {
            self.0.borrow_mut().insert(Access {
                object,
                verb,
                column,
            });
        }
    }

    /// What was noted so far.
    pub(crate) fn noted(&self) -> BTreeSet<Access> {
        self.0.borrow().clone()
    }
}

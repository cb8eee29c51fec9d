//! What a batch could need: every statement of it is run once, whichever way the batch would go, and all is rolled back.

use std::collections::BTreeSet;

use super::{Access, Right, Verb};
use crate::collect::Collected;
use crate::database::Database;
use crate::error::SqlError;
use crate::value::Parameter;

/// Errors of rows and values: the statement was understood, and what it needs is known.
const OF_VALUES: [u32; 20] = [
    220, 241, 242, 244, 245, 248, 295, 512, 515, 535, 544, 547, 2601, 2627, 2628, 8114, 8115, 8134,
    8169, 13609,
];

/// What was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Explored {
    /// What the statements need. Of an INSERT also each column that it gives.
    pub rights: BTreeSet<Right>,
    /// Statements that could not be understood, so that what they need is not known.
    pub failed: Vec<SqlError>,
}

impl Explored {
    /// And another.
    pub fn add(&mut self, other: Self) {
        self.rights.extend(other.rights);
        self.failed.extend(other.failed);
    }
}

/// What a session that explores has found so far.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    pub(crate) accesses: BTreeSet<Access>,
    pub(crate) failed: Vec<SqlError>,
}

impl Findings {
    pub(crate) fn called(&mut self, object: i32, verb: Verb) {
        self.accesses.insert(Access {
            object,
            verb,
            column: None,
        });
    }

    pub(crate) fn failed(&mut self, error: &SqlError) {
        if !OF_VALUES.contains(&error.number) {
            self.failed.push(error.clone());
        }
    }
}

impl Database {
    /// What a batch could need. Both branches of every IF, and the body of every WHILE once; procedures are not entered.
    #[must_use]
    pub fn explore(&self, text: &str, parameters: &[Parameter]) -> Explored {
        let mut session = self.session();
        let mut answer = Collected::default();
        session.begin_transaction(&mut answer);
        session.explores = Some(Findings::default());
        session.execute_sql(text, parameters, &mut answer);
        let found = session.explores.take().unwrap_or_default();
        let catalog = self.catalog();
        Explored {
            rights: found
                .accesses
                .into_iter()
                .filter_map(|access| access.named(&catalog))
                .collect(),
            // A batch that cannot even be parsed comes back as an error of the answer.
            failed: found.failed.into_iter().chain(answer.errors).collect(),
        }
    }
}

//! What a batch could need: every statement of it is run once, whichever way the batch would go, and all is rolled back.

use std::collections::BTreeSet;

use super::{Access, Right, Verb};
use crate::collect::Collected;
use crate::database::Database;
use crate::error::SqlError;
use crate::session::Session;
use crate::value::Parameter;

/// Errors of rows and values: the statement was understood, and what it needs is known.
const OF_VALUES: [u32; 21] = [
    220, 241, 242, 244, 245, 248, 295, 512, 515, 535, 544, 547, 1060, 2601, 2627, 2628, 8114, 8115,
    8134, 8169, 13609,
];

/// What was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Explored {
    /// What the statements need. Of an INSERT also each column that it gives.
    pub rights: BTreeSet<Right>,
    /// The columns that each INSERT gives, by table.
    pub inserts: BTreeSet<(String, BTreeSet<String>)>,
    /// Statements that could not be understood, so that what they need is not known.
    pub failed: Vec<SqlError>,
}

impl Explored {
    /// And another.
    pub fn add(&mut self, other: Self) {
        self.rights.extend(other.rights);
        self.inserts.extend(other.inserts);
        self.failed.extend(other.failed);
    }
}

/// What a session that explores has found so far.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    accesses: BTreeSet<Access>,
    inserts: BTreeSet<BTreeSet<Access>>,
    failed: Vec<SqlError>,
}

impl Findings {
    /// What one statement uses.
    pub(crate) fn note(&mut self, accesses: &BTreeSet<Access>) {
        self.accesses.extend(accesses);
        let inserted = accesses.iter().filter(|it| it.verb == Verb::Insert);
        let inserted: BTreeSet<Access> = inserted.copied().collect();
        if !inserted.is_empty() {
            self.inserts.insert(inserted);
        }
    }

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
        self.explored(|session, answer| session.execute_sql(text, parameters, answer))
    }

    /// What the body of a procedure could need, from the text that defines it.
    #[must_use]
    pub fn explore_procedure(&self, text: &str) -> Explored {
        self.explored(|session, answer| session.explore_body(text, answer))
    }

    fn explored(&self, run: impl FnOnce(&mut Session, &mut Collected)) -> Explored {
        let mut session = self.session();
        let mut answer = Collected::default();
        session.begin_transaction(&mut answer);
        session.explores = Some(Findings::default());
        run(&mut session, &mut answer);
        let found = session.explores.take().unwrap_or_default();
        let catalog = self.catalog();
        let inserts = found.inserts.iter().filter_map(|insert| {
            let rights = insert.iter().filter_map(|access| access.named(&catalog));
            let rights: Vec<Right> = rights.collect();
            let table = rights.first()?.object.clone();
            Some((
                table,
                rights.into_iter().filter_map(|it| it.column).collect(),
            ))
        });
        Explored {
            rights: found
                .accesses
                .iter()
                .filter_map(|access| access.named(&catalog))
                .collect(),
            inserts: inserts.collect(),
            // A batch that cannot even be parsed comes back as an error of the answer.
            failed: found.failed.into_iter().chain(answer.errors).collect(),
        }
    }
}

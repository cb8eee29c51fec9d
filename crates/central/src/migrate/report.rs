//! What a run of the migrations did.

use std::fmt;

use super::NeededIndex;

/// What became of one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Applied by this run.
    Applied,
    /// Applied by an earlier run.
    AlreadyThere,
    /// Not needed: the database has a procedure of its own.
    Skipped {
        /// The procedure that exists.
        procedure: &'static str,
    },
}

/// Every file of a run, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    files: Vec<(&'static str, Outcome)>,
    /// What makes statements fast and is not there, where somebody else made the tables.
    pub(super) missing_indexes: Vec<NeededIndex>,
}

impl Report {
    pub(super) fn push(&mut self, file: &'static str, outcome: Outcome) {
        self.files.push((file, outcome));
    }

    /// Paths below infra/sql and what became of them.
    #[must_use]
    pub fn files(&self) -> &[(&'static str, Outcome)] {
        &self.files
    }

    /// Indexes that hot statements need and of which the database has none that begins with the same column. Told, and nobody
    /// is refused for it: a large table that others use gets an index when its owner has a quiet hour.
    #[must_use]
    pub fn missing_indexes(&self) -> &[NeededIndex] {
        &self.missing_indexes
    }

    /// The files that this run applied.
    pub(super) fn names_applied(&self) -> Vec<&'static str> {
        let applied = self.files.iter();
        let applied = applied.filter(|(_, outcome)| *outcome == Outcome::Applied);
        applied.map(|(file, _)| *file).collect()
    }

    /// How many files this run applied.
    #[must_use]
    pub fn applied(&self) -> usize {
        self.count(|outcome| outcome == Outcome::Applied)
    }

    /// How many files had been applied before.
    #[must_use]
    pub fn already_there(&self) -> usize {
        self.count(|outcome| outcome == Outcome::AlreadyThere)
    }

    /// How many procedures the database has of its own.
    #[must_use]
    pub fn skipped(&self) -> usize {
        self.count(|outcome| matches!(outcome, Outcome::Skipped { .. }))
    }

    fn count(&self, is: impl Fn(Outcome) -> bool) -> usize {
        self.files
            .iter()
            .filter(|(_, outcome)| is(*outcome))
            .count()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (file, outcome) in &self.files {
            match outcome {
                Outcome::Applied => writeln!(f, "applied        {file}")?,
                Outcome::AlreadyThere => writeln!(f, "already there  {file}")?,
                Outcome::Skipped { procedure } => {
                    writeln!(f, "skipped        {file}: the database has dbo.{procedure}")?;
                }
            }
        }
        for index in &self.missing_indexes {
            writeln!(f, "slow           no index {index}")?;
        }
        write!(
            f,
            "{} applied, {} already there, {} skipped",
            self.applied(),
            self.already_there(),
            self.skipped()
        )
    }
}

//! The steps of one change and what follows what.

use serde::{Deserialize, Serialize};

/// Where a change stands (`DeviceChangeWork.Step`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// A service line is to be opened.
    OpenLine,
    /// It is unknown whether a line was opened: a look-up decides.
    Settle,
    /// Ownership is to be taken over.
    Assign,
    /// Nothing is left to do.
    Done,
}

impl Step {
    /// As the database keeps it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OpenLine => "open-line",
            Self::Settle => "settle",
            Self::Assign => "assign",
            Self::Done => "done",
        }
    }

    /// Reads what the database keeps.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        [Self::OpenLine, Self::Settle, Self::Assign, Self::Done]
            .into_iter()
            .find(|step| step.as_str() == text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_reads_back_from_what_the_database_keeps() {
        // `DeviceChangeWork.Step` holds these words, and the statements compare them.
        for (step, kept) in [
            (Step::OpenLine, "open-line"),
            (Step::Settle, "settle"),
            (Step::Assign, "assign"),
            (Step::Done, "done"),
        ] {
            assert_eq!(step.as_str(), kept);
            assert_eq!(Step::read(kept), Some(step));
        }
        for text in ["", "Open-Line", "openline", "ended"] {
            assert_eq!(Step::read(text), None, "{text}");
        }
    }
}

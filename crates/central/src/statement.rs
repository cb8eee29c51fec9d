//! What a statement is: its text, its name in errors and fault points, and what may be done after it failed.

/// Which failures of a statement are tried again at once, whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Repeat {
    /// Run twice it means what it means once (reads, and writes that say why in their file): every transient failure is
    /// tried again, a lost connection included.
    Whole,
    /// Only failures after which the server has surely rolled back: 1205, and the errors that refuse work before it begins.
    RolledBack,
}

/// One `.sql` file.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Statement {
    /// As in `central.<name>.before`, in errors and in spans.
    pub(crate) name: &'static str,
    /// The file, unchanged.
    pub(crate) text: &'static str,
    /// What may be tried again.
    pub(crate) repeat: Repeat,
}

impl Statement {
    /// A statement that may be run twice.
    pub(crate) const fn repeatable(name: &'static str, text: &'static str) -> Self {
        Self {
            name,
            text,
            repeat: Repeat::Whole,
        }
    }

    /// A transaction of which only one run may commit.
    pub(crate) const fn once(name: &'static str, text: &'static str) -> Self {
        Self {
            name,
            text,
            repeat: Repeat::RolledBack,
        }
    }
}

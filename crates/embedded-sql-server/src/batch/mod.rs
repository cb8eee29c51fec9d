//! From the text of a batch to its statements, and their execution.

/// One statement of a batch.
#[derive(Debug, Clone, PartialEq)]
pub struct Statement;

//! An error as SQL Server reports it: a number that code decides on, and words for people.

/// One server error. Clients see number, state, class and message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct SqlError {
    /// SQL Server's number, for example 2627 (unique constraint) or 1205 (deadlock victim). 40000: not in the scope of this server.
    pub number: u32,
    /// SQL Server's state.
    pub state: u8,
    /// Severity: 11 to 16 the user can mend, 13 transaction, 17 and up the server's own, 20 and up end the connection.
    pub class: u8,
    /// Words for people.
    pub message: String,
    /// Line within the batch, from 1; 0 where not known.
    pub line: u32,
    /// The procedure it was raised in, else empty.
    pub procedure: String,
}

impl SqlError {
    /// An error of the usual severity (16), or 15 for what SQL Server calls a mistake in the text of the batch.
    #[must_use]
    pub fn new(number: u32, message: impl Into<String>) -> Self {
        let class = match number {
            102 | 103 | 105 | 130 | 132..=137 | 139 | 141 | 156 | 178 | 195 | 201 => 15,
            _ => 16,
        };
        Self {
            number,
            state: 1,
            class,
            message: message.into(),
            line: 0,
            procedure: String::new(),
        }
    }

    /// Error 40000: a construct that this server does not know.
    #[must_use]
    pub fn unsupported(construct: impl std::fmt::Display) -> Self {
        Self::new(
            40000,
            format!("The embedded server does not know: {construct}."),
        )
    }
}

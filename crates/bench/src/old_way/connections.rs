//! How the old way comes to a connection.

use end_to_end::sql::Sql;

/// When a connection is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Connecting {
    /// For each statement, as the old code says it.
    EachStatement,
    /// Once: what the pool of ADO.NET makes of the same code when nothing else runs in the process.
    Once,
}

/// Hands out a connection for each statement, and counts.
pub(crate) struct Connections<'a> {
    connection_string: &'a str,
    connecting: Connecting,
    open: Option<Sql>,
    /// Statements so far: each is one round trip.
    pub(crate) statements: usize,
    /// Connections that were opened: each is a TCP connection and two round trips (PRELOGIN, LOGIN7) before the statement's own.
    pub(crate) logins: usize,
}

impl<'a> Connections<'a> {
    pub(crate) fn new(connection_string: &'a str, connecting: Connecting) -> Self {
        Self {
            connection_string,
            connecting,
            open: None,
            statements: 0,
            logins: 0,
        }
    }

    /// For one statement.
    pub(crate) async fn for_statement(&mut self) -> &mut Sql {
        self.statements += 1;
        let sql = match self.open.take() {
            Some(sql) if self.connecting == Connecting::Once => sql,
            // One that was used is closed before the next is opened.
            _ => {
                self.logins += 1;
                Sql::connect(self.connection_string).await
            }
        };
        self.open.insert(sql)
    }
}

//! Requests: SQL batches, remote procedure calls and what a client asks of the transaction manager.

use super::{
    declarations::Declared,
    packets::{Kind, Message},
    reader::{Malformed, Reader, utf16},
    remote_call,
    type_info::TypeError,
};
use crate::{error::SqlError, value::Parameter};

/// What a client wants done.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Request {
    /// Statements as text.
    Batch(String),
    /// `sp_executesql`: statements with parameters.
    ExecuteSql {
        text: String,
        parameters: Vec<Parameter>,
    },
    /// `sp_prepare`: a statement that is to get a handle.
    Prepare {
        /// Where the handle is asked back in the call, and under which name.
        place: u16,
        name: String,
        declared: Vec<Declared>,
        text: String,
    },
    /// `sp_execute`: the statement of a handle, with arguments.
    ExecutePrepared { handle: i32, given: Vec<Parameter> },
    /// `sp_unprepare`: a handle is given back.
    Unprepare(i32),
    /// `sp_reset_connection`: the session is to be as new.
    Reset,
    /// A procedure by name.
    Procedure {
        name: String,
        parameters: Vec<Parameter>,
    },
    /// Outside of any text.
    Transaction(TransactionRequest),
}

/// What a client can ask of the transaction manager.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TransactionRequest {
    Begin,
    Commit { begin_next: bool },
    Rollback { begin_next: bool },
}

impl Request {
    /// What a fault is matched against; nothing for what executes no statement (the transaction manager, handles), which is not counted.
    pub(crate) fn statement(&self) -> Option<&str> {
        match self {
            Self::Batch(text) | Self::ExecuteSql { text, .. } => Some(text),
            Self::Procedure { name, .. } => Some(name),
            Self::Transaction(_)
            | Self::Prepare { .. }
            | Self::ExecutePrepared { .. }
            | Self::Unprepare(_)
            | Self::Reset => None,
        }
    }
}

/// Why a message is not a request that can be run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum RequestError {
    /// Ends the connection.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// Is answered with this error; the connection stays.
    #[error(transparent)]
    Refused(#[from] SqlError),
}

impl From<TypeError> for RequestError {
    fn from(error: TypeError) -> Self {
        match error {
            TypeError::Malformed(malformed) => Self::Malformed(malformed),
            TypeError::Unknown(what) => refused(what),
        }
    }
}

pub(super) fn refused(what: impl std::fmt::Display) -> RequestError {
    RequestError::Refused(SqlError {
        number: 40_000,
        state: 1,
        class: 16,
        message: format!("The embedded SQL Server does not know {what}."),
        line: 0,
        procedure: String::new(),
    })
}

/// Reads the request in a message.
pub(crate) fn read(message: &Message) -> Result<Request, RequestError> {
    let mut reader = Reader::new(&message.payload);
    match message.kind {
        Kind::Batch => {
            skip_headers(&mut reader)?;
            Ok(Request::Batch(utf16(reader.rest())?))
        }
        Kind::Rpc => {
            skip_headers(&mut reader)?;
            remote_call::read(&mut reader)
        }
        Kind::TransactionManager => {
            skip_headers(&mut reader)?;
            transaction(&mut reader).map(Request::Transaction)
        }
        Kind::Other(7) => Err(refused("bulk load")),
        other => Err(Malformed::new(format!("{other:?} where a request was expected")).into()),
    }
}

/// The transaction descriptor, query notifications and tracing: the session knows its transaction by itself.
fn skip_headers(reader: &mut Reader<'_>) -> Result<(), Malformed> {
    let total = reader.u32()?;
    let rest = usize::try_from(total)
        .ok()
        .and_then(|total| total.checked_sub(4))
        .ok_or_else(|| Malformed::new(format!("headers of {total} bytes")))?;
    reader.take(rest)?;
    Ok(())
}

fn transaction(reader: &mut Reader<'_>) -> Result<TransactionRequest, RequestError> {
    match reader.u16()? {
        0 => Err(refused(
            "the address of a distributed transaction coordinator",
        )),
        1 => Err(refused("joining a distributed transaction")),
        5 => Ok(TransactionRequest::Begin),
        6 => Err(refused("promoting a transaction to a distributed one")),
        7 => Ok(TransactionRequest::Commit {
            begin_next: begins_next(reader)?,
        }),
        8 => Ok(TransactionRequest::Rollback {
            begin_next: begins_next(reader)?,
        }),
        9 => Err(refused("a savepoint by request of the transaction manager")),
        other => Err(Malformed::new(format!("transaction manager request {other}")).into()),
    }
}

/// The name of the transaction, then a bit that says whether the next one is to begin.
fn begins_next(reader: &mut Reader<'_>) -> Result<bool, Malformed> {
    reader.short_text()?;
    Ok(reader.u8()? & 1 != 0)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::tds::packets::Reset;
    use proptest::prelude::*;

    const HEADERS: [u8; 22] = [
        22, 0, 0, 0, 18, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0,
    ];

    pub(in crate::tds) fn message(kind: Kind, body: &[u8]) -> Message {
        Message {
            kind,
            reset: Reset::No,
            payload: [&HEADERS, body].concat(),
        }
    }

    pub(in crate::tds) fn wide(text: &str) -> Vec<u8> {
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    }

    #[test]
    fn a_batch_is_its_text() {
        let read = read(&message(Kind::Batch, &wide("SELECT 1"))).unwrap();
        assert_eq!(read, Request::Batch("SELECT 1".into()));
    }

    #[test]
    fn the_transaction_manager_is_understood() {
        let read = |body: &[u8]| read(&message(Kind::TransactionManager, body)).unwrap();
        assert_eq!(
            read(&[5, 0, 0, 0]),
            Request::Transaction(TransactionRequest::Begin)
        );
        assert_eq!(
            read(&[7, 0, 0, 0]),
            Request::Transaction(TransactionRequest::Commit { begin_next: false })
        );
        assert_eq!(
            read(&[8, 0, 0, 1, 0, 0]),
            Request::Transaction(TransactionRequest::Rollback { begin_next: true })
        );
    }

    #[test]
    fn bulk_load_is_refused_by_name() {
        let Err(RequestError::Refused(error)) = read(&message(Kind::Other(7), &[])) else {
            panic!()
        };
        assert_eq!(error.number, 40_000);
        assert!(error.message.contains("bulk load"));
    }

    proptest! {
        #[test]
        fn random_bytes_never_panic(kind in 0_u8..20, bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let kind = match kind { 0 => Kind::Batch, 1..=14 => Kind::Rpc, 15 => Kind::TransactionManager, _ => Kind::Other(7) };
            drop(read(&message(kind, &bytes)));
        }

        #[test]
        fn random_parameters_never_panic(token in any::<u8>(), bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
            let body = [&[0xFF, 0xFF, 10, 0, 0, 0, 0, 0, token][..], &bytes].concat();
            drop(read(&message(Kind::Rpc, &body)));
        }
    }
}

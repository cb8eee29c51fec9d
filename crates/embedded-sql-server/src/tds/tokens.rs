//! The tokens that answers are made of.

use super::{login::Login, type_info, value_out};
use crate::{
    error::SqlError,
    sink::Returned,
    value::{Column, Value},
};

const RETURN_STATUS: u8 = 0x79;
const COLUMN_METADATA: u8 = 0x81;
const ERROR: u8 = 0xAA;
const RETURN_VALUE: u8 = 0xAC;
const INFO: u8 = 0xAB;
const LOGIN_ACKNOWLEDGED: u8 = 0xAD;
const FEATURES_ACKNOWLEDGED: u8 = 0xAE;
const ROW: u8 = 0xD1;
const ENVIRONMENT_CHANGE: u8 = 0xE3;

/// What a client is told the server is.
const PROGRAM: &str = "Embedded SQL Server";
/// The server's name in errors.
const SERVER: &str = "embedded";
/// SQL Server 2017, 14.0.3456, as @@VERSION says; big-endian in its last two bytes.
const PROGRAM_VERSION: [u8; 4] = [14, 0, 0x0D, 0x80];

/// Which of the three DONE tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DoneKind {
    /// A statement of a batch.
    Done = 0xFD,
    /// A procedure.
    Proc = 0xFE,
    /// A statement within a procedure.
    InProc = 0xFF,
}

/// What a DONE token says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Done {
    pub kind: DoneKind,
    /// Further tokens follow in this answer.
    pub more: bool,
    /// The statement failed.
    pub error: bool,
    /// The client's attention signal is answered.
    pub attention: bool,
    /// Rows affected or selected, where counted.
    pub count: Option<u64>,
    /// The statement was a SELECT.
    pub select: bool,
}

impl Done {
    pub(super) fn new(kind: DoneKind) -> Self {
        Self {
            kind,
            more: false,
            error: false,
            attention: false,
            count: None,
            select: false,
        }
    }
}

pub(super) fn done(done: Done, bytes: &mut Vec<u8>) {
    let flag = |set: bool, bit: u16| if set { bit } else { 0 };
    let status = flag(done.more, 0x01)
        | flag(done.error, 0x02)
        | flag(done.count.is_some(), 0x10)
        | flag(done.attention, 0x20);
    bytes.push(done.kind as u8);
    bytes.extend_from_slice(&status.to_le_bytes());
    bytes.extend_from_slice(&flag(done.select, 0xC1).to_le_bytes());
    bytes.extend_from_slice(&done.count.unwrap_or(0).to_le_bytes());
}

pub(super) fn return_status(status: i32, bytes: &mut Vec<u8>) {
    bytes.push(RETURN_STATUS);
    bytes.extend_from_slice(&status.to_le_bytes());
}

/// What an OUTPUT parameter holds; nothing is written when the value does not fit its type.
pub(super) fn return_value(
    returned: &Returned<'_>,
    bytes: &mut Vec<u8>,
) -> Result<(), value_out::DoesNotFit> {
    let mut token = vec![RETURN_VALUE];
    token.extend_from_slice(&returned.place.to_le_bytes());
    short_text(returned.name, &mut token);
    // A parameter of a procedure, not the value of a function; then the user type and the flags of a column.
    token.push(1);
    token.extend_from_slice(&[0; 6]);
    type_info::write(returned.sql_type, &mut token);
    value_out::write(&returned.value, returned.sql_type, &mut token)?;
    bytes.extend_from_slice(&token);
    Ok(())
}

pub(super) fn columns(columns: &[Column], bytes: &mut Vec<u8>) {
    bytes.push(COLUMN_METADATA);
    bytes.extend_from_slice(
        &u16::try_from(columns.len())
            .unwrap_or(u16::MAX)
            .to_le_bytes(),
    );
    for column in columns {
        bytes.extend_from_slice(&[0; 4]);
        let nullable = u16::from(column.nullable);
        bytes.extend_from_slice(&nullable.to_le_bytes());
        type_info::write(column.sql_type, bytes);
        short_text(&column.name, bytes);
    }
}

/// A row; nothing is written when a value does not fit its column.
pub(super) fn row(
    columns: &[Column],
    values: &[Value],
    bytes: &mut Vec<u8>,
) -> Result<(), RowError> {
    if columns.len() != values.len() {
        return Err(RowError::Count {
            columns: columns.len(),
            values: values.len(),
        });
    }
    let before = bytes.len();
    bytes.push(ROW);
    for (column, value) in columns.iter().zip(values) {
        if let Err(error) = value_out::write(value, column.sql_type, bytes) {
            bytes.truncate(before);
            return Err(RowError::Value {
                column: column.name.clone(),
                source: error,
            });
        }
    }
    Ok(())
}

/// A row that cannot be sent: a mistake of this server.
#[derive(Debug, thiserror::Error)]
pub(super) enum RowError {
    #[error("a row of {values} values for {columns} columns")]
    Count { columns: usize, values: usize },
    #[error("column {column:?}: {source}")]
    Value {
        column: String,
        #[source]
        source: value_out::DoesNotFit,
    },
}

pub(crate) fn error(error: &SqlError, bytes: &mut Vec<u8>) {
    message(ERROR, error, bytes);
}

/// A message without error, as PRINT gives it.
pub(super) fn info(text: &str, bytes: &mut Vec<u8>) {
    notice(0, 1, text, bytes);
}

fn notice(number: u32, state: u8, text: &str, bytes: &mut Vec<u8>) {
    let notice = SqlError {
        number,
        state,
        class: 0,
        message: text.to_owned(),
        line: 1,
        procedure: String::new(),
    };
    message(INFO, &notice, bytes);
}

fn message(token: u8, message: &SqlError, bytes: &mut Vec<u8>) {
    let mut body = Vec::new();
    body.extend_from_slice(&message.number.to_le_bytes());
    body.extend_from_slice(&[message.state, message.class]);
    // The token's length has two bytes; SQL Server's own messages end at 2,048 characters.
    let units: Vec<u16> = message.message.encode_utf16().take(8000).collect();
    body.extend_from_slice(&u16::try_from(units.len()).unwrap_or(u16::MAX).to_le_bytes());
    body.extend(units.into_iter().flat_map(u16::to_le_bytes));
    short_text(SERVER, &mut body);
    short_text(&message.procedure, &mut body);
    body.extend_from_slice(&message.line.to_le_bytes());
    with_length(token, &body, bytes);
}

/// The transaction with this descriptor began.
pub(super) fn transaction_began(descriptor: u64, bytes: &mut Vec<u8>) {
    let mut body = vec![8, 8];
    body.extend_from_slice(&descriptor.to_le_bytes());
    body.push(0);
    with_length(ENVIRONMENT_CHANGE, &body, bytes);
}

/// The transaction with this descriptor was committed or rolled back.
pub(super) fn transaction_ended(descriptor: u64, committed: bool, bytes: &mut Vec<u8>) {
    let mut body = vec![if committed { 9 } else { 10 }, 0, 8];
    body.extend_from_slice(&descriptor.to_le_bytes());
    with_length(ENVIRONMENT_CHANGE, &body, bytes);
}

/// The current database is another one.
pub(super) fn database_changed(from: &str, to: &str, bytes: &mut Vec<u8>) {
    environment(1, to, from, bytes);
    notice(
        5701,
        2,
        &format!("Changed database context to '{to}'."),
        bytes,
    );
}

/// The session was reset as asked for in the request's header.
pub(crate) fn session_reset(bytes: &mut Vec<u8>) {
    with_length(ENVIRONMENT_CHANGE, &[18, 0, 0], bytes);
}

/// The answer to a login that succeeds.
pub(crate) fn login_succeeded(login: &Login, database: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    database_changed("master", database, &mut bytes);
    with_length(
        ENVIRONMENT_CHANGE,
        &[&[7, 5][..], &super::code_page::COLLATION, &[0]].concat(),
        &mut bytes,
    );
    environment(2, "us_english", "", &mut bytes);
    notice(
        5703,
        1,
        "Changed language setting to us_english.",
        &mut bytes,
    );

    let mut acknowledged = vec![1];
    acknowledged.extend_from_slice(&login.tds_version.to_be_bytes());
    short_text(PROGRAM, &mut acknowledged);
    acknowledged.extend_from_slice(&PROGRAM_VERSION);
    with_length(LOGIN_ACKNOWLEDGED, &acknowledged, &mut bytes);
    if login.asks_for_features {
        // None of them.
        bytes.extend_from_slice(&[FEATURES_ACKNOWLEDGED, 0xFF]);
    }
    environment(
        4,
        &login.packet_size.to_string(),
        &super::packets::DEFAULT_PACKET_SIZE.to_string(),
        &mut bytes,
    );
    done(Done::new(DoneKind::Done), &mut bytes);
    bytes
}

/// An answer of errors alone: a login refused, a request that is not known, a fault.
pub(crate) fn errors_only(errors: &[SqlError]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for each in errors {
        error(each, &mut bytes);
    }
    done(
        Done {
            error: true,
            ..Done::new(DoneKind::Done)
        },
        &mut bytes,
    );
    bytes
}

/// An answer that says nothing.
pub(crate) fn nothing() -> Vec<u8> {
    let mut bytes = Vec::new();
    done(Done::new(DoneKind::Done), &mut bytes);
    bytes
}

/// The answer to an attention signal: always a message of its own, after that of the request it cancels.
pub(crate) fn attention_acknowledged() -> Vec<u8> {
    let mut bytes = Vec::new();
    done(
        Done {
            attention: true,
            ..Done::new(DoneKind::Done)
        },
        &mut bytes,
    );
    bytes
}

fn environment(kind: u8, new: &str, old: &str, bytes: &mut Vec<u8>) {
    let mut body = vec![kind];
    short_text(new, &mut body);
    short_text(old, &mut body);
    with_length(ENVIRONMENT_CHANGE, &body, bytes);
}

fn with_length(token: u8, body: &[u8], bytes: &mut Vec<u8>) {
    bytes.push(token);
    bytes.extend_from_slice(&u16::try_from(body.len()).unwrap_or(u16::MAX).to_le_bytes());
    bytes.extend_from_slice(body);
}

/// Text with its length in code units in one byte before it.
fn short_text(text: &str, bytes: &mut Vec<u8>) {
    let units: Vec<u16> = text.encode_utf16().take(255).collect();
    bytes.push(u8::try_from(units.len()).unwrap_or(u8::MAX));
    bytes.extend(units.into_iter().flat_map(u16::to_le_bytes));
}

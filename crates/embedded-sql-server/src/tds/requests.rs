//! Requests: SQL batches, remote procedure calls and what a client asks of the transaction manager.

use super::{
    declarations,
    packets::{Kind, Message},
    reader::{Malformed, Reader, utf16},
    type_info::{self, TypeError},
    value_in,
};
use crate::{
    error::SqlError,
    value::{Length, Parameter, SqlType, Value},
};

/// What a client wants done.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Request {
    /// Statements as text.
    Batch(String),
    /// `sp_executesql`: statements with parameters.
    ExecuteSql { text: String, parameters: Vec<Parameter> },
    /// A procedure by name.
    Procedure { name: String, parameters: Vec<Parameter> },
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
    /// What a fault is matched against; nothing for the transaction manager, whose requests are not counted as statements.
    pub(crate) fn statement(&self) -> Option<&str> {
        match self {
            Self::Batch(text) | Self::ExecuteSql { text, .. } => Some(text),
            Self::Procedure { name, .. } => Some(name),
            Self::Transaction(_) => None,
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

fn refused(what: impl std::fmt::Display) -> RequestError {
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
            remote_call(&mut reader)
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

const BY_NUMBER: u16 = 0xFFFF;
const EXECUTE_SQL: u16 = 10;
const BY_REFERENCE: u8 = 0x01;
const DEFAULT_VALUE: u8 = 0x02;

/// The procedures that have a number, from 1.
const NUMBERED: [&str; 15] = [
    "sp_cursor",
    "sp_cursoropen",
    "sp_cursorprepare",
    "sp_cursorexecute",
    "sp_cursorprepexec",
    "sp_cursorunprepare",
    "sp_cursorfetch",
    "sp_cursoroption",
    "sp_cursorclose",
    "sp_executesql",
    "sp_prepare",
    "sp_execute",
    "sp_prepexec",
    "sp_prepexecrpc",
    "sp_unprepare",
];

fn remote_call(reader: &mut Reader<'_>) -> Result<Request, RequestError> {
    let name = match reader.u16()? {
        BY_NUMBER => {
            let number = reader.u16()?;
            if number == EXECUTE_SQL {
                "sp_executesql".to_owned()
            } else {
                let name = usize::from(number).checked_sub(1).and_then(|index| NUMBERED.get(index));
                return Err(refused(name.map_or_else(|| format!("procedure number {number}"), |name| format!("the procedure {name} by RPC"))));
            }
        }
        units => reader.utf16(usize::from(units))?,
    };
    let _options = reader.u16()?;
    let mut parameters = Vec::new();
    while !reader.is_empty() {
        // In place of the length of a name (at most 128), these divide several calls of one message.
        if matches!(reader.peek(), Some(0x80 | 0xFE | 0xFF)) {
            return Err(refused("several procedure calls in one message"));
        }
        parameters.push(parameter(reader)?);
    }
    if is_execute_sql(&name) {
        execute_sql(parameters)
    } else {
        Ok(Request::Procedure { name, parameters })
    }
}

fn is_execute_sql(name: &str) -> bool {
    let last = name.rsplit('.').next().unwrap_or(name);
    last.trim_matches(['[', ']', '"', ' ']).eq_ignore_ascii_case("sp_executesql")
}

fn parameter(reader: &mut Reader<'_>) -> Result<Parameter, RequestError> {
    let name = reader.short_text()?;
    let flags = reader.u8()?;
    if flags & BY_REFERENCE != 0 {
        return Err(refused(format_args!("the output parameter {name}")));
    }
    if flags & DEFAULT_VALUE != 0 {
        return Err(refused(format_args!("the default value for parameter {name}")));
    }
    let incoming = type_info::read(reader)?;
    let value = value_in::read(reader, incoming)?;
    Ok(Parameter { name, sql_type: incoming.sql_type, value })
}

/// The first two parameters are the text and the declarations; the others are given by name or in the declared order.
fn execute_sql(parameters: Vec<Parameter>) -> Result<Request, RequestError> {
    let mut given = parameters.into_iter();
    let Some(Parameter { value: Value::Text(text), .. }) = given.next() else {
        return Err(refused("sp_executesql without a text"));
    };
    let declared = match given.next().map(|parameter| parameter.value) {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Text(declarations)) => declarations::read(&declarations).map_err(refused)?,
        Some(_) => return Err(refused("sp_executesql whose declaration is not a text")),
    };
    let mut values: Vec<Option<Value>> = vec![None; declared.len()];
    for (position, parameter) in given.enumerate() {
        let place = if parameter.name.is_empty() {
            Some(position)
        } else {
            declared.iter().position(|declared| declared.name.eq_ignore_ascii_case(&parameter.name))
        };
        let slot = place
            .and_then(|place| values.get_mut(place))
            .ok_or_else(|| undeclared(&parameter.name))?;
        *slot = Some(parameter.value);
    }
    let parameters = declared
        .into_iter()
        .zip(values)
        .map(|(declared, value)| match value {
            Some(value) => Ok(Parameter {
                value: as_declared(value, declared.sql_type),
                name: declared.name,
                sql_type: declared.sql_type,
            }),
            None => Err(not_supplied(&declared.name)),
        })
        .collect::<Result<_, _>>()?;
    Ok(Request::ExecuteSql { text, parameters })
}

/// SQL Server converts what was sent to the declared type. Drivers send what they declare, up to these differences.
fn as_declared(value: Value, declared: SqlType) -> Value {
    match (value, declared) {
        // The type sent for an absent value is of no use; the declared one gives it.
        (Value::Text(text), SqlType::NVarChar(Length::Limited(limit))) if text.encode_utf16().count() > usize::from(limit) => {
            // Parameters are cut to their declared length without an error.
            let units: Vec<u16> = text.encode_utf16().take(usize::from(limit)).collect();
            Value::Text(String::from_utf16_lossy(&units))
        }
        (Value::Binary(mut bytes), SqlType::VarBinary(Length::Limited(limit))) => {
            bytes.truncate(usize::from(limit));
            Value::Binary(bytes)
        }
        (value, _) => value,
    }
}

fn not_supplied(name: &str) -> RequestError {
    RequestError::Refused(SqlError {
        number: 8178,
        state: 1,
        class: 16,
        message: format!("The parameterized query expects the parameter '{name}', which was not supplied."),
        line: 1,
        procedure: String::new(),
    })
}

fn undeclared(name: &str) -> RequestError {
    RequestError::Refused(SqlError {
        number: 8145,
        state: 1,
        class: 16,
        message: format!("{name} is not a parameter for procedure sp_executesql."),
        line: 0,
        procedure: String::new(),
    })
}

fn transaction(reader: &mut Reader<'_>) -> Result<TransactionRequest, RequestError> {
    match reader.u16()? {
        0 => Err(refused("the address of a distributed transaction coordinator")),
        1 => Err(refused("joining a distributed transaction")),
        5 => Ok(TransactionRequest::Begin),
        6 => Err(refused("promoting a transaction to a distributed one")),
        7 => Ok(TransactionRequest::Commit { begin_next: begins_next(reader)? }),
        8 => Ok(TransactionRequest::Rollback { begin_next: begins_next(reader)? }),
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
mod tests {
    use super::*;
    use crate::tds::packets::Reset;
    use proptest::prelude::*;

    const HEADERS: [u8; 22] = [22, 0, 0, 0, 18, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0];

    fn message(kind: Kind, body: &[u8]) -> Message {
        Message { kind, reset: Reset::No, payload: [&HEADERS, body].concat() }
    }

    fn wide(text: &str) -> Vec<u8> {
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    }

    fn nvarchar(name: &str, text: &str) -> Vec<u8> {
        let mut bytes = vec![u8::try_from(name.encode_utf16().count()).unwrap()];
        bytes.extend(wide(name));
        bytes.extend([0, 0xE7, 0x40, 0x1F, 0, 0, 0, 0, 0]);
        bytes.extend(u16::try_from(wide(text).len()).unwrap().to_le_bytes());
        bytes.extend(wide(text));
        bytes
    }

    fn int(name: &str, number: i32) -> Vec<u8> {
        let mut bytes = vec![u8::try_from(name.encode_utf16().count()).unwrap()];
        bytes.extend(wide(name));
        bytes.extend([0, 0x26, 4, 4]);
        bytes.extend(number.to_le_bytes());
        bytes
    }

    fn by_name(name: &str, parameters: &[Vec<u8>]) -> Message {
        let mut body = u16::try_from(name.encode_utf16().count()).unwrap().to_le_bytes().to_vec();
        body.extend(wide(name));
        body.extend([0, 0]);
        body.extend(parameters.concat());
        message(Kind::Rpc, &body)
    }

    #[test]
    fn a_batch_is_its_text() {
        let read = read(&message(Kind::Batch, &wide("SELECT 1"))).unwrap();
        assert_eq!(read, Request::Batch("SELECT 1".into()));
    }

    #[test]
    fn sp_executesql_is_known_by_number_and_by_name() {
        let parameters = [nvarchar("", "SELECT @a"), nvarchar("", "@a int"), int("@a", 7)];
        let by_number = message(Kind::Rpc, &[&[0xFF, 0xFF, 10, 0, 0, 0][..], &parameters.concat()].concat());
        let expected = Request::ExecuteSql {
            text: "SELECT @a".into(),
            parameters: vec![Parameter { name: "@a".into(), sql_type: SqlType::Int, value: Value::Int(7) }],
        };
        assert_eq!(read(&by_number).unwrap(), expected);
        for name in ["sp_executesql", "sys.sp_executesql", "[sys].[SP_EXECUTESQL]"] {
            assert_eq!(read(&by_name(name, &parameters)).unwrap(), expected, "{name}");
        }
    }

    #[test]
    fn parameters_are_taken_by_name_or_by_place() {
        let read = read(&by_name(
            "sp_executesql",
            &[nvarchar("", ""), nvarchar("", "@a int,@b int"), int("@B", 2), int("@a", 1)],
        ));
        let Ok(Request::ExecuteSql { parameters, .. }) = read else { panic!("{read:?}") };
        assert_eq!(parameters[0].value, Value::Int(1));
        assert_eq!(parameters[1].value, Value::Int(2));
    }

    #[test]
    fn a_missing_parameter_is_8178_and_one_too_many_8145() {
        let number = |parameters: &[Vec<u8>]| match read(&by_name("sp_executesql", parameters)) {
            Err(RequestError::Refused(error)) => error.number,
            other => panic!("{other:?}"),
        };
        assert_eq!(number(&[nvarchar("", ""), nvarchar("", "@a int")]), 8178);
        assert_eq!(number(&[nvarchar("", ""), nvarchar("", "@a int"), int("@a", 1), int("@b", 1)]), 8145);
    }

    #[test]
    fn a_procedure_keeps_its_name_and_parameters() {
        let read = read(&by_name("dbo.Work", &[int("@Id", 3)])).unwrap();
        let parameters = vec![Parameter { name: "@Id".into(), sql_type: SqlType::Int, value: Value::Int(3) }];
        assert_eq!(read, Request::Procedure { name: "dbo.Work".into(), parameters });
    }

    #[test]
    fn what_is_not_known_is_refused_by_name() {
        let prepared = message(Kind::Rpc, &[0xFF, 0xFF, 11, 0, 0, 0]);
        let Err(RequestError::Refused(error)) = read(&prepared) else { panic!() };
        assert_eq!(error.number, 40_000);
        assert!(error.message.contains("sp_prepare"));
        let Err(RequestError::Refused(error)) = read(&message(Kind::Other(7), &[])) else { panic!() };
        assert!(error.message.contains("bulk load"));
    }

    #[test]
    fn the_transaction_manager_is_understood() {
        let read = |body: &[u8]| read(&message(Kind::TransactionManager, body)).unwrap();
        assert_eq!(read(&[5, 0, 0, 0]), Request::Transaction(TransactionRequest::Begin));
        assert_eq!(read(&[7, 0, 0, 0]), Request::Transaction(TransactionRequest::Commit { begin_next: false }));
        assert_eq!(read(&[8, 0, 0, 1, 0, 0]), Request::Transaction(TransactionRequest::Rollback { begin_next: true }));
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

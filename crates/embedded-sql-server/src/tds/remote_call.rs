//! Remote procedure calls: `sp_executesql`, prepared statements, and procedures by name.

use super::{
    arguments, declarations,
    declarations::Declared,
    reader::Reader,
    requests::{Request, RequestError, refused},
    type_info, value_in,
};
use crate::value::{Parameter, Value};

const BY_NUMBER: u16 = 0xFFFF;
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

/// Reads a call: its procedure, then its parameters.
pub(super) fn read(reader: &mut Reader<'_>) -> Result<Request, RequestError> {
    let name = match reader.u16()? {
        BY_NUMBER => {
            let number = reader.u16()?;
            usize::from(number)
                .checked_sub(1)
                .and_then(|index| NUMBERED.get(index))
                .map(|name| (*name).to_owned())
                .ok_or_else(|| refused(format_args!("procedure number {number}")))?
        }
        units => reader.utf16(usize::from(units))?,
    };
    let own = own_procedure(&name);
    if let Some(refused_one) = own.as_deref().filter(|own| !SERVED.contains(own)) {
        return Err(refused(format_args!("the procedure {refused_one} by RPC")));
    }
    let _options = reader.u16()?;
    let mut parameters = Vec::new();
    while !reader.is_empty() {
        // In place of the length of a name (at most 128), these divide several calls of one message.
        if matches!(reader.peek(), Some(0x80 | 0xFE | 0xFF)) {
            return Err(refused("several procedure calls in one message"));
        }
        let place = u16::try_from(parameters.len()).unwrap_or(u16::MAX);
        parameters.push(parameter(reader, place)?);
    }
    match own.as_deref() {
        Some("sp_executesql") => execute_sql(parameters),
        Some("sp_prepare") => prepare(parameters),
        Some("sp_execute") => execute(parameters),
        Some("sp_unprepare") => Ok(Request::Unprepare(handle(parameters.into_iter().next())?)),
        _ if bare(&name) == "sp_reset_connection" => Ok(Request::Reset),
        _ => Ok(Request::Procedure { name, parameters }),
    }
}

/// Those of the numbered procedures that are known here.
const SERVED: [&str; 4] = ["sp_executesql", "sp_prepare", "sp_execute", "sp_unprepare"];

/// The numbered procedure that is meant, by its number or by its name.
fn own_procedure(name: &str) -> Option<String> {
    let bare = bare(name);
    NUMBERED.contains(&bare.as_str()).then_some(bare)
}

/// The name without schema and brackets, in small letters.
fn bare(name: &str) -> String {
    let last = name.rsplit('.').next().unwrap_or(name);
    last.trim_matches(['[', ']', '"', ' ']).to_ascii_lowercase()
}

fn parameter(reader: &mut Reader<'_>, place: u16) -> Result<Parameter, RequestError> {
    let name = reader.short_text()?;
    let flags = reader.u8()?;
    if flags & DEFAULT_VALUE != 0 {
        return Err(refused(format_args!(
            "the default value for parameter {name}"
        )));
    }
    let incoming = type_info::read(reader)?;
    let value = value_in::read(reader, incoming)?;
    Ok(Parameter {
        name,
        sql_type: incoming.sql_type,
        value,
        returned: (flags & BY_REFERENCE != 0).then_some(place),
    })
}

/// The first two parameters are the text and the declarations; the others are given by name or in the declared order.
fn execute_sql(parameters: Vec<Parameter>) -> Result<Request, RequestError> {
    let mut given = parameters.into_iter();
    let text = text(given.next(), "sp_executesql")?;
    let declared = declared(given.next(), "sp_executesql")?;
    let parameters = arguments::bind(&declared, given).map_err(RequestError::Refused)?;
    Ok(Request::ExecuteSql { text, parameters })
}

/// The handle that is asked for, the declarations, the text; then options, which say what else the answer could tell.
fn prepare(parameters: Vec<Parameter>) -> Result<Request, RequestError> {
    let mut given = parameters.into_iter();
    let handle = given
        .next()
        .and_then(|handle| Some((handle.returned?, handle.name)));
    let Some((place, name)) = handle else {
        return Err(refused("sp_prepare whose handle is not asked back"));
    };
    let declared = declared(given.next(), "sp_prepare")?;
    let text = text(given.next(), "sp_prepare")?;
    Ok(Request::Prepare {
        place,
        name,
        declared,
        text,
    })
}

/// The handle, then the arguments of the statement.
fn execute(parameters: Vec<Parameter>) -> Result<Request, RequestError> {
    let mut given = parameters.into_iter();
    Ok(Request::ExecutePrepared {
        handle: handle(given.next())?,
        given: given.collect(),
    })
}

fn handle(parameter: Option<Parameter>) -> Result<i32, RequestError> {
    match parameter.map(|parameter| parameter.value) {
        Some(Value::Int(handle)) => {
            i32::try_from(handle).map_err(|_| refused(format_args!("the handle {handle}")))
        }
        _ => Err(refused("a handle that is not a number")),
    }
}

fn text(parameter: Option<Parameter>, procedure: &str) -> Result<String, RequestError> {
    match parameter.map(|parameter| parameter.value) {
        Some(Value::Text(text)) => Ok(text),
        _ => Err(refused(format_args!("{procedure} without a text"))),
    }
}

fn declared(parameter: Option<Parameter>, procedure: &str) -> Result<Vec<Declared>, RequestError> {
    match parameter.map(|parameter| parameter.value) {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Text(declarations)) => declarations::read(&declarations).map_err(refused),
        Some(_) => Err(refused(format_args!(
            "{procedure} whose declaration is not a text"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        tds::{
            packets::{Kind, Message},
            requests::{
                read,
                tests::{message, wide},
            },
        },
        value::SqlType,
    };

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
        let mut body = u16::try_from(name.encode_utf16().count())
            .unwrap()
            .to_le_bytes()
            .to_vec();
        body.extend(wide(name));
        body.extend([0, 0]);
        body.extend(parameters.concat());
        message(Kind::Rpc, &body)
    }

    #[test]
    fn sp_executesql_is_known_by_number_and_by_name() {
        let parameters = [
            nvarchar("", "SELECT @a"),
            nvarchar("", "@a int"),
            int("@a", 7),
        ];
        let by_number = message(
            Kind::Rpc,
            &[&[0xFF, 0xFF, 10, 0, 0, 0][..], &parameters.concat()].concat(),
        );
        let expected = Request::ExecuteSql {
            text: "SELECT @a".into(),
            parameters: vec![Parameter {
                name: "@a".into(),
                sql_type: SqlType::Int,
                value: Value::Int(7),
                returned: None,
            }],
        };
        assert_eq!(read(&by_number).unwrap(), expected);
        for name in [
            "sp_executesql",
            "sys.sp_executesql",
            "[sys].[SP_EXECUTESQL]",
        ] {
            assert_eq!(
                read(&by_name(name, &parameters)).unwrap(),
                expected,
                "{name}"
            );
        }
    }

    #[test]
    fn parameters_are_taken_by_name_or_by_place() {
        let read = read(&by_name(
            "sp_executesql",
            &[
                nvarchar("", ""),
                nvarchar("", "@a int,@b int"),
                int("@B", 2),
                int("@a", 1),
            ],
        ));
        let Ok(Request::ExecuteSql { parameters, .. }) = read else {
            panic!("{read:?}")
        };
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
        assert_eq!(
            number(&[
                nvarchar("", ""),
                nvarchar("", "@a int"),
                int("@a", 1),
                int("@b", 1)
            ]),
            8145
        );
    }

    #[test]
    fn a_procedure_keeps_its_name_and_parameters() {
        let read = read(&by_name("dbo.Work", &[int("@Id", 3)])).unwrap();
        let parameters = vec![Parameter {
            name: "@Id".into(),
            sql_type: SqlType::Int,
            value: Value::Int(3),
            returned: None,
        }];
        assert_eq!(
            read,
            Request::Procedure {
                name: "dbo.Work".into(),
                parameters
            }
        );
    }

    #[test]
    fn what_is_not_known_is_refused_by_name() {
        let prepared = message(Kind::Rpc, &[0xFF, 0xFF, 13, 0, 0, 0]);
        let Err(RequestError::Refused(error)) = read(&prepared) else {
            panic!()
        };
        assert_eq!(error.number, 40_000);
        assert!(error.message.contains("sp_prepexec"));
    }
}

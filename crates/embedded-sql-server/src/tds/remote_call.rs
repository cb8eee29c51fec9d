//! Remote procedure calls: `sp_executesql`, and procedures by name.

use super::{
    declarations,
    reader::Reader,
    requests::{Request, RequestError, refused},
    type_info, value_in,
};
use crate::{
    error::SqlError,
    value::{Length, Parameter, SqlType, Value},
};

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

/// Reads a call: its procedure, then its parameters.
pub(super) fn read(reader: &mut Reader<'_>) -> Result<Request, RequestError> {
    let name = match reader.u16()? {
        BY_NUMBER => {
            let number = reader.u16()?;
            if number == EXECUTE_SQL {
                "sp_executesql".to_owned()
            } else {
                let name = usize::from(number)
                    .checked_sub(1)
                    .and_then(|index| NUMBERED.get(index));
                return Err(refused(name.map_or_else(
                    || format!("procedure number {number}"),
                    |name| format!("the procedure {name} by RPC"),
                )));
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
    last.trim_matches(['[', ']', '"', ' '])
        .eq_ignore_ascii_case("sp_executesql")
}

fn parameter(reader: &mut Reader<'_>) -> Result<Parameter, RequestError> {
    let name = reader.short_text()?;
    let flags = reader.u8()?;
    if flags & BY_REFERENCE != 0 {
        return Err(refused(format_args!("the output parameter {name}")));
    }
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
    })
}

/// The first two parameters are the text and the declarations; the others are given by name or in the declared order.
fn execute_sql(parameters: Vec<Parameter>) -> Result<Request, RequestError> {
    let mut given = parameters.into_iter();
    let Some(Parameter {
        value: Value::Text(text),
        ..
    }) = given.next()
    else {
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
            declared
                .iter()
                .position(|declared| declared.name.eq_ignore_ascii_case(&parameter.name))
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
        (Value::Text(text), SqlType::NVarChar(Length::Limited(limit)))
            if text.encode_utf16().count() > usize::from(limit) =>
        {
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
        message: format!(
            "The parameterized query expects the parameter '{name}', which was not supplied."
        ),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tds::{
        packets::{Kind, Message},
        requests::{
            read,
            tests::{message, wide},
        },
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
        let prepared = message(Kind::Rpc, &[0xFF, 0xFF, 11, 0, 0, 0]);
        let Err(RequestError::Refused(error)) = read(&prepared) else {
            panic!()
        };
        assert_eq!(error.number, 40_000);
        assert!(error.message.contains("sp_prepare"));
    }
}

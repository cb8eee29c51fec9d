//! The arguments of a statement, put to the parameters that it declares.

use super::declarations::Declared;
use crate::{
    error::SqlError,
    value::{Length, Parameter, SqlType, Value},
};

/// The declared parameters with what was given for them, by name or in the declared order.
///
/// # Errors
/// 8178 for one that is missing, 8145 for one that is not declared, 8162 for one that is asked back and not declared so.
pub(super) fn bind(
    declared: &[Declared],
    given: impl Iterator<Item = Parameter>,
) -> Result<Vec<Parameter>, SqlError> {
    let mut slots: Vec<Option<Parameter>> = vec![None; declared.len()];
    for (position, parameter) in given.enumerate() {
        let place = if parameter.name.is_empty() {
            Some(position)
        } else {
            declared
                .iter()
                .position(|declared| declared.name.eq_ignore_ascii_case(&parameter.name))
        };
        let slot = place
            .and_then(|place| slots.get_mut(place))
            .ok_or_else(|| undeclared(&parameter.name))?;
        *slot = Some(parameter);
    }
    declared
        .iter()
        .zip(slots)
        .map(|(declared, given)| {
            let given = given.ok_or_else(|| not_supplied(&declared.name))?;
            if given.returned.is_some() && !declared.output {
                return Err(not_an_output(&declared.name));
            }
            Ok(Parameter {
                value: as_declared(given.value, declared.sql_type),
                name: declared.name.clone(),
                sql_type: declared.sql_type,
                returned: given.returned,
            })
        })
        .collect()
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

fn not_supplied(name: &str) -> SqlError {
    SqlError {
        line: 1,
        ..SqlError::new(
            8178,
            format!(
                "The parameterized query expects the parameter '{name}', which was not supplied."
            ),
        )
    }
}

fn undeclared(name: &str) -> SqlError {
    SqlError::new(
        8145,
        format!("{name} is not a parameter for procedure sp_executesql."),
    )
}

/// Error 8162, of procedures too.
pub(crate) fn not_an_output(name: &str) -> SqlError {
    SqlError {
        state: 2,
        ..SqlError::new(
            8162,
            format!(
                "The formal parameter \"{name}\" was not declared as an OUTPUT parameter, but the actual parameter passed in requested output."
            ),
        )
    }
}

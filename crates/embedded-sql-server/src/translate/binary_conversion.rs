//! Values as bytes and bytes as text: CAST and CONVERT to and from varbinary.

use std::fmt::Write as _;

use super::value_conversion::not_allowed;
use crate::{
    error::SqlError,
    tds::code_page,
    value::{SqlType, Value},
};

/// The bytes of a value, cut to the target type or padded to `binary(n)`.
pub(super) fn to_binary(
    value: &Value,
    from: SqlType,
    to: SqlType,
    style: Option<i64>,
) -> Result<Vec<u8>, SqlError> {
    let mut bytes = match value {
        Value::Binary(bytes) => bytes.clone(),
        Value::Text(text) => match style {
            None | Some(0) => text_bytes(text, from.is_unicode()),
            Some(1) => {
                let digits = text
                    .strip_prefix("0x")
                    .or_else(|| text.strip_prefix("0X"))
                    .ok_or_else(|| unreadable(from, to))?;
                from_hex(digits).ok_or_else(|| unreadable(from, to))?
            }
            Some(2) => from_hex(text).ok_or_else(|| unreadable(from, to))?,
            Some(other) => {
                return Err(SqlError::unsupported(format_args!(
                    "CONVERT style {other} to {}",
                    to.name()
                )));
            }
        },
        Value::Bit(bit) => vec![u8::from(*bit)],
        Value::Int(number) => {
            let width = match from {
                SqlType::BigInt => 8,
                SqlType::SmallInt => 2,
                SqlType::TinyInt => 1,
                _ => 4,
            };
            number.to_be_bytes()[8 - width..].to_vec()
        }
        Value::Uuid(id) => id.to_bytes_le().to_vec(),
        _ => return Err(not_allowed(from, to)),
    };
    if let Some(limit) = to.limit() {
        let number = matches!(value, Value::Int(_) | Value::Bit(_));
        if bytes.len() > limit && number {
            // The low bytes of a number are kept.
            bytes.drain(..bytes.len() - limit);
        }
        bytes.truncate(limit);
        if matches!(to, SqlType::Binary(_)) {
            let missing = limit - bytes.len();
            if number {
                bytes.splice(0..0, std::iter::repeat_n(0, missing));
            } else {
                bytes.resize(limit, 0);
            }
        }
    }
    Ok(bytes)
}

/// The bytes of a text: UTF-16 for nvarchar, the code page for varchar.
pub(crate) fn text_bytes(text: &str, unicode: bool) -> Vec<u8> {
    if unicode {
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    } else {
        code_page::encode(text)
    }
}

/// Bytes as text: their characters (style 0), `0x…` (style 1) or the digits alone (style 2).
pub(super) fn binary_text(
    bytes: &[u8],
    to: SqlType,
    style: Option<i64>,
) -> Result<String, SqlError> {
    match style {
        None | Some(0) if to.is_unicode() => {
            let units: Vec<u16> = bytes
                .chunks_exact(2)
                .map(|pair| u16::from_le_bytes([pair[0], pair[1]]))
                .collect();
            Ok(String::from_utf16_lossy(&units))
        }
        None | Some(0) => Ok(code_page::decode(bytes)),
        Some(1) => Ok(format!("0x{}", hex(bytes))),
        Some(2) => Ok(hex(bytes)),
        Some(other) => Err(SqlError::unsupported(format_args!(
            "CONVERT style {other} of varbinary"
        ))),
    }
}

/// Upper-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            // Writing to a String cannot fail.
            let _ = write!(text, "{byte:02X}");
            text
        })
}

/// The bytes of hexadecimal digits, an even number of them.
pub(crate) fn from_hex(digits: &str) -> Option<Vec<u8>> {
    if !digits.is_ascii() || !digits.len().is_multiple_of(2) {
        return None;
    }
    (0..digits.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&digits[at..at + 2], 16).ok())
        .collect()
}

fn unreadable(from: SqlType, to: SqlType) -> SqlError {
    SqlError::new(
        8114,
        format!(
            "Error converting data type {} to {}.",
            from.name(),
            to.name()
        ),
    )
}

//! OPENJSON and STRING_SPLIT: rows as a JSON array of arrays, which SQLite's `json_each` turns into rows.
//!
//! The document is parsed once, here, with exact numbers and SQL Server's conversions; each cell is already
//! in the form that SQLite keeps it in, so that `json_extract(value, '$[3]')` is the column.

use std::fmt::Write as _;

use rusqlite::{Connection, Result, functions::Context, types::Value as Stored};
use serde_json::value::RawValue;

use super::{
    add,
    json::{self, Path, Step},
    text_at,
};
use crate::{
    error::SqlError,
    translate::{
        binary_conversion,
        conversion::{convert_styled, encode},
    },
    value::{Length, SqlType, Value},
};

type Outcome = std::result::Result<Stored, SqlError>;

pub(super) fn register(connection: &Connection) -> Result<()> {
    // document, path, columns as [[path, type code, as json], …]
    add(connection, "mssql_openjson", 3, |context| {
        rows(context, |root, out| {
            let columns = columns_at(context)?;
            let elements = if root.get().starts_with('[') {
                json::elements(root).unwrap_or_default()
            } else {
                vec![root]
            };
            for element in elements {
                row_of(element, &columns, out)?;
            }
            Ok(())
        })
    })?;
    // document, path: key, value, type
    add(connection, "mssql_openjson_plain", 2, |context| {
        rows(context, |root, out| {
            if let Some(elements) = json::elements(root).filter(|_| root.get().starts_with('[')) {
                for (at, element) in elements.into_iter().enumerate() {
                    plain_row(&at.to_string(), element, out)?;
                }
                return Ok(());
            }
            for (key, value) in json::members(root).unwrap_or_default() {
                plain_row(&key, value, out)?;
            }
            Ok(())
        })
    })?;
    // text, separator
    add(connection, "mssql_string_split", 2, |context| {
        let (Some(text), Some(separator)) = (text_at(context, 0)?, text_at(context, 1)?) else {
            return Ok(Stored::Text("[]".to_owned()));
        };
        if separator.encode_utf16().count() != 1 {
            return Err(SqlError::new(
                214,
                "Procedure expects parameter 'separator' of type 'nchar(1)/nvarchar(1)'.",
            ));
        }
        let mut out = Rows::new();
        for piece in text.split(separator) {
            out.row();
            out.cell(&Stored::Text(piece.to_owned()))?;
        }
        Ok(out.done())
    })
}

/// Rows as the text of a JSON array of arrays.
struct Rows {
    text: String,
    first_cell: bool,
}

impl Rows {
    fn new() -> Self {
        Self {
            text: "[".to_owned(),
            first_cell: true,
        }
    }

    fn row(&mut self) {
        self.text
            .push_str(if self.text.len() == 1 { "[" } else { "],[" });
        self.first_cell = true;
    }

    fn cell(&mut self, value: &Stored) -> std::result::Result<(), SqlError> {
        if !std::mem::take(&mut self.first_cell) {
            self.text.push(',');
        }
        // Writing to a String cannot fail.
        let _ = match value {
            Stored::Null => self.text.write_str("null"),
            Stored::Integer(number) => write!(self.text, "{number}"),
            Stored::Real(number) => write!(self.text, "{number:e}"),
            Stored::Blob(bytes) => write!(self.text, "\"{}\"", binary_conversion::hex(bytes)),
            Stored::Text(text) => {
                let quoted = serde_json::to_string(text)
                    .map_err(|_| SqlError::unsupported("this text in JSON"))?;
                self.text.write_str(&quoted)
            }
        };
        Ok(())
    }

    fn done(mut self) -> Stored {
        self.text
            .push_str(if self.text.len() == 1 { "]" } else { "]]" });
        Stored::Text(self.text)
    }
}

fn rows(
    context: &Context<'_>,
    fill: impl FnOnce(&RawValue, &mut Rows) -> std::result::Result<(), SqlError>,
) -> Outcome {
    let mut out = Rows::new();
    if let Some(text) = text_at(context, 0)? {
        let root = json::document(text)?;
        let path = text_at(context, 1)?
            .map(Path::parse)
            .transpose()?
            .unwrap_or_default();
        // A path that leads nowhere, or to a scalar, gives no rows in lax mode.
        if let Some(root) = path.walk(root).filter(|root| json::is_container(root)) {
            fill(root, &mut out)?;
        }
    }
    Ok(out.done())
}

struct OpenColumn {
    steps: Vec<Step>,
    sql_type: SqlType,
    as_json: bool,
}

fn columns_at(context: &Context<'_>) -> std::result::Result<Vec<OpenColumn>, SqlError> {
    let wrong = || SqlError::unsupported("the column list of OPENJSON");
    let declared: Vec<(String, i64, bool)> =
        serde_json::from_str(text_at(context, 2)?.unwrap_or_default()).map_err(|_| wrong())?;
    declared
        .into_iter()
        .map(|(path, code, as_json)| {
            Ok(OpenColumn {
                steps: Path::parse(&path)?.0,
                sql_type: SqlType::from_code(code).ok_or_else(wrong)?,
                as_json,
            })
        })
        .collect()
}

fn row_of(
    element: &RawValue,
    columns: &[OpenColumn],
    out: &mut Rows,
) -> std::result::Result<(), SqlError> {
    out.row();
    // The members are read once for all columns; most paths have one step.
    let members = json::members(element);
    for column in columns {
        let found = match column.steps.split_first() {
            None => Some(element),
            Some((Step::Member(name), rest)) => {
                let first = members
                    .as_ref()
                    .and_then(|members| members.iter().find(|(key, _)| key == name));
                first.and_then(|(_, value)| json::walk(value, rest))
            }
            Some(_) => json::walk(element, &column.steps),
        };
        let value = match found {
            None => Stored::Null,
            Some(raw) if column.as_json => {
                if json::is_container(raw) {
                    Stored::Text(raw.get().to_owned())
                } else {
                    Stored::Null
                }
            }
            Some(raw) => match json::scalar(raw) {
                None => Stored::Null,
                Some(text) => cell_value(text, column.sql_type)?,
            },
        };
        out.cell(&value)?;
    }
    Ok(())
}

fn cell_value(text: String, sql_type: SqlType) -> std::result::Result<Stored, SqlError> {
    if sql_type.is_binary() {
        return Err(SqlError::unsupported("a binary column of OPENJSON"));
    }
    let value = convert_styled(
        &Value::Text(text),
        SqlType::NVarChar(Length::Max),
        sql_type,
        None,
    )?;
    encode(&value, sql_type)
}

fn plain_row(key: &str, raw: &RawValue, out: &mut Rows) -> std::result::Result<(), SqlError> {
    let (kind, value) = match raw.get().as_bytes().first() {
        Some(b'n') => (0, Stored::Null),
        Some(b'"') => (1, json::scalar(raw).map_or(Stored::Null, Stored::Text)),
        Some(b't' | b'f') => (3, Stored::Text(raw.get().to_owned())),
        Some(b'[') => (4, Stored::Text(raw.get().to_owned())),
        Some(b'{') => (5, Stored::Text(raw.get().to_owned())),
        _ => (2, Stored::Text(raw.get().to_owned())),
    };
    out.row();
    out.cell(&Stored::Text(key.to_owned()))?;
    out.cell(&value)?;
    out.cell(&Stored::Integer(kind))
}

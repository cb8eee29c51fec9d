//! Text functions. Lengths and positions count UTF-16 units, as nvarchar does; searching ignores case.

use rusqlite::{Connection, Result, functions::Context, types::Value as Stored};

use super::{add, folded, text_at, type_at, whole_at};
use crate::{
    error::SqlError,
    translate::conversion::{convert_styled, decode},
    value::{Length, SqlType, Value},
};

type Outcome = std::result::Result<Stored, SqlError>;

pub(super) fn register(connection: &Connection) -> Result<()> {
    add(connection, "mssql_len", 1, |c| {
        on_text(c, |text| {
            Ok(whole(text.trim_end_matches(' ').encode_utf16().count()))
        })
    })?;
    add(connection, "mssql_datalength", 2, data_length)?;
    add(connection, "mssql_left", 2, |c| {
        side(c, "left", |units, n| &units[..n.min(units.len())])
    })?;
    add(connection, "mssql_right", 2, |c| {
        side(c, "right", |units, n| {
            &units[units.len() - n.min(units.len())..]
        })
    })?;
    add(connection, "mssql_substring", 3, substring)?;
    add(connection, "mssql_replace", 3, replace)?;
    add(connection, "mssql_charindex", 3, charindex)?;
    add(connection, "mssql_replicate", 2, replicate)?;
    add(connection, "mssql_stuff", 4, stuff)?;
    add(connection, "mssql_upper", 1, |c| {
        on_text(c, |text| Ok(Stored::Text(upper(text))))
    })?;
    add(connection, "mssql_lower", 1, |c| {
        on_text(c, |text| {
            Ok(Stored::Text(text.chars().map(folded).collect()))
        })
    })?;
    add(connection, "mssql_reverse", 1, |c| {
        on_text(c, |text| Ok(Stored::Text(text.chars().rev().collect())))
    })?;
    add(connection, "mssql_trim", 3, trim)?;
    // what STRING_AGG gives, and the characters that its type holds
    add(connection, "mssql_aggregated", 2, |c| {
        let Some(text) = text_at(c, 0)? else {
            return Ok(Stored::Null);
        };
        let limit = whole_at(c, 1)?.and_then(|limit| usize::try_from(limit).ok());
        if limit.is_some_and(|limit| text.encode_utf16().count() > limit) {
            return Err(SqlError::new(
                9829,
                "STRING_AGG aggregation result exceeded the limit of 8000 bytes. Use LOB types to avoid result truncation.",
            ));
        }
        Ok(Stored::Text(text.to_owned()))
    })?;
    add(connection, "mssql_unicode", 1, |c| {
        on_text(c, |text| {
            Ok(text
                .encode_utf16()
                .next()
                .map_or(Stored::Null, |unit| Stored::Integer(i64::from(unit))))
        })
    })?;
    add(connection, "mssql_character", 1, |c| {
        Ok(whole_at(c, 0)?
            .and_then(|code| u32::try_from(code).ok())
            .and_then(char::from_u32)
            .map_or(Stored::Null, |character| {
                Stored::Text(character.to_string())
            }))
    })
}

fn whole(number: usize) -> Stored {
    Stored::Integer(i64::try_from(number).unwrap_or(i64::MAX))
}

fn on_text(context: &Context<'_>, answer: impl FnOnce(&str) -> Outcome) -> Outcome {
    text_at(context, 0)?.map_or(Ok(Stored::Null), answer)
}

fn units(text: &str) -> Vec<u16> {
    text.encode_utf16().collect()
}

fn text_of(units: &[u16]) -> Stored {
    Stored::Text(String::from_utf16_lossy(units))
}

fn upper(text: &str) -> String {
    text.chars()
        .map(|character| {
            let mut upper = character.to_uppercase();
            match (upper.next(), upper.next()) {
                (Some(only), None) => only,
                _ => character,
            }
        })
        .collect()
}

/// Error 536 and 537, by function.
fn invalid_length(function: &str) -> SqlError {
    SqlError::new(
        537,
        format!(
            "Invalid length parameter passed to the {} function.",
            function.to_uppercase()
        ),
    )
}

fn side(context: &Context<'_>, name: &str, part: impl Fn(&[u16], usize) -> &[u16]) -> Outcome {
    let (Some(text), Some(count)) = (text_at(context, 0)?, whole_at(context, 1)?) else {
        return Ok(Stored::Null);
    };
    let count = usize::try_from(count).map_err(|_| invalid_length(name))?;
    Ok(text_of(part(&units(text), count)))
}

fn substring(context: &Context<'_>) -> Outcome {
    let (Some(start), Some(length)) = (whole_at(context, 1)?, whole_at(context, 2)?) else {
        return Ok(Stored::Null);
    };
    if length < 0 {
        return Err(invalid_length("substring"));
    }
    if let rusqlite::types::ValueRef::Blob(bytes) = context.get_raw(0) {
        let (from, to) = bounds(bytes.len(), start, length);
        return Ok(Stored::Blob(bytes[from..to].to_vec()));
    }
    on_text(context, |text| {
        let units = units(text);
        let (from, to) = bounds(units.len(), start, length);
        Ok(text_of(&units[from..to]))
    })
}

/// Positions count from 1; a start before the first shortens the length.
fn bounds(len: usize, start: i64, length: i64) -> (usize, usize) {
    let at = |position: i64| {
        usize::try_from(position.max(1) - 1)
            .unwrap_or(usize::MAX)
            .min(len)
    };
    let (from, to) = (at(start), at(start.saturating_add(length)));
    (from, to.max(from))
}

/// Where `needle` begins in `text`, from `from` on, without case; both folded already.
fn position(text: &[u16], needle: &[u16], from: usize) -> Option<usize> {
    if needle.is_empty() || needle.len() > text.len() {
        return None;
    }
    (from..=text.len() - needle.len()).find(|at| text[*at..].starts_with(needle))
}

fn folded_units(text: &str) -> Vec<u16> {
    let mut buffer = [0; 2];
    text.chars()
        .flat_map(|character| {
            // Folding never changes the number of units here: where it would, the character stays as it is.
            let lower = folded(character);
            let kept = if lower.len_utf16() == character.len_utf16() {
                lower
            } else {
                character
            };
            kept.encode_utf16(&mut buffer).to_vec()
        })
        .collect()
}

fn replace(context: &Context<'_>) -> Outcome {
    let (Some(text), Some(from), Some(to)) = (
        text_at(context, 0)?,
        text_at(context, 1)?,
        text_at(context, 2)?,
    ) else {
        return Ok(Stored::Null);
    };
    let (original, searched, needle, with) = (
        units(text),
        folded_units(text),
        folded_units(from),
        units(to),
    );
    let (mut result, mut at) = (Vec::with_capacity(original.len()), 0);
    while let Some(found) = position(&searched, &needle, at) {
        result.extend_from_slice(&original[at..found]);
        result.extend_from_slice(&with);
        at = found + needle.len();
    }
    result.extend_from_slice(&original[at..]);
    Ok(text_of(&result))
}

fn charindex(context: &Context<'_>) -> Outcome {
    let (Some(needle), Some(text)) = (text_at(context, 0)?, text_at(context, 1)?) else {
        return Ok(Stored::Null);
    };
    let Some(start) = whole_at(context, 2)? else {
        return Ok(Stored::Null);
    };
    let from = usize::try_from(start.max(1) - 1).unwrap_or(usize::MAX);
    let searched = folded_units(text);
    let found = if from < searched.len() {
        position(&searched, &folded_units(needle), from)
    } else {
        None
    };
    Ok(found.map_or(Stored::Integer(0), |at| whole(at + 1)))
}

fn replicate(context: &Context<'_>) -> Outcome {
    let (Some(text), Some(count)) = (text_at(context, 0)?, whole_at(context, 1)?) else {
        return Ok(Stored::Null);
    };
    let Ok(count) = usize::try_from(count) else {
        return Ok(Stored::Null);
    };
    // SQL Server cuts at 8,000 bytes where the text is not max; nothing here needs more than a megabyte.
    let count = count.min(1_000_000 / text.len().max(1));
    Ok(Stored::Text(text.repeat(count)))
}

fn stuff(context: &Context<'_>) -> Outcome {
    let (Some(text), Some(start), Some(length)) = (
        text_at(context, 0)?,
        whole_at(context, 1)?,
        whole_at(context, 2)?,
    ) else {
        return Ok(Stored::Null);
    };
    let units = units(text);
    let (Ok(start), Ok(length)) = (usize::try_from(start), usize::try_from(length)) else {
        return Ok(Stored::Null);
    };
    if start == 0 || start > units.len() {
        return Ok(Stored::Null);
    }
    let from = start - 1;
    let to = from.saturating_add(length).min(units.len());
    let mut result = units[..from].to_vec();
    result.extend(text_at(context, 3)?.unwrap_or_default().encode_utf16());
    result.extend_from_slice(&units[to..]);
    Ok(text_of(&result))
}

/// Text, the characters to cut, and the sides: 1 left, 2 right, 3 both.
fn trim(context: &Context<'_>) -> Outcome {
    let (Some(text), Some(cut), Some(sides)) = (
        text_at(context, 0)?,
        text_at(context, 1)?,
        whole_at(context, 2)?,
    ) else {
        return Ok(Stored::Null);
    };
    let matches = |character: char| cut.contains(character);
    let text = if sides & 1 == 1 {
        text.trim_start_matches(matches)
    } else {
        text
    };
    let text = if sides & 2 == 2 {
        text.trim_end_matches(matches)
    } else {
        text
    };
    Ok(Stored::Text(text.to_owned()))
}

fn data_length(context: &Context<'_>) -> Outcome {
    let sql_type = type_at(context, 1)?;
    let value = decode(context.get_raw(0), sql_type)?;
    if value == Value::Null {
        return Ok(Stored::Null);
    }
    let bytes = match sql_type {
        SqlType::Bit | SqlType::TinyInt => 1,
        SqlType::SmallInt => 2,
        SqlType::Int => 4,
        SqlType::BigInt | SqlType::Float | SqlType::DateTime => 8,
        SqlType::UniqueIdentifier => 16,
        SqlType::Date => 3,
        SqlType::Decimal { precision, .. } => match precision {
            1..=9 => 5,
            10..=19 => 9,
            20..=28 => 13,
            _ => 17,
        },
        SqlType::DateTime2(scale) => 6 + usize::from(scale > 2) + usize::from(scale > 4),
        SqlType::DateTimeOffset(scale) => 8 + usize::from(scale > 2) + usize::from(scale > 4),
        _ => {
            let Value::Binary(bytes) =
                convert_styled(&value, sql_type, SqlType::VarBinary(Length::Max), None)?
            else {
                return Ok(Stored::Null);
            };
            bytes.len()
        }
    };
    Ok(whole(bytes))
}

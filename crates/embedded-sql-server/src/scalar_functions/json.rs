//! JSON_VALUE, JSON_QUERY and ISJSON, and the paths that OPENJSON uses too.
//!
//! JSON is read as text all the way down, so that a number keeps its digits.

use std::{
    borrow::Cow,
    fmt::{self, Write as _},
};

use rusqlite::{Connection, Result, functions::Context, types::Value as Stored};
use serde::de::{Deserializer as _, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::{add, text_at};
use crate::error::SqlError;

type Outcome = std::result::Result<Stored, SqlError>;

pub(super) fn register(connection: &Connection) -> Result<()> {
    add(connection, "mssql_isjson", 1, |context| {
        Ok(text_at(context, 0)?.map_or(Stored::Null, |text| {
            Stored::Integer(i64::from(document(text).is_ok()))
        }))
    })?;
    add(connection, "mssql_json_escape", 1, |context| {
        Ok(text_at(context, 0)?.map_or(Stored::Null, |text| Stored::Text(escaped(text))))
    })?;
    add(connection, "mssql_json_value", 2, |context| {
        found(context, |raw| match scalar(raw) {
            // JSON_VALUE answers at most 4,000 characters; beyond that NULL in lax mode.
            Some(text) if text.encode_utf16().count() <= 4000 => Stored::Text(text),
            _ => Stored::Null,
        })
    })?;
    add(connection, "mssql_json_query", 2, |context| {
        found(context, |raw| {
            if is_container(raw) {
                Stored::Text(raw.get().to_owned())
            } else {
                Stored::Null
            }
        })
    })
}

/// What STRING_ESCAPE makes of a text, the solidus included.
fn escaped(text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '"' => result.push_str("\\\""),
            '\\' => result.push_str("\\\\"),
            '/' => result.push_str("\\/"),
            '\u{8}' => result.push_str("\\b"),
            '\u{c}' => result.push_str("\\f"),
            '\n' => result.push_str("\\n"),
            '\r' => result.push_str("\\r"),
            '\t' => result.push_str("\\t"),
            control if control < ' ' => {
                // Writing to a String cannot fail.
                let _ = write!(result, "\\u{:04x}", u32::from(control));
            }
            other => result.push(other),
        }
    }
    result
}

fn found(context: &Context<'_>, answer: impl FnOnce(&RawValue) -> Stored) -> Outcome {
    let (Some(text), Some(path)) = (text_at(context, 0)?, text_at(context, 1)?) else {
        return Ok(Stored::Null);
    };
    let path = Path::parse(path)?;
    let root = document(text)?;
    Ok(path.walk(root).map_or(Stored::Null, answer))
}

/// The text as a JSON document, which is an object or an array. Error 13609 when it is not one.
pub(super) fn document(text: &str) -> std::result::Result<&RawValue, SqlError> {
    let malformed = |position: usize| {
        let character = text.chars().nth(position).unwrap_or('.');
        SqlError::new(
            13609,
            format!(
                "JSON text is not properly formatted. Unexpected character '{character}' is found at position {position}."
            ),
        )
    };
    let raw: &RawValue = serde_json::from_str(text).map_err(|error| {
        let before: usize = text
            .split('\n')
            .take(error.line().saturating_sub(1))
            .map(|line| line.chars().count() + 1)
            .sum();
        malformed(before + error.column().saturating_sub(1))
    })?;
    if is_container(raw) {
        Ok(raw)
    } else {
        Err(malformed(
            text.chars().take_while(|c| c.is_whitespace()).count(),
        ))
    }
}

/// Whether it is an object or an array.
pub(super) fn is_container(raw: &RawValue) -> bool {
    raw.get().starts_with(['{', '['])
}

/// The text of a string, number or boolean; None of null, objects and arrays.
pub(super) fn scalar(raw: &RawValue) -> Option<String> {
    let text = raw.get();
    match text.as_bytes().first()? {
        b'"' => serde_json::from_str(text).ok(),
        b'{' | b'[' | b'n' => None,
        _ => Some(text.to_owned()),
    }
}

/// The members of an object in their order; None of anything else.
pub(super) fn members(raw: &RawValue) -> Option<Vec<(Cow<'_, str>, &RawValue)>> {
    struct Members;
    impl<'de> Visitor<'de> for Members {
        type Value = Vec<(Cow<'de, str>, &'de RawValue)>;

        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(
            self,
            mut map: A,
        ) -> std::result::Result<Self::Value, A::Error> {
            let mut members = Vec::new();
            while let Some((Key(key), value)) = map.next_entry()? {
                members.push((key, value));
            }
            Ok(members)
        }
    }
    serde_json::Deserializer::from_str(raw.get())
        .deserialize_map(Members)
        .ok()
}

/// A key, borrowed where it has no escapes.
struct Key<'de>(Cow<'de, str>);

impl<'de> serde::Deserialize<'de> for Key<'de> {
    fn deserialize<D: serde::Deserializer<'de>>(
        deserializer: D,
    ) -> std::result::Result<Self, D::Error> {
        struct Text;
        impl<'de> Visitor<'de> for Text {
            type Value = Key<'de>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a key")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> std::result::Result<Key<'de>, E> {
                Ok(Key(Cow::Borrowed(text)))
            }

            fn visit_str<E>(self, text: &str) -> std::result::Result<Key<'de>, E> {
                Ok(Key(Cow::Owned(text.to_owned())))
            }
        }
        deserializer.deserialize_str(Text)
    }
}

/// The elements of an array; None of anything else.
pub(super) fn elements(raw: &RawValue) -> Option<Vec<&RawValue>> {
    serde_json::from_str(raw.get()).ok()
}

/// One step of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    /// `.name` or `."name"`
    Member(String),
    /// `[3]`
    Element(usize),
}

/// A path in lax mode.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Path(pub(crate) Vec<Step>);

impl Path {
    /// Reads `$`, `$.a.b`, `$."a b"[0]`, with or without `lax`. Error 40000 for `strict`, 13607 for what is not a path.
    pub(crate) fn parse(text: &str) -> std::result::Result<Self, SqlError> {
        let trimmed = text.trim();
        if trimmed.to_lowercase().starts_with("strict ") {
            return Err(SqlError::unsupported("JSON path in strict mode"));
        }
        let path = match trimmed.get(..4) {
            Some(mode) if mode.eq_ignore_ascii_case("lax ") => trimmed[4..].trim_start(),
            _ => trimmed,
        };
        let wrong = || {
            SqlError::new(
                13607,
                format!(
                    "JSON path is not properly formatted. Unexpected character is found in '{text}'."
                ),
            )
        };
        let mut rest = path.strip_prefix('$').ok_or_else(wrong)?;
        let mut steps = Vec::new();
        while !rest.is_empty() {
            if let Some(after) = rest.strip_prefix(".\"") {
                let (name, after) = after.split_once('"').ok_or_else(wrong)?;
                steps.push(Step::Member(name.to_owned()));
                rest = after;
            } else if let Some(after) = rest.strip_prefix('.') {
                let end = after.find(['.', '[']).unwrap_or(after.len());
                let name = &after[..end];
                if name.is_empty()
                    || name.contains(|c: char| !(c.is_alphanumeric() || c == '_' || c == '$'))
                {
                    return Err(wrong());
                }
                steps.push(Step::Member(name.to_owned()));
                rest = &after[end..];
            } else {
                let (number, after) = rest
                    .strip_prefix('[')
                    .and_then(|after| after.split_once(']'))
                    .ok_or_else(wrong)?;
                steps.push(Step::Element(number.trim().parse().map_err(|_| wrong())?));
                rest = after;
            }
        }
        Ok(Self(steps))
    }

    /// What the path leads to; None where it leads nowhere.
    pub(super) fn walk<'j>(&self, root: &'j RawValue) -> Option<&'j RawValue> {
        walk(root, &self.0)
    }
}

/// What the steps lead to; None where they lead nowhere. Keys are case-sensitive, and the first of equal ones counts.
pub(super) fn walk<'j>(root: &'j RawValue, steps: &[Step]) -> Option<&'j RawValue> {
    steps.iter().try_fold(root, |raw, step| match step {
        Step::Member(name) => members(raw)?
            .into_iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value),
        Step::Element(at) => elements(raw)?.get(*at).copied(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_lead_to_members_and_elements_or_nowhere() {
        let text = r#"{"a":{"b c":[1,{"d":"x\ny"}]},"n":12345678901234567890.10}"#;
        let at = |path: &str| {
            document(text).ok().and_then(|root| {
                Path::parse(path)
                    .ok()?
                    .walk(root)
                    .map(|raw| raw.get().to_owned())
            })
        };
        assert_eq!(at("$.a.\"b c\"[0]").as_deref(), Some("1"));
        assert_eq!(at("lax $.n").as_deref(), Some("12345678901234567890.10"));
        assert_eq!(at("$.A"), None);
        assert_eq!(at("$.a[0]"), None);
        assert_eq!(Path::parse("strict $.a").unwrap_err().number, 40000);
        assert_eq!(Path::parse("a.b").unwrap_err().number, 13607);
    }

    #[test]
    fn only_objects_and_arrays_are_documents() {
        assert!(document(" [1]").is_ok());
        for text in ["", "1", "\"a\"", "{a:1}", "[1,]", "{\"a\":1} x"] {
            assert_eq!(document(text).unwrap_err().number, 13609, "{text}");
        }
    }
}

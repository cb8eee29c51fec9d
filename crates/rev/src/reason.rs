//! What Rev.io says in an answer: its envelope, and its words when it refuses.

use serde_json::Value;

/// The most characters of Rev's words that are kept as a reason.
const REASON_LIMIT: usize = 500;

/// Rev's JSON envelope, `{ok, id?, error? / message?}` or an array of such. Anything else was not written by Rev's API itself:
/// a gateway or a proxy answers without `ok`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Envelope {
    /// Whether any of it says that it went well: only what refuses throughout is a refusal.
    pub ok: bool,
    /// Whether something in it carries an id.
    pub has_id: bool,
}

impl Envelope {
    pub(crate) fn of(body: &Value) -> Option<Self> {
        let entry = |entry: &Value| {
            Some(Self {
                ok: entry.get("ok")?.as_bool()?,
                has_id: has_id(entry),
            })
        };
        match body {
            Value::Array(entries) => {
                let entries = entries.iter().map(entry).collect::<Option<Vec<_>>>()?;
                (!entries.is_empty()).then(|| Self {
                    ok: entries.iter().any(|entry| entry.ok),
                    has_id: entries.iter().any(|entry| entry.has_id),
                })
            }
            body => entry(body),
        }
    }
}

/// Zero, null and an empty text stand for "no id" in what serializers write for a missing one.
fn has_id(entry: &Value) -> bool {
    match entry.get("id") {
        None | Some(Value::Null) => false,
        Some(Value::Number(number)) => number.as_i64() != Some(0),
        Some(Value::String(text)) => !matches!(text.trim(), "" | "0"),
        Some(_) => true,
    }
}

/// Rev's own words in a body: `error`, `message` or `errors` of an object or of each entry of an array, else the raw text; cut.
pub(crate) fn words(body: &[u8]) -> String {
    let said = serde_json::from_slice::<Value>(body)
        .ok()
        .map(|body| {
            let mut said = Vec::new();
            collect(&body, &mut said);
            said.join("; ")
        })
        .filter(|said| !said.is_empty());
    let text = said.unwrap_or_else(|| String::from_utf8_lossy(body).into_owned());
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    cut(&text, REASON_LIMIT)
}

fn collect(value: &Value, said: &mut Vec<String>) {
    match value {
        Value::String(text) if !text.trim().is_empty() => said.push(text.trim().to_owned()),
        Value::Array(entries) => entries.iter().for_each(|entry| collect(entry, said)),
        Value::Object(members) => {
            for (name, value) in members {
                let name = name.to_ascii_lowercase();
                if matches!(
                    name.as_str(),
                    "error" | "message" | "errors" | "error_message"
                ) {
                    collect(value, said);
                }
            }
        }
        _ => {}
    }
}

/// The words with the status in front, never empty.
pub(crate) fn described(status: u16, body: &[u8]) -> String {
    let words = words(body);
    if words.is_empty() {
        format!("HTTP {status}")
    } else {
        format!("HTTP {status}: {words}")
    }
}

/// The first `limit` characters.
pub(crate) fn cut(text: &str, limit: usize) -> String {
    match text.char_indices().nth(limit) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rev_s_words_are_found_in_objects_arrays_and_plain_text() {
        for (body, expected) in [
            (
                r#"{"ok":false,"error":"no such provider"}"#,
                "no such provider",
            ),
            (
                r#"{"ok":false,"message":" no such provider "}"#,
                "no such provider",
            ),
            (
                r#"[{"ok":false,"error":"a"},{"ok":false,"message":"b"}]"#,
                "a; b",
            ),
            (r#"{"ok":false,"errors":["a",{"message":"b"}]}"#, "a; b"),
            (r#"{"ok":false,"error":{"message":"deep"}}"#, "deep"),
            (r#"{"ok":false}"#, r#"{"ok":false}"#),
            ("plain\n  words", "plain words"),
            ("", ""),
        ] {
            assert_eq!(words(body.as_bytes()), expected, "{body}");
        }
    }

    #[test]
    fn blank_words_say_nothing() {
        for (body, expected) in [
            (r#"{"errors":[" ","b",""]}"#, "b"),
            (r#"{"error":" ","message":"b"}"#, "b"),
            (r#"{"error":" "}"#, r#"{"error":" "}"#),
        ] {
            assert_eq!(words(body.as_bytes()), expected, "{body}");
        }
    }

    #[test]
    fn the_status_stands_before_rev_s_words_or_alone() {
        assert_eq!(described(418, b""), "HTTP 418");
        assert_eq!(described(418, br#"{"error":"no"}"#), "HTTP 418: no");
    }

    #[test]
    fn long_words_are_cut_between_characters() {
        let said = words("é".repeat(2000).as_bytes());
        assert_eq!(said, format!("{}…", "é".repeat(REASON_LIMIT)));
        let whole = "é".repeat(REASON_LIMIT);
        assert_eq!(words(whole.as_bytes()), whole);
    }

    #[test]
    fn an_envelope_has_ok_as_a_truth_value() {
        let envelope = |body: &str| Envelope::of(&serde_json::from_str(body).unwrap());
        let of = |ok, has_id| Some(Envelope { ok, has_id });
        for (body, expected) in [
            (r#"{"ok":true,"id":5}"#, of(true, true)),
            (r#"{"ok":false,"id":5}"#, of(false, true)),
            (r#"{"ok":false,"id":null}"#, of(false, false)),
            (r#"{"ok":false,"id":0}"#, of(false, false)),
            (r#"{"ok":false,"id":" "}"#, of(false, false)),
            (r#"{"ok":false,"id":"0"}"#, of(false, false)),
            (r#"{"ok":false,"id":{}}"#, of(false, true)),
            (r#"[{"ok":true},{"ok":true}]"#, of(true, false)),
            (r#"[{"ok":false},{"ok":true,"id":"7"}]"#, of(true, true)),
            (r#"[{"ok":false},{"ok":true}]"#, of(true, false)),
            (r#"[{"ok":false},{"ok":false}]"#, of(false, false)),
            (r#"{"ok":"true"}"#, None),
            (r#"{"statusCode":404,"message":"Resource not found"}"#, None),
            ("[]", None),
            ("[1]", None),
            ("7", None),
        ] {
            assert_eq!(envelope(body), expected, "{body}");
        }
    }
}

//! What the lambdas complained about, for a run that did not end as it should.

use std::path::Path;

use serde_json::Value;

/// Complaints shown at most.
const MOST: usize = 5;

/// The last different errors that the lambdas logged; none when the log cannot be read.
///
/// The AWS stand-in copies the lambdas' output into its own log, between lines of its own.
#[must_use]
pub fn complaints(log: &Path) -> Vec<String> {
    let Ok(text) = std::fs::read(log) else {
        return Vec::new();
    };
    let mut found: Vec<String> = Vec::new();
    for line in String::from_utf8_lossy(&text).lines().rev() {
        let Some(complaint) = complaint(line) else {
            continue;
        };
        if !found.contains(&complaint) {
            found.push(complaint);
        }
        if found.len() == MOST {
            break;
        }
    }
    found
}

/// Message and error of a line that a lambda logged as an error.
fn complaint(line: &str) -> Option<String> {
    let line: Value = serde_json::from_str(line).ok()?;
    let text = |name: &str| line.get(name).and_then(Value::as_str);
    if text("level") != Some("ERROR") {
        return None;
    }
    let message = text("message")?;
    Some(match text("error") {
        Some(error) => format!("{message}: {error}"),
        None => message.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::complaint;

    #[test]
    fn only_error_lines_of_the_lambdas_are_complaints() {
        let error =
            r#"{"level":"ERROR","message":"message_failed","error":"no database","span":{}}"#;
        assert_eq!(complaint(error).unwrap(), "message_failed: no database");
        for other in [
            r#"{"level":"INFO","message":"answered"}"#,
            "2026-01-01 00:00:00 ERROR [lambda] poller",
            "",
        ] {
            assert_eq!(complaint(other), None);
        }
    }
}

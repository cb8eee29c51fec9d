//! Preferences of a request (RFC 7240). What is not understood, or malformed, is passed over, as the RFC wants it.

use std::time::Duration;

use axum::http::{HeaderMap, HeaderName};

/// Where a preference stands.
pub const PREFER: HeaderName = HeaderName::from_static("prefer");
/// Tells which preference was followed.
pub const PREFERENCE_APPLIED: HeaderName = HeaderName::from_static("preference-applied");

/// How long a caller is ready to wait for an answer, in whole seconds of at least one (`wait`, section 4.3).
pub(crate) fn wait(headers: &HeaderMap) -> Option<Duration> {
    let first = headers
        .get_all(PREFER)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| pieces(value, ','))
        .find_map(|preference| {
            // Parameters of the preference mean nothing here.
            let value = pieces(preference, ';').next().unwrap_or_default();
            let (name, value) = value.split_once('=').unwrap_or((value, ""));
            // Of a preference that is given twice the first one counts, whatever it is worth.
            name.trim()
                .eq_ignore_ascii_case("wait")
                .then(|| value.trim())
        })?;
    let digits = first
        .strip_prefix('"')
        .and_then(|quoted| quoted.strip_suffix('"'))
        .unwrap_or(first);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    // More seconds than a number holds are more than anybody waits.
    let seconds = digits.parse().unwrap_or(u64::from(u32::MAX));
    (seconds > 0).then(|| Duration::from_secs(seconds))
}

/// Cuts at a separator, but not within quotes.
fn pieces(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    let mut escaped = false;
    text.split(move |letter| {
        let ends = letter == separator && !quoted;
        if escaped {
            escaped = false;
        } else if quoted && letter == '\\' {
            escaped = true;
        } else if letter == '"' {
            quoted = !quoted;
        }
        ends
    })
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn a_wait_is_read_in_every_form_and_what_is_malformed_is_passed_over() {
        for (values, expected) in [
            (&[][..], None),
            (&["wait=20"], Some(20)),
            (&["WAIT = 5"], Some(5)),
            (&[r#"wait="7""#], Some(7)),
            (&["respond-async, wait=10"], Some(10)),
            (&["respond-async;a=b;c, wait=10;x=y"], Some(10)),
            (&["return=minimal", "wait=3"], Some(3)),
            (&[r#"a="x, wait=9", wait=4"#], Some(4)),
            (&[r#"a="x\", wait=9", wait=4"#], Some(4)),
            (&["wait=6, wait=7"], Some(6)),
            (&["wait=x, wait=7"], None),
            (&["wait=99999999999999999999"], Some(u64::from(u32::MAX))),
            (&["wait"], None),
            (&["wait="], None),
            (&["wait=0"], None),
            (&["wait=-1"], None),
            (&["wait=+1"], None),
            (&["wait=1.5"], None),
            (&["wait=20s"], None),
            (&["waiting=20"], None),
            (&[";;,=,"], None),
        ] {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(PREFER, HeaderValue::from_static(value));
            }
            let expected = expected.map(Duration::from_secs);
            assert_eq!(wait(&headers), expected, "{values:?}");
        }
    }
}

//! How long nobody may call an account that answered "too many calls".

use std::time::{Duration, SystemTime};

use ::http::header::{DATE, HeaderMap, HeaderName, RETRY_AFTER};

const LEAST: Duration = Duration::from_secs(1);
const MOST: Duration = Duration::from_hours(24);
const DEFAULT: Duration = Duration::from_mins(1);

/// `Retry-After` as seconds or as a date (RFC 9110, 10.2.3), else the time that `words` speak of plus one second, else 60 s;
/// at least 1 s and at most 24 h.
///
/// A date is compared with the answer's own `Date`, so that a clock of ours that is wrong does no harm; `now` stands in for a
/// missing one.
pub(crate) fn retry_after(headers: &HeaderMap, words: &str, now: SystemTime) -> Duration {
    from_header(headers, now)
        .or_else(|| from_words(words).map(|said| said.saturating_add(Duration::from_secs(1))))
        .unwrap_or(DEFAULT)
        .clamp(LEAST, MOST)
}

fn from_header(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let value = text(headers, &RETRY_AFTER)?;
    if !value.is_empty() && value.bytes().all(|digit| digit.is_ascii_digit()) {
        return Some(seconds(value));
    }
    let until = httpdate::parse_http_date(value).ok()?;
    let now = text(headers, &DATE)
        .and_then(|date| httpdate::parse_http_date(date).ok())
        .unwrap_or(now);
    Some(until.duration_since(now).unwrap_or_default())
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok().map(str::trim)
}

/// Digits as seconds; more of them than a number holds is simply long.
fn seconds(digits: &str) -> Duration {
    digits.parse().map_or(MOST, Duration::from_secs)
}

/// "in 12 seconds", "in 01:02:03", else the first number that is not the status repeated.
fn from_words(words: &str) -> Option<Duration> {
    let tokens: Vec<&str> = words
        .split(|c: char| !(c.is_alphanumeric() || c == ':'))
        .map(|token| token.trim_matches(':'))
        .filter(|token| !token.is_empty())
        .collect();
    tokens
        .iter()
        .find_map(|token| clock(token))
        .or_else(|| named(&tokens))
        .or_else(|| {
            tokens
                .iter()
                .filter(|token| !matches!(**token, "429" | "403"))
                .find(|token| is_number(token))
                .map(|digits| seconds(digits))
        })
}

fn named(tokens: &[&str]) -> Option<Duration> {
    let unit = |text: &str| {
        matches!(
            text.to_ascii_lowercase().as_str(),
            "s" | "sec" | "secs" | "second" | "seconds"
        )
    };
    let apart = tokens
        .windows(2)
        .find(|pair| is_number(pair[0]) && unit(pair[1]))
        .map(|pair| seconds(pair[0]));
    apart.or_else(|| {
        tokens.iter().find_map(|token| {
            let digits = token.find(|c: char| !c.is_ascii_digit())?;
            (digits > 0 && unit(&token[digits..])).then(|| seconds(&token[..digits]))
        })
    })
}

/// `HH:MM:SS`.
fn clock(token: &str) -> Option<Duration> {
    let parts: Vec<&str> = token.split(':').collect();
    let [hours, minutes, rest] = parts.as_slice() else {
        return None;
    };
    if ![hours, minutes, rest].iter().all(|part| is_number(part)) {
        return None;
    }
    let hours = seconds(hours).min(MOST).as_secs();
    Some(
        Duration::from_secs(hours * 3600)
            + seconds(minutes).min(MOST) * 60
            + seconds(rest).min(MOST),
    )
}

fn is_number(token: &str) -> bool {
    !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(header: Option<&str>, date: Option<&str>, words: &str) -> u64 {
        let mut headers = HeaderMap::new();
        if let Some(value) = header {
            headers.insert(RETRY_AFTER, value.parse().unwrap());
        }
        if let Some(value) = date {
            headers.insert(DATE, value.parse().unwrap());
        }
        let now = httpdate::parse_http_date("Tue, 06 Jan 2026 10:00:00 GMT").unwrap();
        retry_after(&headers, words, now).as_secs()
    }

    #[test]
    fn retry_after_is_read_as_seconds_as_a_date_and_from_the_words() {
        for (header, words, expected) in [
            (Some("7"), "", 7),
            (Some("0"), "", 1),
            (Some("999999"), "", 86_400),
            (Some("99999999999999999999999"), "", 86_400),
            (Some("Tue, 06 Jan 2026 10:00:30 GMT"), "", 30),
            (Some("Tue, 06 Jan 2026 09:00:00 GMT"), "", 1),
            (Some("soon"), "Try again in 12 seconds.", 13),
            (Some("-5"), "", 60),
            (Some(""), "", 60),
            (Some(""), "try again in 12 seconds", 13),
            (None, "Rate limit is exceeded. Try again in 12 seconds.", 13),
            (None, "429: try again in 12s", 13),
            (None, "HTTP 429 wait 30", 31),
            (None, "limit of 500 calls; try again in 9 sec", 10),
            (None, "Quota will be replenished in 01:02:03.", 3724),
            (None, "Quota will be replenished in 99:00:00", 86_400),
            (None, "429", 60),
            (None, "slow down", 60),
            (None, "wait some seconds", 60),
            (None, "HTTP 403: wait 45", 46),
            (None, "wait: 00:01:30", 91),
            (None, "wait 1:2", 60),
            (None, "at 10:00:0x", 60),
            (None, "", 60),
        ] {
            assert_eq!(after(header, None, words), expected, "{header:?} {words:?}");
        }
    }

    #[test]
    fn a_date_counts_from_the_answers_own_date() {
        assert_eq!(
            after(
                Some("Tue, 06 Jan 2026 12:00:45 GMT"),
                Some("Tue, 06 Jan 2026 12:00:00 GMT"),
                ""
            ),
            45
        );
    }
}

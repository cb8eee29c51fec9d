//! The id that follows a request through both lambdas.

use std::fmt;

/// The id of the request that caused the work: what the caller was told as `x-request-id`, written into each log line about it.
///
/// It decides nothing. It is read from messages and rows that others may have written, so it is bounded, and holds nothing that
/// could be a number of a device: a text that is not one is no trace.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TraceId(String);

/// The most characters of a trace; ids of API Gateway have 16, UUIDs 36. `BulkChangeWork.TraceId` holds as many.
pub const LONGEST_TRACE: usize = 64;
/// A row of digits from this length on may be an MSISDN.
const LONG_NUMBER: usize = 9;

impl TraceId {
    /// Reads one: 1 to 64 letters, digits and `-_=+/.:`, as ids of AWS and UUIDs have, without a row of 9 digits. In a UUID digits
    /// may stand as they like. Blanks around it do not count.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let fits = (1..=LONGEST_TRACE).contains(&text.len())
            && text
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_=+/.:".contains(&byte));
        let has_number = || {
            text.split(|letter: char| !letter.is_ascii_digit())
                .any(|digits| digits.len() >= LONG_NUMBER)
        };
        (fits && (is_uuid(text) || !has_number())).then(|| Self(text.to_owned()))
    }

    /// One of our own making.
    #[must_use]
    pub fn of(id: uuid::Uuid) -> Self {
        Self(id.to_string())
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether a text is a UUID, with a letter in it: without one it may be a number that was written with hyphens. Its last group has
/// 12 digits at most, and seldom that many.
#[must_use]
pub fn is_uuid(text: &str) -> bool {
    text.split('-').map(str::len).eq([8, 4, 4, 4, 12])
        && text
            .bytes()
            .all(|byte| byte == b'-' || byte.is_ascii_hexdigit())
        && text.bytes().any(|byte| byte.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_requests_are_traces() {
        for text in [
            "JKJaXmPLvHcESHA=",
            "4b3e0d6c-0000-4000-8000-123456789012",
            "request-12345678",
            "request-1",
            " x ",
        ] {
            let trace = TraceId::parse(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(trace.as_str(), text.trim());
            assert_eq!(trace.to_string(), text.trim(), "as messages carry it");
        }
        assert!(TraceId::parse(&"x".repeat(64)).is_some());
    }

    #[test]
    fn what_another_producer_may_write_is_no_trace() {
        let long = "x".repeat(65);
        for text in [
            "",
            "  ",
            &long,
            "8901000000000000001",
            "iccid-8901000000000000001",
            "+15550100001",
            "155501000",
            "two words",
            "a\"b",
            "line\nbreak",
            "ünï",
            "12345678-1234-1234-1234-123456789012",
        ] {
            assert_eq!(TraceId::parse(text), None, "{text}");
        }
    }
}

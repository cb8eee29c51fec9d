//! What was said, as `DeviceBulkChangeLog` keeps it: business data, without credentials.

use std::{fmt, time::Duration};

use crate::contract::Request;

/// The most bytes of an answer that are kept.
const KEPT: usize = 8 * 1024;
const HIDDEN: &str = "…";

/// A request and its answer, or as much of them as there was. `Debug` shows neither: both carry whole numbers.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Exchange {
    /// Verb and URL, on the next line the body. The body of a sign-in is left out.
    pub request: String,
    /// The answer's body, cut to 8 KB, or what happened in place of an answer. The body of a sign-in that went well is left out.
    pub response: String,
    /// HTTP status, when an answer came.
    pub status: Option<u16>,
    /// From before connecting until the answer was read or given up.
    pub latency: Duration,
}

impl fmt::Debug for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exchange")
            .field("status", &self.status)
            .field("latency", &self.latency)
            .finish_non_exhaustive()
    }
}

/// Verb, URL and body, for a call that carries no credentials.
pub(crate) fn asked(request: &Request) -> String {
    let body = request.body.as_deref().unwrap_or_default();
    if body.is_empty() {
        format!("{} {}", request.verb, request.url)
    } else {
        format!(
            "{} {}\n{}",
            request.verb,
            request.url,
            String::from_utf8_lossy(body)
        )
    }
}

/// An answer's text without any of the `secrets`, should what answered repeat them, cut to 8 KB.
pub(crate) fn answered(body: &[u8], secrets: &[&str]) -> String {
    // Hidden before it is cut, and on more than is kept, so that no secret is cut in two and half of it stays.
    let longest = secrets.iter().map(|secret| secret.len()).max().unwrap_or(0);
    let mut text = String::from_utf8_lossy(&body[..body.len().min(KEPT + longest)]).into_owned();
    for secret in secrets.iter().filter(|secret| !secret.is_empty()) {
        text = text.replace(secret, HIDDEN);
    }
    let end = (0..=KEPT.min(text.len()))
        .rev()
        .find(|end| text.is_char_boundary(*end))
        .unwrap_or(0);
    text.truncate(end);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_cut_between_characters() {
        let text = answered("é".repeat(10_000).as_bytes(), &[]);
        assert!(text.len() <= KEPT && text.len() > KEPT - 4);
        assert!(text.chars().all(|c| c == 'é'));
    }

    #[test]
    fn an_answer_that_repeats_a_secret_is_kept_without_it() {
        assert_eq!(
            answered(b"token abc is bad", &["abc", ""]),
            "token … is bad"
        );
        let at_the_cut = format!("{}abc", "x".repeat(KEPT - 1));
        assert!(!answered(at_the_cut.as_bytes(), &["abc"]).contains('a'));
    }

    #[test]
    fn debug_shows_no_numbers() {
        let exchange = Exchange {
            request: "GET https://api.rev.io/v1/service-lines?search.number=15550000001".into(),
            response: "15550000001".into(),
            status: Some(200),
            latency: Duration::from_millis(5),
        };
        assert!(!format!("{exchange:?}").contains("15550000001"));
    }
}

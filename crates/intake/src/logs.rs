//! JSON log lines on standard output, where CloudWatch takes them.

use std::io;

use tracing::Subscriber;
use tracing_subscriber::{EnvFilter, fmt::MakeWriter, util::SubscriberInitExt};

/// Starts writing. `level` is one word for everything (`info`) or directives (`info,intake=debug`).
/// Called once, before anything is logged; a second call changes nothing.
pub fn start(level: EnvFilter) {
    let _already_started = lines(level, io::stdout).try_init();
}

/// Writes one JSON object a line, with the fields of the request's span in it.
pub fn lines<W>(level: EnvFilter, writer: W) -> impl Subscriber + Send + Sync
where
    W: for<'writer> MakeWriter<'writer> + Send + Sync + 'static,
{
    tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_current_span(true)
        .with_span_list(false)
        .with_env_filter(level)
        .with_writer(writer)
        .finish()
}

/// A text that came from elsewhere, with every long number cut to its last four digits: it may be an ICCID or an MSISDN.
#[must_use]
pub fn masked(text: &str) -> String {
    const LONG: usize = 9;
    const KEPT: usize = 4;
    let mut masked = String::with_capacity(text.len());
    let mut digits = String::new();
    let flush = |digits: &mut String, masked: &mut String| {
        if digits.len() >= LONG {
            masked.push('…');
            masked.push_str(&digits[digits.len() - KEPT..]);
        } else {
            masked.push_str(digits);
        }
        digits.clear();
    };
    for letter in text.chars() {
        if letter.is_ascii_digit() {
            digits.push(letter);
        } else {
            flush(&mut digits, &mut masked);
            masked.push(letter);
        }
    }
    flush(&mut digits, &mut masked);
    masked
}

/// An error with its causes in one line, masked.
#[must_use]
pub fn told(error: &(dyn std::error::Error + 'static)) -> String {
    let mut told = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        told.push_str(": ");
        told.push_str(&error.to_string());
        cause = error.source();
    }
    masked(&told)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_long_number_passes_whole() {
        for (text, shown) in [
            (
                "The duplicate key value is (8900000000000000001, 1).",
                "The duplicate key value is (…0001, 1).",
            ),
            ("8900000000000000001", "…0001"),
            ("error 2627 after 30000 ms", "error 2627 after 30000 ms"),
            ("", ""),
        ] {
            assert_eq!(masked(text), shown);
        }
    }
}

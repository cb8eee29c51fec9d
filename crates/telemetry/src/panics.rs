//! Panics as log lines. The standard library would print the message as it is to standard error, which CloudWatch keeps as well.

use std::panic;

/// So many characters of a message are told.
const LONGEST: usize = 500;

/// Tells each panic from now on as one line, `panicked`, in the span in which it happened: its place, and its message through
/// `masked`, because it may quote what was worked on.
pub fn tell(masked: fn(&str) -> String) {
    panic::set_hook(Box::new(move |panicked| {
        let message: String = message(panicked.payload()).chars().take(LONGEST).collect();
        let place = panicked
            .location()
            .map(|place| format!("{}:{}", place.file(), place.line()));
        tracing::error!(error = masked(&message), place, "panicked");
    }));
}

/// The text that `panic!` made.
fn message(payload: &dyn std::any::Any) -> &str {
    payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no text")
}

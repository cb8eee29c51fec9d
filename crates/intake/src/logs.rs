//! JSON log lines on standard output, where CloudWatch takes them.

use std::io;

pub use central::masked;
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

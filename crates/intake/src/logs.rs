//! What stands in log lines.

pub use central::masked;

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

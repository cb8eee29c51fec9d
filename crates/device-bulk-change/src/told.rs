//! Errors in log lines.

/// An error with its sources in one line, masked: what others said may quote the number of a device.
pub(crate) fn told(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text.push_str(": ");
        text.push_str(&error.to_string());
        source = error.source();
    }
    central::masked(&text)
}

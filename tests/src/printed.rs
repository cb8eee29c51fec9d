//! What the lambdas print, kept for a test, and a search for what must not stand in it.

use std::{
    fmt::Write as _,
    io,
    sync::{Arc, Mutex},
};

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD},
};
use serde_json::Value;
use telemetry::logs::{self, LogLevel};
use tracing_subscriber::{fmt::MakeWriter, util::SubscriberInitExt};

/// Everything that was printed. Clones keep into the same place.
#[derive(Debug, Clone, Default)]
pub struct Printed(Arc<Mutex<Vec<u8>>>);

impl io::Write for Printed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Printed {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

impl Printed {
    /// Takes what this process prints from here on: log lines of this level, panics and metrics. Before the world starts.
    #[must_use]
    pub fn everything(level: &str) -> Self {
        let printed = Self::default();
        logs::lines(level.parse::<LogLevel>().unwrap(), printed.clone())
            .try_init()
            .expect("a test that listens has its process for itself");
        telemetry::panics::tell(central::masked);
        // A test that fails says so where its reader looks, too.
        let told = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panicked| {
            told(panicked);
            eprintln!("{panicked}");
        }));
        let metrics = printed.clone();
        telemetry::lines::start_writing(None, move || Box::new(metrics.clone()));
        printed
    }

    /// As it stands.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }

    /// Each line, which is a JSON object.
    #[must_use]
    pub fn lines(&self) -> Vec<Value> {
        let read = |line: &str| {
            serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))
        };
        self.text().lines().map(read).collect()
    }

    /// The log lines.
    #[must_use]
    pub fn logged(&self) -> Vec<Value> {
        self.lines()
            .into_iter()
            .filter(|line| line.get("_aws").is_none())
            .collect()
    }

    /// The lines of metrics.
    #[must_use]
    pub fn measured(&self) -> Vec<Value> {
        self.lines()
            .into_iter()
            .filter(|line| line.get("_aws").is_some())
            .collect()
    }

    /// Forgets what was printed so far.
    pub fn clear(&self) {
        self.0.lock().unwrap().clear();
    }
}

/// Texts that must not be printed, each with a name that may.
#[derive(Debug, Clone, Default)]
pub struct Marks(Vec<(String, String)>);

impl Marks {
    /// Adds one.
    pub fn add(&mut self, name: impl Into<String>, text: impl Into<String>) {
        let text = text.into();
        assert!(text.len() >= 6, "too short to be found by its text: {text}");
        self.0.push((name.into(), text));
    }

    /// Names, forms and lines of what is found: as it is, as Base64 (also in the middle of something longer), URL-encoded, as
    /// hexadecimal digits, and with other separators, or none, between its letters.
    #[must_use]
    pub fn found_in(&self, text: &str) -> Vec<String> {
        let mut found = Vec::new();
        for line in text.lines() {
            let letters = only_letters(line);
            for (name, mark) in &self.0 {
                for (form, written) in forms(mark) {
                    if line.contains(&written) {
                        found.push(format!("{name} ({form}) in {line}"));
                    }
                }
                if letters.contains(&only_letters(mark)) {
                    found.push(format!("{name} (separated) in {line}"));
                }
            }
        }
        found
    }
}

fn only_letters(text: &str) -> String {
    text.chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|letter| letter.to_ascii_lowercase())
        .collect()
}

fn forms(mark: &str) -> Vec<(&'static str, String)> {
    let mut forms = vec![("plain", mark.to_owned())];
    for before in 0..3 {
        // What stands before shifts the letters; those that it or the end takes part in are left out.
        let mut bytes = vec![0; before];
        bytes.extend_from_slice(mark.as_bytes());
        let whole = bytes.len() / 3 * 4;
        let first = [0, 2, 3][before];
        for encoded in [
            STANDARD_NO_PAD.encode(&bytes),
            URL_SAFE_NO_PAD.encode(&bytes),
        ] {
            forms.push(("Base64", encoded[first..whole].to_owned()));
        }
    }
    let (mut url, mut hexadecimal) = (String::new(), String::new());
    for byte in mark.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            url.push(char::from(byte));
        } else {
            let _ = write!(url, "%{byte:02X}");
        }
        let _ = write!(hexadecimal, "{byte:02x}");
    }
    forms.push(("URL-encoded", url));
    forms.push(("hexadecimal", hexadecimal));
    forms
}

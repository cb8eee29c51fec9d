//! JSON log lines on standard output, where CloudWatch takes them.

use std::{io, str::FromStr};

use tracing::{Level, Subscriber, level_filters::LevelFilter};
use tracing_subscriber::{
    filter::Targets, fmt::MakeWriter, layer::SubscriberExt, util::SubscriberInitExt,
};

/// The crates whose lines LOG_LEVEL is about.
const OURS: [&str; 10] = [
    "association",
    "bootstrap",
    "central",
    "device_bulk_change",
    "intake",
    "portal",
    "queue",
    "rev",
    "secrets",
    "telemetry",
];
/// What other crates may tell at most.
const OF_OTHERS: LevelFilter = LevelFilter::WARN;
/// The driver tells errors of the database word for word, values included, and rows at `trace`. `central` tells them masked.
const NEVER: [&str; 1] = ["tiberius"];

/// `LOG_LEVEL`: what is told, and what is not.
///
/// One level for all crates of this system (`info`), single ones after it (`info,intake=debug`), or both. What other crates
/// tell ends at `warn`, because below it clients print requests and answers as they are, and with them numbers and
/// credentials; so a directive names crates of this system only.
#[derive(Debug, Clone)]
pub struct LogLevel(Targets);

/// What is wrong with `LOG_LEVEL`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidLogLevel {
    /// None of the six.
    #[error("`{0}` is none of off, error, warn, info, debug, trace")]
    Level(String),
    /// Only lines of this system may be asked for in more detail.
    #[error("`{0}` is no crate of this system ({known})", known = OURS.join(", "))]
    Crate(String),
}

impl Default for LogLevel {
    fn default() -> Self {
        Self::of(LevelFilter::INFO, &[])
    }
}

impl LogLevel {
    /// Reads the variable; nothing, or blanks, is `info`.
    pub fn read(variable: Option<&str>) -> Result<Self, InvalidLogLevel> {
        match variable.map(str::trim).filter(|text| !text.is_empty()) {
            Some(text) => text.parse(),
            None => Ok(Self::default()),
        }
    }

    /// Whether a line of this crate or module, at this level, is told.
    #[must_use]
    pub fn tells(&self, target: &str, level: Level) -> bool {
        self.0.would_enable(target, &level)
    }

    fn of(all: LevelFilter, single: &[(String, LevelFilter)]) -> Self {
        let ours = OURS.into_iter().map(|name| (name, all));
        let single = single.iter().map(|(name, level)| (name.as_str(), *level));
        let never = NEVER.into_iter().map(|name| (name, LevelFilter::OFF));
        Self(
            Targets::new()
                .with_default(all.min(OF_OTHERS))
                // A later level for the same crate takes the place of the one before.
                .with_targets(ours.chain(single).chain(never)),
        )
    }
}

impl FromStr for LogLevel {
    type Err = InvalidLogLevel;

    fn from_str(text: &str) -> Result<Self, InvalidLogLevel> {
        let mut all = LevelFilter::INFO;
        let mut single = Vec::new();
        for directive in text.to_lowercase().split(',').map(str::trim) {
            match directive.split_once('=') {
                _ if directive.is_empty() => {}
                None => all = level(directive)?,
                Some((name, text)) => {
                    let name = name.trim().replace('-', "_");
                    let of = name.split("::").next().unwrap_or_default();
                    if !OURS.contains(&of) {
                        return Err(InvalidLogLevel::Crate(name));
                    }
                    single.push((name, level(text)?));
                }
            }
        }
        Ok(Self::of(all, &single))
    }
}

fn level(text: &str) -> Result<LevelFilter, InvalidLogLevel> {
    let text = text.trim();
    let known = matches!(text, "off" | "error" | "warn" | "info" | "debug" | "trace");
    known
        .then(|| text.parse().ok())
        .flatten()
        .ok_or_else(|| InvalidLogLevel::Level(text.to_owned()))
}

/// Starts writing to standard output. Called once, before anything is logged; a second call changes nothing.
pub fn start(level: LogLevel) {
    let _already_started = lines(level, io::stdout).try_init();
}

/// Writes one JSON object a line: the event's fields, and under `span` those of the request or message that it is about.
pub fn lines<W>(level: LogLevel, writer: W) -> impl Subscriber + Send + Sync
where
    W: for<'writer> MakeWriter<'writer> + Send + Sync + 'static,
{
    let json = tracing_subscriber::fmt::layer()
        .json()
        .flatten_event(true)
        .with_current_span(true)
        .with_span_list(false)
        .with_writer(writer);
    tracing_subscriber::registry().with(level.0).with(json)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_word_is_about_our_crates_and_leaves_the_others_at_warn() {
        for (text, ours, others) in [
            (None, Level::INFO, Level::WARN),
            (Some("  "), Level::INFO, Level::WARN),
            (Some("Debug"), Level::DEBUG, Level::WARN),
            (Some("trace"), Level::TRACE, Level::WARN),
            (Some("error"), Level::ERROR, Level::ERROR),
        ] {
            let level = LogLevel::read(text).unwrap();
            for (target, most) in [
                ("intake::envelope", ours),
                ("device_bulk_change", ours),
                ("hyper_util::client", others),
                ("aws_smithy_runtime", others),
            ] {
                for asked in [
                    Level::ERROR,
                    Level::WARN,
                    Level::INFO,
                    Level::DEBUG,
                    Level::TRACE,
                ] {
                    assert_eq!(
                        level.tells(target, asked),
                        asked <= most,
                        "{text:?} {target} {asked}"
                    );
                }
            }
        }
        assert!(
            !LogLevel::read(Some("off"))
                .unwrap()
                .tells("intake", Level::ERROR)
        );
    }

    #[test]
    fn directives_set_single_crates() {
        let level: LogLevel = "warn, intake=debug,device-bulk-change=trace,central::driver=off"
            .parse()
            .unwrap();
        assert!(level.tells("intake::token", Level::DEBUG));
        assert!(level.tells("device_bulk_change::chunk", Level::TRACE));
        assert!(
            level.tells("central::pool", Level::WARN) && !level.tells("central::pool", Level::INFO)
        );
        assert!(!level.tells("central::driver", Level::ERROR));
    }

    #[test]
    fn the_driver_tells_nothing_at_any_level() {
        for text in ["info", "trace", "error,central=trace"] {
            let level: LogLevel = text.parse().unwrap();
            assert!(
                !level.tells("tiberius::tds::stream::token", Level::ERROR),
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_wrong_is_told() {
        for (text, words) in [
            ("loud", "`loud` is none of off, error"),
            ("info,intake=loud", "`loud` is none of"),
            ("info,intake=", "`` is none of"),
            ("5", "`5` is none of"),
            (
                "info,tiberius=trace",
                "`tiberius` is no crate of this system (association,",
            ),
        ] {
            let told = text.parse::<LogLevel>().unwrap_err().to_string();
            assert!(told.contains(words), "{told}");
        }
    }
}

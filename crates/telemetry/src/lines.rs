//! Metrics as lines of CloudWatch's embedded metric format on standard output, after each call of the function.

use std::{
    io::{self, Write},
    sync::{Mutex, OnceLock, PoisonError},
};

use metrics_cloudwatch_embedded::{Builder, Collector};

use crate::metric::{Metric, Unit};

/// The environment's `METRICS_NAMESPACE` when it says nothing.
pub const NAMESPACE: &str = "DeviceAssociation";
/// So many values fit into one line (the format's limit, and the collector's).
const MOST_VALUES: usize = 100;

static LINES: OnceLock<Lines> = OnceLock::new();

/// Opens what lines are written to.
type To = Box<dyn Fn() -> Box<dyn Write> + Send + Sync>;

struct Lines {
    collector: &'static Collector,
    to: To,
    /// Values observed since the last line.
    observed: Mutex<usize>,
}

/// Starts collecting, for lines on standard output. `namespace` is `METRICS_NAMESPACE`; a second call changes nothing.
pub fn start(namespace: Option<String>) {
    start_writing(namespace, || Box::new(io::stdout()));
}

/// The same for lines to another place.
pub fn start_writing(
    namespace: Option<String>,
    to: impl Fn() -> Box<dyn Write> + Send + Sync + 'static,
) {
    let namespace = namespace
        .map(|name| name.trim().to_owned())
        .filter(|name| !name.is_empty())
        .unwrap_or_else(|| NAMESPACE.to_owned());
    let started = Builder::new().cloudwatch_namespace(namespace).init();
    let Ok(collector) = started else {
        return;
    };
    for metric in Metric::ALL {
        describe(*metric);
    }
    let _ = LINES.set(Lines {
        collector,
        to: Box::new(to),
        observed: Mutex::new(0),
    });
}

fn describe(metric: Metric) {
    let unit = match metric.unit() {
        Unit::Count => metrics::Unit::Count,
        Unit::Milliseconds => metrics::Unit::Milliseconds,
        Unit::Seconds => metrics::Unit::Seconds,
        Unit::Percent => metrics::Unit::Percent,
    };
    metrics::describe_counter!(metric.name(), unit, metric.meaning());
}

/// Keeps one value until the next line.
///
/// A histogram and no gauge, for values that stand as well: the collector repeats a gauge in every later line of this instance,
/// long after it was true. The collector drops the 101st value (docs/decisions/0200), so a full one is written first.
pub(crate) fn observe(metric: Metric, value: f64) {
    let Some(lines) = LINES.get() else {
        return;
    };
    let mut observed = lines
        .observed
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    if *observed >= MOST_VALUES {
        write(lines);
        *observed = 0;
    }
    metrics::histogram!(metric.name()).record(value);
    *observed += 1;
}

/// Writes what was collected since the last time: one line for the metrics without a dimension and one for each value of a
/// dimension, nothing when nothing happened.
pub fn flush() {
    let Some(lines) = LINES.get() else {
        return;
    };
    let mut observed = lines
        .observed
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    write(lines);
    *observed = 0;
}

/// In one piece, so that no log line of another thread lands in the middle.
fn write(lines: &Lines) {
    let mut text = Vec::new();
    let written = lines.collector.flush(&mut text).and_then(|()| {
        let mut to = (lines.to)();
        to.write_all(&text)?;
        to.flush()
    });
    if let Err(error) = written {
        // Numbers are lost, and nothing else is.
        tracing::warn!(%error, "metrics_not_written");
    }
}

/// Writes the lines when it goes, also when what it stands around fails or panics.
#[derive(Debug)]
#[must_use = "it writes when it is dropped"]
pub struct Flush(());

impl Flush {
    /// At the begin of a call of the function.
    pub const fn at_the_end() -> Self {
        Self(())
    }
}

impl Drop for Flush {
    fn drop(&mut self) {
        flush();
    }
}

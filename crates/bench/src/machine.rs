//! What the run was made on, as far as it bears on the figures.

use std::{fs, thread};

/// Cores, processor and day.
pub(crate) fn description() -> String {
    let cores = thread::available_parallelism().map_or(0, usize::from);
    let processor = fs::read_to_string("/proc/cpuinfo")
        .ok()
        .and_then(|text| {
            let line = text.lines().find(|line| line.starts_with("model name"))?;
            Some(line.split_once(':')?.1.trim().to_owned())
        })
        .unwrap_or_else(|| std::env::consts::ARCH.to_owned());
    let today = time::OffsetDateTime::now_utc().date();
    format!("{cores} cores, {processor}, {today}")
}

//! `make bench`: the goals of the README in figures, each at several sizes in one run, so that growth is seen.
//!
//! Speed never decides the exit code; a device that was not processed, a 429 of our own making or a second line does.

mod both_ways;
mod budget;
mod consuming;
mod growth;
mod inventory;
mod lambda;
mod left_behind;
mod machine;
mod memory;
mod old_way;
mod packages;
mod report;
mod settings;
mod side_by_side;
mod starting;
mod submitting;

use std::process::ExitCode;

use anyhow::{Context as _, ensure};
use report::{Report, Section};
use settings::Settings;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> anyhow::Result<()> {
    let settings = Settings::from_environment()?;
    let mut sections: Vec<Section> = Vec::new();
    if settings.wants("consumer") {
        sections.push(threads()?.block_on(consuming::measure(&settings))?);
    }
    if settings.wants("old-way") {
        sections.push(threads()?.block_on(side_by_side::measure(&settings))?);
    }
    if settings.wants("growth") {
        sections.extend(threads()?.block_on(growth::measure(&settings))?);
    }
    if settings.wants("submit") {
        sections.push(threads()?.block_on(submitting::measure(&settings))?);
    }
    if settings.wants("start") {
        sections.push(packages::measure()?);
        sections.push(threads()?.block_on(starting::measure())?);
    }
    if settings.wants("memory") {
        sections.push(threads()?.block_on(memory::measure(&settings))?);
    }
    if settings.wants("budget") {
        sections.push(budget::measure(&settings)?);
    }
    if settings.wants("inventory") {
        sections.push(threads()?.block_on(inventory::measure(&settings))?);
    }
    let report = Report {
        machine: machine::description(),
        sections,
    };
    let text = report.markdown();
    println!("{text}");
    // A failed run is shown, and never kept.
    if settings.writes && report.failures().is_empty() {
        report::write(&text).context("docs/BENCHMARKS.md was not written")?;
    }
    let failures = report.failures();
    ensure!(failures.is_empty(), "not so: {}", failures.join("; "));
    Ok(())
}

/// A runtime as the lambdas have it.
fn threads() -> anyhow::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("no runtime")
}

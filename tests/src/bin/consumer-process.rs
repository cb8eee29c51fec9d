//! The consumer as a process that a test can kill: one event on standard input, its answer on standard output.
//!
//! What it offers again is lost on purpose: the sweep has to find it.

use std::{
    io::Read,
    sync::Arc,
    time::{Duration, Instant},
};

use central::Central;
use device_bulk_change::{Configuration, Consumer, Limits, Notifier, handle};
use queue::MemoryQueue;
use telemetry::logs::LogLevel;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    // Fault points out of the variable FAILPOINTS.
    let _faults = fail::FailScenario::setup();
    let mut event = String::new();
    std::io::stdin().read_to_string(&mut event)?;
    // As the lambda's main does it.
    let level = std::env::var("LOG_LEVEL").ok();
    telemetry::logs::start(LogLevel::read(level.as_deref())?);
    telemetry::panics::tell(central::masked);
    telemetry::lines::start(std::env::var("METRICS_NAMESPACE").ok());
    let configuration = Configuration::read(|name| std::env::var(name).ok())?;
    let notifier = configuration.notice_url.map(Notifier::new).transpose()?;
    let limits = Limits {
        budget: configuration.budget,
        ..Limits::default()
    };
    let consumer = Consumer::new(
        Central::connect(configuration.central).await?,
        rev::Client::new(configuration.rev)?,
        Arc::new(MemoryQueue::new()),
        notifier,
        limits,
    );
    let answer = handle(
        &Arc::new(consumer),
        serde_json::from_str(&event)?,
        Instant::now() + Duration::from_mins(2),
    )
    .await?;
    println!("{answer}");
    Ok(())
}

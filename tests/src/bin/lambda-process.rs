//! One of the two lambdas as a process that a test can kill, wherever `FREEZE_AT` makes it stand still.
//!
//! `consumer`: one event on standard input, its answer on standard output. With `QUEUE_URL=memory` what it offers again is lost on
//! purpose: the sweep has to find it. `intake`: listens, and says where.

use std::{
    io::Read,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::Context;
use central::{Central, budget::BudgetLimits};
use device_bulk_change::{Configuration, Consumer, Limits, Notifier, OtherQueues, handle};
use end_to_end::{kill, world};
use queue::{MemoryQueue, Queue, SqsQueue};
use telemetry::logs::LogLevel;
use tokio::net::TcpListener;

// One thread: when it stands still, so does the process.
#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    // Fault points out of the variable FAILPOINTS.
    let _faults = fail::FailScenario::setup();
    kill::freeze_if_asked();
    // As the lambdas' mains do it.
    let level = std::env::var("LOG_LEVEL").ok();
    telemetry::logs::start(LogLevel::read(level.as_deref())?);
    telemetry::panics::tell(central::masked);
    telemetry::lines::start(std::env::var("METRICS_NAMESPACE").ok());
    match std::env::args().nth(1).as_deref() {
        Some("consumer") => consumer().await,
        Some("intake") => intake().await,
        _ => anyhow::bail!("lambda-process consumer|intake"),
    }
}

async fn consumer() -> anyhow::Result<()> {
    let mut event = String::new();
    std::io::stdin().read_to_string(&mut event)?;
    let configuration = Configuration::read(|name| std::env::var(name).ok())?;
    let (queue, others): (Arc<dyn Queue>, _) = if configuration.queue_url == "memory" {
        (Arc::new(MemoryQueue::new()), OtherQueues::default())
    } else {
        let ours = SqsQueue::from_environment(configuration.queue_url).await;
        let beside =
            |url: Option<String>| -> Option<Arc<dyn Queue>> { Some(Arc::new(ours.beside(url?))) };
        let others = OtherQueues {
            other_changes: beside(configuration.other_changes_queue_url),
            carrier_changes: beside(configuration.carrier_changes_queue_url),
        };
        (Arc::new(ours), others)
    };
    let notifier = configuration.notice_url.map(Notifier::new).transpose()?;
    let limits = Limits {
        budget: configuration.budget,
        ..Limits::default()
    };
    let consumer = Consumer::new(
        Central::connect(configuration.central).await?,
        rev::Client::new(configuration.rev)?,
        queue,
        notifier,
        limits,
    )
    .with_queues(others);
    let answer = handle(
        &Arc::new(consumer),
        serde_json::from_str(&event)?,
        Instant::now() + Duration::from_mins(2),
    )
    .await?;
    println!("{answer}");
    Ok(())
}

async fn intake() -> anyhow::Result<()> {
    let variable = |name: &str| std::env::var(name).ok();
    let required = |name: &'static str| variable(name).context(name);
    let settings =
        central::Settings::from_connection_string(&required("CENTRAL_CONNECTION_STRING")?)?;
    let queue = Arc::new(SqsQueue::from_environment(required("QUEUE_URL")?).await);
    let budget = BudgetLimits::read(variable)?;
    let issuer = required("SIGN_IN_ISSUER")?;
    let router = world::router(Central::connect(settings).await?, queue, &issuer, budget);
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("{}http://{}", kill::LISTENING, listener.local_addr()?);
    axum::serve(listener, router).await?;
    Ok(())
}

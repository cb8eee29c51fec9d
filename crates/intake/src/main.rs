//! The intake lambda: reads the environment, connects, and puts the router behind API Gateway.

use std::{env, sync::Arc};

use anyhow::{Context, anyhow};
use central::Central;
use intake::{Intake, router, settings::Settings, status::Patience, token::Verifier};
use queue::SqsQueue;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let settings = Settings::from_environment(|name| env::var(name).ok())?;
    telemetry::logs::start(settings.log_level);
    telemetry::panics::tell(central::masked);
    telemetry::lines::start(settings.metrics_namespace);
    let intake = Intake {
        central: Central::connect(settings.central)
            .await
            .context("the database pool cannot be set up")?,
        queue: Arc::new(SqsQueue::from_environment(settings.queue_url).await),
        verifier: Arc::new(Verifier::new(settings.token)?),
        portal: settings.portal,
        budget: settings.budget,
        patience: Patience::default(),
    };
    lambda_http::run(router(intake))
        .await
        .map_err(|error| anyhow!(error))
}

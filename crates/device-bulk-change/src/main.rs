//! The lambda `AltaworxDeviceBulkChange`: configuration in, events through the library.

use std::{
    sync::Arc,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use anyhow::Context as _;
use device_bulk_change::{
    Configuration, Consumer, Invocation, Limits, Notifier, OtherQueues, RevLogins, handle,
};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use queue::{Queue, SqsQueue};
use secrets::SecretsManager;
use serde_json::Value;
use telemetry::logs::LogLevel;

#[tokio::main]
async fn main() -> Result<(), Error> {
    let level = std::env::var("LOG_LEVEL").ok();
    let level =
        LogLevel::read(level.as_deref()).context("the environment variable LOG_LEVEL is wrong")?;
    telemetry::logs::start(level);
    telemetry::panics::tell(central::masked);
    telemetry::lines::start(std::env::var("METRICS_NAMESPACE").ok());
    let consumer = Arc::new(consumer().await?);
    lambda_runtime::run(service_fn(|event: LambdaEvent<Value>| {
        let consumer = Arc::clone(&consumer);
        async move {
            let invocation = Invocation {
                request_id: Some(event.context.request_id),
                deadline: deadline(event.context.deadline),
            };
            Ok::<_, Error>(handle(&consumer, event.payload, invocation).await?)
        }
    }))
    .await
}

async fn consumer() -> anyhow::Result<Consumer> {
    let configuration = Configuration::read(|name| std::env::var(name).ok())?;
    let central = central::Central::connect(configuration.central)
        .await
        .context("the database pool could not be set up")?;
    let rev = rev::Client::new(configuration.rev)?;
    let queue = SqsQueue::from_environment(configuration.queue_url).await;
    let beside = |url: Option<String>| url.map(|url| Arc::new(queue.beside(url)) as Arc<dyn Queue>);
    let queues = OtherQueues {
        other_changes: beside(configuration.other_changes_queue_url),
        carrier_changes: beside(configuration.carrier_changes_queue_url),
    };
    let notifier = configuration
        .notice_url
        .map(Notifier::new)
        .transpose()
        .context("the notifier could not be set up")?;
    let limits = Limits {
        budget: configuration.budget,
        ..Limits::default()
    };
    let rev_logins = configuration
        .rev_login_secret
        .map(|secret| RevLogins::new(Arc::new(SecretsManager::default()), secret));
    let consumer = Consumer::new(central, rev, Arc::new(queue), notifier, limits);
    Ok(consumer.with_queues(queues).with_rev_logins(rev_logins))
}

/// The first moment that can be meant as one, in milliseconds since 1970 (2001-09-09): less is a length of time.
const FIRST_MOMENT: u64 = 1_000_000_000_000;

/// The runtime tells the end as milliseconds since 1970; the work counts on the monotonic clock. `cargo lambda watch` tells how many
/// milliseconds are left instead.
fn deadline(milliseconds: u64) -> Instant {
    let told = Duration::from_millis(milliseconds);
    let left = if milliseconds < FIRST_MOMENT {
        told
    } else {
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        told.saturating_sub(now)
    };
    Instant::now() + left
}

#[cfg(test)]
mod tests {
    use super::*;

    fn left(milliseconds: u64) -> Duration {
        deadline(milliseconds).saturating_duration_since(Instant::now())
    }

    #[test]
    fn the_end_of_a_call_is_a_moment_and_under_cargo_lambda_a_length_of_time() {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let in_a_minute = u64::try_from(now.as_millis()).unwrap() + 60_000;
        for milliseconds in [in_a_minute, 60_000] {
            let left = left(milliseconds);
            assert!(
                (Duration::from_secs(50)..=Duration::from_mins(1)).contains(&left),
                "{left:?}"
            );
        }
        assert_eq!(left(FIRST_MOMENT), Duration::ZERO);
    }
}

//! The notice to AMOP 2.0 that a bulk change is finished: `POST` to the configured URL, tried again until it is accepted.

use std::time::Duration;

use central::outbox::{OutboxMessage, mark_failed, mark_sent};
use reqwest::{Url, redirect::Policy};

use crate::consumer::Consumer;

/// How long the receiver may take.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Tells AMOP 2.0.
pub struct Notifier {
    http: reqwest::Client,
    url: Url,
}

impl Notifier {
    /// A notifier for a URL; it follows no redirect and uses no proxy of the environment.
    pub fn new(url: Url) -> Result<Self, reqwest::Error> {
        let http = reqwest::Client::builder()
            .timeout(TIMEOUT)
            .redirect(Policy::none())
            .no_proxy()
            .build()?;
        Ok(Self { http, url })
    }

    async fn post(&self, body: &str) -> Result<(), String> {
        fail::fail_point!("notice.post.before", |_| Err("fault before".to_owned()));
        let request = self
            .http
            .post(self.url.clone())
            .header("Content-Type", "application/json")
            .header("Accept", "application/json")
            .body(body.to_owned());
        let answer = request
            .send()
            .await
            .map_err(|error| error.without_url().to_string())?;
        fail::fail_point!("notice.post.after", |_| Err("fault after".to_owned()));
        if answer.status().is_success() {
            Ok(())
        } else {
            Err(format!("answered {}", answer.status()))
        }
    }
}

/// Sends notices and marks what became of each. What fails stays in the outbox and is sent by the sweep.
///
/// Returns how many were accepted.
pub(crate) async fn send(consumer: &Consumer, notices: &[OutboxMessage]) -> usize {
    let Some(notifier) = &consumer.notifier else {
        return 0;
    };
    let (mut sent, mut failed) = (Vec::new(), Vec::new());
    for notice in notices {
        match notifier.post(&notice.payload).await {
            Ok(()) => sent.push(notice.id),
            Err(error) => {
                tracing::warn!(bulk_change_id = notice.bulk_change.get(), %error, "notice_not_accepted");
                failed.push((notice.id, error));
            }
        }
    }
    mark(consumer, &sent, &failed).await;
    sent.len()
}

/// Marks outbox rows. A failure here means that a message is sent twice, which is harmless.
pub(crate) async fn mark(consumer: &Consumer, sent: &[i64], failed: &[(i64, String)]) {
    if !sent.is_empty()
        && let Err(error) = mark_sent(&consumer.central, sent).await
    {
        tracing::warn!(%error, "outbox_not_marked");
    }
    if !failed.is_empty()
        && let Err(error) = mark_failed(&consumer.central, failed).await
    {
        tracing::warn!(%error, "outbox_not_marked");
    }
}

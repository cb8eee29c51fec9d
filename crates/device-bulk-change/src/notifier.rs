//! Tells AMOP 2.0 that a bulk change is finished: one `POST` to the configured URL.

use std::time::Duration;

use reqwest::{Url, redirect::Policy};

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

    /// Posts one notice; anything but a 2xx is an error, in words.
    pub(crate) async fn post(&self, body: &str) -> Result<(), String> {
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

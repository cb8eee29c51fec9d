//! One HTTP call: sent once, never redirected, never through a proxy, its answer capped.

use std::{
    error::Error as _,
    time::{Duration, Instant, SystemTime},
};

use reqwest::{
    Response,
    header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue},
};
use serde_json::Value;

use crate::{
    account::Settings,
    class::{Call, Class, Received, classify},
    contract::Request,
    error::ClientError,
    exchange::{Exchange, answered},
    fault_points,
};

/// No answer of Rev.io is larger.
const LARGEST_ANSWER: usize = 1024 * 1024;

#[derive(Clone)]
pub(crate) struct Http {
    client: reqwest::Client,
}

/// How a call is told about, and what must not be told.
pub(crate) struct Told<'a> {
    /// The request's text for the log of the change.
    pub request: String,
    /// Removed from the answer's text.
    pub secrets: &'a [&'a str],
    /// Whether the text of an answer that went well is kept.
    pub keep_success: bool,
}

impl Http {
    pub(crate) fn new(settings: &Settings) -> Result<Self, ClientError> {
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            // A second copy of a request that opens a line would open a second line.
            .retry(reqwest::retry::never())
            // A connection that could not be made in half the time is known not to have carried the request; with the whole
            // time the outcome would be unknown.
            .connect_timeout(settings.call_timeout / 2)
            // Shorter than what servers usually keep, so that a request seldom meets a connection that is being closed.
            .pool_idle_timeout(Duration::from_secs(30))
            .user_agent(concat!("device-association/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(ClientError::Http)?;
        Ok(Self { client })
    }

    /// Sends once, gives up after `within`, and says what came of it.
    pub(crate) async fn call<T>(
        &self,
        call: Call,
        request: &Request,
        bearer: Option<&str>,
        within: Duration,
        told: Told<'_>,
        read: impl FnOnce(&Value) -> Option<T>,
    ) -> (Class<T>, Exchange) {
        let begun = Instant::now();
        let outcome = self.exchange(call, request, bearer, within).await;
        let latency = begun.elapsed();

        let (class, status, response) = match outcome {
            Err(failure) => {
                let text = match &failure {
                    Failure::NotSent(reason) | Failure::Unknown(reason) => reason.clone(),
                };
                (failure.class(), None, text)
            }
            Ok(answer) => {
                let class = classify(call, &answer.received(), read);
                let hidden = !told.keep_success && (200..300).contains(&answer.status);
                let text = if hidden {
                    String::new()
                } else {
                    answered(&answer.body, told.secrets)
                };
                (class, Some(answer.status), text)
            }
        };
        telemetry::measure::rev_called(class.name(), latency);
        let exchange = Exchange {
            request: told.request,
            response,
            status,
            latency,
        };
        (class, exchange)
    }

    async fn exchange(
        &self,
        call: Call,
        request: &Request,
        bearer: Option<&str>,
        within: Duration,
    ) -> Result<Answered, Failure> {
        if let Some(said) = fault_points::before(call) {
            return Err(Failure::Unknown(said));
        }
        let mut request = build(&self.client, request, bearer)?;
        *request.timeout_mut() = Some(within);
        let answer = match self.client.execute(request).await {
            Ok(response) => Answered::read(response).await,
            Err(error) => return Err(Failure::of(error)),
        };
        match fault_points::after(call) {
            Some(said) => Err(Failure::Unknown(said)),
            None => Ok(answer),
        }
    }
}

fn build(
    client: &reqwest::Client,
    request: &Request,
    bearer: Option<&str>,
) -> Result<reqwest::Request, Failure> {
    let mut builder = client
        .request(request.verb.clone(), request.url.clone())
        .header(ACCEPT, "application/json");
    if let Some(token) = bearer {
        let mut value = HeaderValue::from_str(&format!("Bearer {token}"))
            .map_err(|_| Failure::NotSent("the token cannot be sent in a header".to_owned()))?;
        value.set_sensitive(true);
        builder = builder.header(AUTHORIZATION, value);
    }
    if let Some(key) = &request.idempotency_key {
        builder = builder.header("Idempotency-Key", key);
    }
    if let Some(body) = &request.body {
        builder = builder
            .header(CONTENT_TYPE, "application/json")
            .body(body.clone());
    }
    builder
        .build()
        .map_err(|error| Failure::NotSent(chain(error)))
}

/// No answer came.
enum Failure {
    NotSent(String),
    Unknown(String),
}

impl Failure {
    /// Name, connect and TLS failures come before anything is sent; whatever else went wrong may have come after.
    fn of(error: reqwest::Error) -> Self {
        if error.is_connect() || error.is_builder() {
            Self::NotSent(chain(error))
        } else if error.is_timeout() {
            Self::Unknown("no answer in time".to_owned())
        } else {
            Self::Unknown(chain(error))
        }
    }

    fn class<T>(self) -> Class<T> {
        match self {
            Self::NotSent(reason) => Class::NotSent { reason },
            Self::Unknown(reason) => Class::Unknown { reason },
        }
    }
}

/// The error and its causes, without the URL: a search carries a whole number.
fn chain(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut said = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        said.push_str(": ");
        said.push_str(&error.to_string());
        cause = error.source();
    }
    said
}

struct Answered {
    status: u16,
    headers: HeaderMap,
    body: Vec<u8>,
    complete: bool,
    now: SystemTime,
}

impl Answered {
    /// Reads the body until it ends, breaks off or is larger than allowed. The status stands in each case.
    async fn read(mut response: Response) -> Self {
        let mut body = Vec::new();
        let complete = loop {
            match response.chunk().await {
                Ok(None) => break true,
                Ok(Some(chunk)) if body.len() + chunk.len() <= LARGEST_ANSWER => {
                    body.extend_from_slice(&chunk);
                }
                Ok(Some(_)) | Err(_) => break false,
            }
        };
        Self {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            body,
            complete,
            now: SystemTime::now(),
        }
    }

    fn received(&self) -> Received<'_> {
        Received {
            status: self.status,
            headers: &self.headers,
            body: &self.body,
            complete: self.complete,
            now: self.now,
        }
    }
}

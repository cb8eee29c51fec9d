//! The portal's way in: the HTTP API, as a client sees it.

use std::{net::SocketAddr, time::Duration};

use anyhow::{Context, bail};
use reqwest::{Client, RequestBuilder, StatusCode};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::answers::{Answer, Progress};

/// The API gateway gives up after 30 s; a little more, so that its own words arrive.
const PATIENCE: Duration = Duration::from_secs(35);

/// One caller of the API.
#[derive(Debug)]
pub(super) struct Api {
    http: Client,
    address: String,
    token: String,
}

impl Api {
    /// The API `api_id` behind the gateway on 127.0.0.1:`port`, called with this token.
    pub(super) fn new(api_id: &str, port: u16, token: String) -> anyhow::Result<Self> {
        let host = format!("{api_id}.execute-api.localhost");
        let http = Client::builder()
            .no_proxy()
            .timeout(PATIENCE)
            // Not every system knows that names under localhost are this machine (RFC 6761, section 6.3).
            .resolve(&host, SocketAddr::from(([127, 0, 0, 1], port)))
            .build()?;
        Ok(Self {
            http,
            address: format!("http://{host}:{port}"),
            token,
        })
    }

    /// What stands before the paths.
    pub(super) fn address(&self) -> &str {
        &self.address
    }

    /// The bearer token that every call carries.
    pub(super) fn token(&self) -> &str {
        &self.token
    }

    /// Waits until the intake lambda has started and answers.
    pub(super) async fn healthy(&self) -> anyhow::Result<()> {
        let answer = self
            .http
            .get(format!("{}/healthz", self.address))
            .send()
            .await?;
        let status = answer.status();
        if !status.is_success() {
            bail!("GET /healthz answers {status}: {}", answer.text().await?);
        }
        Ok(())
    }

    /// `POST /M2M/AssociateCustomer`.
    pub(super) async fn associate(&self, request: &Value, key: &str) -> anyhow::Result<Answer> {
        let call = self
            .http
            .post(format!("{}/M2M/AssociateCustomer", self.address))
            .header("Idempotency-Key", key)
            .json(request);
        self.call(call, StatusCode::ACCEPTED).await
    }

    /// `GET /M2M/BulkChangeStatus/{id}`, one page of its devices.
    pub(super) async fn status(
        &self,
        bulk_change: i64,
        page: usize,
        page_size: usize,
    ) -> anyhow::Result<Progress> {
        let call = self.http.get(format!(
            "{}/M2M/BulkChangeStatus/{bulk_change}?page={page}&pageSize={page_size}",
            self.address
        ));
        self.call(call, StatusCode::OK).await
    }

    async fn call<T: DeserializeOwned>(
        &self,
        call: RequestBuilder,
        expected: StatusCode,
    ) -> anyhow::Result<T> {
        let answer = call.bearer_auth(&self.token).send().await?;
        let status = answer.status();
        let path = answer.url().path().to_owned();
        let text = answer.text().await?;
        if status != expected {
            bail!("{path} answers {status} instead of {expected}: {text}");
        }
        serde_json::from_str(&text)
            .with_context(|| format!("the answer of {path} is not what it should be: {text}"))
    }
}

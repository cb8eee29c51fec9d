//! The functions behind `cargo lambda watch`, called as AWS calls them.

use std::{
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};

use anyhow::{Context, bail};
use reqwest::Client;
use serde_json::Value;
use tokio::net::TcpStream;

use crate::event_samples::Function;

/// Longer than the longest call: the consumer's time-out is 120 s, and the first call waits for its build.
const PATIENCE: Duration = Duration::from_mins(20);

/// Where they are called.
#[derive(Debug, Clone)]
pub(super) struct Functions {
    http: Client,
    address: SocketAddr,
}

impl Functions {
    /// Those of the `cargo lambda watch` on this port.
    pub(super) fn at(port: u16) -> anyhow::Result<Self> {
        Ok(Self {
            http: Client::builder().no_proxy().timeout(PATIENCE).build()?,
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, port)),
        })
    }

    /// Hands a function an event and returns its answer; the first call builds it.
    pub(super) async fn call(&self, function: Function, event: &Value) -> anyhow::Result<Value> {
        let name = function.name();
        let answer = self
            .http
            .post(format!(
                "http://{}/2015-03-31/functions/{name}/invocations",
                self.address
            ))
            .json(event)
            .send()
            .await
            .with_context(|| format!("{name} cannot be called"))?;
        let status = answer.status();
        let text = answer.text().await?;
        if !status.is_success() {
            bail!("{name} answers {status}: {text}");
        }
        serde_json::from_str(&text).with_context(|| format!("{name} answers no JSON: {text}"))
    }

    /// Waits until cargo lambda listens.
    pub(super) async fn listen(&self) {
        while TcpStream::connect(self.address).await.is_err() {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

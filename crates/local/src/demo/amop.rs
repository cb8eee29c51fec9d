//! A listener in the place of AMOP 2.0: takes the notice that a bulk change is finished, and keeps it.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use anyhow::Context;
use axum::{Json, Router, extract::State, http::StatusCode, routing::post};
use serde_json::Value;
use tokio::{net::TcpListener, task::JoinHandle};

/// How long a notice may be on its way: the next sweep sends what was not sent at once.
const PATIENCE: Duration = Duration::from_secs(75);

/// Between two looks.
const LOOK: Duration = Duration::from_millis(100);

/// A running listener. Dropping it ends it.
#[derive(Debug)]
pub(crate) struct AmopListener {
    url: String,
    notices: Arc<Mutex<Vec<Value>>>,
    server: JoinHandle<()>,
}

impl AmopListener {
    pub(crate) async fn start() -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")
            .await
            .context("no port for the AMOP listener")?;
        let url = format!("http://{}/notices", listener.local_addr()?);
        let notices = Arc::<Mutex<Vec<Value>>>::default();
        let router = Router::new()
            .route("/notices", post(take))
            .with_state(Arc::clone(&notices));
        let server = tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, router).await {
                tracing::error!(%error, "the AMOP listener stopped");
            }
        });
        Ok(Self {
            url,
            notices,
            server,
        })
    }

    /// Where the notice is to be sent (`AMOP_SYNC_URL`).
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// What was sent, once something was; nothing when nothing came for a while.
    ///
    /// The notice goes out after the bulk change is finished, so it may still be on its way when the status says so.
    pub(crate) async fn settled(&self) -> Vec<Value> {
        let began = Instant::now();
        loop {
            let notices = self
                .notices
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .clone();
            if !notices.is_empty() || began.elapsed() > PATIENCE {
                return notices;
            }
            tokio::time::sleep(LOOK).await;
        }
    }
}

impl Drop for AmopListener {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn take(
    State(notices): State<Arc<Mutex<Vec<Value>>>>,
    Json(notice): Json<Value>,
) -> StatusCode {
    notices
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .push(notice);
    StatusCode::OK
}

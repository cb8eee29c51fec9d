//! The Lambda Runtime API, as far as one instance that never fails needs it.

use std::{net::Ipv4Addr, sync::Arc, time::SystemTime};

use anyhow::{Context as _, bail};
use axum::{
    Router,
    body::Bytes,
    extract::{Path, State},
    http::{HeaderName, StatusCode},
    routing::{get, post},
};
use serde_json::Value;
use tokio::{
    net::TcpListener,
    sync::{Mutex, Notify, mpsc},
};

/// What an instance said of an event.
type Said = Result<Bytes, Bytes>;

struct Desk {
    events: Mutex<mpsc::Receiver<String>>,
    asked: Notify,
    answers: mpsc::Sender<Said>,
}

/// Serves one instance.
pub(super) struct RuntimeApi {
    address: String,
    desk: Arc<Desk>,
    events: mpsc::Sender<String>,
    answers: Mutex<mpsc::Receiver<Said>>,
}

impl RuntimeApi {
    pub(super) async fn start() -> anyhow::Result<Self> {
        let (events, waiting) = mpsc::channel(1);
        let (said, answers) = mpsc::channel(1);
        let desk = Arc::new(Desk {
            events: Mutex::new(waiting),
            asked: Notify::new(),
            answers: said,
        });
        let invocation = "/2018-06-01/runtime/invocation";
        let router = Router::new()
            .route(&format!("{invocation}/next"), get(next))
            .route(&format!("{invocation}/{{id}}/response"), post(response))
            .route(&format!("{invocation}/{{id}}/error"), post(error))
            .route("/2018-06-01/runtime/init/error", post(error_of_start))
            .layer(axum::extract::DefaultBodyLimit::disable())
            .with_state(Arc::clone(&desk));
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?.to_string();
        tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(Self {
            address,
            desk,
            events,
            answers: Mutex::new(answers),
        })
    }

    pub(super) fn address(&self) -> &str {
        &self.address
    }

    /// Waits until the instance asks for an event.
    pub(super) async fn asked(&self) {
        self.desk.asked.notified().await;
    }

    /// Hands an event over and waits for the answer.
    pub(super) async fn invoke(&self, event: &Value) -> anyhow::Result<Value> {
        self.events
            .send(event.to_string())
            .await
            .context("nobody asks for events")?;
        match self.answers.lock().await.recv().await {
            Some(Ok(answer)) => Ok(serde_json::from_slice(&answer)?),
            Some(Err(error)) => bail!("the function failed: {}", String::from_utf8_lossy(&error)),
            None => bail!("the function has ended"),
        }
    }
}

type Event = ([(HeaderName, String); 4], String);

async fn next(State(desk): State<Arc<Desk>>) -> Result<Event, StatusCode> {
    desk.asked.notify_one();
    let event = desk
        .events
        .lock()
        .await
        .recv()
        .await
        .ok_or(StatusCode::GONE)?;
    let now = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    let header = HeaderName::from_static;
    Ok((
        [
            (
                header("lambda-runtime-aws-request-id"),
                uuid::Uuid::new_v4().to_string(),
            ),
            // The template's time-out.
            (
                header("lambda-runtime-deadline-ms"),
                (now.as_millis() + 120_000).to_string(),
            ),
            (
                header("lambda-runtime-invoked-function-arn"),
                "arn:aws:lambda:us-east-1:000000000000:function:fake".to_owned(),
            ),
            (header("content-type"), "application/json".to_owned()),
        ],
        event,
    ))
}

async fn response(State(desk): State<Arc<Desk>>, Path(_): Path<String>, body: Bytes) -> StatusCode {
    said(&desk, Ok(body)).await
}

async fn error(State(desk): State<Arc<Desk>>, Path(_): Path<String>, body: Bytes) -> StatusCode {
    said(&desk, Err(body)).await
}

async fn error_of_start(State(desk): State<Arc<Desk>>, body: Bytes) -> StatusCode {
    said(&desk, Err(body)).await
}

async fn said(desk: &Desk, said: Said) -> StatusCode {
    match desk.answers.send(said).await {
        Ok(()) => StatusCode::ACCEPTED,
        Err(_) => StatusCode::GONE,
    }
}

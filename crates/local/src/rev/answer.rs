//! How an answer goes out: as it should, not at all, slowly, or far too large.

use std::{convert::Infallible, time::Duration};

use axum::{
    body::{Body, Bytes},
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use futures::stream;
use serde_json::{Value, json};
use tokio::sync::watch;

use super::fault::Reply;

/// Marks an answer in whose place the connection is closed; the server looks for it.
#[derive(Debug, Clone, Copy)]
pub(super) struct HangUp;

/// What a call will be answered with, and when.
#[derive(Debug)]
pub(super) struct Planned {
    /// Changes when it is let go.
    pub held: Option<watch::Receiver<()>>,
    pub delay: Duration,
    pub answer: Answer,
}

#[derive(Debug)]
pub(super) enum Answer {
    Whole {
        status: u16,
        body: String,
        retry_after: Option<String>,
    },
    Drip {
        status: u16,
        body: String,
        every: Duration,
    },
    HangUp,
}

impl Answer {
    pub(super) fn json(status: u16, body: &Value) -> Self {
        Self::Whole {
            status,
            body: body.to_string(),
            retry_after: None,
        }
    }

    /// Rev's envelope around a refusal.
    pub(super) fn refused(status: u16, reason: &str) -> Self {
        Self::json(status, &json!({"ok": false, "error": reason}))
    }

    pub(super) fn too_many(seconds: u64) -> Self {
        let message = format!("Rate limit is exceeded. Try again in {seconds} seconds.");
        Self::Whole {
            status: 429,
            body: json!({"statusCode": 429, "message": message}).to_string(),
            retry_after: Some(seconds.to_string()),
        }
    }

    /// What a fault makes of the true answer; `None` is the truth that has no answer.
    pub(super) fn told(reply: Reply, truth: Option<(u16, Value)>) -> Self {
        match (reply, truth) {
            (
                Reply::Status {
                    status,
                    body,
                    retry_after,
                },
                _,
            ) => Self::Whole {
                status,
                body,
                retry_after,
            },
            (Reply::Drop, _) | (_, None) => Self::HangUp,
            (Reply::Normal, Some((status, body))) => Self::json(status, &body),
            (Reply::SlowDrip { every_ms }, Some((status, body))) => Self::Drip {
                status,
                body: body.to_string(),
                every: Duration::from_millis(every_ms),
            },
            (Reply::Huge { padding }, Some((status, mut body))) => {
                if let Some(members) = body.as_object_mut() {
                    members.insert("padding".to_owned(), "x".repeat(padding).into());
                }
                Self::json(status, &body)
            }
        }
    }

    /// The status that goes out, if one does.
    pub(super) fn status(&self) -> Option<u16> {
        match self {
            Self::Whole { status, .. } | Self::Drip { status, .. } => Some(*status),
            Self::HangUp => None,
        }
    }

    pub(super) fn into_response(self) -> Response {
        let (status, body, retry_after) = match self {
            Self::Whole {
                status,
                body,
                retry_after,
            } => (status, body_of(&body), retry_after),
            Self::Drip {
                status,
                body,
                every,
            } => {
                let kind = content_type(&body);
                (status, (Body::from_stream(drip(body, every)), kind), None)
            }
            Self::HangUp => {
                let mut response = Response::new(Body::empty());
                response.extensions_mut().insert(HangUp);
                return response;
            }
        };
        let (body, content_type) = body;
        let mut response = Response::new(body);
        *response.status_mut() =
            StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
        if (300..400).contains(&status) {
            // Whoever follows a redirect is found out by the call that then arrives.
            headers.insert(
                header::LOCATION,
                HeaderValue::from_static("/v1/service-lines"),
            );
        }
        if let Some(value) = retry_after.and_then(|value| HeaderValue::try_from(value).ok()) {
            headers.insert(header::RETRY_AFTER, value);
        }
        response
    }
}

fn body_of(text: &str) -> (Body, &'static str) {
    (Body::from(text.to_owned()), content_type(text))
}

fn content_type(text: &str) -> &'static str {
    if text.trim_start().starts_with('<') {
        "text/html"
    } else {
        "application/json"
    }
}

fn drip(text: String, every: Duration) -> impl futures::Stream<Item = Result<Bytes, Infallible>> {
    stream::unfold(text.into_bytes().into_iter(), move |mut rest| async move {
        let byte = rest.next()?;
        tokio::time::sleep(every).await;
        Some((Ok(Bytes::from(vec![byte])), rest))
    })
}

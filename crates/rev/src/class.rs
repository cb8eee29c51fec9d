//! Every answer has a class, and the class decides what follows. No I/O, no clock.

use std::time::{Duration, SystemTime};

use ::http::HeaderMap;
use serde_json::Value;

use crate::{
    reason::{Envelope, described, words},
    retry_after::retry_after,
};

/// Which of Rev.io's calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Call {
    /// `POST auth/token`.
    Token,
    /// `GET customers/{id}`.
    Customer,
    /// `GET service-products`.
    Products,
    /// `POST service-lines`: the one that bills.
    OpenLine,
    /// `GET service-lines`.
    Lines,
}

impl Call {
    /// For logs, metrics and fault points.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Customer => "customer",
            Self::Products => "products",
            Self::OpenLine => "open_line",
            Self::Lines => "lines",
        }
    }
}

/// What an answer, or the lack of one, means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Class<T> {
    /// It went well.
    Done(T),
    /// Rev says no, for a reason that trying again does not change.
    Refused {
        /// HTTP status.
        status: u16,
        /// Rev's words.
        reason: String,
    },
    /// The credentials do not work, also with a fresh token: the account is stopped, no device fails for it.
    Token,
    /// Too many calls: nobody calls this account for so long.
    Throttled {
        /// 1 s to 24 h.
        retry_after: Duration,
    },
    /// What answers is not Rev's API as configured: the account is stopped.
    Misconfigured {
        /// For the alarm.
        reason: String,
    },
    /// The request did not leave this machine: it may be sent again.
    NotSent {
        /// For the log.
        reason: String,
    },
    /// It may have happened. For [`Call::OpenLine`]: look up, never send again blindly. For a read: it decides nothing.
    Unknown {
        /// For the log.
        reason: String,
    },
    /// Rev says that there is no such customer. Only [`Call::Customer`].
    NotFound,
}

impl<T> Class<T> {
    /// For logs and metrics.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Done(_) => "done",
            Self::Refused { .. } => "refused",
            Self::Token => "token",
            Self::Throttled { .. } => "throttled",
            Self::Misconfigured { .. } => "misconfigured",
            Self::NotSent { .. } => "not_sent",
            Self::Unknown { .. } => "unknown",
            Self::NotFound => "not_found",
        }
    }

    /// Turns what was done into something else and keeps every other class.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Class<U> {
        match self {
            Self::Done(done) => Class::Done(change(done)),
            Self::Refused { status, reason } => Class::Refused { status, reason },
            Self::Token => Class::Token,
            Self::Throttled { retry_after } => Class::Throttled { retry_after },
            Self::Misconfigured { reason } => Class::Misconfigured { reason },
            Self::NotSent { reason } => Class::NotSent { reason },
            Self::Unknown { reason } => Class::Unknown { reason },
            Self::NotFound => Class::NotFound,
        }
    }

    pub(crate) fn unknown(reason: impl Into<String>) -> Self {
        Self::Unknown {
            reason: reason.into(),
        }
    }
}

/// An answer of which at least the head arrived.
#[derive(Debug)]
pub struct Received<'a> {
    /// HTTP status.
    pub status: u16,
    /// `Retry-After` and `Date` are read.
    pub headers: &'a HeaderMap,
    /// As much of the body as arrived and was allowed.
    pub body: &'a [u8],
    /// Whether that is all of it: false when the connection broke, the time was up or the body was too large.
    pub complete: bool,
    /// When it arrived.
    pub now: SystemTime,
}

/// The class of an answer; `read` takes what the call is for out of a body that says it went well.
pub fn classify<T>(
    call: Call,
    received: &Received<'_>,
    read: impl FnOnce(&Value) -> Option<T>,
) -> Class<T> {
    let Received { status, body, .. } = *received;
    match status {
        200..=299 => success(call, received, read),
        401 => Class::Token,
        429 => throttled(received),
        403 if speaks_of_quota(body) => throttled(received),
        400 | 404 | 422 => rejected(call, received),
        // 402, 406, 411, 412, 414, 416, 417, 421, 426, 431 and 451 are documented nowhere for Rev.io: like their neighbours
        // they speak of the form of the request or of the account as a whole, and come before anything is done.
        300..=399 | 402 | 403 | 405 | 406 | 410..=417 | 421 | 426 | 431 | 451 => {
            Class::Misconfigured {
                reason: described(status, body),
            }
        }
        // 408, 409, every 5xx, and whatever has no meaning that we know.
        _ => Class::unknown(described(status, body)),
    }
}

fn success<T>(
    call: Call,
    received: &Received<'_>,
    read: impl FnOnce(&Value) -> Option<T>,
) -> Class<T> {
    let Received { status, body, .. } = *received;
    if !received.complete {
        return Class::unknown(format!(
            "HTTP {status}: the answer broke off or was too large"
        ));
    }
    let Ok(json) = serde_json::from_slice::<Value>(body) else {
        return Class::unknown(format!("HTTP {status}: the answer is not JSON"));
    };
    let envelope = Envelope::of(&json);
    match envelope {
        Some(Envelope {
            ok: false,
            has_id: false,
        }) => Class::Refused {
            status,
            reason: words(body),
        },
        Some(Envelope {
            ok: false,
            has_id: true,
        }) => Class::unknown(format!("HTTP {status}: ok is false, but there is an id")),
        // Whatever `ok` is when it is no truth value, the answer was not understood.
        None if json.get("ok").is_some() => {
            Class::unknown(format!("HTTP {status}: ok is neither true nor false"))
        }
        // Only 200 and 201 say that a line was opened; 202 for example promises it at most.
        _ if call == Call::OpenLine && !matches!(status, 200 | 201) => {
            Class::unknown(format!("HTTP {status} is not an answer to this call"))
        }
        _ => match read(&json) {
            Some(done) => Class::Done(done),
            None => Class::unknown(format!(
                "HTTP {status}: the answer lacks what it should say"
            )),
        },
    }
}

/// 400, 404 and 422: Rev's own words refuse; somebody else's say that this is not Rev's API.
fn rejected<T>(call: Call, received: &Received<'_>) -> Class<T> {
    let Received { status, body, .. } = *received;
    if !received.complete {
        return Class::unknown(format!(
            "HTTP {status}: the answer broke off or was too large"
        ));
    }
    let envelope = serde_json::from_slice(body)
        .ok()
        .and_then(|json| Envelope::of(&json));
    match envelope {
        None => Class::Misconfigured {
            reason: described(status, body),
        },
        Some(Envelope { ok: true, .. } | Envelope { has_id: true, .. }) => {
            Class::unknown(format!("HTTP {status}, but the body says otherwise"))
        }
        Some(_) if status == 404 && call == Call::Customer => Class::NotFound,
        Some(_) => Class::Refused {
            status,
            reason: words(body),
        },
    }
}

fn throttled<T>(received: &Received<'_>) -> Class<T> {
    Class::Throttled {
        retry_after: retry_after(received.headers, &words(received.body), received.now),
    }
}

fn speaks_of_quota(body: &[u8]) -> bool {
    String::from_utf8_lossy(body)
        .to_ascii_lowercase()
        .contains("quota")
}

#[cfg(test)]
#[path = "class_tests.rs"]
mod tests;

//! Answers that say what went wrong: RFC 9457, `application/problem+json`.
//!
//! A handler makes a [`Problem`]; [`crate::envelope`] writes it, because the request id is known there.

use association::{parse::MemberError, plan::Rejection};
use axum::{
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::openapi::{MemberFault, RejectedDevice};

/// Kinds of problems. The type of each is stable: programs may decide on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The body is not JSON.
    NotJson,
    /// The header `Idempotency-Key` cannot be used.
    InvalidIdempotencyKey,
    /// No token, or one that is not good.
    Unauthenticated,
    /// The token lacks a permission.
    Forbidden,
    /// Nothing there, or nothing that the caller may see: no difference shows.
    NotFound,
    /// The path takes other methods.
    MethodNotAllowed,
    /// The same request is being worked on.
    StillRunning,
    /// The body is too large.
    TooLarge,
    /// The body is not called JSON.
    UnsupportedMediaType,
    /// Members are missing, unknown or wrong.
    InvalidRequest,
    /// No device of the request can be associated.
    NoDevice,
    /// The idempotency key belongs to another request.
    KeyReused,
    /// The list is longer than a file that can be answered.
    TooManyRows,
    /// A defect of ours.
    Internal,
    /// The database is away; nothing was written.
    DatabaseUnavailable,
    /// The write was not answered; it may have happened.
    OutcomeUnknown,
    /// Other requests took the devices each time we looked.
    TooBusy,
    /// The sign-in service is away.
    SignInUnavailable,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 18] = [
        Self::NotJson,
        Self::InvalidIdempotencyKey,
        Self::Unauthenticated,
        Self::Forbidden,
        Self::NotFound,
        Self::MethodNotAllowed,
        Self::StillRunning,
        Self::TooLarge,
        Self::UnsupportedMediaType,
        Self::InvalidRequest,
        Self::NoDevice,
        Self::KeyReused,
        Self::TooManyRows,
        Self::Internal,
        Self::DatabaseUnavailable,
        Self::OutcomeUnknown,
        Self::TooBusy,
        Self::SignInUnavailable,
    ];

    /// Status, type and title.
    #[must_use]
    pub fn parts(self) -> (StatusCode, &'static str, &'static str) {
        use StatusCode as S;
        match self {
            Self::NotJson => (S::BAD_REQUEST, "/problems/not-json", "The body is not JSON"),
            Self::InvalidIdempotencyKey => (
                S::BAD_REQUEST,
                "/problems/invalid-idempotency-key",
                "The Idempotency-Key cannot be used",
            ),
            Self::Unauthenticated => (
                S::UNAUTHORIZED,
                "/problems/unauthenticated",
                "A valid access token is required",
            ),
            Self::Forbidden => (
                S::FORBIDDEN,
                "/problems/forbidden",
                "The token lacks a permission",
            ),
            Self::NotFound => (
                S::NOT_FOUND,
                "/problems/not-found",
                "There is no such thing",
            ),
            Self::MethodNotAllowed => (
                S::METHOD_NOT_ALLOWED,
                "/problems/method-not-allowed",
                "The path does not take this method",
            ),
            Self::StillRunning => (
                S::CONFLICT,
                "/problems/still-running",
                "The same request is being worked on",
            ),
            Self::TooLarge => (
                S::PAYLOAD_TOO_LARGE,
                "/problems/too-large",
                "The body is too large",
            ),
            Self::UnsupportedMediaType => (
                S::UNSUPPORTED_MEDIA_TYPE,
                "/problems/unsupported-media-type",
                "The body must be application/json",
            ),
            Self::InvalidRequest => (
                S::UNPROCESSABLE_ENTITY,
                "/problems/invalid-request",
                "Members of the request are not as they must be",
            ),
            Self::NoDevice => (
                S::UNPROCESSABLE_ENTITY,
                "/problems/no-device-can-be-associated",
                "No device of the request can be associated",
            ),
            Self::KeyReused => (
                S::UNPROCESSABLE_ENTITY,
                "/problems/idempotency-key-reused",
                "The Idempotency-Key belongs to another request",
            ),
            Self::TooManyRows => (
                S::UNPROCESSABLE_ENTITY,
                "/problems/too-many-rows",
                "The list does not fit into a file",
            ),
            Self::Internal => (
                S::INTERNAL_SERVER_ERROR,
                "/problems/internal",
                "The request failed through no fault of yours",
            ),
            Self::DatabaseUnavailable => (
                S::SERVICE_UNAVAILABLE,
                "/problems/database-unavailable",
                "The database cannot be reached",
            ),
            Self::OutcomeUnknown => (
                S::SERVICE_UNAVAILABLE,
                "/problems/outcome-unknown",
                "Whether the request was recorded is unknown",
            ),
            Self::TooBusy => (
                S::SERVICE_UNAVAILABLE,
                "/problems/too-busy",
                "Other requests for the same devices are under way",
            ),
            Self::SignInUnavailable => (
                S::SERVICE_UNAVAILABLE,
                "/problems/sign-in-unavailable",
                "The sign-in service cannot be reached",
            ),
        }
    }
}

/// One answer that says what went wrong.
#[derive(Debug, Clone)]
pub struct Problem {
    kind: Kind,
    detail: String,
    errors: Vec<MemberError>,
    rejected: Vec<Rejection>,
    headers: Vec<(HeaderName, HeaderValue)>,
}

/// What went wrong: the members of RFC 9457, section 3.1, and ours.
#[derive(Serialize, ToSchema)]
#[schema(as = Problem)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Document<'a> {
    /// Stable, for programs.
    r#type: &'static str,
    /// The same for every problem of the type.
    title: &'static str,
    /// The status of the answer.
    status: u16,
    /// What is wrong this time, and what to do.
    detail: &'a str,
    /// Each member or parameter that is wrong.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    #[schema(value_type = Vec<MemberFault>)]
    errors: &'a [MemberError],
    /// Each device of a request of which none can be associated.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    #[schema(value_type = Vec<RejectedDevice>)]
    rejected: &'a [Rejection],
    /// Leads to what happened, in our log.
    request_id: &'a str,
}

impl Problem {
    /// A problem of this kind; `detail` says what is wrong this time and what to do.
    pub fn new(kind: Kind, detail: impl Into<String>) -> Self {
        Self {
            kind,
            detail: detail.into(),
            errors: Vec::new(),
            rejected: Vec::new(),
            headers: Vec::new(),
        }
    }

    /// The one answer for what is not there and for what the caller may not see.
    #[must_use]
    pub fn not_found() -> Self {
        Self::new(Kind::NotFound, "There is nothing here for you to see.")
    }

    /// The router adds `Allow`.
    #[must_use]
    pub fn method_not_allowed() -> Self {
        Self::new(
            Kind::MethodNotAllowed,
            "The header Allow names the methods that the path takes.",
        )
    }

    /// What is wrong with which member.
    #[must_use]
    pub fn with_errors(mut self, errors: Vec<MemberError>) -> Self {
        self.errors = errors;
        self
    }

    /// Which devices are refused, and why.
    #[must_use]
    pub fn with_rejected(mut self, rejected: Vec<Rejection>) -> Self {
        self.rejected = rejected;
        self
    }

    /// When to try again, in seconds.
    #[must_use]
    pub fn retry_after(self, seconds: u16) -> Self {
        self.with_header(header::RETRY_AFTER, HeaderValue::from(seconds))
    }

    /// A header of the answer.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    /// Its type, for logs.
    #[must_use]
    pub fn type_name(&self) -> &'static str {
        self.kind.parts().1
    }

    /// The answer as it goes out.
    #[must_use]
    pub fn document(&self, request_id: &str) -> String {
        let (status, r#type, title) = self.kind.parts();
        let document = Document {
            r#type,
            title,
            status: status.as_u16(),
            detail: &self.detail,
            errors: &self.errors,
            rejected: &self.rejected,
            request_id,
        };
        // Texts and lists of texts always serialise; were it otherwise, an empty document is still a valid problem (type about:blank).
        serde_json::to_string(&document).unwrap_or_else(|_| "{}".to_owned())
    }
}

/// Status and headers now; the document follows where the request id is known.
impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.kind.parts().0.into_response();
        for (name, value) in &self.headers {
            response.headers_mut().append(name, value.clone());
        }
        response.headers_mut().insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        response.extensions_mut().insert(self);
        response
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn each_kind_has_a_type_of_its_own_under_problems() {
        let types: HashSet<&str> = Kind::ALL.iter().map(|kind| kind.parts().1).collect();
        assert_eq!(types.len(), Kind::ALL.len());
        assert!(types.iter().all(|name| name.starts_with("/problems/")));
    }
}

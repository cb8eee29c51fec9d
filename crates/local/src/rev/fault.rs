//! A fault: what is done and what the caller is told.

use serde::{Deserialize, Serialize};

/// Whether a line is opened. Means nothing for the other calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Does {
    /// At once, before any delay of the answer.
    #[default]
    Now,
    /// Not at all.
    Never,
    /// So many seconds later on the stand-in's clock: the call arrives after its caller gave up.
    After(u32),
}

/// What the caller is told.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reply {
    /// What is true. A line that was not opened has no true answer: the connection is closed then.
    #[default]
    Normal,
    /// Nothing: the connection is closed.
    Drop,
    /// This.
    Status {
        /// HTTP status.
        status: u16,
        /// The body: `text/html` when it begins with `<`, else `application/json`.
        #[serde(default)]
        body: String,
        /// The header `Retry-After`.
        #[serde(default)]
        retry_after: Option<String>,
    },
    /// The true answer, a byte at a time.
    SlowDrip {
        /// Milliseconds (of real time) between two bytes.
        every_ms: u64,
    },
    /// The true answer with so many bytes of padding.
    Huge {
        /// Bytes.
        padding: usize,
    },
}

/// What goes wrong.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Fault {
    /// What is done.
    pub does: Does,
    /// What is said.
    pub reply: Reply,
    /// Milliseconds (of real time) that the answer is held back.
    pub delay_ms: u64,
    /// Whether the answer is held back, beside any delay, until `RevStandIn::let_go` or the end of the faults.
    pub held: bool,
    /// Seconds on the stand-in's clock until look-ups show the line.
    pub shown_after_s: u32,
}

const HTML: &str = "<html><body><h1>Bad Gateway</h1></body></html>";

impl Fault {
    /// Nothing goes wrong: a place in a script.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// Any status and body; the line is not opened.
    #[must_use]
    pub fn status(status: u16, body: &str) -> Self {
        Self {
            does: Does::Never,
            reply: Reply::Status {
                status,
                body: body.to_owned(),
                retry_after: None,
            },
            ..Self::default()
        }
    }

    /// 422 in Rev's envelope.
    #[must_use]
    pub fn refuse(reason: &str) -> Self {
        let body = serde_json::json!({"ok": false, "error": reason});
        Self::status(422, &body.to_string())
    }

    /// The line is opened at once, the true answer comes later.
    #[must_use]
    pub fn delay(milliseconds: u64) -> Self {
        Self::default().delayed(milliseconds)
    }

    /// The line is opened at once, the true answer comes when the test lets it go.
    #[must_use]
    pub fn hold() -> Self {
        Self::default().held()
    }

    /// The line is opened, the connection closed without an answer.
    #[must_use]
    pub fn drop_after() -> Self {
        Self {
            reply: Reply::Drop,
            ..Self::default()
        }
    }

    /// The connection is closed, nothing was done.
    #[must_use]
    pub fn drop_before() -> Self {
        Self {
            does: Does::Never,
            ..Self::drop_after()
        }
    }

    /// The connection is closed, and the line is opened so many seconds later.
    #[must_use]
    pub fn late(seconds: u32) -> Self {
        Self {
            does: Does::After(seconds),
            ..Self::drop_after()
        }
    }

    /// The line is opened and the true answer given, but look-ups show it so many seconds later.
    #[must_use]
    pub fn shown_late(seconds: u32) -> Self {
        Self::default().and_shown_late(seconds)
    }

    /// 409.
    #[must_use]
    pub fn conflict() -> Self {
        Self::status(409, r#"{"ok":false,"error":"conflict"}"#)
    }

    /// 429 with `Retry-After` in seconds, or in its words only, or with neither.
    #[must_use]
    pub fn throttled(retry_after: Option<&str>) -> Self {
        let mut fault = Self::status(
            429,
            r#"{"statusCode":429,"message":"Rate limit is exceeded."}"#,
        );
        if let Reply::Status {
            retry_after: header,
            ..
        } = &mut fault.reply
        {
            *header = retry_after.map(str::to_owned);
        }
        fault
    }

    /// 429 that says in words alone how long to wait.
    #[must_use]
    pub fn throttled_in_words(seconds: u32) -> Self {
        let body = format!(
            r#"{{"statusCode":429,"message":"Rate limit is exceeded. Try again in {seconds} seconds."}}"#
        );
        Self::status(429, &body)
    }

    /// 403 because the calls of the day are spent.
    #[must_use]
    pub fn quota() -> Self {
        Self::status(
            403,
            r#"{"statusCode":403,"message":"Out of call volume quota. Quota will be replenished in 00:10:00."}"#,
        )
    }

    /// 403 because the key is not known.
    #[must_use]
    pub fn key() -> Self {
        Self::status(
            403,
            r#"{"statusCode":403,"message":"Access denied due to invalid subscription key."}"#,
        )
    }

    /// 500; [`Fault::done`] makes it one after the line was opened.
    #[must_use]
    pub fn server_error() -> Self {
        Self::status(500, r#"{"ok":false,"error":"internal error"}"#)
    }

    /// 502 from something in between, in HTML.
    #[must_use]
    pub fn bad_gateway() -> Self {
        Self::status(502, HTML)
    }

    /// 200 with HTML in place of JSON.
    #[must_use]
    pub fn html() -> Self {
        Self::status(200, HTML)
    }

    /// The true answer, a byte every so many milliseconds.
    #[must_use]
    pub fn slow_drip(every_ms: u64) -> Self {
        Self {
            reply: Reply::SlowDrip { every_ms },
            ..Self::default()
        }
    }

    /// The true answer in 2 MB.
    #[must_use]
    pub fn huge() -> Self {
        Self {
            reply: Reply::Huge {
                padding: 2 * 1024 * 1024,
            },
            ..Self::default()
        }
    }

    /// The same answer, but the line is opened.
    #[must_use]
    pub fn done(self) -> Self {
        Self {
            does: Does::Now,
            ..self
        }
    }

    /// The same, and the line is opened so many seconds later on the stand-in's clock.
    #[must_use]
    pub fn done_late(self, seconds: u32) -> Self {
        Self {
            does: Does::After(seconds),
            ..self
        }
    }

    /// The same, and look-ups show the line so many seconds later.
    #[must_use]
    pub fn and_shown_late(self, seconds: u32) -> Self {
        Self {
            shown_after_s: seconds,
            ..self
        }
    }

    /// The same, so many milliseconds of real time later.
    #[must_use]
    pub fn delayed(self, milliseconds: u64) -> Self {
        Self {
            delay_ms: milliseconds,
            ..self
        }
    }

    /// The same, once the test lets it go.
    #[must_use]
    pub fn held(self) -> Self {
        Self { held: true, ..self }
    }

    /// A fault by its name in the admin endpoint, with usual numbers.
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "none" => Self::none(),
            "refuse" => Self::refuse("the stand-in was told to refuse this"),
            "delay" => Self::delay(5_000),
            "drop_after" => Self::drop_after(),
            "drop_before" => Self::drop_before(),
            "late" => Self::late(30),
            "shown_late" => Self::drop_after().and_shown_late(45),
            "409" => Self::conflict(),
            "409_done" => Self::conflict().done(),
            "429" => Self::throttled(Some("5")),
            "429_without_retry_after" => Self::throttled(None),
            "429_in_words" => Self::throttled_in_words(5),
            "403_quota" => Self::quota(),
            "403_key" => Self::key(),
            "401" => Self::status(401, r#"{"ok":false,"error":"token not accepted"}"#),
            "500" => Self::server_error(),
            "500_done" => Self::server_error().done(),
            "502" => Self::bad_gateway(),
            "502_done" => Self::bad_gateway().done(),
            "html" => Self::html(),
            "html_done" => Self::html().done(),
            "slow_drip" => Self::slow_drip(1_000),
            "huge" => Self::huge(),
            _ => return None,
        })
    }
}

//! For each statement the rows that it is asked about, and the call that asks it.

use embedded_sql_server::faults::Action;

use super::{by_hand, intake, listed::Listed, reads, stage::Call, working};
use crate::support::Base;

/// A database with rows, and a call for each statement that was asked for.
pub struct Cases {
    pub base: Base,
    pub calls: Vec<Call>,
}

impl Cases {
    pub fn one(base: Base, call: Call) -> Self {
        Self {
            base,
            calls: vec![call],
        }
    }
}

/// Lays rows down for one statement, or for several that only read.
pub async fn lay(statements: &[Listed]) -> Cases {
    if statements.iter().all(|listed| reads::has(&listed.name)) {
        return reads::lay(statements).await;
    }
    let [statement] = statements else {
        panic!("a statement that writes has its rows for itself: {statements:?}");
    };
    match statement.name.as_str() {
        "submit" => intake::submit().await,
        "outbox_sent" => intake::outbox_sent().await,
        "outbox_failed" => intake::outbox_failed().await,
        "outbox_take" => working::outbox_take().await,
        "enroll" => working::enroll().await,
        "claim" => working::claim().await,
        "more_slots" => working::more_slots().await,
        "preflight" => working::preflight().await,
        "facts" => working::facts().await,
        "record" => working::record().await,
        "finish" => working::finish().await,
        "sweep" => working::sweep().await,
        "open_chunks" => working::open_chunks().await,
        "share_budget" => by_hand::share_budget().await,
        "pause" => by_hand::pause().await,
        "resume" => by_hand::resume().await,
        "settle" => by_hand::settle().await,
        other => panic!("`{other}` is a new statement: give it a case here or in reads.rs"),
    }
}

/// Whether the call sends another statement after this one.
pub fn is_followed(statement: &str) -> bool {
    statement == "validate_device"
}

/// Whether a call that is made again answers the same. The others say that what they were asked for is done by now, and so does
/// their repetition after an answer was lost.
pub fn answers_twice_as_once(statement: &str) -> bool {
    !matches!(
        statement,
        "submit"
            | "enroll"
            | "claim"
            | "more_slots"
            | "facts"
            | "record"
            | "finish"
            | "sweep"
            | "pause"
            | "resume"
            | "settle"
    )
}

/// An error that a caller is not told as one, because it is the answer to what he asked.
pub fn tells(statement: &str, action: &Action) -> Option<&'static str> {
    // Another request with the same key is being written.
    (statement == "submit" && *action == Action::Error { number: 1222 }).then_some("KeyBusy")
}

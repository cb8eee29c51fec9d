//! What follows what in the work on one change: decided from what is stored and what Rev answered, by nothing else.
//!
//! The promise behind every rule here: an uncertain billing call is looked up, never repeated.

use std::time::Duration;

use crate::{
    change_request::ChangeRequest,
    ids::{ChangeId, ServiceLineId},
    plan::Reason,
    service_line::ServiceLineOrder,
    steps::Step,
};

/// After this many calls that did not leave the house, the change is given up (backoff included, about four hours).
pub const MOST_ATTEMPTS: i32 = 20;

/// A claimed change as it stands.
#[derive(Debug, Clone, Copy)]
pub struct Standing<'a> {
    /// Its id.
    pub change: ChangeId,
    /// Where it stands.
    pub step: Step,
    /// The stored change; none when it cannot be read.
    pub request: Option<&'a ChangeRequest>,
    /// Whether an earlier claim had recorded an intent: a call may have been made.
    pub earlier_intent: bool,
    /// The line that is known to be open.
    pub service_line: Option<ServiceLineId>,
    /// What speaks against it by now, read with the claim.
    pub blocked: Option<Reason>,
    /// Why Rev opens no line of this bulk change, if it said so before the first.
    pub refused: Option<(Reason, &'a str)>,
}

/// What is to be done with a claimed change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Turn {
    /// Open this line: one call of the budget.
    Open(Box<ServiceLineOrder>),
    /// Look up whether a line was opened: one call of the budget for each page.
    LookUp,
    /// An earlier attempt ended without a recorded outcome: remember that as unknown, and look up when the time has come.
    Doubt,
    /// Take over ownership.
    Assign,
    /// End it.
    End(Ending),
}

/// How a change ends without ownership.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    /// `ERROR`: our own checks.
    Error(Reason, String),
    /// `API_FAILED`: Rev's word.
    ApiFailed(Reason, String),
    /// `API_FAILED` for the reader, open for the person who settles it.
    Review(Reason, String),
}

/// What to do with a change that was just claimed.
#[must_use]
pub fn turn(standing: &Standing<'_>) -> Turn {
    match standing.step {
        Step::Settle => Turn::LookUp,
        Step::OpenLine if standing.service_line.is_some() => assign(standing),
        // The claim moves such a row to `settle` itself (docs/decisions/0051); if it ever does not, no call is made.
        Step::OpenLine if standing.earlier_intent => Turn::Doubt,
        Step::OpenLine => open(standing),
        Step::Assign | Step::Done => assign(standing),
    }
}

fn open(standing: &Standing<'_>) -> Turn {
    // Rows that may have been billed were looked up all the same; what was not is refused like the others.
    if let Some((reason, words)) = standing.refused {
        return Turn::End(Ending::ApiFailed(reason, words.to_owned()));
    }
    if let Some(reason) = standing.blocked {
        return Turn::End(Ending::Error(reason, words_of(reason).to_owned()));
    }
    let Some(request) = standing.request else {
        return Turn::End(malformed("the stored change cannot be read"));
    };
    match request.order(standing.change) {
        Ok(Some(order)) => Turn::Open(Box::new(order)),
        Ok(None) => Turn::Assign,
        Err(incomplete) => Turn::End(malformed(&incomplete.to_string())),
    }
}

fn assign(standing: &Standing<'_>) -> Turn {
    let ending = match (standing.blocked, standing.request, standing.service_line) {
        (None, Some(_), _) => return Turn::Assign,
        (Some(reason), _, None) => Ending::Error(reason, words_of(reason).to_owned()),
        (None, None, None) => malformed("the stored change cannot be read"),
        (Some(reason), _, Some(line)) => Ending::Review(
            reason,
            format!(
                "service line {line} is open at Rev, but {}",
                words_of(reason)
            ),
        ),
        (None, None, Some(line)) => Ending::Review(
            Reason::MalformedChange,
            format!("service line {line} is open at Rev, but the stored change cannot be read"),
        ),
    };
    Turn::End(ending)
}

fn malformed(words: &str) -> Ending {
    Ending::Error(Reason::MalformedChange, words.to_owned())
}

/// The words for a device that was in order at submit and is not any more.
fn words_of(reason: Reason) -> &'static str {
    match reason {
        Reason::DeviceNotFound => "the device does not exist any more",
        Reason::DeviceArchived => "the device was archived since the request",
        Reason::AssignedToOtherCustomer => {
            "the device was assigned to another customer since the request"
        }
        Reason::ActiveServiceLine => {
            "the device got an active service line with this customer since the request"
        }
        _ => "the device cannot be associated any more",
    }
}

/// What Rev's answer to the opening call means for the change (the classes of crate `rev`, without their transport).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Opened {
    /// A line with this id is open.
    Line(ServiceLineId),
    /// Rev refused it; its words.
    Refused(String),
    /// It provably did not happen: not sent, throttled, or the account is stopped. When to come back.
    NotSent {
        /// What was in the way.
        error: String,
        /// How long to wait.
        again_in: Duration,
        /// Whether the account is at fault (throttled, stopped): then no attempt of the device is counted against it.
        account: bool,
    },
    /// Nobody knows.
    Unknown(String),
}

/// What is written down, and what comes next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// Store the line's id, then take over ownership.
    Assign(ServiceLineId),
    /// Store that the outcome is unknown; look up after the settling time.
    Settle(String),
    /// Hand the row back: its intent is cleared.
    HandBack {
        /// What was in the way.
        error: String,
        /// How long to wait.
        again_in: Duration,
    },
    /// End it.
    End(Ending),
}

/// What happened to a change before this call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Before {
    /// Earlier hand-backs.
    pub attempts: i32,
    /// Earlier calls that ended without a known outcome.
    pub unknowns: i32,
}

/// What follows the opening call.
#[must_use]
pub fn after_opening(opened: Opened, before: Before) -> Next {
    match opened {
        Opened::Line(id) => Next::Assign(id),
        // Rev may refuse this call because the lost one has arrived by now: that is looked up before anything ends.
        Opened::Refused(words) if before.unknowns > 0 => Next::Settle(format!(
            "Rev refused, after a call without an answer: {words}"
        )),
        Opened::Refused(words) => Next::End(Ending::ApiFailed(Reason::RevRefused, words)),
        Opened::NotSent {
            error,
            account: false,
            ..
        } if before.attempts >= MOST_ATTEMPTS => Next::End(Ending::ApiFailed(
            Reason::RevUnreachable,
            format!("Rev could not be reached: {error}"),
        )),
        Opened::NotSent {
            error, again_in, ..
        } => Next::HandBack { error, again_in },
        Opened::Unknown(error) => Next::Settle(error),
    }
}

/// How long a change waits after its n-th call that did not leave the house: 5 s, doubling, at most 15 minutes.
#[must_use]
pub fn backoff(attempts: i32) -> Duration {
    let doublings = u32::try_from(attempts.clamp(0, 8)).unwrap_or_default();
    Duration::from_secs((5_u64 << doublings).min(900))
}

/// What a complete look-up found, compared exactly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LookedUp {
    /// A line with our reference.
    Ours(ServiceLineId),
    /// Several lines with our reference: must not be, a person looks at it.
    SeveralOurs(Vec<ServiceLineId>),
    /// Same number and customer, no reference of ours, created after the change.
    Suspicious,
    /// What the old system opened for this change of another producer.
    OldSystems(ServiceLineId),
    /// Several lines that it may have opened for it.
    SeveralOldSystems(Vec<ServiceLineId>),
    /// A line bills the customer for the number already, and is not this change's.
    Billed,
    /// Another line with that number.
    Foreign,
    /// No such line.
    Absent,
    /// More lines have the number than a look-up reads.
    TooMany,
    /// Rev refuses to look it up; its words.
    Refused(String),
}

/// How far the settling of a change has come, read with the claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settling {
    /// Whether "not there" counts already: 60 s after the later of call and lease end.
    pub counts: bool,
    /// Whether an earlier counted look-up found nothing, and whether that was at least 30 s ago.
    pub absent_before: Option<bool>,
    /// Calls of this change that ended without a known outcome.
    pub unknowns: i32,
    /// Earlier look-ups that decided nothing.
    pub attempts: i32,
}

/// What is written down after a look-up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settled {
    /// It is ours: store the id, then take over ownership.
    Adopt(ServiceLineId),
    /// Too early to count: ask again when it counts.
    TooEarly,
    /// Nothing there, for the first time: ask once more after 30 s.
    AbsentOnce,
    /// Nothing there, twice: the intent is cleared, the change may be sent once more with the same reference.
    NotCreated,
    /// It decided nothing, for this reason: ask again later.
    Undecided(String),
    /// End it.
    End(Ending),
}

/// What follows a look-up that Rev answered: with every page, or with a refusal.
#[must_use]
pub fn after_look_up(found: &LookedUp, settling: Settling) -> Settled {
    match found {
        LookedUp::Ours(id) | LookedUp::OldSystems(id) => Settled::Adopt(*id),
        LookedUp::SeveralOldSystems(ids) => Settled::End(Ending::Review(
            Reason::BillingOutcomeUnknown,
            format!(
                "Rev holds {} service lines that may have been opened for this change: {}",
                ids.len(),
                listed(ids)
            ),
        )),
        LookedUp::SeveralOurs(ids) => Settled::End(Ending::Review(
            Reason::BillingOutcomeUnknown,
            format!(
                "Rev holds {} service lines with this change's reference: {}",
                ids.len(),
                listed(ids)
            ),
        )),
        LookedUp::Suspicious => Settled::End(Ending::Review(
            Reason::BillingOutcomeUnknown,
            "Rev holds a service line that may be this change's: same number and customer, made after it, without its reference".to_owned(),
        )),
        LookedUp::TooMany => Settled::End(Ending::Review(
            Reason::BillingOutcomeUnknown,
            "Rev holds more service lines with the number than are looked through".to_owned(),
        )),
        LookedUp::Refused(words) if settling.attempts < MOST_ATTEMPTS => {
            Settled::Undecided(words.clone())
        }
        // Without a person it would be asked for ever, and the bulk change never end.
        LookedUp::Refused(words) => Settled::End(Ending::Review(
            Reason::BillingOutcomeUnknown,
            format!("Rev refuses to look the service line up: {words}"),
        )),
        // A line of somebody else does not tell that ours will not appear yet: it decides only when "not there" does.
        LookedUp::Foreign | LookedUp::Billed | LookedUp::Absent if !settling.counts => {
            Settled::TooEarly
        }
        LookedUp::Foreign | LookedUp::Billed | LookedUp::Absent => match (settling.absent_before, found) {
            (None, _) => Settled::AbsentOnce,
            (Some(false), _) => Settled::TooEarly,
            (Some(true), LookedUp::Billed) => Settled::End(Ending::Error(
                Reason::ActiveServiceLine,
                "the device has an active service line with this customer".to_owned(),
            )),
            (Some(true), LookedUp::Foreign) => Settled::End(Ending::ApiFailed(
                Reason::NumberInUse,
                "another service line has the number".to_owned(),
            )),
            (Some(true), _) if settling.unknowns >= 2 => Settled::End(Ending::Review(
                Reason::BillingOutcomeUnknown,
                "two calls ended without an answer, and Rev shows no service line".to_owned(),
            )),
            (Some(true), _) => Settled::NotCreated,
        },
    }
}

fn listed(ids: &[ServiceLineId]) -> String {
    ids.iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(", ")
}

#[cfg(test)]
#[path = "follow_tests.rs"]
mod tests;

//! What became of the calls, written before anything that business data could make fail.

use std::{collections::HashSet, time::Duration};

use association::{
    ids::{ChangeId, IntegrationAuthenticationId, ServiceLineId},
    service_line::Reference,
};
use serde::Serialize;

use crate::{Central, CentralError, driver::json, slots::whole_milliseconds, statement::Statement};

const FACTS: Statement = Statement::repeatable("facts", include_str!("facts.sql"));

/// A look-up that found nothing for the first time is repeated after this long (docs/decisions/0020).
const BETWEEN_ABSENCES: Duration = Duration::from_secs(30);

/// The length of `LastError`.
const ERROR_LENGTH: usize = 1000;

/// What became of one change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// Which change.
    pub change: ChangeId,
    /// Of the claim that made the call. A line id is stored without it.
    pub fence: i64,
    /// What the line carries.
    pub reference: Reference,
    /// What became of it.
    pub kind: FactKind,
}

/// What became of a call. Everything but a line id is a decision and frees the lease.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FactKind {
    /// A line with this id is open, opened or found. The lease is kept: the business write follows.
    LineOpened(ServiceLineId),
    /// Nobody knows: settled from 60 s after the lease end on.
    Unknown {
        /// What was seen.
        error: String,
    },
    /// The call provably did not happen: the intent is cleared. For a look-up it is a [`FactKind::Wait`].
    NotSent {
        /// What was in the way.
        error: String,
        /// When it may be tried again.
        again_in: Duration,
    },
    /// A complete look-up found nothing, and it counts: asked once more in 30 s.
    StillAbsent,
    /// A complete look-up found nothing, too early to count: asked again when it counts.
    NotYetCounted {
        /// When, if no settling time is stored.
        again_in: Duration,
    },
    /// Two look-ups that count found nothing: the intent is cleared and the change may be sent once more.
    NotCreated,
    /// Nothing was decided.
    Wait {
        /// When to go on.
        again_in: Duration,
        /// What was in the way; counted as an attempt, unless a call slot lapsed (`again_in` is zero).
        error: Option<String>,
    },
}

/// What became of a fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FactResult {
    /// It is written (perhaps by an earlier run of the same).
    Stored,
    /// The change is not the caller's any more, or it was decided already: nothing was written.
    Stale,
    /// A line that must not be: another id is stored already, another change holds this one or was given it in the same
    /// write, or the change had ended. It is in review; raise an alarm.
    SecondLine,
}

impl FactResult {
    fn read(text: &str) -> Result<Self, String> {
        match text {
            "stored" => Ok(Self::Stored),
            "stale" => Ok(Self::Stale),
            "second-line" => Ok(Self::SecondLine),
            other => Err(format!("`{other}` is no result of a fact")),
        }
    }
}

/// What the calls said of the account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AccountFact {
    /// Nobody calls it for so long; the rate halves.
    Throttled {
        /// As Rev said.
        retry_after: Duration,
    },
    /// It is misconfigured or refuses its credentials: one probe every 5 minutes.
    Stopped {
        /// Why.
        reason: String,
    },
    /// A call succeeded: a stopped account goes on.
    Working,
}

/// The account facts of one write: the longest pause, and the last word on whether it is stopped.
#[derive(Debug, Default)]
struct AccountWrite {
    account: Option<i32>,
    throttled_ms: Option<i32>,
    stopped: Option<String>,
    working: bool,
}

impl AccountWrite {
    fn of(account: Option<(IntegrationAuthenticationId, &[AccountFact])>) -> Self {
        let Some((account, facts)) = account else {
            return Self::default();
        };
        let mut write = Self {
            account: Some(account.get()),
            ..Self::default()
        };
        for fact in facts {
            match fact {
                AccountFact::Throttled { retry_after } => {
                    write.throttled_ms = write
                        .throttled_ms
                        .max(Some(whole_milliseconds(*retry_after)));
                }
                AccountFact::Stopped { reason } => {
                    write.stopped = Some(cut(reason, ERROR_LENGTH));
                    write.working = false;
                }
                AccountFact::Working => {
                    write.stopped = None;
                    write.working = true;
                }
            }
        }
        write
    }

    fn is_at_fault(&self) -> bool {
        self.throttled_ms.is_some() || self.stopped.is_some()
    }
}

/// One row of `OPENJSON` in facts.sql.
#[derive(Serialize)]
struct Row<'a> {
    change: ChangeId,
    fence: i64,
    reference: &'a str,
    kind: &'static str,
    line: Option<ServiceLineId>,
    error: Option<String>,
    again: Option<i32>,
    counted: bool,
}

/// Writes facts, in one round trip. Safe to repeat, whatever became of an earlier run.
///
/// A hand-back counts as an attempt of the change, unless the account is at fault or the row is due again at once.
pub async fn facts(
    central: &Central,
    account: Option<(IntegrationAuthenticationId, &[AccountFact])>,
    facts: &[Fact],
) -> Result<Vec<(ChangeId, FactResult)>, CentralError> {
    let mut account = AccountWrite::of(account);
    let mut results = Vec::with_capacity(facts.len());
    let mut left: Vec<&Fact> = facts.iter().collect();
    // The statement takes each change once; two facts of one change (two line ids) go one after the other.
    loop {
        let mut seen = HashSet::new();
        let (now, later): (Vec<&Fact>, Vec<&Fact>) =
            left.into_iter().partition(|fact| seen.insert(fact.change));
        results.extend(write(central, &account, &now).await?);
        if later.is_empty() {
            return Ok(results);
        }
        left = later;
        account = AccountWrite::default();
    }
}

async fn write(
    central: &Central,
    account: &AccountWrite,
    facts: &[&Fact],
) -> Result<Vec<(ChangeId, FactResult)>, CentralError> {
    let rows: Vec<Row<'_>> = facts
        .iter()
        .map(|fact| row(fact, account.is_at_fault()))
        .collect();
    let mut answer = central
        .query(
            &FACTS,
            &[
                &account.account,
                &account.throttled_ms,
                &account.stopped.as_deref(),
                &account.working,
                &json(&FACTS, &rows)?.as_str(),
            ],
        )
        .await?;
    answer.rows("results", |row| {
        Ok((
            row.parsed("ChangeId", ChangeId::new)?,
            row.parsed("Result", FactResult::read)?,
        ))
    })
}

fn row(fact: &Fact, account_is_at_fault: bool) -> Row<'_> {
    let blank = Row {
        change: fact.change,
        fence: fact.fence,
        reference: fact.reference.as_str(),
        kind: "wait",
        line: None,
        error: None,
        again: None,
        counted: false,
    };
    match &fact.kind {
        FactKind::LineOpened(line) => Row {
            kind: "line-opened",
            line: Some(*line),
            ..blank
        },
        FactKind::Unknown { error } => Row {
            kind: "unknown",
            error: Some(cut(error, ERROR_LENGTH)),
            ..blank
        },
        FactKind::NotSent { error, again_in } => Row {
            kind: "not-sent",
            error: Some(cut(error, ERROR_LENGTH)),
            again: Some(whole_milliseconds(*again_in)),
            // A slot that lapsed is handed back at once: nobody failed.
            counted: !account_is_at_fault && !again_in.is_zero(),
            ..blank
        },
        FactKind::StillAbsent => Row {
            kind: "still-absent",
            again: Some(whole_milliseconds(BETWEEN_ABSENCES)),
            ..blank
        },
        FactKind::NotYetCounted { again_in } => Row {
            kind: "not-yet-counted",
            again: Some(whole_milliseconds(*again_in)),
            ..blank
        },
        FactKind::NotCreated => Row {
            kind: "not-created",
            ..blank
        },
        FactKind::Wait { again_in, error } => Row {
            error: error.as_deref().map(|error| cut(error, ERROR_LENGTH)),
            again: Some(whole_milliseconds(*again_in)),
            counted: error.is_some() && !account_is_at_fault && !again_in.is_zero(),
            ..blank
        },
    }
}

/// The first characters of a text, as many as its nvarchar column holds: it counts UTF-16 units.
pub(crate) fn cut(text: &str, length: usize) -> String {
    let mut left = length;
    text.chars()
        .take_while(|character| {
            let fits = character.len_utf16() <= left;
            left = left.saturating_sub(character.len_utf16());
            fits
        })
        .collect()
}

#[cfg(test)]
#[path = "facts_tests.rs"]
mod tests;

//! What came of the rows of one claim, in the form in which it is written down. No I/O.

use std::{collections::HashMap, time::Duration};

use association::{
    change_request::ChangeRequest,
    follow::{Ending, Next, Settled, Standing, Turn, backoff, turn},
    ids::{ChangeId, ServiceLineId},
    service_line::Reference,
    steps::Step,
};
use central::{
    claim::ClaimedChange,
    facts::{AccountFact, Fact, FactKind, FactResult},
    record::{self, FailedStatus, LogEntry, Record},
};
use rev::Exchange;

use crate::assignment;

const REV_API: &str = "Create Rev.io Service: Rev.io API";
const REV_LOOK_UP: &str = "Create Rev.io Service: Rev.io look-up";

/// Facts, records and log entries of one claim.
#[derive(Default)]
pub(crate) struct Outcomes {
    pub(crate) facts: Vec<Fact>,
    pub(crate) account_facts: Vec<AccountFact>,
    pub(crate) records: Vec<Record>,
    pub(crate) logs: Vec<LogEntry>,
}

impl Outcomes {
    /// Whether there is anything for the first write.
    pub(crate) fn has_facts(&self) -> bool {
        !self.facts.is_empty() || !self.account_facts.is_empty()
    }

    /// An earlier claim recorded an intent and told no outcome.
    pub(crate) fn doubt(&mut self, row: &ClaimedChange) {
        self.fact(
            row,
            FactKind::Unknown {
                error: "an earlier attempt ended without a recorded outcome".to_owned(),
            },
        );
    }

    /// Ownership can be taken over; `line` is the open line, when one was asked for.
    pub(crate) fn assign(
        &mut self,
        row: &ClaimedChange,
        request: &ChangeRequest,
        line: Option<ServiceLineId>,
        exchange: Option<&Exchange>,
    ) {
        if let (Some(line), None) = (line, exchange) {
            self.logs.push(LogEntry {
                change: row.change,
                description: REV_API.to_owned(),
                request: None,
                has_errors: false,
                response_status: "PROCESSED".to_owned(),
                response: Some(format!("service line {line}, opened by an earlier attempt")),
                error: None,
            });
        }
        let (record, logs) = assignment::of(row, request, line);
        self.records.push(record);
        self.logs.extend(logs);
    }

    /// The change ends without ownership.
    pub(crate) fn end(&mut self, row: &ClaimedChange, ending: Ending) {
        let (description, words) = match &ending {
            Ending::Error(_, words) => ("AMOP Customer Assignment", words),
            Ending::ApiFailed(_, words) | Ending::Review(_, words) => ("Associate Customer", words),
        };
        self.logs.push(LogEntry {
            change: row.change,
            description: description.to_owned(),
            request: None,
            has_errors: true,
            response_status: if matches!(ending, Ending::Error(..)) {
                "ERROR"
            } else {
                "API_FAILED"
            }
            .to_owned(),
            response: None,
            error: Some(words.clone()),
        });
        let ending = match ending {
            Ending::Error(reason, words) => record::Ending::Failed {
                status: FailedStatus::Error,
                reason,
                words,
            },
            Ending::ApiFailed(reason, words) => record::Ending::Failed {
                status: FailedStatus::ApiFailed,
                reason,
                words,
            },
            Ending::Review(reason, words) => {
                tracing::error!(
                    change_id = row.change.get(),
                    reason = reason.code(),
                    "change_needs_review"
                );
                record::Ending::Review { reason, words }
            }
        };
        self.records.push(assignment::ended(row, ending));
    }

    /// After an opening call, or instead of one.
    pub(crate) fn opened(
        &mut self,
        row: &ClaimedChange,
        request: &ChangeRequest,
        next: Next,
        exchange: Option<&Exchange>,
    ) {
        if let Some(exchange) = exchange {
            self.call(row, REV_API, exchange, &next);
        }
        match next {
            Next::Assign(line) => {
                self.fact(row, FactKind::LineOpened(line));
                self.assign(row, request, Some(line), exchange);
            }
            Next::Settle(error) => self.fact(row, FactKind::Unknown { error }),
            Next::HandBack { error, again_in } => {
                self.fact(row, FactKind::NotSent { error, again_in });
            }
            Next::End(ending) => self.end(row, ending),
        }
    }

    /// After a complete look-up.
    pub(crate) fn settled(
        &mut self,
        row: &ClaimedChange,
        request: &ChangeRequest,
        settled: Settled,
        exchange: &Exchange,
    ) {
        self.logs.push(LogEntry {
            change: row.change,
            description: REV_LOOK_UP.to_owned(),
            request: Some(exchange.request.clone()),
            has_errors: matches!(settled, Settled::End(_)),
            response_status: if matches!(settled, Settled::End(_)) {
                "ERROR"
            } else {
                "PROCESSED"
            }
            .to_owned(),
            response: Some(exchange.response.clone()),
            error: None,
        });
        match settled {
            Settled::Adopt(line) => {
                self.fact(row, FactKind::LineOpened(line));
                // What speaks against the device by now was no reason not to look; it is one not to hand the device over.
                let found = Standing {
                    change: row.change,
                    step: Step::Assign,
                    request: Some(request),
                    earlier_intent: row.earlier_intent,
                    service_line: Some(line),
                    blocked: row.now_blocked,
                    refused: None,
                };
                match turn(&found) {
                    Turn::End(ending) => self.end(row, ending),
                    _ => self.assign(row, request, Some(line), Some(exchange)),
                }
            }
            Settled::TooEarly => self.fact(
                row,
                FactKind::NotYetCounted {
                    again_in: Duration::from_secs(30),
                },
            ),
            Settled::AbsentOnce => self.fact(row, FactKind::StillAbsent),
            Settled::NotCreated => self.fact(row, FactKind::NotCreated),
            Settled::Undecided(error) => self.deferred(row, error, backoff(row.attempts)),
            Settled::End(ending) => self.end(row, ending),
        }
    }

    /// A look-up that decided nothing.
    pub(crate) fn deferred(&mut self, row: &ClaimedChange, error: String, again_in: Duration) {
        self.fact(
            row,
            FactKind::Wait {
                again_in,
                error: Some(error),
            },
        );
    }

    /// Takes over what the first write said: a second line of one change is never recorded as its line.
    pub(crate) fn stored(&mut self, stored: &[(ChangeId, FactResult)]) {
        let results: HashMap<ChangeId, &FactResult> = stored
            .iter()
            .map(|(change, result)| (*change, result))
            .collect();
        let second =
            |change: &ChangeId| matches!(results.get(change), Some(FactResult::SecondLine));
        self.records.retain(|record| {
            if second(&record.change) {
                tracing::error!(change_id = record.change.get(), "second_service_line");
                telemetry::measure::devices_in_review(1);
            }
            !second(&record.change)
        });
        // The calls happened; what was to follow from them did not.
        let is_call =
            |entry: &LogEntry| [REV_API, REV_LOOK_UP].contains(&entry.description.as_str());
        self.logs
            .retain(|entry| is_call(entry) || !second(&entry.change));
    }

    fn fact(&mut self, row: &ClaimedChange, kind: FactKind) {
        self.facts.push(Fact {
            change: row.change,
            fence: row.fence,
            reference: Reference::of(row.change),
            kind,
        });
    }

    fn call(&mut self, row: &ClaimedChange, description: &str, exchange: &Exchange, next: &Next) {
        let (status, error) = match next {
            Next::Assign(_) => ("PROCESSED", None),
            Next::Settle(error) => ("ERROR", Some(format!("outcome unknown: {error}"))),
            Next::HandBack { error, .. } => ("ERROR", Some(error.clone())),
            Next::End(
                Ending::Error(_, words) | Ending::ApiFailed(_, words) | Ending::Review(_, words),
            ) => ("API_FAILED", Some(words.clone())),
        };
        self.logs.push(LogEntry {
            change: row.change,
            description: description.to_owned(),
            request: Some(exchange.request.clone()),
            has_errors: error.is_some(),
            response_status: status.to_owned(),
            response: Some(exchange.response.clone()),
            error,
        });
    }
}

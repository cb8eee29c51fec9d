//! A worker: what the consumer does with one delivery, cut into the moments between which something else may happen. What follows
//! what is asked of `association::follow`, as the consumer asks it.

use association::{
    change_request::ChangeRequest,
    follow::{
        Before, LookedUp, Next, Opened, Settled, Settling, Standing, Turn, after_look_up,
        after_opening, backoff, turn,
    },
    ids::ChangeId,
    plan::Reason,
    steps::Step,
};

use super::{
    event::Fate,
    rows::{Claimed, Ending, Fact, Kind, Record},
    rules::{Rule, Rules},
};

/// The longest that a call may take.
pub(super) const CALL: i64 = 20;
/// Kept at the end of the lease for writing.
const WRITING: i64 = 15;

/// One claimed change in the hands of a worker.
#[derive(Debug, Clone)]
pub(super) struct Task {
    pub(super) row: Claimed,
    pub(super) taken: bool,
    pub(super) state: State,
}

/// How far it is.
#[derive(Debug, Clone)]
pub(super) enum State {
    /// A line is to be opened.
    ToOpen,
    /// It is to be looked up.
    ToLookUp,
    /// The opening call is in the air; what will be heard.
    Opening(Opened),
    /// The look-up is in the air; nothing when it decides nothing.
    Looking(Option<LookedUp>),
    /// Nothing more is to be done at Rev.
    Settled,
}

/// Everything that a worker holds between a claim and the end of its delivery.
#[derive(Debug, Clone)]
pub(super) struct Held {
    /// Its message.
    pub(super) message: u64,
    pub(super) chunk: usize,
    /// When the claim was sent, on the worker's own clock.
    pub(super) sent: i64,
    pub(super) tasks: Vec<Task>,
    pub(super) facts: Vec<Fact>,
    pub(super) records: Vec<Record>,
    pub(super) facts_written: bool,
}

impl Held {
    /// What a claim brought; what needs no call is decided at once. `taken`: another customer has the device by now.
    pub(super) fn new(message: u64, chunk: usize, sent: i64) -> Self {
        Self {
            message,
            chunk,
            sent,
            tasks: Vec::new(),
            facts: Vec::new(),
            records: Vec::new(),
            facts_written: false,
        }
    }

    pub(super) fn add(&mut self, row: Claimed, taken: bool, request: &ChangeRequest, rules: Rules) {
        let doubted = row.earlier_intent && rules.hold(Rule::IntentIsDoubted);
        let state = match turn(&standing(&row, row.step, doubted, taken, request)) {
            Turn::Open(_) => State::ToOpen,
            Turn::LookUp => State::ToLookUp,
            Turn::Doubt => {
                self.fact(&row, Kind::Unknown);
                State::Settled
            }
            Turn::Assign => {
                self.record(&row, Ending::Assign(row.line));
                State::Settled
            }
            Turn::End(ending) => {
                self.record(&row, ended(&ending));
                State::Settled
            }
        };
        self.tasks.push(Task { row, taken, state });
    }

    /// Whether a call may begin now: on the worker's own clock, or, without that rule, by what the database's clock said.
    pub(super) fn may_call(&self, task: &Task, own_now: i64, rules: Rules) -> bool {
        let end = if rules.hold(Rule::LeaseByOwnClock) {
            self.sent + super::rows::LEASE
        } else {
            task.row.lease_until
        };
        !rules.hold(Rule::LeaseAtTheCall) || own_now + CALL <= end - WRITING
    }

    /// An opening call was answered, or not made.
    pub(super) fn opened(&mut self, row: Claimed, opened: Opened, rules: Rules) {
        let again = match &opened {
            Opened::Unknown(_) if !rules.hold(Rule::UnknownIsLookedUp) => Some(Opened::NotSent {
                error: "no answer".to_owned(),
                again_in: std::time::Duration::ZERO,
                account: true,
            }),
            _ => None,
        };
        let opened = again.unwrap_or(opened);
        let account = matches!(opened, Opened::NotSent { account: true, .. });
        let before = Before {
            attempts: row.attempts,
            unknowns: row.unknowns,
        };
        match after_opening(opened, before) {
            Next::Assign(line) => {
                self.fact(&row, Kind::LineOpened(line));
                self.record(&row, Ending::Assign(Some(line)));
            }
            Next::Settle(_) => self.fact(&row, Kind::Unknown),
            Next::HandBack { again_in, .. } => {
                let again = seconds(again_in);
                let counted = !account && again > 0;
                self.fact(&row, Kind::NotSent { again, counted });
            }
            Next::End(ending) => self.record(&row, ended(&ending)),
        }
    }

    /// A look-up was answered; nothing when it decided nothing.
    pub(super) fn looked_up(
        &mut self,
        task: &Task,
        found: Option<&LookedUp>,
        request: &ChangeRequest,
        rules: Rules,
    ) {
        let row = task.row;
        let wait = Kind::Wait {
            again: seconds(backoff(row.attempts)),
            counted: true,
        };
        let Some(found) = found else {
            return self.fact(&row, wait);
        };
        let absent_before = if rules.hold(Rule::AbsenceTwice) {
            row.absent_since_30s
        } else {
            Some(true)
        };
        let settling = Settling {
            counts: row.settle_due,
            absent_before,
            unknowns: row.unknowns,
            attempts: row.attempts,
        };
        match after_look_up(found, settling) {
            Settled::Adopt(line) => {
                self.fact(&row, Kind::LineOpened(line));
                let adopted = Claimed {
                    line: Some(line),
                    ..row
                };
                let standing = standing(
                    &adopted,
                    Step::Assign,
                    row.earlier_intent,
                    task.taken,
                    request,
                );
                let ending = match turn(&standing) {
                    Turn::End(ending) => ended(&ending),
                    _ => Ending::Assign(Some(line)),
                };
                self.record(&row, ending);
            }
            Settled::TooEarly => self.fact(&row, Kind::NotYetCounted),
            Settled::AbsentOnce => self.fact(&row, Kind::StillAbsent),
            Settled::NotCreated => self.fact(&row, Kind::NotCreated),
            Settled::Undecided(_) => self.fact(&row, wait),
            Settled::End(ending) => self.record(&row, ended(&ending)),
        }
    }

    fn fact(&mut self, row: &Claimed, kind: Kind) {
        self.facts.push(Fact {
            change: row.change,
            fence: row.fence,
            kind,
        });
    }

    fn record(&mut self, row: &Claimed, ending: Ending) {
        self.records.push(Record {
            change: row.change,
            fence: row.fence,
            ending,
        });
    }
}

/// What the worker hears of an opening call with this fate.
pub(super) fn heard(fate: Fate, line: Option<association::ids::ServiceLineId>) -> Opened {
    match (fate, line) {
        (Fate::Answered | Fate::ShownLate(_), Some(line)) => Opened::Line(line),
        (Fate::Refused, _) => Opened::Refused("no".to_owned()),
        (Fate::NotSent { account }, _) => Opened::NotSent {
            error: "no route".to_owned(),
            again_in: if account {
                std::time::Duration::ZERO
            } else {
                backoff(0)
            },
            account,
        },
        _ => Opened::Unknown("no answer".to_owned()),
    }
}

fn standing<'a>(
    row: &Claimed,
    step: Step,
    earlier_intent: bool,
    taken: bool,
    request: &'a ChangeRequest,
) -> Standing<'a> {
    Standing {
        change: ChangeId::new(i64::try_from(row.change).unwrap() + 1).unwrap(),
        step,
        request: Some(request),
        earlier_intent,
        service_line: row.line,
        blocked: taken.then_some(Reason::AssignedToOtherCustomer),
        refused: None,
    }
}

fn ended(ending: &association::follow::Ending) -> Ending {
    match ending {
        association::follow::Ending::Error(..) | association::follow::Ending::ApiFailed(..) => {
            Ending::Failed
        }
        association::follow::Ending::Review(..) => Ending::Review,
    }
}

fn seconds(duration: std::time::Duration) -> i64 {
    i64::try_from(duration.as_secs()).unwrap()
}

//! The promise of the billing steps on the pure core: whatever crashes, repeats or stays unanswered, Rev holds at most one
//! line per change, and every change ends.

use association::{
    change_request::ChangeRequest,
    follow::{
        Before, Ending, LookedUp, MOST_ATTEMPTS, Next, Opened, Settled, Settling, Standing, Turn,
        after_look_up, after_opening, turn,
    },
    ids::{ChangeId, ServiceLineId},
    plan::Reason,
    steps::Step,
};
use proptest::prelude::*;
use std::sync::LazyLock;

static REQUEST: LazyLock<ChangeRequest> = LazyLock::new(request);

pub(crate) fn request() -> ChangeRequest {
    serde_json::from_value(serde_json::json!({
        "Number": "15550000001", "ICCID": "8900000000000000001", "RevCustomerId": "1001", "DeviceId": 1, "CreateRevService": true,
        "ServiceTypeId": 1, "RevPackageId": 5, "RevProductIdList": [], "RateList": [], "Prorate": false, "Description": null,
        "EffectiveDate": "2026-03-01", "AddCarrierRatePlan": false, "CarrierRatePlan": null, "CommPlan": null,
        "IntegrationAuthenticationId": 1, "SiteId": 1, "ActivatedDate": "2026-03-01", "ProviderId": 1, "UsagePlanGroupId": null,
        "AddCustomerRatePlan": false, "CustomerRatePlan": null, "CustomerRatePool": null, "CustomerDataAllocationMB": null,
    }))
    .unwrap()
}

fn change() -> ChangeId {
    ChangeId::new(1).unwrap()
}

fn line(id: i64) -> ServiceLineId {
    ServiceLineId::new(id).unwrap()
}

/// What happens to one try.
#[derive(Debug, Clone, Copy)]
enum Event {
    /// The consumer dies before the call, its intent is recorded.
    DiesBefore,
    /// The consumer dies after the call was done, before anything is written.
    DiesAfter,
    Answered,
    DoneWithoutAnswer,
    NeitherDoneNorAnswered,
    Refused,
    NotSent,
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        Just(Event::DiesBefore),
        Just(Event::DiesAfter),
        Just(Event::Answered),
        Just(Event::DoneWithoutAnswer),
        Just(Event::NeitherDoneNorAnswered),
        Just(Event::Refused),
        Just(Event::NotSent),
    ]
}

/// One change as the database keeps it, and the lines that Rev holds for it.
#[derive(Debug)]
struct World {
    step: Step,
    intent: bool,
    stored: Option<ServiceLineId>,
    unknowns: i32,
    attempts: i32,
    absent: bool,
    lines: Vec<ServiceLineId>,
    end: Option<Ending>,
}

impl World {
    fn new() -> Self {
        Self {
            step: Step::OpenLine,
            intent: false,
            stored: None,
            unknowns: 0,
            attempts: 0,
            absent: false,
            lines: Vec::new(),
            end: None,
        }
    }

    fn ended(&self) -> bool {
        self.end.is_some() || self.step == Step::Done
    }

    /// One claim and what follows. Look-ups are made when they count: the waiting itself is the database's.
    fn claim(&mut self, event: Event) {
        let standing = Standing {
            change: change(),
            step: self.step,
            request: Some(&REQUEST),
            earlier_intent: self.intent,
            service_line: self.stored,
            blocked: None,
            refused: None,
        };
        match turn(&standing) {
            Turn::Open(_) => self.open(event),
            Turn::Doubt => self.doubt(),
            Turn::LookUp => self.look_up(),
            Turn::Assign => self.step = Step::Done,
            Turn::End(ending) => self.end = Some(ending),
        }
    }

    fn open(&mut self, event: Event) {
        self.intent = true;
        let done = matches!(
            event,
            Event::DiesAfter | Event::Answered | Event::DoneWithoutAnswer
        );
        if done {
            self.lines
                .push(line(i64::try_from(self.lines.len()).unwrap() + 100));
        }
        let opened = match event {
            Event::DiesBefore | Event::DiesAfter => return,
            Event::Answered => Opened::Line(*self.lines.last().unwrap()),
            Event::DoneWithoutAnswer | Event::NeitherDoneNorAnswered => {
                Opened::Unknown("no answer".to_owned())
            }
            Event::Refused => Opened::Refused("no".to_owned()),
            Event::NotSent => Opened::NotSent {
                error: "no route".to_owned(),
                again_in: std::time::Duration::ZERO,
                account: false,
            },
        };
        let before = Before {
            attempts: self.attempts,
            unknowns: self.unknowns,
        };
        match after_opening(opened, before) {
            Next::Assign(id) => self.adopt(id),
            Next::Settle(_) => self.doubt(),
            Next::HandBack { .. } => {
                self.intent = false;
                self.attempts += 1;
            }
            Next::End(ending) => self.end = Some(ending),
        }
    }

    fn doubt(&mut self) {
        self.step = Step::Settle;
        self.unknowns += 1;
        self.absent = false;
    }

    fn adopt(&mut self, id: ServiceLineId) {
        self.stored = Some(id);
        self.step = Step::Assign;
    }

    fn look_up(&mut self) {
        let found = self
            .lines
            .first()
            .map_or(LookedUp::Absent, |id| LookedUp::Ours(*id));
        let settling = Settling {
            counts: true,
            absent_before: self.absent.then_some(true),
            unknowns: self.unknowns,
            attempts: self.attempts,
        };
        match after_look_up(&found, settling) {
            Settled::Adopt(id) => self.adopt(id),
            Settled::TooEarly => {}
            Settled::AbsentOnce => self.absent = true,
            Settled::NotCreated => {
                (self.intent, self.absent, self.step) = (false, false, Step::OpenLine);
            }
            Settled::Undecided(_) => self.attempts += 1,
            Settled::End(ending) => self.end = Some(ending),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn rev_holds_at_most_one_line_per_change_and_every_change_ends(events in proptest::collection::vec(event(), 24)) {
        let mut world = World::new();
        for event in events.into_iter().chain([Event::Answered; 4]) {
            if !world.ended() {
                world.claim(event);
            }
            prop_assert!(world.lines.len() <= 1, "{world:?}");
        }
        prop_assert!(world.ended(), "{world:?}");
        // A line is never lost: when one is open, the change has it.
        prop_assert_eq!(world.lines.first().copied(), world.stored, "{:?}", world);
    }
}

#[test]
fn an_intent_of_an_earlier_claim_is_never_answered_by_a_second_call() {
    let request = request();
    for step in [Step::OpenLine, Step::Settle] {
        let standing = Standing {
            change: change(),
            step,
            request: Some(&request),
            earlier_intent: true,
            service_line: None,
            blocked: None,
            refused: None,
        };
        assert!(!matches!(turn(&standing), Turn::Open(_)));
    }
}

#[test]
fn a_change_with_an_open_line_never_ends_as_an_error() {
    let request = request();
    for blocked in [
        Reason::DeviceArchived,
        Reason::AssignedToOtherCustomer,
        Reason::DeviceNotFound,
    ] {
        let standing = Standing {
            change: change(),
            step: Step::Assign,
            request: Some(&request),
            earlier_intent: true,
            service_line: Some(line(5)),
            blocked: Some(blocked),
            refused: None,
        };
        assert!(
            matches!(turn(&standing), Turn::End(Ending::Review(reason, _)) if reason == blocked)
        );
    }
}

#[test]
fn not_there_counts_only_twice_and_only_after_the_settling_time() {
    let settling = |counts, absent_before, unknowns| Settling {
        counts,
        absent_before,
        unknowns,
        attempts: 0,
    };
    for found in [LookedUp::Absent, LookedUp::Foreign] {
        assert_eq!(
            after_look_up(&found, settling(false, None, 1)),
            Settled::TooEarly
        );
        assert_eq!(
            after_look_up(&found, settling(true, None, 1)),
            Settled::AbsentOnce
        );
        assert_eq!(
            after_look_up(&found, settling(true, Some(false), 1)),
            Settled::TooEarly
        );
    }
    assert_eq!(
        after_look_up(&LookedUp::Absent, settling(true, Some(true), 1)),
        Settled::NotCreated
    );
    assert!(matches!(
        after_look_up(&LookedUp::Absent, settling(true, Some(true), 2)),
        Settled::End(Ending::Review(..))
    ));
    assert!(matches!(
        after_look_up(&LookedUp::Foreign, settling(true, Some(true), 1)),
        Settled::End(Ending::ApiFailed(Reason::NumberInUse, _))
    ));
    assert!(matches!(
        after_look_up(&LookedUp::Suspicious, settling(false, None, 1)),
        Settled::End(Ending::Review(..))
    ));
    assert_eq!(
        after_look_up(&LookedUp::Ours(line(9)), settling(false, None, 1)),
        Settled::Adopt(line(9))
    );
}

#[test]
fn a_look_up_that_never_decides_ends_with_a_person() {
    let settling = |attempts| Settling {
        counts: true,
        absent_before: Some(true),
        unknowns: 1,
        attempts,
    };
    let refused = LookedUp::Refused("no such search".to_owned());
    assert_eq!(
        after_look_up(&refused, settling(MOST_ATTEMPTS - 1)),
        Settled::Undecided("no such search".to_owned())
    );
    for (found, attempts) in [(refused, MOST_ATTEMPTS), (LookedUp::TooMany, 0)] {
        assert!(matches!(
            after_look_up(&found, settling(attempts)),
            Settled::End(Ending::Review(Reason::BillingOutcomeUnknown, _))
        ));
    }
}

#[test]
fn a_refusal_after_a_call_without_an_answer_is_looked_up_before_anything_ends() {
    let refused = |unknowns| {
        let before = Before {
            attempts: 0,
            unknowns,
        };
        after_opening(Opened::Refused("number in use".to_owned()), before)
    };
    assert!(matches!(
        refused(0),
        Next::End(Ending::ApiFailed(Reason::RevRefused, _))
    ));
    assert!(matches!(refused(1), Next::Settle(_)));
}

#[test]
fn a_refused_bulk_change_opens_no_line_for_a_row_that_was_not_found() {
    let request = request();
    let standing = Standing {
        change: change(),
        step: Step::OpenLine,
        request: Some(&request),
        earlier_intent: false,
        service_line: None,
        blocked: None,
        refused: Some((Reason::RevProduct, "Example")),
    };
    let refused = Ending::ApiFailed(Reason::RevProduct, "Example".to_owned());
    assert_eq!(turn(&standing), Turn::End(refused));
    // Whether it is billed already is found out all the same.
    let settling = Standing {
        step: Step::Settle,
        ..standing
    };
    assert_eq!(turn(&settling), Turn::LookUp);
}

#[test]
fn what_the_old_system_opened_is_adopted_and_what_bills_the_customer_already_ends_the_change() {
    let settling = |absent_before| Settling {
        counts: true,
        absent_before,
        unknowns: 0,
        attempts: 0,
    };
    let found = LookedUp::OldSystems(line(5));
    assert_eq!(
        after_look_up(&found, settling(None)),
        Settled::Adopt(line(5))
    );
    let several = LookedUp::SeveralOldSystems(vec![line(5), line(6)]);
    assert!(matches!(
        after_look_up(&several, settling(None)),
        Settled::End(Ending::Review(Reason::BillingOutcomeUnknown, words)) if words.ends_with("5, 6")
    ));
    assert_eq!(
        after_look_up(&LookedUp::Billed, settling(None)),
        Settled::AbsentOnce
    );
    assert!(matches!(
        after_look_up(&LookedUp::Billed, settling(Some(true))),
        Settled::End(Ending::Error(Reason::ActiveServiceLine, _))
    ));
}

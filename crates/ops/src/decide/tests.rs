use association::{
    ids::{BulkChangeId, ChangeId, ServiceLineId},
    steps::Step,
};
use central::ops::{
    moment::Moment,
    review::{LineAsked, Settled},
};
use time::macros::datetime;

use super::*;

const NOON: Moment = Moment(datetime!(2026-11-23 12:00));

fn line(id: i64) -> ServiceLineId {
    ServiceLineId::new(id).unwrap()
}

fn adopt(id: i64) -> Decision {
    Decision::Adopt(line(id))
}

fn in_review() -> (Review, ReviewWork) {
    let work = ReviewWork {
        fence: 3,
        step: Step::Settle,
        customer: "1001".to_owned(),
        number: "15550001".to_owned(),
        reference: Some("AMOP-17".to_owned()),
        intent: Some((NOON, 900)),
        known_line: None,
        review_since: Some(NOON),
        words: Some("nobody knows".to_owned()),
        closed_at: None,
        blocked: None,
    };
    let review = Review {
        change: ChangeId::new(17).unwrap(),
        bulk_change: BulkChangeId::new(3).unwrap(),
        iccid: "8900000000000000001".to_owned(),
        status: "API_FAILED".to_owned(),
        details: None,
        work: None,
        settled: None,
        line: LineAsked::default(),
    };
    (review, work)
}

fn said(decision: Decision, change: impl FnOnce(&mut Review, &mut ReviewWork)) -> Verdict {
    let (mut review, mut work) = in_review();
    change(&mut review, &mut work);
    review.work = Some(work);
    verdict(&review, decision)
}

fn refused(decision: Decision, words: &str, change: impl FnOnce(&mut Review, &mut ReviewWork)) {
    let verdict = said(decision, change);
    assert!(
        matches!(&verdict, Verdict::Refused(said) if said.contains(words)),
        "{words}: {verdict:?}"
    );
}

#[test]
fn a_change_in_review_is_settled_either_way() {
    for decision in [adopt(700), Decision::NotCreated, Decision::GiveUp] {
        let verdict = said(decision, |_, _| {});
        assert!(
            matches!(verdict, Verdict::Will(_)),
            "{decision:?}: {verdict:?}"
        );
    }
    refused(Decision::Acknowledge, "has not ended", |_, _| {});
}

#[test]
fn while_a_call_may_still_arrive_it_is_not_repeated_and_the_device_not_freed() {
    for decision in [Decision::NotCreated, Decision::GiveUp] {
        refused(decision, "wait 1 s more", |_, work| {
            work.intent = Some((NOON, 899));
        });
        assert!(matches!(
            said(decision, |_, work| work.intent = None),
            Verdict::Will(_)
        ));
    }
}

#[test]
fn a_known_line_is_never_declared_not_created() {
    refused(
        Decision::NotCreated,
        "service line 700 is open",
        |_, work| work.known_line = Some(line(700)),
    );
    let Verdict::Will(will) = said(Decision::GiveUp, |_, work| {
        work.known_line = Some(line(700));
    }) else {
        panic!("refused");
    };
    assert!(will[1].contains("disconnect it there"), "{will:?}");
}

#[test]
fn a_line_that_is_somebody_else_s_is_not_adopted() {
    refused(adopt(700), "is change 16's", |review, _| {
        review.line.of_change = Some(ChangeId::new(16).unwrap());
    });
    refused(adopt(700), "as disconnected", |review, _| {
        review.line.disconnected = true;
    });
    refused(adopt(700), "customer 1002's", |review, _| {
        review.line.customer = Some("1002".to_owned());
    });
    refused(adopt(700), "with number 15559999", |review, _| {
        review.line.number = Some("15559999".to_owned());
    });
    refused(adopt(700), "another customer's by now", |_, work| {
        work.blocked = Some(Reason::AssignedToOtherCustomer);
    });
    let ours = said(adopt(700), |review, work| {
        review.line.customer = Some(work.customer.clone());
        review.line.number = Some(work.number.clone());
    });
    assert!(matches!(ours, Verdict::Will(_)), "{ours:?}");
}

#[test]
fn another_line_than_the_known_one_leaves_a_line_to_disconnect() {
    let Verdict::Will(will) = said(adopt(701), |_, work| work.known_line = Some(line(700))) else {
        panic!("refused");
    };
    assert!(
        will[1].contains("service line 700") && will[1].contains("disconnect"),
        "{will:?}"
    );
}

#[test]
fn a_change_that_has_ended_is_acknowledged_and_nothing_else() {
    assert!(matches!(
        said(Decision::Acknowledge, |_, work| work.closed_at = Some(NOON)),
        Verdict::Will(_)
    ));
    for decision in [adopt(700), Decision::NotCreated, Decision::GiveUp] {
        refused(decision, "it has ended", |_, work| {
            work.closed_at = Some(NOON);
        });
    }
}

#[test]
fn what_is_not_in_review_says_what_it_is_instead() {
    refused(Decision::GiveUp, "ended as PROCESSED", |review, work| {
        review.status = "PROCESSED".to_owned();
        work.review_since = None;
        work.closed_at = Some(NOON);
    });
    refused(
        Decision::GiveUp,
        "PENDING, at step open-line",
        |review, work| {
            review.status = "PENDING".to_owned();
            work.review_since = None;
            work.step = Step::OpenLine;
        },
    );
    let (review, _) = in_review();
    assert!(matches!(
        verdict(&review, Decision::GiveUp),
        Verdict::Refused(_)
    ));
}

#[test]
fn the_same_decision_again_has_nothing_to_do() {
    let settled = |decision: &str| {
        Some(Settled {
            decision: decision.to_owned(),
            by: "someone".to_owned(),
            at: NOON,
        })
    };
    let again = said(adopt(700), |review, work| {
        review.settled = settled("adopt");
        work.review_since = None;
        work.known_line = Some(line(700));
    });
    assert!(matches!(again, Verdict::Already(_)), "{again:?}");
    refused(adopt(701), "does not wait", |review, work| {
        review.settled = settled("adopt");
        work.review_since = None;
        work.known_line = Some(line(700));
    });
    refused(Decision::GiveUp, "does not wait", |review, work| {
        review.settled = settled("not-created");
        work.review_since = None;
    });
}

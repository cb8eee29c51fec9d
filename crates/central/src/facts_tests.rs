//! What goes to the statement of a fact: nothing of it is lost on the way, and who is to blame is said.

use serde_json::{Value, json};

use super::*;

fn sent(kind: FactKind, account_is_at_fault: bool) -> Value {
    let change = ChangeId::new(7).unwrap();
    let fact = Fact {
        change,
        fence: 3,
        reference: Reference::of(change),
        kind,
    };
    serde_json::to_value(row(&fact, account_is_at_fault)).unwrap()
}

fn of(kind: &str, members: &Value) -> Value {
    let mut row = json!({
        "change": 7, "fence": 3, "reference": "AMOP-7", "kind": kind,
        "line": null, "error": null, "again": null, "counted": false,
    });
    let members = members.as_object().unwrap().clone();
    row.as_object_mut().unwrap().extend(members);
    row
}

#[test]
fn each_kind_of_fact_arrives_with_all_that_belongs_to_it() {
    let again_in = Duration::from_secs(9);
    let error = || "no route".to_owned();
    let line = ServiceLineId::new(5).unwrap();
    for (kind, expected) in [
        (
            FactKind::LineOpened(line),
            of("line-opened", &json!({"line": 5})),
        ),
        (
            FactKind::Unknown { error: error() },
            of("unknown", &json!({"error": "no route"})),
        ),
        (
            FactKind::NotSent {
                error: error(),
                again_in,
            },
            of(
                "not-sent",
                &json!({"error": "no route", "again": 9_000, "counted": true}),
            ),
        ),
        (
            FactKind::StillAbsent,
            of("still-absent", &json!({"again": 30_000})),
        ),
        (
            FactKind::NotYetCounted { again_in },
            of("not-yet-counted", &json!({"again": 9_000})),
        ),
        (FactKind::NotCreated, of("not-created", &json!({}))),
        (
            FactKind::Wait {
                again_in,
                error: Some(error()),
            },
            of(
                "wait",
                &json!({"error": "no route", "again": 9_000, "counted": true}),
            ),
        ),
        (
            FactKind::Wait {
                again_in,
                error: None,
            },
            of("wait", &json!({"again": 9_000})),
        ),
    ] {
        assert_eq!(sent(kind, false), expected);
    }
}

#[test]
fn a_hand_back_counts_as_an_attempt_unless_the_account_or_a_lapsed_slot_is_its_cause() {
    for (seconds, account_is_at_fault, counted) in [
        (9, false, true),
        (9, true, false),
        (0, false, false),
        (0, true, false),
    ] {
        let again_in = Duration::from_secs(seconds);
        let error = "no route".to_owned();
        for kind in [
            FactKind::NotSent {
                error: error.clone(),
                again_in,
            },
            FactKind::Wait {
                again_in,
                error: Some(error),
            },
        ] {
            assert_eq!(
                sent(kind.clone(), account_is_at_fault)["counted"],
                counted,
                "{kind:?} {account_is_at_fault}"
            );
        }
    }
}

#[test]
fn of_what_was_said_of_an_account_the_longest_pause_counts_and_the_last_word_on_whether_it_works() {
    let account = IntegrationAuthenticationId::new(9).unwrap();
    let throttled = |seconds| AccountFact::Throttled {
        retry_after: Duration::from_secs(seconds),
    };
    let stopped = || AccountFact::Stopped {
        reason: "no such user".to_owned(),
    };
    let write = |facts: &[AccountFact]| {
        let write = AccountWrite::of(Some((account, facts)));
        assert_eq!(write.account, Some(9));
        let at_fault = write.is_at_fault();
        (write.throttled_ms, write.stopped, write.working, at_fault)
    };
    assert_eq!(
        write(&[throttled(7), throttled(60), throttled(8)]),
        (Some(60_000), None, false, true)
    );
    let reason = Some("no such user".to_owned());
    assert_eq!(
        write(&[AccountFact::Working, stopped()]),
        (None, reason.clone(), false, true)
    );
    assert_eq!(
        write(&[stopped(), AccountFact::Working]),
        (None, None, true, false)
    );
    assert_eq!(
        write(&[throttled(7), stopped()]),
        (Some(7_000), reason, false, true)
    );
    assert_eq!(write(&[]), (None, None, false, false));
    assert_eq!(AccountWrite::of(None).account, None);
}

#[test]
fn a_result_that_nobody_knows_is_an_error_and_not_a_stored_fact() {
    assert_eq!(FactResult::read("stored"), Ok(FactResult::Stored));
    assert_eq!(FactResult::read("stale"), Ok(FactResult::Stale));
    assert_eq!(FactResult::read("second-line"), Ok(FactResult::SecondLine));
    for text in ["", "Stored", "done"] {
        assert!(FactResult::read(text).is_err(), "{text}");
    }
}

#[test]
fn a_text_is_cut_as_its_column_counts() {
    assert_eq!(cut("abc", 2), "ab");
    assert_eq!(cut("a😀b", 3), "a😀");
    assert_eq!(cut("a😀b", 2), "a");
    assert_eq!(cut("short", 50), "short");
    let long = "é".repeat(ERROR_LENGTH + 1);
    let error = sent(FactKind::Unknown { error: long }, false)["error"].clone();
    assert_eq!(error, "é".repeat(ERROR_LENGTH));
}

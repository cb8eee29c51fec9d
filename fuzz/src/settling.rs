//! What a look-up decides about a call without an answer, for any lines: no line is adopted that is not the change's.

use association::{
    ids::{ChangeId, ServiceLineId},
    service_line::{Reference, ServiceLine},
};
use rev::{Found, settle, settle_uncalled};
use time::{Duration, OffsetDateTime};

use crate::rev_answer::{CUSTOMER, customer};

/// Of the change of the corpus.
const REFERENCE: &str = "AMOP-7";
const ICCID: &str = "8900000000000000001";
const MSISDN: &str = "15550000001";

/// 2026-03-01.
const CHANGED: i64 = 1_772_323_200;

/// Both ways of settling agree with what is written about them at their types, whatever the lines are.
#[expect(
    clippy::expect_used,
    reason = "without these the target would try nothing, and pass"
)]
pub(crate) fn assert_settled(lines: &[ServiceLine]) {
    let customer = customer();
    let change = ChangeId::new(7).expect("a change's id");
    let changed = OffsetDateTime::from_unix_timestamp(CHANGED).expect("a day");
    let reference = Reference::of(change);
    for number in [ICCID, MSISDN] {
        let found = settle(lines, &reference, &customer, number, changed);
        assert_called(lines, &found, number, changed);
        let reversed: Vec<ServiceLine> = lines.iter().rev().cloned().collect();
        let again = settle(&reversed, &reference, &customer, number, changed);
        assert_eq!(again, found, "the order of the lines decides");
    }
    let numbers = [ICCID.to_owned(), MSISDN.to_owned()];
    let found = settle_uncalled(lines, &reference, &customer, &numbers, changed);
    assert_uncalled(lines, &found, changed);
}

/// Whether the last word of a description is this change's reference.
fn marked(line: &ServiceLine) -> bool {
    line.description.split_whitespace().next_back() == Some(REFERENCE)
}

/// Whether it is any change's.
fn marked_by_any(line: &ServiceLine) -> bool {
    let last = line
        .description
        .split_whitespace()
        .next_back()
        .unwrap_or_default();
    last.strip_prefix("AMOP-")
        .is_some_and(|id| !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Whether Rev bills it, or may begin to: what is not surely over does.
fn bills(line: &ServiceLine) -> bool {
    let over = ["disconnected", "denied", "canceled", "cancelled"];
    !over.contains(&line.status.trim().to_ascii_lowercase().as_str())
}

fn of_customer(line: &ServiceLine) -> bool {
    line.customer == CUSTOMER
}

fn with_id(lines: &[ServiceLine], id: ServiceLineId) -> impl Iterator<Item = &ServiceLine> {
    lines.iter().filter(move |line| line.id == id)
}

fn may_be_of_the_change(line: &ServiceLine, changed: OffsetDateTime) -> bool {
    line.created
        .is_none_or(|created| created >= changed - Duration::minutes(5))
}

fn assert_called(lines: &[ServiceLine], found: &Found, number: &str, changed: OffsetDateTime) {
    let ours =
        |line: &&ServiceLine| marked(line) && line.number.trim() == number && of_customer(line);
    match found {
        Found::Ours(id) => {
            assert!(
                with_id(lines, *id).any(|line| ours(&line)),
                "line {id} is not ours"
            );
        }
        Found::SeveralOurs(ids) => {
            assert!(ids.len() > 1, "{ids:?}");
            for id in ids {
                assert!(
                    with_id(lines, *id).any(|line| ours(&line)),
                    "line {id} is not ours"
                );
            }
        }
        Found::Foreign | Found::Absent => {
            // The change may be sent again, or ends: nothing there may be its line.
            for line in lines
                .iter()
                .filter(|line| line.number.trim() == number && of_customer(line))
            {
                assert!(
                    !may_be_of_the_change(line, changed),
                    "line {} may be ours",
                    line.id
                );
            }
            assert!(!lines.iter().any(|line| ours(&line)));
            let taken = |line: &ServiceLine| line.number.trim() == number && bills(line);
            assert!(
                *found == Found::Foreign || !lines.iter().any(taken),
                "the number is taken"
            );
        }
        Found::Suspicious => assert!(!lines.is_empty()),
        Found::OldSystems(_) | Found::SeveralOldSystems(_) | Found::Billed => {
            unreachable!("{found:?} is no answer to a call of ours");
        }
    }
}

fn assert_uncalled(lines: &[ServiceLine], found: &Found, changed: OffsetDateTime) {
    let numbered = |line: &ServiceLine| [ICCID, MSISDN].contains(&line.number.trim());
    let old_systems = |id: ServiceLineId| {
        with_id(lines, id).any(|line| {
            numbered(line)
                && of_customer(line)
                && !marked_by_any(line)
                && may_be_of_the_change(line, changed)
        })
    };
    match found {
        Found::Ours(id) => assert!(
            with_id(lines, *id).any(|line| marked(line) && numbered(line) && of_customer(line)),
            "line {id} is not ours"
        ),
        Found::OldSystems(id) => assert!(old_systems(*id), "line {id} is another change's"),
        Found::SeveralOldSystems(ids) => {
            assert!(
                ids.len() > 1 && ids.iter().all(|id| old_systems(*id)),
                "{ids:?}"
            );
        }
        Found::Absent | Found::Foreign | Found::Billed => {
            // A line may be opened, or the change ends without one: none that is there is the change's own.
            assert!(!lines.iter().any(marked), "one bears our reference");
            let taken = lines.iter().any(|line| numbered(line) && bills(line));
            assert_eq!(taken, *found != Found::Absent, "{found:?}");
        }
        Found::SeveralOurs(ids) => assert!(ids.len() > 1),
        Found::Suspicious => assert!(!lines.is_empty()),
    }
}

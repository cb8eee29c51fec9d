//! The schedules find it when a rule is missing. Each of these takes one out, or two that stand in for each other, and counts how
//! many schedules it takes until Rev bills a change twice.

use proptest::strategy::ValueTree;

use super::{
    drawn,
    promises::Broken,
    rules::{Rule, Rules},
    run::World,
};

/// So many schedules may pass until the missing rule shows; a normal run has five times as many.
const WITHIN: u64 = 2_000;

/// The first seed whose schedule breaks this promise.
fn found(broken: Broken, out: &'static [Rule], within: u64) -> Option<u64> {
    let found = (0..within).find(|seed| {
        let world = World::run(&drawn(*seed).1.current(), Rules::without(out));
        world.broken.iter().any(|(_, it)| *it == broken)
    });
    println!("{broken:?} without {out:?}: found by seed {found:?}");
    found
}

fn is_billed_twice_without(out: &'static [Rule]) {
    assert!(
        found(Broken::BilledTwice, out, WITHIN).is_some(),
        "{WITHIN} schedules do not notice that {out:?} is missing"
    );
}

#[test]
fn a_blind_second_call_after_an_unknown_answer_is_found() {
    is_billed_twice_without(&[Rule::UnknownIsLookedUp]);
}

#[test]
fn a_fence_that_nobody_looks_at_is_found() {
    is_billed_twice_without(&[Rule::Fence]);
}

#[test]
fn a_call_that_outlives_its_lease_is_found() {
    is_billed_twice_without(&[Rule::LeaseAtTheCall]);
    is_billed_twice_without(&[Rule::LeaseByOwnClock]);
}

#[test]
fn a_claim_that_takes_what_another_holds_is_found() {
    assert!(found(Broken::CalledWithoutLease, &[Rule::LeaseAtTheClaim], WITHIN).is_some());
}

#[test]
fn an_absence_that_counts_at_once_is_found() {
    is_billed_twice_without(&[Rule::AbsenceWaits]);
}

#[test]
fn a_single_absence_that_decides_is_found() {
    is_billed_twice_without(&[Rule::AbsenceTwice]);
}

#[test]
fn an_earlier_intent_that_nobody_minds_is_found() {
    is_billed_twice_without(&[Rule::IntentGoesToTheLookUp, Rule::IntentIsDoubted]);
}

#[test]
fn either_of_the_two_rules_on_an_earlier_intent_is_enough_against_a_second_line() {
    for one in [
        &[Rule::IntentGoesToTheLookUp] as &'static [Rule],
        &[Rule::IntentIsDoubted],
    ] {
        assert_eq!(found(Broken::BilledTwice, one, 1_000), None);
    }
}

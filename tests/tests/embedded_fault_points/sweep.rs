//! The fault sweep (G1, G2): every named point × what strikes there × how the message comes back.
//!
//! A scenario is a scene of its own ([`crate::scene`]) with one strike at the first pass of one effect. After it whatever was
//! accepted is done, billed once and told, and no table has a row more than when nothing strikes. In the normal run the forms of
//! delivery take turns; `PROOF_LONG=1` runs the whole product, and strikes at each call of the function on whose way an effect is,
//! instead of at the first alone.
//!
//! A death is that of a real process, which stands still at the point and gets SIGKILL there ([`end_to_end::kill`]); of the
//! consumer and of the intake alike. Fault points belong to the process, so each test is a group of points, and nextest runs each in
//! a process of its own.

use std::{collections::BTreeMap, time::Instant};

use end_to_end::effects::{CONSUMER, INTAKE, THEIRS, points};
use fail::FailScenario;

use crate::{
    play::{Passes, Strike, Undisturbed, let_the_rest_come, play},
    scene::{Scene, Way},
    strike::{DELIVERIES, Delivery, KINDS, Kind},
};

/// Plays a way with no strike, and notes when which effect is passed.
pub async fn undisturbed(way: Way) -> Undisturbed {
    let mut scene = Scene::submitted(way).await;
    let names: Vec<&str> = CONSUMER.iter().chain(&THEIRS).copied().collect();
    let counted = Passes::of(points(&names));
    play(&mut scene, None, "undisturbed", |call| counted.at(call)).await;
    for point in points(&names) {
        fail::remove(point);
    }
    let_the_rest_come(&scene).await;
    let rows = scene.rows();
    scene.assert_done(&rows, false, "undisturbed").await;
    let passed = names
        .iter()
        .filter_map(|effect| {
            let mut calls = counted.seen().remove(&format!("{effect}.before"))?;
            calls.dedup();
            Some(((*effect).to_owned(), calls))
        })
        .collect();
    Undisturbed { passed, rows }
}

/// Whether the long form is asked for.
pub fn is_long() -> bool {
    std::env::var("PROOF_LONG").as_deref() == Ok("1")
}

/// All of them in the long form. Else one: by turns, so that every effect meets every kind and every form of delivery, and every
/// kind every form of delivery.
pub fn deliveries(effect: &str, kind: Kind) -> Vec<Delivery> {
    if is_long() {
        return DELIVERIES.to_vec();
    }
    let all = CONSUMER.iter().chain(&THEIRS).chain(&INTAKE);
    let place = all.into_iter().position(|known| *known == effect);
    let turn = place.unwrap() + KINDS.iter().position(|known| *known == kind).unwrap();
    vec![DELIVERIES[turn % DELIVERIES.len()]]
}

/// How many forms of delivery a kind is tried with.
pub fn deliveries_each() -> usize {
    if is_long() { DELIVERIES.len() } else { 1 }
}

/// Every scenario of some effects of the consumer on one way.
async fn sweep(way: Way, effects: &[&str]) {
    let _alone = FailScenario::setup();
    let begun = Instant::now();
    let calm = undisturbed(way).await;
    let mut scenarios = 0;
    let mut expected = 0;
    for effect in effects {
        let calls = match *effect {
            // The first message is made to fail, so that it is hidden.
            "queue.hide" => vec![0],
            _ => calm
                .passed
                .get(*effect)
                .unwrap_or_else(|| panic!("{effect} is not on the way {way:?}"))
                .clone(),
        };
        let calls = if is_long() { &calls[..] } else { &calls[..1] };
        expected += calls.len() * KINDS.len() * deliveries_each();
        for at in calls {
            for kind in KINDS {
                for delivery in deliveries(effect, kind) {
                    Box::pin(scenario(way, effect, kind, delivery, *at, &calm.rows)).await;
                    scenarios += 1;
                }
            }
        }
    }
    assert_eq!(scenarios, expected);
    if !is_long() {
        assert_eq!(scenarios, effects.len() * KINDS.len());
    }
    tell(&format!("{way:?}"), effects, scenarios, begun);
}

/// Says what ran.
pub fn tell(way: &str, effects: &[&str], scenarios: usize, begun: Instant) {
    println!(
        "fault sweep, {way}: {scenarios} scenarios ({} points x {} kinds x {}) of {} in {:.1} s",
        effects.len(),
        KINDS.len(),
        if is_long() {
            "3 deliveries, at each call of the function"
        } else {
            "a delivery by turns"
        },
        effects.join(", "),
        begun.elapsed().as_secs_f64()
    );
}

async fn scenario(
    way: Way,
    effect: &str,
    kind: Kind,
    delivery: Delivery,
    at: usize,
    rows: &BTreeMap<String, usize>,
) {
    let when = format!("{way:?}, {effect} at call {at}, {kind:?}, {delivery:?}");
    let begun = Instant::now();
    let mut scene = Scene::submitted(way).await;
    let made = begun.elapsed();
    let strike = Strike {
        effect,
        kind,
        delivery,
        at,
    };
    play(&mut scene, Some(strike), &when, |_| {}).await;
    let_the_rest_come(&scene).await;
    // An offer or a notice whose answer is lost, or whose mark is not written, is made again; so is one by two side by side.
    let told_again = matches!(
        effect,
        "queue.send"
            | "notice.post"
            | "central.outbox_sent"
            | "central.outbox_failed"
            | "central.sweep"
    );
    scene.assert_done(rows, told_again, &when).await;
    if std::env::var("SWEEP_TIMES").is_ok() {
        println!("{when}: {made:?} {:?}", begun.elapsed());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_claim_and_preflight() {
    sweep(Way::Ours, &CONSUMER[..4]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_facts_record_and_finish() {
    sweep(Way::Ours, &CONSUMER[4..7]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_outbox_and_sweep() {
    sweep(Way::Ours, &CONSUMER[7..11]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_rev() {
    sweep(Way::Ours, &CONSUMER[11..16]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_queue_and_notice() {
    sweep(Way::Ours, &CONSUMER[16..]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_taking_over() {
    sweep(Way::Theirs, &THEIRS).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_looking_up_and_offering_what_was_taken_over() {
    sweep(Way::Theirs, &["rev.lines", "central.finish", "queue.send"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_passing_on() {
    sweep(Way::Elsewhere, &["central.enroll_read", "queue.send"]).await;
}

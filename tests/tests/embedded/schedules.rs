//! 300 random schedules over the real consumer: three instances side by side, moved by hand from one effect to the next, while
//! messages are doubled, reordered, late and lost, leases run out, clocks go apart, the database and Rev fail as they like, and
//! instances are killed. After each event Rev holds at most one line of each change; once it is quiet, every change has ended
//! once, a person is asked only where two calls were lost, and AMOP 2.0 was told.
//!
//! - `SCHEDULES=3000 cargo nextest run -p end-to-end --test embedded schedules` runs more (seeds from `SCHEDULE_FROM`, else 0),
//! - `SCHEDULE_SEED=17 cargo nextest run -p end-to-end --test embedded schedules` runs one again. What of it is the same each
//!   time stands in `tests/src/schedule.rs`.

use std::panic::AssertUnwindSafe;

use end_to_end::schedule::{
    conductor::Conductor, instance::said, plan::Plan, promises::Tally, stage::Stage,
};
use futures::FutureExt as _;

/// Schedules of a normal run, of all tests together, and of the long form (`PROOF_LONG=1`).
const SCHEDULES: u64 = 300;
const SCHEDULES_LONG: u64 = 3_000;
/// As many tests share them, so that they run side by side.
const TESTS: u64 = 6;

fn number(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(
        text.parse()
            .unwrap_or_else(|_| panic!("{name} is no number: {text}")),
    )
}

/// Schedules of a run that names no number.
fn usual() -> u64 {
    if std::env::var("PROOF_LONG").as_deref() == Ok("1") {
        SCHEDULES_LONG
    } else {
        SCHEDULES
    }
}

/// Runs a schedule; a broken promise is told with its seed and all that was done.
async fn run(stage: &Stage, plan: Plan) -> Tally {
    let seed = plan.seed;
    let mut conductor = Conductor::new(stage, plan.clone()).await;
    let run = AssertUnwindSafe(conductor.run()).catch_unwind().await;
    match run {
        Ok(tally) => tally,
        Err(payload) => panic!(
            "the schedule of seed {seed} breaks a promise: {}\n\
             again: SCHEDULE_SEED={seed} cargo nextest run -p end-to-end --test embedded schedules\n\
             the schedule:\n{plan}what was done:\n{}",
            said(payload.as_ref()),
            conductor.told()
        ),
    }
}

/// Runs the schedules whose seeds leave this rest.
async fn share(rest: u64) {
    let (from, count) = match number("SCHEDULE_SEED") {
        Some(seed) => (seed, 1),
        None => (
            number("SCHEDULE_FROM").unwrap_or(0),
            number("SCHEDULES").unwrap_or_else(usual),
        ),
    };
    // What the lambdas log of a hundred deaths would hide what is told here.
    if std::env::var_os("LOG_LEVEL").is_none() {
        tracing::subscriber::set_global_default(tracing::subscriber::NoSubscriber::default()).ok();
    }
    let seeds: Vec<u64> = (from..from + count)
        .filter(|seed| seed % TESTS == rest)
        .collect();
    let variables = ["SCHEDULE_SEED", "SCHEDULE_FROM", "SCHEDULES"];
    if variables.iter().all(|name| number(name).is_none()) {
        assert_eq!(
            seeds.len() as u64 * TESTS,
            usual(),
            "they are no longer shared by {TESTS} tests"
        );
    }
    // Of a few seeds that were asked for not every test has one.
    if seeds.is_empty() {
        return;
    }
    let stage = Stage::new().await;
    let mut sum = Tally::default();
    let mut schedules = 0;
    for seed in seeds {
        sum.add(run(&stage, Plan::drawn(seed)).await);
        schedules += 1;
    }
    println!(
        "{schedules} schedules, seeds {from}..{} by {TESTS}: {sum:?}",
        from + count
    );
    // They come to where it hurts: otherwise they would show nothing.
    if schedules >= 20 {
        let Tally {
            killed,
            side_by_side,
            look_ups,
            struck,
            reviews,
            processed,
            taken,
            ..
        } = sum;
        for (what, often) in [
            ("killed", killed),
            ("side by side", side_by_side),
            ("look-ups", look_ups),
            ("struck", struck),
            ("processed", processed),
        ] {
            assert!(
                often >= schedules / 4,
                "{what}: {often} times in {schedules} schedules"
            );
        }
        assert!(taken > 0, "no device that another change had");
        assert!(reviews * 4 < sum.changes, "{reviews} reviews");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_line_twice_and_no_device_lost_1_of_6() {
    share(0).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_line_twice_and_no_device_lost_2_of_6() {
    share(1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_line_twice_and_no_device_lost_3_of_6() {
    share(2).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_line_twice_and_no_device_lost_4_of_6() {
    share(3).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_line_twice_and_no_device_lost_5_of_6() {
    share(4).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_line_twice_and_no_device_lost_6_of_6() {
    share(5).await;
}

#[test]
fn a_seed_is_always_the_same_plan() {
    let drawn = |seed| format!("{:?}", Plan::drawn(seed));
    for seed in [0, 1, 17, u64::MAX] {
        assert_eq!(drawn(seed), drawn(seed));
    }
    assert_ne!(drawn(0), drawn(1));
}

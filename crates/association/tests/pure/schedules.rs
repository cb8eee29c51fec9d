//! Random schedules over the billing steps: several workers that claim, call and write in any order, leases that run out while
//! a worker is busy, clocks apart, messages doubled, lost and late, writes that arrive later than their worker thinks, and Rev
//! doing late, in part, or without a word what it was asked for. Whatever happens, Rev never bills one change twice, no call
//! begins without lease and intent, and once it is quiet every change ends once.
//!
//! What follows what is decided by `association::follow`; the rows around it are a model of the statements (`rows.rs`), and
//! `broken.rs` shows that it notices when a rule is missing. A schedule comes out of one number, its seed:
//!
//! - `SCHEDULES=100000 cargo nextest run -p association schedules` runs more of them (seeds from `SCHEDULE_FROM`, else 0),
//! - `SCHEDULE_SEED=17 cargo nextest run -p association schedules` runs one, exactly as it was.

mod at_rev;
mod broken;
mod event;
mod promises;
mod rows;
mod rules;
mod run;
mod worker;

use proptest::{
    strategy::{Strategy, ValueTree},
    test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner},
};

use event::{Schedule, schedule};
use promises::Tally;
use rules::Rules;
use run::World;

/// Schedules of a normal run, and of the long form (`PROOF_LONG=1`).
const SCHEDULES: u64 = 10_000;
const SCHEDULES_LONG: u64 = 200_000;
/// Events of each.
const EVENTS: usize = 40;

fn number(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(
        text.parse()
            .unwrap_or_else(|_| panic!("{name} is no number: {text}")),
    )
}

/// The seeds to run.
fn seeds() -> std::ops::Range<u64> {
    if let Some(seed) = number("SCHEDULE_SEED") {
        return seed..seed + 1;
    }
    let from = number("SCHEDULE_FROM").unwrap_or(0);
    let long = std::env::var("PROOF_LONG").as_deref() == Ok("1");
    let usual = if long { SCHEDULES_LONG } else { SCHEDULES };
    from..from + number("SCHEDULES").unwrap_or(usual)
}

fn runner(seed: u64) -> TestRunner {
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&mixed(seed).to_le_bytes());
    bytes[8..].copy_from_slice(&mixed(!seed).to_le_bytes());
    let config = Config {
        failure_persistence: None,
        ..Config::default()
    };
    // Without optimisation most of the time would go into the other algorithm.
    TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::XorShift, &bytes))
}

/// Neighbouring seeds are to differ in every bit (the finisher of `SplitMix64`).
fn mixed(seed: u64) -> u64 {
    let mut bits = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

/// The schedule of a seed, which can be made smaller.
fn drawn(seed: u64) -> (TestRunner, impl ValueTree<Value = Schedule>) {
    let mut runner = runner(seed);
    let tree = schedule(EVENTS).new_tree(&mut runner).unwrap();
    (runner, tree)
}

/// Runs the schedule of a seed; of one that breaks a promise the smallest that still does is told.
fn checked(seed: u64) -> Result<Tally, String> {
    let (mut runner, tree) = drawn(seed);
    let run = World::run(&tree.current(), Rules::default());
    if run.broken.is_empty() {
        return Ok(run.tally);
    }
    let smallest = runner.run_one(tree, |schedule| {
        let world = World::run(&schedule, Rules::default());
        if world.broken.is_empty() {
            Ok(())
        } else {
            Err(TestCaseError::fail(format!("{:?}", world.broken)))
        }
    });
    let Err(TestError::Fail(reason, schedule)) = smallest else {
        return Err(format!(
            "seed {seed} broke {:?}, and then did not",
            run.broken
        ));
    };
    let told = World::run(&schedule, Rules::default()).told();
    Err(format!(
        "the schedule of seed {seed} breaks {reason}\nagain: SCHEDULE_SEED={seed} cargo nextest run -p association schedules\n\
         the smallest part of it that does:\n{schedule}{told}"
    ))
}

#[test]
fn rev_bills_each_change_once_and_every_change_ends_whatever_the_schedule() {
    let mut sum = Tally::default();
    let seeds = seeds();
    for seed in seeds.clone() {
        match checked(seed) {
            Ok(tally) => sum.add(tally),
            Err(told) => panic!("{told}"),
        }
    }
    let count = seeds.end - seeds.start;
    println!("{count} schedules, seeds {seeds:?}: {sum:?}");
    if number("SCHEDULE_SEED").is_none() {
        assert_eq!(
            sum.changes(),
            usize::try_from(count).unwrap() * event::CHANGES
        );
        // They come to where it hurts: otherwise they would show nothing.
        for (what, often) in sum.what_hurts() {
            assert!(
                often as u64 * 100 >= count,
                "{what} only {often} times in {count} schedules"
            );
        }
    }
}

#[test]
fn a_seed_is_always_the_same_schedule() {
    for seed in [0, 1, 17, u64::MAX] {
        let [one, two] =
            [drawn(seed), drawn(seed)].map(|(_, tree)| format!("{:?}", tree.current()));
        assert_eq!(one, two);
    }
    let of = |seed| format!("{:?}", drawn(seed).1.current());
    assert_ne!(of(0), of(1));
}

//! The call budget of an account holds over all instances, on the embedded server's clock.

use std::time::Duration;

use crate::bench::{BUDGET, Bench, fact, rev_service, submitted};
use crate::support::Base;
use association::request::{AssociateRequest, Options};
use central::{
    budget::BudgetLimits,
    claim::{ClaimAsk, Preflight, Slots, claim, more_slots},
    facts::{AccountFact, FactKind, facts},
    preflight::{Verdict, preflight},
};
use futures::future::join_all;

const HORIZON: Duration = Duration::from_secs(20);
const MINUTE: Duration = Duration::from_mins(1);
/// 60 s / 475, rounded up.
const INTERVAL: Duration = Duration::from_micros(126_316);

const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// Devices with service lines, preflight passed, on a clock that stands still.
async fn frozen(devices: usize) -> Bench {
    let base = Base::embedded().await;
    base.server()
        .database()
        .clock()
        .freeze_at(time::macros::datetime!(2026-03-01 08:00));
    let bench = Bench::with_lines(base, devices).await;
    bench.later(seconds(60));
    bench
}

async fn take(bench: &Bench, count: u32, budget: &BudgetLimits) -> Slots {
    more_slots(bench.central(), bench.world.account, count, HORIZON, budget)
        .await
        .expect("an answer")
}

/// The pace of the last slots: the burst is over by then.
fn pace(slots: &Slots) -> Duration {
    let [.., before, last] = slots.delays.as_slice() else {
        panic!("too few slots: {slots:?}");
    };
    last.saturating_sub(*before)
}

/// A consumer of the simulation: its own bulk change, claimed again and again, or plain slots.
struct Claimer {
    bench_bulk: Option<association::ids::BulkChangeId>,
    free_at: Duration,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn eight_claimers_never_start_more_than_485_calls_in_60_s_and_use_95_percent() {
    let bench = frozen(1).await;
    let clock = bench.base.server().database().clock();
    let mut claimers = Vec::new();
    for n in 0..8_usize {
        claimers.push(Claimer {
            bench_bulk: if n < 2 {
                Some(another_bulk_change(&bench, n).await)
            } else {
                None
            },
            free_at: Duration::ZERO,
        });
    }
    let began = clock.now();
    let hour = seconds(3600);
    let mut starts: Vec<Duration> = Vec::new();
    let mut jitter = 7_u64;
    loop {
        let next = (0..claimers.len())
            .min_by_key(|n| claimers[*n].free_at)
            .unwrap();
        let now = claimers[next].free_at;
        if now >= hour {
            break;
        }
        let elapsed = Duration::try_from(clock.now() - began).unwrap();
        clock.advance(now.saturating_sub(elapsed));
        let slots = match claimers[next].bench_bulk {
            Some(bulk) => claimed_slots(&bench, bulk).await,
            None => take(&bench, 100, &BUDGET).await,
        };
        assert!(slots.delays.iter().all(|delay| *delay <= HORIZON));
        starts.extend(slots.delays.iter().map(|delay| now + *delay));
        jitter = jitter
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        let pause = Duration::from_millis(jitter >> 54);
        claimers[next].free_at = now
            + pause
            + match slots.delays.last() {
                Some(last) => *last,
                // As the queue delays at least.
                None => slots.wait.unwrap_or_default().max(seconds(5)),
            };
    }
    starts.sort_unstable();
    for window in starts.windows(486) {
        assert!(
            window[485].saturating_sub(window[0]) > MINUTE,
            "486 calls within {:?}",
            window[485].saturating_sub(window[0])
        );
    }
    let used = starts.iter().filter(|start| **start < hour).count();
    assert!(used >= 475 * 60 * 95 / 100, "only {used} calls in an hour");
}

/// A bulk change of 100 devices of the same world, its preflight passed.
async fn another_bulk_change(bench: &Bench, n: usize) -> association::ids::BulkChangeId {
    let devices: Vec<_> = (0..100)
        .map(|i| bench.world.device(1_000 * (n + 1) + i))
        .collect();
    bench.world.add(&devices).await;
    let request = AssociateRequest {
        options: Options {
            rev_service: Some(rev_service()),
            ..Options::default()
        },
        ..bench.world.request(
            (0..100)
                .map(|i| bench.world.iccid(1_000 * (n + 1) + i))
                .collect(),
        )
    };
    let bulk_change = submitted(bench.central(), &bench.world, &request).await;
    let ask = ClaimAsk {
        bulk_change,
        ..bench.ask()
    };
    let claimed = claim(bench.central(), &ask).await.unwrap();
    assert_eq!(claimed.preflight, Preflight::Mine);
    assert!(
        preflight(bench.central(), bulk_change, ask.owner, &Verdict::Passed)
            .await
            .unwrap()
    );
    bulk_change
}

/// Claims, and hands every row back at once as not sent.
async fn claimed_slots(bench: &Bench, bulk_change: association::ids::BulkChangeId) -> Slots {
    let ask = ClaimAsk {
        bulk_change,
        ..bench.ask()
    };
    let claimed = claim(bench.central(), &ask).await.unwrap();
    assert_eq!(claimed.rows.len(), claimed.slots.len());
    let handed_back: Vec<_> = claimed
        .rows
        .iter()
        .map(|row| {
            fact(
                row,
                FactKind::NotSent {
                    error: "simulation".to_owned(),
                    again_in: Duration::ZERO,
                },
            )
        })
        .collect();
    if !handed_back.is_empty() {
        facts(bench.central(), None, &handed_back).await.unwrap();
    }
    Slots {
        delays: claimed.slots,
        wait: claimed.wait,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn slots_taken_at_the_same_moment_are_all_different() {
    let bench = frozen(1).await;
    let taken = join_all((0..8).map(|_| take(&bench, 20, &BUDGET))).await;
    let mut delays: Vec<Duration> = taken.into_iter().flat_map(|slots| slots.delays).collect();
    delays.sort_unstable();
    assert_eq!(delays.len(), 160);
    assert!(delays[..10].iter().all(Duration::is_zero), "the burst");
    for pair in delays[9..].windows(2) {
        assert_eq!(pair[1].saturating_sub(pair[0]), INTERVAL);
    }
}

#[tokio::test]
async fn as_many_rows_are_claimed_as_there_are_slots_within_the_horizon() {
    let bench = frozen(100).await;
    let first = take(&bench, 100, &BUDGET).await;
    assert_eq!(first.delays.len(), 100);
    // 10 of the burst, 158 in 20 s: 68 are left.
    let claimed = bench.claim().await;
    assert_eq!(claimed.rows.len(), 68);
    assert_eq!(claimed.slots.len(), 68);
    let nothing = bench.claim().await;
    assert!(nothing.rows.is_empty() && nothing.slots.is_empty());
    let wait = nothing.wait.unwrap();
    assert!(wait > Duration::ZERO && wait < seconds(1), "{wait:?}");
    bench.later(wait);
    assert_eq!(bench.claim().await.rows.len(), 1);
}

#[tokio::test]
async fn slots_are_taken_only_for_rows_that_are_due() {
    let bench = frozen(3).await;
    let used = "SELECT CAST(b.CallsToday AS bigint) FROM dbo.RevCallBudget AS b WHERE b.IntegrationAuthenticationId = @P1;";
    let account = bench.world.account.get();
    let before = bench.base.sql.count(used, &[&account]).await;
    assert_eq!(bench.claim().await.rows.len(), 3);
    assert!(bench.claim().await.rows.is_empty());
    assert_eq!(bench.base.sql.count(used, &[&account]).await - before, 3);
}

#[tokio::test]
async fn a_429_pauses_halves_and_recovers_by_5_percent_a_minute() {
    let bench = frozen(1).await;
    let throttled = |secs| AccountFact::Throttled {
        retry_after: seconds(secs),
    };
    bench.account_facts(&[throttled(30), throttled(10)]).await;
    let paused = take(&bench, 10, &BUDGET).await;
    assert!(paused.delays.is_empty());
    let wait = paused.wait.unwrap();
    assert!((seconds(30)..seconds(31)).contains(&wait), "{wait:?}");
    let nothing = bench.claim().await;
    assert!(nothing.rows.is_empty());
    assert!(nothing.wait.unwrap() >= seconds(30));

    bench.later(seconds(31));
    let halved = pace(&take(&bench, 100, &BUDGET).await);
    assert!(
        (Duration::from_millis(250)..Duration::from_millis(254)).contains(&halved),
        "{halved:?}"
    );
    // Calls that were in the air: the pause grows, the rate does not halve again.
    bench.account_facts(&[throttled(5)]).await;
    bench.later(seconds(45));
    let still = pace(&take(&bench, 100, &BUDGET).await);
    assert!(still <= halved && still > INTERVAL, "{still:?}");
    // A new 429 halves again.
    bench.account_facts(&[throttled(1)]).await;
    bench.later(seconds(30));
    let quarter = pace(&take(&bench, 20, &BUDGET).await);
    assert!(quarter > Duration::from_millis(400), "{quarter:?}");
    bench.later(seconds(300));
    let recovering = pace(&take(&bench, 100, &BUDGET).await);
    assert!(
        recovering < quarter && recovering > INTERVAL,
        "{recovering:?}"
    );
    bench.later(seconds(900));
    assert_eq!(pace(&take(&bench, 100, &BUDGET).await), INTERVAL);
}

#[tokio::test]
async fn the_day_s_limit_holds_until_midnight_utc() {
    let bench = frozen(1).await;
    let budget = BudgetLimits {
        calls_per_day: 42,
        ..BUDGET
    };
    let used_by_the_preflight = 2;
    let slots = take(&bench, 100, &budget).await;
    assert_eq!(slots.delays.len(), 42 - used_by_the_preflight);
    let none = take(&bench, 1, &budget).await;
    assert!(none.delays.is_empty());
    // It is 08:01.
    let wait = none.wait.unwrap();
    let midnight = seconds(15 * 3600 + 59 * 60);
    assert!(wait >= midnight && wait < midnight + seconds(1), "{wait:?}");
    bench.later(wait);
    assert_eq!(take(&bench, 100, &budget).await.delays.len(), 42);
}

#[tokio::test]
async fn a_stopped_account_gets_one_probe_every_5_minutes_until_it_works() {
    let bench = frozen(5).await;
    bench
        .account_facts(&[AccountFact::Stopped {
            reason: "403".to_owned(),
        }])
        .await;
    let ask = || ClaimAsk {
        extra_calls: 1,
        ..bench.ask()
    };
    let stopped = claim(bench.central(), &ask()).await.unwrap();
    assert!(stopped.rows.is_empty() && stopped.slots.is_empty());
    let wait = stopped.wait.unwrap();
    assert!((seconds(299)..seconds(301)).contains(&wait), "{wait:?}");
    assert!(take(&bench, 1, &BUDGET).await.delays.is_empty());
    for _ in 0..2 {
        bench.later(seconds(301));
        let probe = claim(bench.central(), &ask()).await.unwrap();
        assert_eq!((probe.rows.len(), probe.slots.len()), (1, 2));
        assert!(
            claim(bench.central(), &ask())
                .await
                .unwrap()
                .rows
                .is_empty()
        );
    }
    bench.account_facts(&[AccountFact::Working]).await;
    let working = claim(bench.central(), &ask()).await.unwrap();
    assert!(working.rows.len() >= 3, "{}", working.rows.len());
}

#[tokio::test]
async fn the_reserve_for_other_users_is_taken_off_and_a_new_limit_counts_at_once() {
    let bench = frozen(1).await;
    let budget = BudgetLimits {
        calls_per_minute: 600,
        reserve_per_minute: 300,
        burst: 1,
        ..BUDGET
    };
    assert_eq!(
        pace(&take(&bench, 20, &budget).await),
        Duration::from_millis(200)
    );
    let stored = bench
        .base
        .sql
        .texts(
            "SELECT CONCAT(b.CallsPerMinute, N' ', b.Burst) FROM dbo.RevCallBudget AS b WHERE b.IntegrationAuthenticationId = @P1;",
            &[&bench.world.account.get()],
        )
        .await;
    assert_eq!(stored, [Some("300 1".to_owned())]);
}

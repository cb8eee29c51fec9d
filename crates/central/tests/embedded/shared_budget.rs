//! Accounts with one client code of Rev have one budget; a pause by hand outlasts what Rev says. On the embedded server's clock.

use std::time::Duration;

use crate::bench::{BUDGET, Bench, rev_service, submitted};
use crate::support::{Base, World};
use association::{
    ids::IntegrationAuthenticationId,
    request::{AssociateRequest, Options},
};
use central::{
    claim::{ClaimAsk, Slots, claim, more_slots},
    facts::{AccountFact, facts},
    ops::{
        Signed,
        pause::{Paused, Until, pause},
        resume::{Also, resume},
    },
};
use embedded_sql_server::faults::{Action, Trigger};
use futures::future::join_all;

const HORIZON: Duration = Duration::from_secs(20);
/// 10 of the burst, and 158 at 475 a minute.
const IN_THE_HORIZON: usize = 168;

/// A tenant with devices that ask for lines, on a clock that stands still; and another tenant, whose account has this code.
async fn with_another(client_code: Option<&str>) -> (Bench, World) {
    let base = Base::embedded().await;
    base.server()
        .database()
        .clock()
        .freeze_at(time::macros::datetime!(2026-03-01 08:00));
    let other = World::new(&base.sql).await;
    let bench = Bench::with_lines(base, 3).await;
    set_code(&bench, other.account, client_code).await;
    bench.later(Duration::from_mins(1));
    (bench, other)
}

async fn set_code(bench: &Bench, account: IntegrationAuthenticationId, code: Option<&str>) {
    bench
        .base
        .sql
        .run(
            "UPDATE dbo.Integration_Authentication SET OAuth2_ClientId = @P2 WHERE id = @P1;",
            &[&account.get(), &code],
        )
        .await;
}

async fn take(bench: &Bench, account: IntegrationAuthenticationId, count: u32) -> Slots {
    more_slots(bench.central(), account, count, HORIZON, &BUDGET)
        .await
        .unwrap()
}

/// Each row of RevCallBudget: its id, whose budget it shares, and the calls of today.
async fn rows(bench: &Bench) -> Vec<(i32, Option<i32>, i32)> {
    bench
        .base
        .sql
        .rows(
            "SELECT b.IntegrationAuthenticationId, b.SharesBudgetOf, b.CallsToday FROM dbo.RevCallBudget AS b \
             ORDER BY b.IntegrationAuthenticationId;",
            &[],
        )
        .await
        .iter()
        .map(|row| (row.get(0).unwrap(), row.get(1), row.get(2).unwrap()))
        .collect()
}

#[tokio::test]
async fn tenants_with_one_client_code_share_slots_and_the_calls_of_the_day() {
    // Case and blanks around it make no other account of it.
    let (bench, other) = with_another(Some(" FAKE-client-1 ")).await;
    assert!(other.account.get() < bench.world.account.get());
    assert_eq!(
        take(&bench, bench.world.account, 100).await.delays.len(),
        100
    );
    assert_eq!(
        take(&bench, other.account, 100).await.delays.len(),
        IN_THE_HORIZON - 100
    );
    let nothing = bench.claim().await;
    assert!(nothing.rows.is_empty() && nothing.wait.is_some());
    let two_of_the_preflight = 2;
    let today = i32::try_from(IN_THE_HORIZON).unwrap() + two_of_the_preflight;
    let root = other.account.get();
    assert_eq!(
        rows(&bench).await,
        [
            (root, None, today),
            (bench.world.account.get(), Some(root), 0)
        ]
    );
}

#[tokio::test]
async fn accounts_with_other_codes_or_none_have_budgets_of_their_own() {
    for code in [Some("fake-client-2"), Some("  "), None] {
        let (bench, other) = with_another(code).await;
        if code != Some("fake-client-2") {
            set_code(&bench, bench.world.account, code).await;
        }
        assert_eq!(
            take(&bench, bench.world.account, 200).await.delays.len(),
            IN_THE_HORIZON
        );
        assert_eq!(
            take(&bench, other.account, 200).await.delays.len(),
            IN_THE_HORIZON
        );
    }
}

#[tokio::test]
async fn a_client_code_that_changes_changes_the_budget_with_the_next_claim() {
    let (bench, other) = with_another(Some("fake-client-1")).await;
    let (ours, root) = (bench.world.account, other.account.get());
    assert_eq!(rows(&bench).await[1].1, Some(root));
    set_code(&bench, ours, Some("fake-client-3")).await;
    assert_eq!(bench.claim().await.rows.len(), 3);
    assert_eq!(rows(&bench).await[1], (ours.get(), None, 3));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn first_calls_of_both_at_once_make_one_budget() {
    let base = Base::embedded().await;
    let worlds = [World::new(&base.sql).await, World::new(&base.sql).await];
    let central = &base.central;
    let taken = join_all((0..8).map(|n| {
        let account = worlds[n % 2].account;
        async move {
            more_slots(central, account, 10, HORIZON, &BUDGET)
                .await
                .unwrap()
        }
    }))
    .await;
    assert!(taken.iter().all(|slots| slots.delays.len() == 10));
    let roots = "SELECT COUNT_BIG(*) FROM dbo.RevCallBudget AS b WHERE b.SharesBudgetOf IS NULL AND b.CallsToday = 80;";
    assert_eq!(base.sql.count(roots, &[]).await, 1);
    let members = "SELECT COUNT_BIG(*) FROM dbo.RevCallBudget AS b WHERE b.SharesBudgetOf = @P1;";
    assert_eq!(
        base.sql.count(members, &[&worlds[0].account.get()]).await,
        1
    );
}

#[tokio::test]
async fn a_429_of_one_pauses_both_and_refused_credentials_stop_only_their_own() {
    let (bench, other) = with_another(Some("fake-client-1")).await;
    bench
        .account_facts(&[AccountFact::Throttled {
            retry_after: Duration::from_secs(30),
        }])
        .await;
    let wait = take(&bench, other.account, 1).await.wait.unwrap();
    assert!(wait >= Duration::from_secs(30), "{wait:?}");
    bench.later(Duration::from_secs(31));
    let stopped = [AccountFact::Stopped {
        reason: "401".to_owned(),
    }];
    bench.account_facts(&stopped).await;
    assert_eq!(take(&bench, other.account, 1).await.delays.len(), 1);
    assert!(take(&bench, bench.world.account, 1).await.delays.is_empty());
    assert!(bench.claim().await.rows.is_empty());
    bench.later(Duration::from_secs(301));
    let probe = bench.claim().await;
    assert!(probe.probe);
    assert_eq!(probe.rows.len(), 1);
    bench.account_facts(&[AccountFact::Working]).await;
    assert_eq!(bench.claim().await.rows.len(), 2);
}

#[tokio::test]
async fn an_account_paused_to_the_year_9999_stays_paused_and_its_chunks_are_offered_every_15_minutes()
 {
    let (bench, other) = with_another(Some("fake-client-1")).await;
    let pause = "UPDATE dbo.RevCallBudget SET PausedUntil = '9999-12-31T23:59:59.999' WHERE IntegrationAuthenticationId = @P1;";
    bench.base.sql.run(pause, &[&other.account.get()]).await;
    for said in [Duration::from_secs(1), Duration::from_hours(24)] {
        let throttled = [AccountFact::Throttled { retry_after: said }];
        facts(bench.central(), Some((other.account, &throttled)), &[])
            .await
            .unwrap();
        let claimed = claim(bench.central(), &ClaimAsk { ..bench.ask() })
            .await
            .unwrap();
        assert!(claimed.rows.is_empty() && claimed.slots.is_empty());
        let wait = claimed.wait.unwrap();
        let quarter = Duration::from_mins(15);
        assert!(
            wait >= quarter && wait < quarter + Duration::from_secs(1),
            "{wait:?}"
        );
        assert!(take(&bench, other.account, 1).await.delays.is_empty());
        bench.later(quarter);
    }
    // By hand again, and the halved rate has come back within the day.
    bench.later(Duration::from_hours(25));
    let resume =
        "UPDATE dbo.RevCallBudget SET PausedUntil = NULL WHERE IntegrationAuthenticationId = @P1;";
    bench.base.sql.run(resume, &[&other.account.get()]).await;
    assert_eq!(bench.claim().await.rows.len(), 3);
}

/// Ours has taken 100 slots and is paused for half a minute; then the other account, with the lower id, gets its client code.
async fn with_a_new_root() -> (Bench, World) {
    let (bench, other) = with_another(Some("fake-client-2")).await;
    assert_eq!(
        take(&bench, bench.world.account, 100).await.delays.len(),
        100
    );
    throttled(&bench, Duration::from_secs(5)).await;
    set_code(&bench, other.account, Some("fake-client-1")).await;
    (bench, other)
}

async fn throttled(bench: &Bench, retry_after: Duration) {
    bench
        .account_facts(&[AccountFact::Throttled { retry_after }])
        .await;
}

/// 100 calls, and two of the preflight.
const CALLS: i32 = 102;

#[tokio::test]
async fn a_new_root_takes_over_the_slots_the_pause_and_the_calls_of_the_day() {
    let (bench, other) = with_a_new_root().await;
    let (root, ours) = (other.account.get(), bench.world.account.get());
    let paused = take(&bench, other.account, 200).await;
    assert!(paused.delays.is_empty());
    assert!(paused.wait.unwrap() >= Duration::from_secs(5));
    assert_eq!(
        rows(&bench).await,
        [(root, None, CALLS), (ours, Some(root), 0)]
    );
    bench.later(Duration::from_secs(5));
    // The rate is halved; 90 slots of the full rate lay ahead, 5 s of them have passed.
    let left = take(&bench, other.account, 200).await.delays.len();
    assert!((45..=55).contains(&left), "{left}");
    assert!(take(&bench, bench.world.account, 1).await.delays.is_empty());
}

#[tokio::test]
async fn a_new_root_takes_over_with_its_own_first_submit_and_claim() {
    let (bench, other) = with_a_new_root().await;
    let request = AssociateRequest {
        options: Options {
            rev_service: Some(rev_service()),
            ..Options::default()
        },
        ..other.request(other.add_assignable(1).await)
    };
    let bulk_change = submitted(bench.central(), &other, &request).await;
    let ask = ClaimAsk {
        bulk_change,
        ..bench.ask()
    };
    let claimed = claim(bench.central(), &ask).await.unwrap();
    assert!(claimed.slots.is_empty());
    assert!(claimed.wait.unwrap() >= Duration::from_secs(5));
    assert_eq!(rows(&bench).await[0].2, CALLS);
}

#[tokio::test]
async fn when_the_root_leaves_the_next_takes_over() {
    let (bench, other) = with_another(Some("fake-client-1")).await;
    let (root, ours) = (other.account.get(), bench.world.account.get());
    take(&bench, bench.world.account, 100).await;
    throttled(&bench, Duration::from_secs(5)).await;
    set_code(&bench, other.account, Some("fake-client-2")).await;
    assert!(take(&bench, bench.world.account, 1).await.delays.is_empty());
    assert_eq!(rows(&bench).await, [(root, None, 0), (ours, None, CALLS)]);
}

#[tokio::test]
async fn an_account_that_gets_another_code_takes_over_nothing_and_brings_nothing_along() {
    let (bench, other) = with_another(Some("fake-client-1")).await;
    let (root, ours) = (other.account.get(), bench.world.account.get());
    throttled(&bench, Duration::from_secs(5)).await;
    set_code(&bench, bench.world.account, Some("fake-client-3")).await;
    assert_eq!(take(&bench, bench.world.account, 9).await.delays.len(), 9);
    assert_eq!(rows(&bench).await, [(root, None, 2), (ours, None, 9)]);
    // And back: what it called under the other code does not count here.
    set_code(&bench, bench.world.account, Some("fake-client-1")).await;
    assert!(take(&bench, bench.world.account, 1).await.delays.is_empty());
    assert_eq!(rows(&bench).await[0], (root, None, 2));
}

#[tokio::test]
async fn calls_are_counted_once_however_often_the_root_changes() {
    let (bench, other) = with_a_new_root().await;
    let (root, ours) = (other.account.get(), bench.world.account.get());
    for _ in 0..3 {
        take(&bench, bench.world.account, 1).await;
        assert_eq!(rows(&bench).await[0], (root, None, CALLS));
        set_code(&bench, other.account, Some("fake-client-2")).await;
        take(&bench, bench.world.account, 1).await;
        assert_eq!(rows(&bench).await[1], (ours, None, CALLS));
        // As after a day: what the other one keeps is no longer of today.
        let forget =
            "UPDATE dbo.RevCallBudget SET CallsToday = 0 WHERE IntegrationAuthenticationId = @P1;";
        bench.base.sql.run(forget, &[&root]).await;
        set_code(&bench, other.account, Some("fake-client-1")).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn first_calls_after_a_change_of_the_root_take_over_once() {
    let (bench, other) = with_another(Some("fake-client-2")).await;
    take(&bench, bench.world.account, 100).await;
    set_code(&bench, other.account, Some("fake-client-1")).await;
    let taken = join_all((0..8).map(|n| {
        let account = [bench.world.account, other.account][n % 2];
        let bench = &bench;
        async move { take(bench, account, 20).await.delays.len() }
    }))
    .await;
    assert_eq!(taken.iter().sum::<usize>(), IN_THE_HORIZON - 100);
    let today = i32::try_from(IN_THE_HORIZON).unwrap() + 2;
    assert_eq!(rows(&bench).await[0], (other.account.get(), None, today));
}

#[tokio::test]
async fn a_pause_and_its_end_find_the_root_of_this_moment() {
    let (bench, other) = with_another(Some("fake-client-2")).await;
    let signed = Signed {
        by: "tester",
        reason: "x",
    };
    take(&bench, bench.world.account, 1).await;
    set_code(&bench, other.account, Some("fake-client-1")).await;
    let hour = Until::For(Duration::from_hours(1));
    let paused = pause(bench.central(), bench.world.account, hour, &signed).await;
    assert!(matches!(paused.unwrap(), Paused::Until(_)));
    assert_eq!(rows(&bench).await[1].1, Some(other.account.get()));
    assert!(take(&bench, other.account, 1).await.delays.is_empty());
    // The other one leaves: whoever stays is still paused, until somebody resumes it.
    set_code(&bench, other.account, Some("fake-client-2")).await;
    let resumed = resume(
        bench.central(),
        bench.world.account,
        Also::default(),
        "tester",
        None,
    )
    .await;
    assert!(resumed.unwrap().pause_cleared);
    assert_eq!(take(&bench, bench.world.account, 1).await.delays.len(), 1);
}

/// Rev asks for a minute; a person pauses for these lengths, one after the other, before or after that.
#[tokio::test]
async fn what_rev_asked_for_holds_when_a_person_s_pause_is_taken_back() {
    let (shorter, longer) = (Duration::from_secs(30), Duration::from_hours(2));
    let minute = Duration::from_mins(1);
    let signed = Signed {
        by: "tester",
        reason: "x",
    };
    for rev_is_first in [true, false] {
        for lengths in [
            &[shorter][..],
            &[longer],
            &[longer, shorter],
            &[shorter, longer],
        ] {
            let (bench, _) = with_another(None).await;
            let account = bench.world.account;
            if rev_is_first {
                throttled(&bench, minute).await;
            }
            for length in lengths {
                pause(bench.central(), account, Until::For(*length), &signed)
                    .await
                    .unwrap();
            }
            if !rev_is_first {
                throttled(&bench, minute).await;
            }
            resume(bench.central(), account, Also::default(), "tester", None)
                .await
                .unwrap();
            let wait = take(&bench, account, 1).await.wait;
            let about_a_minute = minute..minute + Duration::from_secs(1);
            assert!(
                wait.is_some_and(|wait| about_a_minute.contains(&wait)),
                "{rev_is_first} {lengths:?}: {wait:?}"
            );
            bench.later(minute);
            assert_eq!(take(&bench, account, 1).await.delays.len(), 1);
        }
    }
}

#[tokio::test]
async fn what_rev_asked_for_ends_when_a_person_says_so() {
    let (bench, _) = with_another(None).await;
    throttled(&bench, Duration::from_hours(1)).await;
    let also = Also {
        rev: true,
        stopped: false,
    };
    let account = bench.world.account;
    let resumed = resume(bench.central(), account, also, "tester", None).await;
    assert!(resumed.unwrap().pause_cleared);
    assert_eq!(take(&bench, account, 1).await.delays.len(), 1);
}

#[tokio::test]
async fn what_else_goes_wrong_with_the_budget_is_told_and_nothing_is_asked_again() {
    for (statement, mends) in [("more_slots", false), ("share_budget", true)] {
        let (bench, other) = with_another(None).await;
        if mends {
            // The next to ask finds that the budget is not as it is written down.
            set_code(&bench, other.account, Some("fake-client-4")).await;
        }
        let before = rows(&bench).await;
        let faults = bench.base.server().faults();
        let struck = Trigger::matching(format!("-- {statement}:"));
        faults.add(struck, Action::Error { number: 208 });
        let asked = faults.statements();
        let wrong = more_slots(bench.central(), other.account, 1, HORIZON, &BUDGET).await;
        let wrong = wrong.err().map(|error| error.number());
        assert_eq!(wrong, Some(Some(208)), "{statement}");
        let asked = faults.statements() - asked;
        assert_eq!(asked, if mends { 2 } else { 1 }, "{statement}");
        assert_eq!(rows(&bench).await, before, "{statement}");
    }
}

//! Two tenants: a small bulk change is done long before a big one that runs, whether they share the Rev account or not.

use std::{sync::Arc, time::Duration};

use end_to_end::{
    Wishes, World,
    running::{Hand, Running},
};
use local::rev::{self, FAKE_ACCOUNTS, most_in_a_minute};

const BIG: usize = 10_000;
const SMALL: usize = 50;

/// 10,000 devices of one tenant run for a while, then 50 of another arrive: answers what was open of the 10,000 when the 50
/// were done, and how long those took.
async fn small_beside_big(rev_account: usize) -> (usize, Duration) {
    let hand = Hand::on_the_clocks();
    let mut world = World::embedded(Wishes {
        calls_per_minute: 475,
        rev: rev::Options {
            limit_per_minute: Some(500),
            ..rev::Options::default()
        },
        ..Wishes::devices(BIG)
    })
    .await;
    let big = world.submit_with_service(1..=BIG).await;
    world.next_tenant(SMALL, rev_account).await;
    let request = world.with_service(&world.iccids(1..=SMALL));
    let world = Arc::new(world);
    let running = Running::start(&world, 5);
    hand.pass(&world, Duration::from_secs(30)).await;
    let before = world.rev.lines().len();
    assert!(before > 100, "the big one runs: {before}");

    let small = world.post(&request).await.bulk_change();
    let longest = Duration::from_mins(3);
    let took = hand
        .until(&world, longest, async || {
            world.statuses(small).await.get("PROCESSED") == Some(&SMALL)
        })
        .await;
    drop(running);
    assert!(world.assert_billed_once(small).await.is_empty());
    assert!(
        world.rev.lines().len() > before + SMALL,
        "the big one goes on meanwhile"
    );
    let calls = world.rev.calls();
    assert!(
        calls.iter().all(|call| !call.over_limit),
        "a 429 of our own"
    );
    // Which account pays for which lines: the 50 are billed where their tenant's account is.
    let billed = |code: &str, of: &str| {
        let lines = world.rev.lines();
        let theirs = lines.iter().filter(|line| line.number.starts_with(of));
        theirs.filter(|line| line.account == code).count()
    };
    let numbers = world.msisdn(0);
    let of_small = numbers.trim_end_matches("000000");
    for (place, (code, _, _)) in FAKE_ACCOUNTS.iter().take(2).enumerate() {
        let of_account: Vec<_> = calls
            .iter()
            .filter(|call| call.account.as_deref() == Some(code))
            .cloned()
            .collect();
        let most = most_in_a_minute(&of_account);
        assert!(most <= 485, "{most} calls of {code} within a minute");
        if place == rev_account {
            assert_eq!(billed(code, of_small), SMALL, "{code}");
            assert!(of_account.len() >= SMALL, "{code}");
        } else {
            assert_eq!(billed(code, of_small), 0, "{code}");
        }
        if place != 0 && place != rev_account {
            assert!(of_account.is_empty(), "nobody has {code}: {of_account:?}");
        }
    }
    assert!(world.queue.dead_letters().is_empty());
    let statuses = world.statuses(big).await;
    let open = BIG - statuses.get("PROCESSED").copied().unwrap_or_default();
    (open, took)
}

#[tokio::test(start_paused = true)]
async fn fifty_devices_that_share_the_account_are_done_long_before_ten_thousand() {
    let (open, took) = small_beside_big(0).await;
    // At 475 a minute the 10,000 take 21 minutes.
    assert!(took < Duration::from_secs(90), "{took:?}");
    assert!(open > 9_000, "{open}");
}

#[tokio::test(start_paused = true)]
async fn fifty_devices_with_an_account_of_their_own_are_done_within_a_minute_beside_ten_thousand() {
    let (open, took) = small_beside_big(1).await;
    assert!(took < Duration::from_mins(1), "{took:?}");
    assert!(open > 9_000, "{open}");
}

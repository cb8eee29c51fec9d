//! Bulk changes of one Rev account share its budget fairly, and none of it is lost: simulated on the embedded server's clock.

use std::time::Duration;

use crate::simulation::Simulation;

const fn minutes(minutes: u64) -> Duration {
    Duration::from_mins(minutes)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_bulk_changes_and_eight_consumers_use_the_whole_budget_and_never_more() {
    let mut simulation = Simulation::of_consumers(8).await;
    for _ in 0..2 {
        simulation.endless(600).await;
    }
    simulation.run_until(minutes(5)).await;
    simulation.assert_budget_kept_and_used(minutes(5));
    simulation.assert_shared_evenly();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn eight_bulk_changes_and_eight_consumers_use_the_whole_budget_and_never_more() {
    let mut simulation = Simulation::of_consumers(8).await;
    for _ in 0..8 {
        simulation.endless(200).await;
    }
    simulation.run_until(minutes(5)).await;
    simulation.assert_budget_kept_and_used(minutes(5));
    simulation.assert_shared_evenly();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_small_bulk_change_is_done_long_before_a_big_one_that_shares_its_account() {
    for tenants in [1, 2] {
        let mut simulation = Simulation::of_consumers(16).await;
        let big = simulation.endless(2_000).await;
        simulation.run_until(minutes(3)).await;
        let before = simulation.calls_of(big);
        if tenants == 2 {
            simulation.next_tenant(Some("fake-client-1")).await;
        }
        let small = simulation.once(50).await;
        let took = simulation.run_until_done(small, minutes(3)).await;
        assert!(took < Duration::from_secs(75), "{tenants}: {took:?}");
        let meanwhile = simulation.calls_of(big) - before;
        assert!(meanwhile > 0, "the big one goes on");
        simulation.assert_budget_kept_and_used(minutes(3));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tenant_who_splits_a_request_gets_no_greater_part_of_the_budget() {
    let mut simulation = Simulation::of_consumers(16).await;
    let mut split = Vec::new();
    for _ in 0..4 {
        split.push(simulation.endless(500).await);
    }
    simulation.run_until(minutes(2)).await;
    let calls = |it: &Simulation| -> usize { split.iter().map(|bulk| it.calls_of(*bulk)).sum() };
    let before = calls(&simulation);
    simulation.next_tenant(Some("fake-client-1")).await;
    let whole = simulation.endless(2_000).await;
    simulation.run_until(minutes(7)).await;
    let (split, whole) = (calls(&simulation) - before, simulation.calls_of(whole));
    // Half each, but for the slots of the first 20 s, which were taken when the second tenant came.
    assert!(
        (8..=10).contains(&(10 * whole / split)),
        "{split} and {whole}"
    );
    simulation.assert_budget_kept_and_used(minutes(7));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_tenants_with_one_two_and_three_bulk_changes_get_a_third_each() {
    let mut simulation = Simulation::of_consumers(16).await;
    let mut tenants: Vec<Vec<usize>> = Vec::new();
    for bulk_changes in 1..=3 {
        if bulk_changes > 1 {
            simulation.next_tenant(Some("fake-client-1")).await;
        }
        let mut of = Vec::new();
        for _ in 0..bulk_changes {
            of.push(simulation.endless(600 / bulk_changes).await);
        }
        tenants.push(of);
    }
    simulation.run_until(minutes(5)).await;
    simulation.assert_budget_kept_and_used(minutes(5));
    let calls: Vec<Vec<usize>> = tenants
        .iter()
        .map(|of| of.iter().map(|bulk| simulation.calls_of(*bulk)).collect())
        .collect();
    let all: usize = calls.iter().flatten().sum();
    for of in &calls {
        let third = 3 * of.iter().sum::<usize>();
        assert!((9 * all..=11 * all).contains(&(10 * third)), "{calls:?}");
        for bulk in of {
            let part = 3 * of.len() * bulk;
            assert!((8 * all..=12 * all).contains(&(10 * part)), "{calls:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tenants_with_accounts_of_their_own_do_not_wait_for_each_other() {
    let mut simulation = Simulation::of_consumers(16).await;
    simulation.endless(2_000).await;
    simulation.run_until(minutes(3)).await;
    simulation.next_tenant(Some("fake-client-2")).await;
    let small = simulation.once(50).await;
    let took = simulation.run_until_done(small, minutes(3)).await;
    // 3 calls of the preflight and 50 at 475 a minute.
    assert!(took < Duration::from_secs(20), "{took:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bulk_change_whose_messages_are_lost_keeps_no_part_of_the_budget() {
    let mut simulation = Simulation::of_consumers(8).await;
    simulation.endless(600).await;
    let lost = simulation.endless(100).await;
    simulation.lose_messages_of(lost);
    simulation.run_until(minutes(5)).await;
    assert_eq!(simulation.calls_of(lost), 0);
    simulation.assert_budget_kept_and_used(minutes(5));
}

//! Bulk changes that AMOP 2.0 or the old portal wrote themselves: their rows are checked, billed once and told of like ours.

use std::collections::{BTreeMap, BTreeSet};

use end_to_end::{Wishes, World};
use local::rev::Call;

const ADOPTED: std::ops::RangeInclusive<usize> = 1..=40;
const GOOD: std::ops::RangeInclusive<usize> = 1..=244;
const BROKEN: std::ops::RangeInclusive<usize> = 245..=247;
const NO_DEVICE: std::ops::RangeInclusive<usize> = 248..=249;
const UNFINISHED: usize = 250;

/// 250 rows: 204 in order, 40 that the old system has opened a line for, 3 with broken JSON, 2 without a device and 1 whose
/// device waits for the end of another bulk change.
async fn scene() -> (World, i64) {
    let world = World::start(Wishes::devices(247)).await;
    world.add_devices(UNFINISHED..=UNFINISHED).await;
    // Never announced: nobody works on it.
    world
        .write_assignment(&world.foreign_rows([UNFINISHED]).await)
        .await;
    let mut rows = world.foreign_rows(1..=250).await;
    for (n, text) in BROKEN.zip(["{\"RevCustomerId\": 1001", "Not used", ""]) {
        text.clone_into(&mut rows[n - 1].text);
    }
    let id = world.write_assignment(&rows).await;
    for n in ADOPTED {
        let number = if n % 2 == 1 {
            world.msisdn(n)
        } else {
            world.iccid(n)
        };
        world.put_line(&number, time::Duration::ZERO);
    }
    (world, id)
}

/// What every delivery of the scene has to come to.
async fn assert_told(world: &World, id: i64) {
    let changes = world.changes(id).await;
    let reasons: BTreeMap<usize, String> = (1..)
        .zip(&changes)
        .filter(|(_, change)| change.status != "PROCESSED")
        .map(|(n, change)| {
            let reason = change.details.split(':').next().unwrap_or_default();
            (n, format!("{} {reason}", change.status))
        })
        .collect();
    let mut expected = BTreeMap::new();
    expected.extend(BROKEN.map(|n| (n, "ERROR malformed-change".to_owned())));
    expected.extend(NO_DEVICE.map(|n| (n, "ERROR device-not-found".to_owned())));
    expected.insert(UNFINISHED, "ERROR unfinished-change".to_owned());
    assert_eq!(reasons, expected, "{}", world.left_over().await);
    assert_eq!(world.bulk_status(id).await, "PROCESSED");

    // One line for each device: 40 of the old system, adopted, and 204 of ours.
    let lines = world.rev.lines();
    assert_eq!(lines.len(), 244);
    let opened = world.rev.called(Call::OpenLine);
    assert_eq!(opened, 204);
    let mut sql = world.sql().await;
    let stored: BTreeMap<i64, i64> = sql
        .rows(&format!("SELECT w.ChangeId, w.RevServiceLineId FROM dbo.DeviceChangeWork AS w WHERE w.BulkChangeId = {id}"))
        .await
        .iter()
        .map(|row| (row.get(0).unwrap(), row.get(1).unwrap()))
        .collect();
    assert_eq!(stored.len(), 244);
    let distinct: BTreeSet<i64> = stored.values().copied().collect();
    assert_eq!(distinct, lines.iter().map(|line| line.id).collect());
    for n in GOOD {
        let line = lines
            .iter()
            .find(|line| line.id == stored[&changes[n - 1].id])
            .unwrap();
        assert!(
            [world.msisdn(n), world.iccid(n)].contains(&line.number),
            "{n}: {line:?}"
        );
        assert_eq!(line.reference.is_none(), ADOPTED.contains(&n), "{n}");
    }
    let assignments = world.assignments(id).await;
    assert_eq!(assignments.len(), 244);
    for n in GOOD {
        let (account, service, plan) = &assignments[&world.iccid(n)];
        assert_eq!(
            (account.as_str(), service.is_some(), *plan),
            ("1001", true, Some(world.plan)),
            "{n}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_250_rows_204_are_billed_40_adopted_and_6_told_why_not_and_twice_is_the_same() {
    let (world, id) = scene().await;
    world.announce(id).await;
    world.drain().await;
    assert_told(&world, id).await;
    let calls = world.rev.calls().len();
    world.announce(id).await;
    world.drain().await;
    assert_told(&world, id).await;
    assert_eq!(
        world.rev.calls().len(),
        calls,
        "a second delivery asks Rev nothing"
    );
    assert_eq!(world.amop.told().len(), 1);
    assert!(world.queue.dead_letters().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn delivered_side_by_side_is_the_same() {
    let (world, id) = scene().await;
    for _ in 0..4 {
        world.announce(id).await;
    }
    world.drain_with(1, 4).await;
    assert_told(&world, id).await;
    assert_eq!(world.amop.told().len(), 1);
    assert!(world.queue.dead_letters().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bulk_change_of_which_every_row_failed_ends_and_its_status_is_set_right_after_the_producer_s_late_write()
 {
    let world = World::start(Wishes::devices(1)).await;
    let mut rows = world.foreign_rows([1, 2]).await;
    rows[0].text = "{".to_owned();
    let id = world.write_assignment(&rows).await;
    world.announce(id).await;
    world.deliver(10, 1).await;
    assert_eq!(world.bulk_status(id).await, "ERROR");
    assert_eq!(world.statuses(id).await, [("ERROR".to_owned(), 2)].into());
    world.overwrite_status(id).await;
    world.sweep().await;
    assert_eq!(world.bulk_status(id).await, "ERROR");
    // The same where no row names a customer at all, and for one that succeeded.
    rows.truncate(1);
    let nobody = world.write_assignment(&rows).await;
    let mut good = world.foreign_rows([1]).await;
    good[0].text = good[0]
        .text
        .replace("\"CreateRevService\":true", "\"CreateRevService\":false");
    let succeeded = world.write_assignment(&good).await;
    for (id, status) in [(nobody, "ERROR"), (succeeded, "PROCESSED")] {
        world.announce(id).await;
        world.drain().await;
        world.overwrite_status(id).await;
        world.sweep().await;
        assert_eq!(world.bulk_status(id).await, status);
    }
    assert!(world.rev.calls().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_is_billed_already_gets_no_second_line() {
    let world = World::start(Wishes::devices(3)).await;
    // Older than the change under its number and its ICCID, and two that may both be the change's.
    world.put_line(&world.msisdn(1), time::Duration::days(30));
    world.put_line(&world.iccid(2), time::Duration::days(30));
    world.put_line(&world.msisdn(3), time::Duration::ZERO);
    world.put_line(&world.iccid(3), time::Duration::ZERO);
    let id = world
        .write_assignment(&world.foreign_rows([1, 2, 3]).await)
        .await;
    world.announce(id).await;
    world.drain().await;
    let told: Vec<String> = world
        .changes(id)
        .await
        .into_iter()
        .map(|change| change.details.split(':').next().unwrap().to_owned())
        .collect();
    assert_eq!(
        told,
        [
            "active-service-line",
            "active-service-line",
            "billing-outcome-unknown"
        ]
    );
    assert_eq!(world.rev.lines().len(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_that_two_bulk_changes_find_is_given_to_one_and_the_other_waits_for_a_person() {
    let world = World::start(Wishes::devices(3)).await;
    // The producer knows both devices by one number, and the old system opened one line with it.
    let mut rows = world.foreign_rows([1, 3]).await;
    rows[1].msisdn = Some(world.msisdn(1));
    world.put_line(&world.msisdn(1), time::Duration::ZERO);
    let line = world.rev.lines()[0].id;
    let first = world.write_assignment(&rows[..1]).await;
    let second = world.write_assignment(&rows[1..]).await;
    world.announce(first).await;
    world.announce(second).await;
    world.drain().await;
    let mut ends: Vec<(String, String, i64)> = Vec::new();
    for id in [first, second] {
        let change = world.changes(id).await.remove(0);
        ends.push((change.status, change.details, change.id));
    }
    ends.sort();
    // API_FAILED sorts before PROCESSED; which of the two came first does not matter.
    assert_eq!(ends[0].0, "API_FAILED");
    assert_eq!(
        ends[0].1,
        format!(
            "billing-outcome-unknown: service line {line} at Rev is named for change {} as well",
            ends[1].2
        )
    );
    assert_eq!(ends[1].0, "PROCESSED");
    assert_eq!(world.rev.lines().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_preflight_opens_no_line_and_adopts_those_that_are_there() {
    let world = World::start(Wishes::devices(4)).await;
    let mut rows = world.foreign_rows([1, 3, 4]).await;
    for row in &mut rows {
        row.text = row
            .text
            .replace("[11]", "[999999]")
            .replace("\"RevProductIdList\":11", "\"RevProductIdList\":999999");
    }
    world.put_line(&world.msisdn(1), time::Duration::ZERO);
    let id = world.write_assignment(&rows).await;
    world.announce(id).await;
    world.drain().await;
    let told: Vec<(String, bool)> = world
        .changes(id)
        .await
        .into_iter()
        .map(|change| (change.status, change.details.starts_with("rev-product: ")))
        .collect();
    assert_eq!(
        told,
        [
            ("PROCESSED".to_owned(), false),
            ("API_FAILED".to_owned(), true),
            ("API_FAILED".to_owned(), true)
        ]
    );
    assert_eq!(world.rev.lines().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_bulk_changes_over_one_device_do_not_refuse_each_other_and_bill_it_once() {
    let world = World::start(Wishes::devices(1)).await;
    let rows = world.foreign_rows([1]).await;
    let first = world.write_assignment(&rows).await;
    let second = world.write_assignment(&rows).await;
    // The younger one first: it waits for the older one, which nobody has announced yet.
    world.announce(second).await;
    world.deliver(1, 1).await;
    world.announce(first).await;
    world.drain().await;
    let reason = world.changes(second).await[0].details.clone();
    assert!(
        reason.starts_with(&format!("unfinished-change: bulk change {first}")),
        "{reason}"
    );
    assert_eq!(
        world.statuses(first).await,
        [("PROCESSED".to_owned(), 1)].into()
    );
    let third = world.write_assignment(&rows).await;
    world.announce(third).await;
    world.drain().await;
    let reason = world.changes(third).await[0].details.clone();
    assert!(reason.starts_with("active-service-line: "), "{reason}");
    assert_eq!(world.rev.lines().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_ours_fails_and_is_never_dropped() {
    let world = World::start(Wishes::devices(1)).await;
    let other = world.write_foreign(3, &world.foreign_rows([1]).await).await;
    for id in [other, 999_999_999] {
        world.announce(id).await;
        let batch = world.queue.receive(1);
        let answer = world.call(end_to_end::deliveries::event(&batch)).await;
        assert_eq!(
            answer["batchItemFailures"].as_array().unwrap().len(),
            1,
            "{id}"
        );
        world.queue.delete(&batch[0].receipt);
    }
    assert_eq!(
        world.statuses(other).await,
        [("PROCESSING".to_owned(), 1)].into()
    );
    assert_eq!(world.unfinished().await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_come_after_the_end_open_the_bulk_change_again() {
    let world = World::start(Wishes::devices(2)).await;
    let rows = world.foreign_rows([1, 2]).await;
    let id = world.write_assignment(&rows[..1]).await;
    world.announce(id).await;
    world.drain().await;
    assert_eq!(world.bulk_status(id).await, "PROCESSED");
    let mut sql = world.sql().await;
    sql.query(
        "INSERT INTO dbo.M2M_DeviceChange (BulkChangeId, ICCID, ChangeRequest, Status, CreatedBy) VALUES (@P1, @P2, @P3, N'PROCESSING', N'fake.user')",
        &[&id, &rows[1].iccid.as_str(), &rows[1].text.as_str()],
    )
    .await;
    world.announce(id).await;
    world.drain().await;
    assert_eq!(
        world.statuses(id).await,
        [("PROCESSED".to_owned(), 2)].into()
    );
    assert_eq!(world.rev.lines().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn taking_a_bulk_change_over_costs_the_same_round_trips_however_many_rows_it_has() {
    let world = World::start(Wishes::devices(201)).await;
    let mut trips = Vec::new();
    for numbers in [1..=1, 2..=201] {
        let rows = numbers.clone().count();
        let id = world
            .write_assignment(&world.foreign_rows(numbers).await)
            .await;
        // What the one before has sent is not to be measured.
        for sent in world.queue.receive(10) {
            world.queue.delete(&sent.receipt);
        }
        world.announce(id).await;
        let before = world.central.round_trips();
        let batch = world.queue.receive(1);
        world.call(end_to_end::deliveries::event(&batch)).await;
        world.queue.delete(&batch[0].receipt);
        trips.push(world.central.round_trips() - before);
        let taken = format!(
            "SELECT COUNT_BIG(*) FROM dbo.DeviceChangeWork AS w WHERE w.BulkChangeId = {id}"
        );
        assert_eq!(
            world.sql().await.number(&taken).await,
            i64::try_from(rows).unwrap()
        );
    }
    // What is there, the checks, the write, what was sent.
    assert_eq!(trips, [4, 4]);
}

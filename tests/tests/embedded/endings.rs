//! What could go on for ever ends, and what one device or bulk change alone is the cause of holds up no other.

use std::time::Duration;

use end_to_end::{Wishes, World};
use local::rev::{Call, Fault, Line, Rule};

/// So many times: delivers, lets half a minute pass and sweeps.
async fn half_minutes(world: &World, count: usize) {
    for _ in 0..count {
        world.deliver(10, 2).await;
        world.pass(Duration::from_secs(30));
        world.sweep().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_device_whose_answer_stops_the_account_holds_up_no_other() {
    const DEVICES: usize = 30;
    // Slots lie apart, so that the first answers come before the last calls begin.
    let world = World::embedded(Wishes {
        calls_per_minute: 1_200,
        ..Wishes::devices(DEVICES)
    })
    .await;
    let number = world.msisdn(1);
    world
        .rev
        .fault(Rule::always(Call::OpenLine, Fault::key()).for_number(&number));
    let id = world.submit_with_service(1..=DEVICES).await;
    half_minutes(&world, 30).await;
    assert_eq!(
        world.statuses(id).await.get("PROCESSED"),
        Some(&(DEVICES - 1)),
        "{}",
        world.left_over().await
    );
    world.rev.clear_faults();
    world.drain().await;
    assert!(world.assert_billed_once(id).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_preflight_that_gets_through_ends_the_stop_of_the_account() {
    let world = World::embedded(Wishes::devices(3)).await;
    world.rev.fault(Rule::once(Call::Customer, Fault::key()));
    let id = world.submit_with_service(1..=3).await;
    world.deliver(10, 1).await;
    assert_eq!(world.rev.lines().len(), 0);
    world.pass(Duration::from_mins(16));
    world.deliver(10, 1).await;
    assert!(world.assert_billed_once(id).await.is_empty());
    assert_eq!(world.rev.lines().len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_with_more_lines_than_are_looked_through_is_for_a_person() {
    let world = World::embedded(Wishes::devices(1)).await;
    let number = world.msisdn(1);
    let then = world.rev.now() - time::Duration::days(30);
    for _ in 0..10_001 {
        world.rev.put_line(Line {
            id: 0,
            account: "fake-client-1".to_owned(),
            number: number.clone(),
            number2: String::new(),
            customer_id: 999,
            description: "Example".to_owned(),
            reference: None,
            created: then,
            shown_from: then,
            status: "DISCONNECTED".to_owned(),
        });
    }
    world
        .rev
        .fault(Rule::once(Call::OpenLine, Fault::drop_before()));
    let id = world.submit_with_service(1..=1).await;
    world.drain().await;
    let changes = world.changes(id).await;
    assert!(
        changes[0].details.starts_with("billing-outcome-unknown: "),
        "{changes:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_that_is_found_for_a_device_archived_since_is_for_a_person() {
    let world = World::embedded(Wishes::devices(2)).await;
    world
        .rev
        .fault(Rule::always(Call::OpenLine, Fault::drop_after()));
    let id = world.submit_with_service(1..=2).await;
    world.deliver(10, 1).await;
    let mut sql = world.sql().await;
    let archived = world.iccid(1);
    sql.query(
        "UPDATE dbo.Device SET IsActive = 0, IsDeleted = 1 WHERE ICCID = @P1",
        &[&archived.as_str()],
    )
    .await;
    world.drain().await;
    let reviews = world.assert_billed_once(id).await;
    assert_eq!(reviews.len(), 1, "{reviews:?}");
    assert!(
        reviews[0].iccid == archived && reviews[0].details.starts_with("device-archived: "),
        "{reviews:?}"
    );
    assert!(!world.assignments(id).await.contains_key(&archived));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bulk_change_that_cannot_be_finished_holds_up_no_other() {
    let world = World::embedded(Wishes::devices(2)).await;
    let mut ids = Vec::new();
    for n in [1, 2] {
        ids.push(
            world
                .post(&world.with_plan(&world.iccids(n..=n)))
                .await
                .bulk_change(),
        );
    }
    world.drain().await;
    let mut sql = world.sql().await;
    sql.query(
        "UPDATE dbo.BulkChangeWork SET FinishedAt = NULL, Options = CASE WHEN BulkChangeId = @P1 THEN N'{' ELSE Options END",
        &[&ids[0]],
    )
    .await;
    // The sweep comes through: what it could not finish is counted (`measured`).
    assert_eq!(world.sweep().await["finished"], 1);
    let left = sql
        .rows("SELECT w.BulkChangeId FROM dbo.BulkChangeWork AS w WHERE w.FinishedAt IS NULL")
        .await;
    let left: Vec<i64> = left.iter().filter_map(|row| row.get(0)).collect();
    assert_eq!(left, [ids[0]]);
}

//! Add Carrier Rate Plan: the linked bulk change of the devices that were associated, and its offer to whoever serves it.

use std::{sync::Arc, time::Duration};

use device_bulk_change::OtherQueues;
use end_to_end::{
    Wishes, World,
    deliveries::event,
    world::{CUSTOMER, OTHER_CUSTOMER},
};
use queue::{MemoryQueue, Outgoing};
use serde_json::{Value, json};

const PLAN: &str = "CARRIER-1GB";

/// A world whose consumer offers carrier changes on a queue.
async fn offering(devices: usize) -> (World, Arc<MemoryQueue>) {
    let carrier = Arc::new(MemoryQueue::new());
    let queues = OtherQueues {
        carrier_changes: Some(Arc::<MemoryQueue>::clone(&carrier)),
        ..OtherQueues::default()
    };
    let world = World::start(Wishes::devices(devices)).await;
    (world.with_queues(queues), carrier)
}

/// A request for nothing but the carrier plan.
fn request(world: &World, devices: &[String]) -> Value {
    json!({
        "devices": devices, "serviceProviderId": world.provider, "revCustomerId": CUSTOMER,
        "addCarrierRatePlan": true, "carrierRatePlan": PLAN, "commPlan": "Comm \"ä\"\\ \u{1F4F6}",
    })
}

async fn linked(world: &World, bulk_change: i64) -> i64 {
    let query = format!(
        "SELECT LinkedBulkChangeId FROM dbo.BulkChangeWork WHERE BulkChangeId = {bulk_change}"
    );
    world.sql().await.number(&query).await
}

/// Devices of a bulk change, in order.
async fn devices(world: &World, bulk_change: i64) -> Vec<String> {
    let changes = world.changes(bulk_change).await;
    changes.into_iter().map(|change| change.iccid).collect()
}

/// The carrier plan in the histories: (ICCID, before, after).
async fn histories(world: &World, bulk_change: i64) -> Vec<(String, Option<String>, String)> {
    let query = format!(
        "SELECT ICCID, PreviousValue, CurrentValue FROM dbo.DeviceActionHistory \
         WHERE BulkChangeId = {bulk_change} AND ChangedField = N'Carrier Rate Plan' ORDER BY ICCID"
    );
    let rows = world.sql().await.rows(&query).await;
    let text = |row: &tiberius::Row, n: usize| row.get::<&str, _>(n).map(str::to_owned);
    rows.iter()
        .map(|row| (text(row, 0).unwrap(), text(row, 1), text(row, 2).unwrap()))
        .collect()
}

fn offers(carrier: &MemoryQueue) -> Vec<Outgoing> {
    carrier.sent()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_linked_change_holds_the_devices_that_were_associated_and_is_offered_once() {
    let (world, carrier) = offering(4).await;
    let mut sql = world.sql().await;
    let set_plan = format!(
        "UPDATE dbo.Device SET RatePlan = CASE WHEN ICCID = '{}' THEN N'OLD' ELSE N'{PLAN}' END WHERE ICCID IN ('{}', '{}')",
        world.iccid(1),
        world.iccid(1),
        world.iccid(2)
    );
    sql.query(&set_plan, &[]).await;
    let submitted = world
        .post(&request(&world, &world.iccids(1..=4)))
        .await
        .bulk_change();
    // Another customer gets the last device before the work begins.
    let taken = format!(
        "INSERT INTO dbo.Device_Tenant (DeviceId, TenantId, AccountNumber, CreatedBy) \
         SELECT d.id, {}, '{OTHER_CUSTOMER}', N'test' FROM dbo.Device AS d WHERE d.ICCID = '{}'",
        world.tenant,
        world.iccid(4)
    );
    sql.query(&taken, &[]).await;
    let deliveries = world.queue.receive(10);
    let first = event(&deliveries);
    for _ in 0..3 {
        world.call(first.clone()).await;
    }
    world.drain().await;
    world.call(first).await;
    world.sweep().await;

    assert_eq!(
        world.statuses(submitted).await,
        [("ERROR".to_owned(), 1), ("PROCESSED".to_owned(), 3)].into()
    );
    let linked = linked(&world, submitted).await;
    assert_eq!(devices(&world, linked).await, world.iccids(1..=3));
    assert_eq!(
        world.statuses(linked).await,
        [("PENDING".to_owned(), 3)].into()
    );
    let rows = sql
        .rows(&format!(
            "SELECT b.ChangeRequestTypeId, b.Status, b.TenantId, q.ChangeRequest FROM dbo.DeviceBulkChange AS b \
             INNER JOIN dbo.DeviceChangeRequest AS q ON q.BulkChangeId = b.id WHERE b.id = {linked}"
        ))
        .await;
    assert_eq!(rows.len(), 1, "one text that its rows share");
    assert_eq!(rows[0].get::<i32, _>(0), Some(2));
    assert_eq!(rows[0].get::<&str, _>(1), Some("NEW"));
    assert_eq!(rows[0].get::<i32, _>(2), Some(world.tenant));
    let stored: Value = serde_json::from_str(rows[0].get::<&str, _>(3).unwrap()).unwrap();
    assert_eq!(
        stored,
        json!({"CarrierRatePlanUpdate": {"CarrierRatePlan": PLAN, "CommPlan": "Comm \"ä\"\\ \u{1F4F6}", "EffectiveDate": null}})
    );
    let after = PLAN.to_owned();
    assert_eq!(
        histories(&world, submitted).await,
        [
            (world.iccid(1), Some("OLD".to_owned()), after.clone()),
            (world.iccid(3), None, after)
        ],
        "the second one has the plan already"
    );
    let expected = Outgoing {
        body: "Not used".to_owned(),
        attributes: vec![
            ("BulkChangeId".to_owned(), linked.to_string()),
            ("AdditionBulkChangeId".to_owned(), "0".to_owned()),
        ],
        group: None,
        delay: Duration::ZERO,
    };
    assert_eq!(offers(&carrier), [expected]);
    assert!(
        world.rev.lines().is_empty(),
        "no service line was asked for"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_queue_the_linked_change_stays_new_and_nothing_waits() {
    let world = World::start(Wishes::devices(1)).await;
    let submitted = world
        .post(&request(&world, &world.iccids(1..=1)))
        .await
        .bulk_change();
    world.drain().await;
    let linked = linked(&world, submitted).await;
    let mut sql = world.sql().await;
    let new = format!(
        "SELECT COUNT_BIG(*) FROM dbo.DeviceBulkChange WHERE id = {linked} AND Status = N'NEW'"
    );
    assert_eq!(sql.number(&new).await, 1);
    let waiting = format!(
        "SELECT COUNT_BIG(*) FROM dbo.BulkChangeOutbox WHERE BulkChangeId = {submitted} AND SentAt IS NULL"
    );
    assert_eq!(sql.number(&waiting).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bulk_change_that_ends_again_links_only_devices_that_are_in_no_linked_change_yet() {
    let (world, carrier) = offering(2).await;
    let submitted = world
        .post(&request(&world, &world.iccids(1..=2)))
        .await
        .bulk_change();
    world.drain().await;
    let first = linked(&world, submitted).await;
    let mut sql = world.sql().await;
    let again =
        format!("UPDATE dbo.BulkChangeWork SET FinishedAt = NULL WHERE BulkChangeId = {submitted}");
    sql.query(&again, &[]).await;
    world.sweep().await;
    assert_eq!(world.unfinished().await, 0);
    assert_eq!(linked(&world, submitted).await, first, "nothing is new");

    // A row that came later was in none.
    let later = format!(
        "UPDATE dbo.DeviceChangeWork SET LinkedBulkChangeId = NULL WHERE ChangeId = \
         (SELECT MAX(id) FROM dbo.M2M_DeviceChange WHERE BulkChangeId = {submitted})"
    );
    sql.query(&later, &[]).await;
    sql.query(&again, &[]).await;
    world.sweep().await;
    let second = linked(&world, submitted).await;
    assert_ne!(second, first);
    assert_eq!(devices(&world, second).await, [world.iccid(2)]);
    assert_eq!(devices(&world, first).await, world.iccids(1..=2));
    let named: Vec<String> = offers(&carrier)
        .iter()
        .map(|offer| offer.attributes[0].1.clone())
        .collect();
    assert_eq!(named, [first.to_string(), second.to_string()]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bulk_change_of_which_no_device_was_associated_has_no_linked_change() {
    let (world, carrier) = offering(1).await;
    let submitted = world
        .post(&request(&world, &world.iccids(1..=1)))
        .await
        .bulk_change();
    let archive = format!(
        "UPDATE dbo.Device SET IsActive = 0, IsDeleted = 1 WHERE ICCID = '{}'",
        world.iccid(1)
    );
    world.sql().await.query(&archive, &[]).await;
    world.drain().await;
    assert_eq!(
        world.statuses(submitted).await,
        [("ERROR".to_owned(), 1)].into()
    );
    let none = format!(
        "SELECT COUNT_BIG(*) FROM dbo.BulkChangeWork WHERE BulkChangeId = {submitted} AND LinkedBulkChangeId IS NULL"
    );
    assert_eq!(world.sql().await.number(&none).await, 1);
    assert!(offers(&carrier).is_empty());
}

//! A change that waits for a person is settled through the binary, each way to the end.

use std::time::Duration;

use crate::driver::{everything, in_review, ops};
use end_to_end::{Wishes, World};
use local::rev::{Call, Fault, Line, Rule};

/// After it a lost call cannot arrive any more.
const LONG_ENOUGH: Duration = Duration::from_mins(16);

async fn world() -> (World, i64, String) {
    let world = World::embedded(Wishes::devices(3)).await;
    let (bulk, change) = in_review(&world).await;
    (world, bulk, change.to_string())
}

async fn status(world: &World, bulk: i64, change: &str) -> (String, String) {
    let changes = world.changes(bulk).await;
    let found = changes.into_iter().find(|c| c.id.to_string() == change);
    let found = found.unwrap();
    (found.status, found.details)
}

/// The line that Rev holds after all, for the first device: with the change's reference, or without.
fn put_line(world: &World, id: i64, reference: Option<String>) {
    let mut line: Line = world.rev.lines()[0].clone();
    line.id = id;
    line.number = world.msisdn(1);
    line.reference = reference;
    world.rev.put_line(line);
}

#[tokio::test(flavor = "multi_thread")]
async fn reviews_are_listed_with_all_that_is_needed_to_find_the_line_at_rev() {
    let (world, bulk, change) = world().await;
    let listed = ops(&world, &["reviews"]).await;
    for words in [
        change.as_str(),
        &bulk.to_string(),
        &world.iccid(1),
        &world.msisdn(1),
        &format!("AMOP-{change}"),
        "1001",
        "Rev shows no service line",
        "1 change waits.",
    ] {
        listed.says(0, words);
    }
    let json = ops(&world, &["reviews", "--json"]).await;
    let read: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!(read["total"], 1);
    assert_eq!(read["reviews"][0]["change"].to_string(), change);
    let other = (world.tenant + 1).to_string();
    ops(&world, &["reviews", "--tenant", &other])
        .await
        .says(0, "No change waits for a person.");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_apply_nothing_is_written() {
    let (world, _, change) = world().await;
    world.pass(LONG_ENOUGH);
    let before = everything(&world).await;
    for decision in [
        &["--adopt", "4711"][..],
        &["--not-created"],
        &["--give-up"],
        &["--give-up", "--dry-run"],
    ] {
        let mut line = vec!["settle", &change, "--reason", "looked at Rev"];
        line.extend(decision);
        ops(&world, &line).await.says(0, "Nothing was written.");
        assert_eq!(everything(&world).await, before, "{decision:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn adopt_hands_the_device_over_without_another_call() {
    let (world, bulk, change) = world().await;
    put_line(&world, 4711, Some(format!("AMOP-{change}")));
    let line = [
        "settle",
        &change,
        "--adopt",
        "4711",
        "--reason",
        "seen at Rev",
        "--apply",
    ];
    ops(&world, &line).await.says(0, "Settled 1 change.");
    let calls = world.rev.calls().len();
    ops(&world, &line)
        .await
        .says(0, "nothing to do: tester settled it so");
    world.drain().await;
    assert_eq!(world.rev.calls().len(), calls, "no call is made for it");
    assert!(world.assert_billed_once(bulk).await.is_empty());
    assert_eq!(
        world.statuses(bulk).await,
        [("PROCESSED".to_owned(), 2)].into()
    );
    let (customer, service, _) = world.assignments(bulk).await[&world.iccid(1)].clone();
    assert_eq!(customer, "1001");
    assert!(service.is_some());
    ops(&world, &line)
        .await
        .says(0, "nothing to do: tester settled it so");
    let shown = ops(&world, &["show", &world.iccid(1)]).await;
    shown.says(0, "Review settled: adopt");
    shown.says(0, "seen at Rev");
}

#[tokio::test(flavor = "multi_thread")]
async fn not_created_sends_it_again_with_the_same_reference() {
    let (world, bulk, change) = world().await;
    let line = [
        "settle",
        &change,
        "--not-created",
        "--reason",
        "no line there",
        "--apply",
    ];
    let early = ops(&world, &line).await;
    early.says(1, "may still arrive");
    world.pass(LONG_ENOUGH);
    ops(&world, &line).await.says(0, "Settled 1 change.");
    ops(&world, &line).await.says(0, "nothing to do");
    world.drain().await;
    assert!(world.assert_billed_once(bulk).await.is_empty());
    assert_eq!(
        world.statuses(bulk).await,
        [("PROCESSED".to_owned(), 2)].into()
    );
    assert_eq!(world.rev.creates_of(&format!("AMOP-{change}")), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn give_up_ends_it_and_frees_the_device() {
    let (world, bulk, change) = world().await;
    let line = [
        "settle",
        &change,
        "--give-up",
        "--reason",
        "SIM is lost",
        "--by",
        "Ada",
        "--apply",
    ];
    ops(&world, &line).await.says(1, "may still arrive");
    world.pass(LONG_ENOUGH);
    ops(&world, &line).await.says(0, "Settled 1 change.");
    ops(&world, &line).await.says(0, "nothing to do: Ada");
    assert!(world.assert_billed_once(bulk).await.is_empty());
    let (ended, details) = status(&world, bulk, &change).await;
    assert_eq!(ended, "API_FAILED");
    assert!(
        details.ends_with("given up by Ada: SIM is lost"),
        "{details}"
    );
    ops(
        &world,
        &["settle", &change, "--not-created", "--reason", "x"],
    )
    .await
    .says(1, "it ended as API_FAILED");
    let shown = ops(&world, &["show", &world.iccid(1)]).await;
    shown.says(0, "Review settled: give-up, by Ada; because: SIM is lost");
    // A new request takes the device.
    let again = world.submit_with_service(1..=1).await;
    world.drain().await;
    assert!(world.assert_billed_once(again).await.is_empty());
    assert_eq!(world.rev.creates_of_number(&world.msisdn(1)), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn twice_at_once_settles_once() {
    let (world, bulk, change) = world().await;
    world.pass(LONG_ENOUGH);
    let line = [
        "settle",
        &change,
        "--not-created",
        "--reason",
        "x",
        "--apply",
    ];
    let (one, other) = tokio::join!(ops(&world, &line), ops(&world, &line));
    let settled = [&one, &other]
        .iter()
        .filter(|ended| ended.out.contains("Settled 1 change."))
        .count();
    assert_eq!(settled, 1, "{one:?} {other:?}");
    let logged = format!(
        "SELECT COUNT_BIG(*) FROM dbo.DeviceBulkChangeLog WHERE M2MDeviceChangeId = {change} AND LogEntryDescription LIKE N'Review settled%'"
    );
    assert_eq!(world.sql().await.number(&logged).await, 1);
    world.drain().await;
    assert!(world.assert_billed_once(bulk).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_is_lost_again_comes_back_to_review() {
    let (world, bulk, change) = world().await;
    world.pass(LONG_ENOUGH);
    let number = world.msisdn(1);
    world
        .rev
        .fault(Rule::always(Call::OpenLine, Fault::drop_before()).for_number(&number));
    ops(
        &world,
        &[
            "settle",
            &change,
            "--not-created",
            "--reason",
            "x",
            "--apply",
        ],
    )
    .await
    .says(0, "Settled 1 change.");
    world.drain().await;
    assert_eq!(world.assert_billed_once(bulk).await.len(), 1);
    ops(&world, &["reviews"]).await.says(0, "1 change waits.");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_of_another_customer_is_not_handed_over() {
    let (world, bulk, change) = world().await;
    put_line(&world, 4711, None);
    let device = format!(
        "INSERT INTO dbo.Device_Tenant (DeviceId, TenantId, AccountNumber, CreatedBy) \
         SELECT m.DeviceId, {}, N'1002', N'test' FROM dbo.M2M_DeviceChange AS m WHERE m.id = {change}",
        world.tenant
    );
    world.sql().await.rows(&device).await;
    let line = [
        "settle", &change, "--adopt", "4711", "--reason", "x", "--apply",
    ];
    ops(&world, &line)
        .await
        .says(1, "the device is another customer's by now");
    assert_eq!(
        world.assert_billed_once_beside(bulk, &[4711]).await.len(),
        1
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_wait_is_refused_with_what_it_is() {
    let (world, bulk, change) = world().await;
    let changes = world.changes(bulk).await;
    let processed = changes.iter().find(|c| c.status == "PROCESSED").unwrap();
    let processed = processed.id.to_string();
    let before = everything(&world).await;
    world.pass(LONG_ENOUGH);
    ops(
        &world,
        &[
            "settle",
            &processed,
            &change,
            "--give-up",
            "--reason",
            "x",
            "--apply",
        ],
    )
    .await
    .says(1, "it ended as PROCESSED");
    ops(
        &world,
        &[
            "settle",
            "999999",
            &change,
            "--give-up",
            "--reason",
            "x",
            "--apply",
        ],
    )
    .await
    .says(3, "there is no change 999999");
    assert_eq!(everything(&world).await, before, "all or nothing");
}

//! What cannot be called, is not answered or cannot be read: nothing is opened twice, and no device fails for the account.

use std::time::{Duration, Instant};

use device_bulk_change::Limits;
use end_to_end::{Wishes, World, deliveries::event};
use local::rev::{Call, Fault, Rule};

async fn all_are_processed(world: &World, id: i64, devices: usize) {
    assert!(world.assert_billed_once(id).await.is_empty());
    assert_eq!(
        world.statuses(id).await,
        [("PROCESSED".to_owned(), devices)].into(),
        "{}",
        world.left_over().await
    );
    assert_eq!(world.rev.lines().len(), devices);
    assert!(world.queue.dead_letters().is_empty());
}

/// No device of it has ended, and none is counted against.
async fn nothing_failed(world: &World, id: i64) {
    let changes = world.changes(id).await;
    assert!(changes.iter().all(|it| !it.processed), "{changes:?}");
    let counted = format!(
        "SELECT COUNT_BIG(*) FROM dbo.DeviceChangeWork AS w WHERE w.BulkChangeId = {id} AND w.Attempts > 0"
    );
    assert_eq!(world.sql().await.number(&counted).await, 0);
}

/// Why the account is stopped, if it is.
async fn stopped(world: &World) -> Option<String> {
    let rows = world
        .sql()
        .await
        .rows("SELECT b.StoppedReason FROM dbo.RevCallBudget AS b WHERE b.StoppedSince IS NOT NULL")
        .await;
    rows.first()
        .map(|row| row.get::<&str, _>(0).unwrap_or_default().to_owned())
}

async fn rev_is_at(world: &World, url: &str) {
    world
        .sql()
        .await
        .query(
            "UPDATE dbo.Integration_Connection SET ProductionURL = @P1 WHERE IntegrationId = 3",
            &[&url],
        )
        .await;
}

/// A consumer that has no token and knows no account takes what can be received.
async fn a_stranger_works(world: &World) {
    let stranger = world.another_consumer().await;
    let messages = world.queue.receive(10);
    assert!(!messages.is_empty());
    let end = Instant::now() + Duration::from_mins(2);
    let answer = device_bulk_change::handle(&stranger, event(&messages), end)
        .await
        .unwrap();
    assert_eq!(answer["batchItemFailures"], serde_json::json!([]));
    for message in messages {
        world.queue.delete(&message.receipt);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_without_a_usable_address_is_not_called_and_fails_no_device() {
    // Before the preflight, and after it.
    for passed in [false, true] {
        let world = World::embedded(Wishes::devices(3)).await;
        rev_is_at(&world, "http://rev.example.invalid").await;
        let id = world.submit_with_service(1..=3).await;
        if passed {
            world.pass_preflight(id).await;
        }
        world.deliver(10, 1).await;
        nothing_failed(&world, id).await;
        assert_eq!(
            stopped(&world).await.as_deref(),
            Some("the account has no usable credentials or base URL")
        );
        assert!(world.rev.calls().is_empty(), "{:?}", world.rev.calls());
        rev_is_at(&world, &world.rev.url()).await;
        world.drain().await;
        assert_eq!(stopped(&world).await, None);
        all_are_processed(&world, id, 3).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_loses_its_address_fails_no_change_whose_outcome_is_unknown() {
    let world = World::embedded(Wishes::devices(1)).await;
    world
        .rev
        .fault(Rule::once(Call::OpenLine, Fault::drop_after()));
    let id = world.submit_with_service(1..=1).await;
    world.deliver(10, 1).await;
    rev_is_at(&world, "http://rev.example.invalid").await;
    world.pass(Duration::from_mins(3));
    world.sweep().await;
    a_stranger_works(&world).await;
    assert_eq!(world.rev.called(Call::Lines), 0);
    nothing_failed(&world, id).await;
    rev_is_at(&world, &world.rev.url()).await;
    world.drain().await;
    all_are_processed(&world, id, 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fresh_token_that_is_refused_for_a_line_stops_the_account_and_fails_no_device() {
    let world = World::embedded(Wishes::devices(1)).await;
    let refused = Fault::status(401, r#"{"ok":false,"error":"token not accepted"}"#);
    world
        .rev
        .fault(Rule::always(Call::OpenLine, refused).times(2));
    let id = world.submit_with_service(1..=1).await;
    world.deliver(10, 1).await;
    assert_eq!(
        world.rev.called(Call::OpenLine),
        2,
        "once more, no third time"
    );
    assert_eq!(
        stopped(&world).await.as_deref(),
        Some("Rev refuses the credentials of the account")
    );
    nothing_failed(&world, id).await;
    world.drain().await;
    assert_eq!(stopped(&world).await, None);
    all_are_processed(&world, id, 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_that_is_refused_before_the_lines_stops_the_account_and_opens_none() {
    let world = World::embedded(Wishes::devices(3)).await;
    let id = world.submit_with_service(1..=3).await;
    world.pass_preflight(id).await;
    let refused = Fault::status(401, r#"{"ok":false,"error":"who are you"}"#);
    world.rev.fault(Rule::once(Call::Token, refused));
    a_stranger_works(&world).await;
    assert_eq!(world.rev.calls().len(), 1, "{:?}", world.rev.calls());
    assert_eq!(
        stopped(&world).await.as_deref(),
        Some("Rev refuses the credentials of the account")
    );
    nothing_failed(&world, id).await;
    world.drain().await;
    all_are_processed(&world, id, 3).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_ended_and_no_answer_to_the_next_leaves_the_line_unasked_for() {
    let world = World::embedded(Wishes::devices(2)).await;
    let first = world.submit_with_service(1..=1).await;
    world.drain().await;
    // The consumer has a token, which Rev knows no longer.
    world.rev.revoke_tokens();
    world
        .rev
        .fault(Rule::once(Call::Token, Fault::drop_before()));
    let id = world.submit_with_service(2..=2).await;
    world.pass_preflight(id).await;
    world.deliver(10, 1).await;
    let work = format!(
        "SELECT w.Step, w.Attempts, w.Unknowns, w.LastError FROM dbo.DeviceChangeWork AS w WHERE w.BulkChangeId = {id}"
    );
    let rows = world.sql().await.rows(&work).await;
    assert_eq!(
        (
            rows[0].get::<&str, _>(0),
            rows[0].get::<i32, _>(1),
            rows[0].get::<i32, _>(2)
        ),
        (Some("open-line"), Some(1), Some(0)),
        "it provably did not happen: there is nothing to look up"
    );
    let why = rows[0].get::<&str, _>(3).unwrap_or_default();
    assert!(why.starts_with("signing in: "), "{why}");
    world.drain().await;
    assert_eq!(world.rev.called(Call::Lines), 0);
    for id in [first, id] {
        assert!(world.assert_billed_once(id).await.is_empty());
    }
    assert_eq!(world.rev.lines().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_whose_slot_lapsed_while_another_was_in_the_air_is_handed_back() {
    let limits = Limits {
        calls_in_the_air: 1,
        ..Limits::default()
    };
    let world = World::embedded(Wishes {
        limits,
        ..Wishes::devices(2)
    })
    .await;
    // One call at a time, and the first one takes longer than a slot lasts.
    world
        .rev
        .fault(Rule::once(Call::OpenLine, Fault::delay(3_000)));
    let id = world.submit_with_service(1..=2).await;
    world.deliver(10, 1).await;
    world.drain().await;
    all_are_processed(&world, id, 2).await;
    let fences = format!(
        "SELECT w.Fence FROM dbo.DeviceChangeWork AS w WHERE w.BulkChangeId = {id} ORDER BY w.Fence"
    );
    let rows = world.sql().await.rows(&fences).await;
    let fences: Vec<i64> = rows.iter().filter_map(|row| row.get(0)).collect();
    assert!(
        fences.len() == 2 && fences[0] == 1 && fences[1] > 1,
        "the second was claimed again for another slot: {fences:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_look_up_without_a_sign_in_decides_nothing() {
    let world = World::embedded(Wishes::devices(1)).await;
    world
        .rev
        .fault(Rule::once(Call::OpenLine, Fault::drop_after()));
    let id = world.submit_with_service(1..=1).await;
    world.deliver(10, 1).await;
    world
        .rev
        .fault(Rule::once(Call::Token, Fault::drop_before()));
    world.pass(Duration::from_mins(3));
    world.sweep().await;
    a_stranger_works(&world).await;
    assert_eq!(world.rev.called(Call::Lines), 0);
    let changes = world.changes(id).await;
    assert!(!changes[0].processed, "{changes:?}");
    world.drain().await;
    all_are_processed(&world, id, 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stored_change_that_cannot_be_read_any_more_opens_no_line_and_one_that_may_be_billed_is_for_a_person()
 {
    let world = World::embedded(Wishes::devices(2)).await;
    // Device 1 has a line that nobody heard of; device 2 was never asked for, because Rev had enough.
    let (unknown, unsent) = (world.msisdn(1), world.msisdn(2));
    world
        .rev
        .fault(Rule::once(Call::OpenLine, Fault::drop_after()).for_number(&unknown));
    world
        .rev
        .fault(Rule::once(Call::OpenLine, Fault::throttled(Some("30"))).for_number(&unsent));
    let id = world.submit_with_service(1..=2).await;
    world.deliver(10, 1).await;
    world
        .sql()
        .await
        .query(
            "UPDATE dbo.M2M_DeviceChange SET ChangeRequest = N'{' WHERE BulkChangeId = @P1",
            &[&id],
        )
        .await;
    world.drain().await;
    let changes = world.changes(id).await;
    let told: Vec<(&str, &str)> = changes
        .iter()
        .map(|change| (change.status.as_str(), change.details.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            (
                "API_FAILED",
                "malformed-change: a service line may be open, and the stored change cannot be read"
            ),
            (
                "ERROR",
                "malformed-change: the stored change cannot be read"
            ),
        ]
    );
    let reviews = world.assert_billed_once(id).await;
    assert_eq!(reviews.len(), 1, "{reviews:?}");
    assert_eq!(reviews[0].id, changes[0].id);
    assert_eq!(world.rev.creates_of_number(&unknown), 1);
    assert_eq!(world.rev.creates_of_number(&unsent), 0);
    assert!(world.assignments(id).await.is_empty());
}

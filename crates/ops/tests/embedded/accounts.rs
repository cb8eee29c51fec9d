//! A Rev account is paused and resumed through the binary, and work waits and goes on.

use std::time::Duration;

use crate::driver::{account, everything, ops};
use end_to_end::{Wishes, World};
use local::rev::{Call, Fault, Rule};

async fn submitted() -> (World, i64, String) {
    let world = World::embedded(Wishes::devices(5)).await;
    let account = account(&world).await;
    let id = world.submit_with_service(1..=5).await;
    (world, id, account)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paused_account_is_not_called_and_nothing_fails() {
    let (world, id, account) = submitted().await;
    let line = ["pause", &account, "--reason", "Rev moves house", "--apply"];
    ops(&world, &line)
        .await
        .says(0, "Paused until somebody resumes it.");
    ops(&world, &line).await.says(0, "Nothing to do");
    for _ in 0..6 {
        world.deliver(10, 2).await;
        world.pass(Duration::from_mins(10));
        world.sweep().await;
    }
    assert!(world.rev.calls().is_empty());
    assert!(world.queue.dead_letters().is_empty());
    let state = ops(&world, &["account", &account]).await;
    state.says(0, "paused until somebody resumes it, by tester");
    state.says(0, "Rev moves house");
    state.says(0, "5 calls of 1 bulk change wait");
    ops(&world, &["resume", &account, "--apply"])
        .await
        .says(0, "Resumed.");
    ops(&world, &["resume", &account, "--apply"])
        .await
        .says(0, "Nothing to do");
    // One sweep offers what waits: nobody waits for a delayed message.
    world.sweep().await;
    world.deliver(10, 2).await;
    assert!(!world.rev.calls().is_empty());
    world.drain().await;
    assert!(world.assert_billed_once(id).await.is_empty());
    assert_eq!(
        world.statuses(id).await,
        [("PROCESSED".to_owned(), 5)].into()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pause_with_an_end_ends_by_itself() {
    let (world, id, account) = submitted().await;
    ops(
        &world,
        &["pause", &account, "--for", "2h", "--reason", "x", "--apply"],
    )
    .await
    .says(0, "Paused until 20");
    world.deliver(10, 2).await;
    assert!(world.rev.calls().is_empty());
    world.pass(Duration::from_hours(2));
    world.drain().await;
    assert!(world.assert_billed_once(id).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn without_apply_nothing_is_written_and_what_cannot_be_is_refused() {
    let (world, _, account) = submitted().await;
    let before = everything(&world).await;
    ops(&world, &["pause", &account, "--for", "2h", "--reason", "x"])
        .await
        .says(0, "Nothing was written.");
    let past = [
        "pause",
        &account,
        "--until",
        "2020-01-01T00:00Z",
        "--reason",
        "x",
        "--apply",
    ];
    ops(&world, &past).await.says(1, "has passed");
    for command in [&["account", "999999"][..], &["resume", "999999", "--apply"]] {
        ops(&world, command)
            .await
            .says(3, "there is no account 999999");
    }
    ops(&world, &["resume", &account, "--apply"])
        .await
        .says(0, "Nothing to do: it is not paused.");
    assert_eq!(everything(&world).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pause_of_rev_is_not_made_shorter_and_resumed_only_when_asked_for_and_with_a_warning() {
    let (world, id, account) = submitted().await;
    world
        .rev
        .fault(Rule::once(Call::OpenLine, Fault::throttled(Some("7200"))));
    world.deliver(10, 1).await;
    ops(&world, &["account", &account])
        .await
        .says(0, "because Rev.io asked for it");
    ops(
        &world,
        &["pause", &account, "--for", "1h", "--reason", "x", "--apply"],
    )
    .await
    .says(1, "Rev.io itself asked for a longer pause");
    let kept = ops(&world, &["resume", &account, "--apply"]).await;
    kept.says(0, "that stays, unless it is resumed with --also-rev");
    kept.says(0, "Nothing to do: only Rev.io asked for a pause.");
    let dry = ops(&world, &["resume", &account, "--also-rev"]).await;
    dry.says(0, "Warning: Rev.io itself asked");
    dry.says(0, "Nothing was written.");
    let resumed = ops(&world, &["resume", &account, "--also-rev", "--apply"]).await;
    resumed.says(0, "Warning: Rev.io itself asked");
    resumed.says(0, "Resumed.");
    world.drain().await;
    assert!(world.assert_billed_once(id).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_account_is_tried_at_once_when_asked_for() {
    let (world, id, account) = submitted().await;
    world
        .rev
        .fault(Rule::always(Call::OpenLine, Fault::key()).times(1));
    world.deliver(10, 1).await;
    ops(&world, &["account", &account])
        .await
        .says(0, "stopped since");
    ops(&world, &["resume", &account, "--also-stopped", "--apply"])
        .await
        .says(0, "The next call tries the stopped account.");
    world.drain().await;
    assert!(world.assert_billed_once(id).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_that_are_one_at_rev_are_paused_together() {
    let (world, _, account) = submitted().await;
    let twin = format!(
        "INSERT INTO dbo.Integration_Authentication (IntegrationId, TenantId, OAuth2_ClientId, CreatedBy) \
         SELECT IntegrationId, TenantId, OAuth2_ClientId, N'test' FROM dbo.Integration_Authentication WHERE id = {account}; \
         SELECT CAST(MAX(id) AS bigint) FROM dbo.Integration_Authentication;"
    );
    let twin = world.sql().await.number(&twin).await.to_string();
    ops(&world, &["pause", &twin, "--reason", "x", "--apply"])
        .await
        .says(0, "Paused until somebody resumes it.");
    let state = ops(&world, &["account", &account]).await;
    state.says(0, "paused until somebody resumes it, by tester");
    state.says(0, &format!("one account at Rev.io with {twin}"));
    world.deliver(10, 2).await;
    assert!(world.rev.calls().is_empty());
}

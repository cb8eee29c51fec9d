//! The network goes away while somebody watches.

use local::sample::Group;

use crate::{
    driving::Wire,
    portal::{NORA, Portal},
};

#[tokio::test(flavor = "multi_thread")]
async fn a_watcher_is_told_of_a_lost_connection_and_sees_the_end_when_it_is_back() {
    let portal = Portal::with(20).await;
    let id = portal
        .submitted(&Portal::iccids(Group::Assignable, 12))
        .await;
    let wire = Wire::to(&portal.world.url("")).await;
    let portal = portal.reached_by(wire.url(""));
    portal
        .opens_as(NORA, &format!("/M2M/BulkChanges?id={id}"))
        .await;
    let browser = &portal.browser;
    browser.sees("0 of 12 devices done").await;

    wire.cut().await;
    browser.sees("Connection lost, trying again").await;
    // What was known stays in sight.
    browser.sees("0 of 12 devices done").await;
    let in_vain = wire.refused();
    portal.world.drain().await;
    browser.press("button", "Try now").await;
    // It goes on by itself, too.
    while wire.refused() < in_vain + 3 {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    browser.sees("Connection lost, trying again").await;

    wire.mend();
    browser.sees("12 of 12 devices done").await;
    browser.no_longer_sees("Connection lost").await;
    browser.sees("Processed 12").await;
}

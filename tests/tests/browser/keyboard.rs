//! The wizard without a mouse.

use local::sample::Group;

use crate::{
    driving::Key,
    portal::{NORA, Portal},
};

#[tokio::test(flavor = "multi_thread")]
async fn the_wizard_is_walked_through_with_the_keyboard_alone() {
    let portal = Portal::with(5).await;
    portal.opens_as(NORA, "/M2M/AssociateCustomer").await;
    let browser = &portal.browser;
    browser.sees("1. Devices").await;

    browser.tabs_to("box", "A pasted list of ICCIDs").await;
    browser.key(Key::Space).await;
    browser.tabs_to("field", "Service provider").await;
    // The first letters choose in a list.
    browser.keys("Jasper").await;
    browser.tabs_to("field", "ICCIDs").await;
    browser.keys(&Portal::iccids(Group::Assignable, 1)[0]).await;
    browser.sees("1 device").await;
    browser.tabs_to("button", "Next").await;
    browser.key(Key::Enter).await;

    browser.sees("2. Customer").await;
    browser.tabs_to("field", "Customer").await;
    browser.keys("Alder").await;
    browser
        .find("option", "Alder Haulage (sample) (1001)")
        .await;
    browser.key(Key::Down).await;
    browser.key(Key::Enter).await;
    browser.sees("Account number").await;
    browser.tabs_to("button", "Next").await;
    browser.key(Key::Enter).await;

    browser.sees("3. Options").await;
    browser.tabs_to("box", "Set a customer rate plan").await;
    browser.key(Key::Space).await;
    browser.tabs_to("field", "Customer rate plan").await;
    browser.key(Key::Down).await;
    browser.tabs_to("button", "Next").await;
    browser.key(Key::Enter).await;

    browser.sees("4. Check").await;
    browser.sees("1 accepted").await;
    browser.tabs_to("button", "Next").await;
    browser.key(Key::Enter).await;
    browser.sees("5. Submit").await;
    browser.tabs_to("button", "Assign 1 device").await;
    browser.key(Key::Enter).await;
    let id = portal.bulk_change_shown().await;
    portal.world.drain().await;
    browser.sees("Processed 1").await;
    assert!(id > 0);
}

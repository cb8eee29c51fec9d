//! From signing in to "processed", as a person does it.

use local::sample::Group;

use crate::portal::{NORA, Portal};

#[tokio::test(flavor = "multi_thread")]
async fn devices_are_found_selected_assigned_watched_and_processed() {
    let portal = Portal::with(60).await;
    let devices = Portal::iccids(Group::Assignable, 60);
    portal.opens_as(NORA, "/M2M/Index").await;
    let browser = &portal.browser;

    // Found by what one knows, one after the other; the selection survives the search.
    for (selected, device) in [(1, &devices[3]), (2, &devices[58])] {
        browser.types("Search", device).await;
        browser.press("box", &format!("Select {device}")).await;
        browser.sees(&format!("{selected} selected")).await;
    }
    browser.press("button", "Assign 2 devices").await;
    portal.is_at("/M2M/AssociateCustomer").await;
    browser.sees("2 devices").await;
    browser.press("button", "Next").await;
    portal.picks_customer("1001").await;
    portal.chooses_line_and_plan().await;
    browser.sees("2 accepted").await;
    browser.press("button", "Next").await;
    browser.sees("5. Submit").await;
    let working = portal.works();
    let id = portal.submits(2).await;
    browser.sees("2 of 2 devices done").await;
    browser.sees("Processed 2").await;
    drop(working);
    assert_eq!(portal.world.assert_billed_once(id).await.len(), 0);

    // What was assigned is no longer selected, and belongs to the customer.
    browser.press("link", "Devices").await;
    portal.is_at("/M2M/Index").await;
    browser.sees("Nothing selected").await;
    browser.types("Search", &devices[58]).await;
    browser.sees("Alder Haulage (sample) (1001)").await;
    browser.console_is_clean().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_cannot_be_assigned_is_told_with_its_reason_and_nothing_is_submitted() {
    let portal = Portal::with(5).await;
    let archived = Portal::iccids(Group::Archived, 1);
    portal.opens_as(NORA, "/M2M/AssociateCustomer").await;
    portal.pastes_devices(&archived).await;
    portal.picks_customer("1001").await;
    portal.chooses_line_and_plan().await;
    let browser = &portal.browser;
    browser.sees("1 rejected").await;
    browser
        .sees("Nothing can be submitted: no device is accepted.")
        .await;
    browser.sees("✕ Archived").await;
    browser.sees(&archived[0]).await;
    let next = browser.find("button", "Next").await;
    assert!(!next.is_enabled().await.unwrap());
}

//! Two tabs of one browser.

use local::sample::Group;

use crate::portal::{NORA, Portal};

#[tokio::test(flavor = "multi_thread")]
async fn one_wizard_submitted_in_two_tabs_is_one_bulk_change() {
    let portal = Portal::with(5).await;
    portal.opens_as(NORA, "/M2M/AssociateCustomer").await;
    portal
        .pastes_devices(&Portal::iccids(Group::Assignable, 3))
        .await;
    portal.picks_customer("1001").await;
    portal.chooses_line_and_plan().await;
    let browser = &portal.browser;
    browser.sees("3 accepted").await;

    // "Duplicate tab": the new one begins with what the old one remembers.
    let first = browser.tab().await;
    let second = browser.duplicate_tab().await;
    browser.switch_to(second.clone()).await;
    browser.sees("3 accepted").await;
    browser.press("button", "Next").await;
    browser.sees("5. Submit").await;
    browser.switch_to(first).await;
    browser.press("button", "Next").await;
    let id = portal.submits(3).await;
    browser.switch_to(second).await;
    assert_eq!(portal.submits(3).await, id);

    portal.world.drain().await;
    browser.sees("Processed 3").await;
    portal.opens("/M2M/BulkChanges").await;
    browser.find("link", &id.to_string()).await;
    let rows = browser
        .script(
            "return document.querySelectorAll('tbody tr').length",
            vec![],
        )
        .await;
    assert_eq!(rows, 1);
    assert_eq!(portal.world.assert_billed_once(id).await.len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_tabs_have_selections_of_their_own() {
    let portal = Portal::with(5).await;
    let devices = Portal::iccids(Group::Assignable, 3);
    portal.opens_as(NORA, "/M2M/Index").await;
    let browser = &portal.browser;
    browser
        .press("box", &format!("Select {}", devices[0]))
        .await;
    browser.sees("1 selected").await;
    let first = browser.second_tab().await;
    portal.opens_as(NORA, "/M2M/Index").await;
    browser.sees("Nothing selected").await;
    for device in &devices[1..] {
        browser.press("box", &format!("Select {device}")).await;
    }
    browser.sees("2 selected").await;
    browser.switch_to(first).await;
    browser.reload().await;
    browser.sees("1 selected").await;
    let row = browser.find("box", &format!("Select {}", devices[0])).await;
    assert!(row.is_selected().await.unwrap());
}

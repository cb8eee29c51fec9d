//! What holds for every page: axe-core finds nothing serious, dark and light, and nobody scrolls sideways on a phone.

use local::sample::Group;
use serde_json::json;

use crate::portal::{NORA, Portal};

/// A portal with something on each page.
async fn portal() -> (Portal, i64) {
    let portal = Portal::with(30).await;
    let mut devices = Portal::iccids(Group::Assignable, 3);
    devices.extend(Portal::iccids(Group::Archived, 1));
    let plan = json!({"addCarrierRatePlan": true, "carrierRatePlan": "JASPER-1GB"});
    let id = portal.submitted_with(&devices, plan).await;
    portal.world.drain().await;
    let more = Portal::iccids(Group::WithoutNumber, 2);
    portal.submitted(&more).await;
    (portal, id)
}

/// Shows each page and each of its states, and calls `judge` with a name for it.
async fn visit(portal: &Portal, id: i64, judge: impl AsyncFn(&str)) {
    let browser = &portal.browser;
    portal.opens("/M2M/Index").await;
    browser.sees("Nothing selected").await;
    browser
        .find("link", &Portal::iccids(Group::Assignable, 1)[0])
        .await;
    judge("Index").await;
    browser.press("button", "Paste ICCIDs").await;
    browser.find("button", "Assign these").await;
    judge("Index, pasting").await;
    portal.opens("/M2M/Index?filter=nobody").await;
    browser.sees("No device fits").await;
    judge("Index, empty").await;

    portal.opens("/M2M/BulkChanges").await;
    browser.find("link", &id.to_string()).await;
    judge("BulkChanges").await;
    portal.opens(&format!("/M2M/BulkChanges?id={id}")).await;
    browser.sees("4 of 4 devices done").await;
    judge("BulkChanges, one").await;
    let log = format!("Log of {}", Portal::iccids(Group::Assignable, 1)[0]);
    browser.press("button", &log).await;
    browser.sees("AMOP Customer Assignment").await;
    judge("BulkChanges, log").await;
    portal.opens("/M2M/BulkChanges?id=4711").await;
    browser.sees("There is no such bulk change").await;
    judge("BulkChanges, missing").await;

    let device = portal.items(id).await[0]["deviceId"].as_i64().unwrap();
    portal.opens(&format!("/M2M/DeviceDetails/{device}")).await;
    browser.sees("Alder Haulage").await;
    judge("DeviceDetails").await;

    portal.opens("/M2M/AssociateCustomer").await;
    browser.sees("1. Devices").await;
    judge("AssociateCustomer, devices").await;
    let mut devices = Portal::iccids(Group::Assignable, 9)[5..].to_vec();
    devices.extend(Portal::iccids(Group::Archived, 2));
    portal.pastes_devices(&devices).await;
    judge("AssociateCustomer, customer").await;
    portal.picks_customer("1001").await;
    browser
        .press("box", "Create a Rev.io service line for each device")
        .await;
    judge("AssociateCustomer, options").await;
    browser
        .press("box", "Create a Rev.io service line for each device")
        .await;
    portal.chooses_line_and_plan().await;
    browser.sees("4 accepted").await;
    judge("AssociateCustomer, check").await;
    browser.press("button", "Next").await;
    browser.sees("5. Submit").await;
    judge("AssociateCustomer, submit").await;
    browser.press("button", "Begin anew").await;
    browser.sees("Begin anew?").await;
    judge("AssociateCustomer, begin anew").await;
    browser.press("button", "Begin anew").await;
    browser.sees("1. Devices").await;

    portal.opens("/M2M/SignIn?signedOut=").await;
    browser.sees("You are signed out").await;
    judge("SignIn").await;
}

async fn accessible(scheme: &str) {
    let (portal, id) = portal().await;
    portal.browser.prefers(scheme).await;
    portal.opens_as(NORA, "/M2M/Index").await;
    let browser = &portal.browser;
    visit(&portal, id, async |page: &str| {
        browser.is_accessible(&format!("{page}, {scheme}")).await;
    })
    .await;
    browser.console_is_clean().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn axe_finds_nothing_serious_on_any_page_in_the_light() {
    accessible("light").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn axe_finds_nothing_serious_on_any_page_in_the_dark() {
    accessible("dark").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_page_is_wider_than_390_pixels_or_than_1280() {
    let (portal, id) = portal().await;
    portal.opens_as(NORA, "/M2M/Index").await;
    let browser = &portal.browser;
    for (width, height) in [(390, 844), (1280, 900)] {
        browser.width(width, height).await;
        visit(&portal, id, async |page: &str| {
            let page = format!("{page}, {width} pixels");
            browser.needs_no_sideways_scrolling(&page).await;
        })
        .await;
    }
}

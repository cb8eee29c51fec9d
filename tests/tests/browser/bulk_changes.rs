//! `/M2M/BulkChanges`: the list, and one bulk change from the first look to its end.

use local::sample::Group;
use serde_json::json;

use crate::portal::{NORA, Portal};

/// What stands in the row of a device.
async fn row(portal: &Portal, iccid: &str) -> String {
    let script = "const row = [...document.querySelectorAll('tbody tr')].find((row) => row.textContent.includes(arguments[0]));
        return row && row.innerText.replace(/\\s+/g, ' ')";
    let row = portal
        .browser
        .until(&format!("a row of {iccid}"), script, vec![json!(iccid)])
        .await;
    row.as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_has_an_empty_state_and_is_narrowed_by_status_person_and_text() {
    let portal = Portal::with(10).await;
    portal.opens_as(NORA, "/M2M/BulkChanges").await;
    let browser = &portal.browser;
    browser.sees("No bulk changes yet").await;

    let first = portal
        .submitted(&Portal::iccids(Group::Assignable, 3))
        .await;
    portal.world.drain().await;
    let second = portal
        .submitted_with(
            &Portal::iccids(Group::WithoutNumber, 2),
            json!({"revCustomerId": "1002"}),
        )
        .await;
    browser.reload().await;
    for id in [first, second] {
        browser.find("link", &id.to_string()).await;
    }
    browser.chooses("Status", "Processed").await;
    browser
        .until(
            "only the processed one",
            "return document.querySelectorAll('tbody tr').length === 1",
            vec![],
        )
        .await;
    browser.find("link", &first.to_string()).await;
    assert!(browser.address().await.ends_with("?status=PROCESSED"));
    browser.chooses("Status", "All").await;
    // A customer's number is found as it is, and a sign that LIKE knows finds nothing.
    browser.types("Find", "1002").await;
    browser
        .until(
            "only that of customer 1002",
            "return document.querySelectorAll('tbody tr').length === 1",
            vec![],
        )
        .await;
    browser.find("link", &second.to_string()).await;
    browser.types("Find", "%").await;
    browser.sees("No bulk change fits").await;
    browser.press("button", "Clear the filters").await;
    browser.find("link", &first.to_string()).await;
    browser.press("box", "Mine only").await;
    browser.sees("No bulk change fits").await;
    browser.console_is_clean().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_bulk_change_is_watched_to_its_end_with_marks_reasons_and_the_log_of_each_device() {
    let portal = Portal::with(40).await;
    let mut devices = Portal::iccids(Group::Assignable, 20);
    devices.extend(Portal::iccids(Group::Archived, 2));
    devices.extend(Portal::iccids(Group::OfOtherCustomer, 1));
    let plan = json!({"addCarrierRatePlan": true, "carrierRatePlan": "JASPER-1GB"});
    let id = portal.submitted_with(&devices, plan).await;
    portal
        .opens_as(NORA, &format!("/M2M/BulkChanges?id={id}"))
        .await;
    let browser = &portal.browser;
    browser.sees("3 of 23 devices done").await;
    browser.sees("Waiting 20").await;
    browser.sees("Failed 3").await;
    browser.sees("Estimated finish").await;

    // Nobody reloads: the news come by themselves.
    let working = portal.works();
    browser.sees("23 of 23 devices done").await;
    browser.sees("Processed, with failures").await;
    browser.sees("Carrier plan change").await;
    drop(working);

    let done = row(&portal, &devices[0]).await;
    for mark in [
        "Found and validated: yes",
        "Permission confirmed: yes",
        "Service created: yes",
        "Ownership transferred: yes",
        "Rate plan assigned: yes",
        "History recorded: yes",
        "Processing completed: yes",
    ] {
        assert!(done.contains(mark), "{mark}: {done}");
    }
    browser.press("button", "Failed 3").await;
    browser
        .until(
            "only the failed ones",
            "return document.querySelectorAll('tbody tr').length === 3",
            vec![],
        )
        .await;
    let archived = row(&portal, &devices[20]).await;
    assert!(archived.contains("✕ Archived"), "{archived}");
    assert!(archived.contains("Bring the device back"), "{archived}");
    let others = row(&portal, &devices[22]).await;
    assert!(others.contains("✕ Belongs to another customer"), "{others}");
    assert!(others.contains("Processing completed: no"), "{others}");

    browser.press("button", "Processed 20").await;
    browser
        .press("button", &format!("Log of {}", devices[0]))
        .await;
    browser.sees(&format!("Steps of {}", devices[0])).await;
    browser.sees("AMOP Customer Assignment").await;
    browser.press("button", "Close").await;
    browser.press("link", &devices[0]).await;
    browser.sees("Alder Haulage").await;
    browser.console_is_clean().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bulk_change_that_is_not_there_or_not_ones_own_is_said_to_be_missing() {
    let portal = Portal::with(3).await;
    let id = portal
        .submitted_with(
            &Portal::iccids(Group::Assignable, 1),
            json!({"revCustomerId": "1002"}),
        )
        .await;
    portal
        .opens_as("Alan Alder", &format!("/M2M/BulkChanges?id={id}"))
        .await;
    for missing in [id.to_string(), "4711".to_owned(), "nothing".to_owned()] {
        portal
            .opens(&format!("/M2M/BulkChanges?id={missing}"))
            .await;
        portal.browser.sees("There is no such bulk change").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_devices_are_paged_and_scrolled_with_a_few_rows_drawn() {
    let portal = Portal::with(10_000).await;
    let devices = Portal::iccids(Group::Assignable, 10_000);
    let id = portal.submitted(&devices).await;
    portal
        .opens_as(NORA, &format!("/M2M/BulkChanges?id={id}"))
        .await;
    let browser = &portal.browser;
    browser.sees("0 of 10,000 devices done").await;
    browser.chooses("Rows", "500").await;
    browser.press("button", "Last page").await;
    browser.sees("9,501–10,000 of 10,000").await;
    let drawn = "return document.querySelectorAll('tbody tr:not(.gap)').length";
    let drawn = browser.script(drawn, vec![]).await.as_u64().unwrap();
    assert!((10..100).contains(&drawn), "{drawn} rows are drawn");
    let scroll = "const place = document.querySelector('.scroll'); place.scrollTop = place.scrollHeight; return true";
    browser.script(scroll, vec![]).await;
    browser.sees(&devices[9_999]).await;
    browser.console_is_clean().await;
}

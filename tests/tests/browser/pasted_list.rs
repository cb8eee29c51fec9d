//! 200 pasted ICCIDs, of which 13 cannot be assigned.

use std::collections::BTreeMap;

use local::sample::Group;
use serde_json::json;

use crate::portal::{NORA, Portal};

/// Each device with what a person reads beside it.
async fn read(portal: &Portal) -> BTreeMap<String, String> {
    let script = "return [...document.querySelectorAll('tbody tr:not(.gap)')].map((row) => row.innerText.replace(/\\s+/g, ' '))";
    let rows = portal.browser.script(script, vec![]).await;
    rows.as_array()
        .unwrap()
        .iter()
        .map(|row| row.as_str().unwrap())
        .map(|row| (row[..20].to_owned(), row[20..].to_owned()))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn of_200_pasted_devices_13_cannot_be_assigned_and_each_says_why() {
    let portal = Portal::with(188).await;
    let busy = &Portal::iccids(Group::Assignable, 188)[187..];
    let other = portal.submitted(busy).await;

    let mut devices = Portal::iccids(Group::Assignable, 187);
    let mut reasons: BTreeMap<String, &str> = BTreeMap::new();
    for (group, count, reason) in [
        (Group::StatusRefused, 3, "Status does not allow it"),
        (Group::Archived, 2, "Archived"),
        (Group::OfOtherCustomer, 2, "Belongs to another customer"),
        (Group::OfOtherTenant, 1, "Belongs to another customer"),
        (Group::Unknown, 2, "Not found"),
        (Group::WithLine, 2, "Billed already"),
    ] {
        for iccid in Portal::iccids(group, count) {
            devices.push(iccid.clone());
            reasons.insert(iccid, reason);
        }
    }
    devices.push(busy[0].clone());
    reasons.insert(busy[0].clone(), "Another change is under way");
    assert_eq!((devices.len(), reasons.len()), (200, 13));

    portal.opens_as(NORA, "/M2M/Index").await;
    let browser = &portal.browser;
    browser.press("button", "Paste ICCIDs").await;
    browser.pastes("ICCIDs", &devices.join("\n")).await;
    browser.sees("200 devices").await;
    browser.press("button", "Assign these").await;
    portal.is_at("/M2M/AssociateCustomer").await;
    browser
        .chooses("Service provider", crate::wizard::PROVIDER)
        .await;
    browser.press("button", "Next").await;
    portal.picks_customer("1001").await;
    portal.chooses_line_and_plan().await;

    // Before anything is done, the check names each of the 13 and nothing else.
    browser.sees("187 accepted").await;
    browser.sees("13 rejected").await;
    let told = read(&portal).await;
    assert_eq!(told.len(), 13, "{told:#?}");
    for (iccid, reason) in &reasons {
        assert!(told[iccid].contains(reason), "{iccid}: {}", told[iccid]);
    }
    browser.find("link", &format!("Bulk change {other}")).await;
    browser.press("button", "Next").await;
    let id = portal.submits(187).await;
    let working = portal.works();
    browser.sees("200 of 200 devices done").await;
    browser.sees("Processed 187").await;
    drop(working);

    // And so does the bulk change, afterwards.
    browser.press("button", "Failed 13").await;
    browser
        .until(
            "the 13 alone",
            "return document.querySelectorAll('tbody tr').length === 13",
            vec![json!(0)],
        )
        .await;
    let told = read(&portal).await;
    for (iccid, reason) in &reasons {
        assert!(told[iccid].contains(reason), "{iccid}: {}", told[iccid]);
    }
    // One line for each of the 187, and that of the device whose other change went on.
    assert!(portal.world.assert_billed_once(other).await.is_empty());
    assert_eq!(portal.world.rev.lines().len(), 187 + 1);
    assert!(id > other);
    browser.console_is_clean().await;
}

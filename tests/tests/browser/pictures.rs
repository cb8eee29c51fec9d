//! docs/pictures: what each page looks like with the sample data.

use std::{fs, path::PathBuf};

use local::sample::Group;
use serde_json::json;

use crate::portal::{NORA, Portal};

/// The most that a picture may have, in bytes, so that the repository stays small.
const LARGEST: usize = 150_000;

/// Keeps what is seen now.
async fn keep(portal: &Portal, name: &str) {
    let picture = portal.browser.picture().await;
    assert!(
        picture.len() < LARGEST,
        "{name} has {} bytes",
        picture.len()
    );
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/pictures"));
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join(format!("{name}.png")), picture).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "writes docs/pictures: make pictures"]
async fn of_each_page() {
    let portal = Portal::with(1_500).await;
    let browser = &portal.browser;
    browser.prefers("light").await;
    browser.width(1280, 640).await;
    let mut devices = Portal::iccids(Group::Assignable, 40);
    devices.extend(Portal::iccids(Group::Archived, 2));
    devices.extend(Portal::iccids(Group::OfOtherCustomer, 2));
    devices.extend(Portal::iccids(Group::StatusRefused, 2));
    let plan = json!({"addCarrierRatePlan": true, "carrierRatePlan": "JASPER-1GB"});
    let id = portal.submitted_with(&devices, plan).await;
    portal.world.drain().await;
    let open = Portal::iccids(Group::WithoutNumber, 60);
    portal.submitted(&open).await;

    portal.opens_as(NORA, "/M2M/Index").await;
    for device in &Portal::iccids(Group::Assignable, 48)[41..45] {
        browser.types("Search", device).await;
        browser.press("box", &format!("Select {device}")).await;
    }
    browser.types("Search", "890001").await;
    browser.sees("4 selected").await;
    browser.find("link", &devices[0]).await;
    keep(&portal, "index").await;

    portal.opens(&format!("/M2M/BulkChanges?id={id}")).await;
    browser.sees("46 of 46 devices done").await;
    browser.press("button", "Failed 6").await;
    browser.sees("Belongs to another customer").await;
    keep(&portal, "bulk-change").await;
    portal.opens("/M2M/BulkChanges").await;
    browser.find("link", &id.to_string()).await;
    keep(&portal, "bulk-changes").await;
    let device = portal.items(id).await[0]["deviceId"].as_i64().unwrap();
    portal.opens(&format!("/M2M/DeviceDetails/{device}")).await;
    browser.sees("Alder Haulage").await;
    keep(&portal, "device-details").await;

    portal.opens("/M2M/AssociateCustomer").await;
    let mut devices = Portal::iccids(Group::Assignable, 60)[41..60].to_vec();
    devices.extend(Portal::iccids(Group::Archived, 2));
    devices.extend(Portal::iccids(Group::OfOtherCustomer, 1));
    devices.extend(Portal::iccids(Group::WithLine, 1));
    portal.pastes_devices(&devices).await;
    portal.picks_customer("1001").await;
    portal.chooses_line_and_plan().await;
    browser.sees("4 rejected").await;
    keep(&portal, "associate-customer").await;
}

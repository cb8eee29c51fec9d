//! `/M2M/DeviceDetails/{deviceId}`.

use local::sample::Group;

use crate::portal::{NORA, Portal};

#[tokio::test(flavor = "multi_thread")]
async fn a_device_shows_whose_it_is_its_plans_its_changes_and_its_history() {
    let portal = Portal::with(5).await;
    let devices = Portal::iccids(Group::Assignable, 1);
    let id = portal.submitted(&devices).await;
    portal.world.drain().await;
    let device = portal.items(id).await[0]["deviceId"].as_i64().unwrap();
    portal
        .opens_as(NORA, &format!("/M2M/DeviceDetails/{device}"))
        .await;
    let browser = &portal.browser;
    for text in [
        devices[0].as_str(),
        "(1001)",
        "Service line",
        "Customer rate plan",
        "History",
        "Customer:",
        "Assign this device",
    ] {
        browser.sees(text).await;
    }
    browser.press("link", &format!("Bulk change {id}")).await;
    browser.sees("1 of 1 device done").await;
    browser.console_is_clean().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_of_another_tenant_or_none_is_said_to_be_missing() {
    let portal = Portal::with(3).await;
    let mut sql = portal.world.sql().await;
    let rows = sql
        .query(
            "SELECT TOP (1) d.id AS Id FROM dbo.Device AS d INNER JOIN dbo.ServiceProvider AS p ON p.id = d.ServiceProviderId
             WHERE p.TenantId = 2 ORDER BY d.id",
            &[],
        )
        .await;
    let theirs: i32 = rows[0].get("Id").unwrap();
    portal
        .opens_as(NORA, &format!("/M2M/DeviceDetails/{theirs}"))
        .await;
    for missing in [theirs.to_string(), "999999".to_owned(), "none".to_owned()] {
        portal.opens(&format!("/M2M/DeviceDetails/{missing}")).await;
        portal.browser.sees("There is no such device").await;
    }
}

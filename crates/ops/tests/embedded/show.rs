//! What happened to one device, as a person and as a program read it.

use crate::driver::{everything, in_review, ops};
use end_to_end::{Wishes, World};

#[tokio::test(flavor = "multi_thread")]
async fn a_device_tells_whose_it_is_and_everything_that_happened() {
    let world = World::embedded(Wishes::devices(1)).await;
    let bulk = world.submit_with_service(1..=1).await;
    world.drain().await;
    let before = everything(&world).await;
    let line = world.rev.lines()[0].id;
    let shown = ops(&world, &["show", &world.iccid(1)]).await;
    for words in [
        "assigned to customer 1001 (Fake Fleet One HQ)",
        &format!("service line {line}"),
        &format!("of bulk change {bulk} (association"),
        "PROCESSED",
        "step done",
        "call meant: reference AMOP-",
        "AMOP Customer Assignment: PROCESSED",
        "Create Rev.io Service: Rev.io API: PROCESSED; asked",
        "Customer: - -> Fake Fleet One HQ (1001)",
    ] {
        shown.says(0, words);
    }
    let json = ops(&world, &["show", &world.iccid(1), "--json"]).await;
    let read: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!(read["changes"][0]["bulkChange"], bulk);
    assert_eq!(read["assignments"][0]["line"], line);
    assert!(read["log"].as_array().unwrap().len() >= 3, "{read}");
    assert_eq!(everything(&world).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_review_stands_out_and_every_place_with_the_iccid_is_shown() {
    let world = World::embedded(Wishes::devices(3)).await;
    let (_, change) = in_review(&world).await;
    let twin = format!(
        "INSERT INTO dbo.Tenant (Name, CreatedBy) VALUES (N'Elsewhere', N'test'); \
         DECLARE @t int = CAST(SCOPE_IDENTITY() AS int); \
         INSERT INTO dbo.ServiceProvider (Name, DisplayName, IntegrationId, TenantId, CreatedBy) VALUES (N'Far', N'Far', 1, @t, N'test'); \
         INSERT INTO dbo.Device (ServiceProviderId, ICCID, CreatedBy) VALUES (CAST(SCOPE_IDENTITY() AS int), N'{}', N'test'); \
         SELECT CAST(@t AS bigint);",
        world.iccid(1)
    );
    let elsewhere = world.sql().await.number(&twin).await.to_string();
    let shown = ops(&world, &["show", &world.iccid(1)]).await;
    shown.says(0, "WAITS FOR A PERSON since");
    shown.says(0, &format!("`ops settle {change}`"));
    shown.says(0, "provider");
    shown.says(0, "Elsewhere");
    let there = ops(&world, &["show", &world.iccid(1), "--tenant", &elsewhere]).await;
    there.says(0, "Elsewhere");
    assert!(!there.out.contains("WAITS"), "{there:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_iccid_that_nobody_knows_is_said_to_be_unknown() {
    let world = World::embedded(Wishes::devices(1)).await;
    ops(&world, &["show", "89999999999999999999"])
        .await
        .says(3, "nothing is known of ICCID 89999999999999999999");
    let other = (world.tenant + 1).to_string();
    ops(&world, &["show", &world.iccid(1), "--tenant", &other])
        .await
        .says(3, &format!("in tenant {other}"));
}

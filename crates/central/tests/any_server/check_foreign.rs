//! What the check question answers to a bulk change that another producer wrote.

use crate::support::{Base, World, foreign};
use association::{
    check::DeviceRow,
    ids::{BulkChangeId, IntegrationAuthenticationId},
};
use central::check::check_rows_of;
use serde_json::json;

/// A bulk change of the other producer with an unprocessed row for the first device.
async fn with_a_row(world: &World) -> BulkChangeId {
    let id = foreign::bulk_change(world).await;
    foreign::add(world, id, 1, &json!({})).await;
    id
}

async fn row(base: &Base, world: &World, asks: BulkChangeId) -> DeviceRow {
    let question = world.request(vec![world.iccid(1)]);
    let found = check_rows_of(&base.central, &world.actor(), asks, &question)
        .await
        .unwrap();
    found.devices[0].clone()
}

#[tokio::test]
async fn rows_of_older_bulk_changes_count_as_unfinished_and_its_own_and_younger_ones_do_not() {
    let base = Base::start().await;
    let world = World::new(&base.sql).await;
    world.add_assignable(1).await;
    let first = with_a_row(&world).await;
    let second = with_a_row(&world).await;
    assert_eq!(row(&base, &world, first).await.unfinished, None);
    assert_eq!(row(&base, &world, second).await.unfinished, Some(first));
}

#[tokio::test]
async fn a_line_that_revservice_shows_is_left_to_the_look_up_and_one_of_our_own_changes_counts() {
    let base = Base::start().await;
    let world = World::new(&base.sql).await;
    world.add_assignable(1).await;
    base.sql
        .run(
            "INSERT INTO dbo.RevService (RevCustomerId, Number, RevServiceId, IntegrationAuthenticationId, CreatedBy) VALUES (@P1, @P2, 4, @P3, N'test');",
            &[&world.customer, &world.iccid(1).as_str(), &world.account.get()],
        )
        .await;
    let asks = with_a_row(&world).await;
    assert!(!row(&base, &world, asks).await.active_service_line);
    let held = with_a_row(&world).await;
    base.sql
        .run(
            "INSERT INTO dbo.BulkChangeWork (BulkChangeId, TenantId, IntegrationAuthenticationId, RevCustomerId, CreateRevService, Options, Preflight) \
             VALUES (@P1, @P2, @P3, '1001', 1, N'{}', 'passed'); \
             INSERT INTO dbo.DeviceChangeWork (ChangeId, BulkChangeId, TenantId, DeviceId, Chunk, Step, IntentCustomer, IntentIntegrationAuthenticationId, RevServiceLineId, ClosedAt) \
             SELECT m.id, @P1, @P2, @P4, 0, 'done', '1001', @P3, 9, SYSUTCDATETIME() FROM dbo.M2M_DeviceChange AS m WHERE m.BulkChangeId = @P1;",
            &[&held.get(), &world.tenant.get(), &world.account.get(), &world.device_id(1).await.get()],
        )
        .await;
    assert!(row(&base, &world, asks).await.active_service_line);
}

#[tokio::test]
async fn an_account_that_no_customer_has_does_not_make_the_device_another_customer_s() {
    let base = Base::start().await;
    let world = World::new(&base.sql).await;
    world.add_assignable(1).await;
    world.assign(1, "1001").await;
    let asks = with_a_row(&world).await;
    let mut question = world.request(vec![world.iccid(1)]);
    question.integration_authentication = IntegrationAuthenticationId::new(999_999).ok();
    let found = check_rows_of(&base.central, &world.actor(), asks, &question)
        .await
        .unwrap();
    assert!(!found.devices[0].other_customer);
}

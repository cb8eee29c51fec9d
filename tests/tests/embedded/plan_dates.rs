//! The day is that of the record, not that of the submit: midnight, and days, may pass in between.

use std::time::Duration;

use end_to_end::{Wishes, World};
use serde_json::json;
use time::OffsetDateTime;

const DAY: Duration = Duration::from_hours(24);

/// Plan now in Device_Tenant, and plans that wait.
async fn plans(world: &World) -> (Option<i32>, i64) {
    let mut sql = world.sql().await;
    let rows = sql
        .rows("SELECT CustomerRatePlanId FROM dbo.Device_Tenant")
        .await;
    let waiting =
        "SELECT COUNT_BIG(*) FROM dbo.Device_CustomerRatePlanOrRatePool_Queue WHERE IsActive = 1";
    (rows[0].get(0), sql.number(waiting).await)
}

/// Days of DeviceHistory.
async fn history(world: &World) -> Vec<String> {
    let query = "SELECT CONVERT(nvarchar(10), EffectiveDate, 23) FROM dbo.DeviceHistory";
    let rows = world.sql().await.rows(query).await;
    rows.iter()
        .map(|row| row.get::<&str, _>(0).unwrap().to_owned())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_of_today_that_is_recorded_after_midnight_counts_from_its_day() {
    let world = World::embedded(Wishes::devices(1)).await;
    let today = OffsetDateTime::now_utc().date();
    world
        .post(&world.with_plan(&world.iccids(1..=1)))
        .await
        .bulk_change();
    world.pass(DAY);
    world.drain().await;
    assert_eq!(plans(&world).await, (Some(world.plan), 0));
    assert_eq!(history(&world).await, [today.to_string()]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_future_day_that_has_come_by_the_time_of_the_record_counts_at_once() {
    for passed in [3, 5] {
        let world = World::embedded(Wishes::devices(1)).await;
        let day = OffsetDateTime::now_utc().date() + time::Duration::days(3);
        let mut request = world.with_plan(&world.iccids(1..=1));
        request["effectiveDate"] = json!(day.to_string());
        world.post(&request).await.bulk_change();
        world.pass(DAY * passed);
        world.drain().await;
        assert_eq!(plans(&world).await, (Some(world.plan), 0), "{passed} days");
        assert_eq!(history(&world).await, [day.to_string()]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_that_is_due_and_not_applied_yet_does_not_come_over_a_newer_one() {
    let world = World::embedded(Wishes::devices(1)).await;
    let devices = world.iccids(1..=1);
    let insert = format!(
        "INSERT INTO dbo.JasperCustomerRatePlan (RatePlanCode, RatePlanName, PlanMB, ServiceProviderId, TenantId, CreatedBy) \
         VALUES (N'DATA-500', N'Data 500 MB', 500, {}, {}, N'test'); SELECT CAST(SCOPE_IDENTITY() AS int) AS Id;",
        world.provider, world.tenant
    );
    let newer: i32 = world.sql().await.rows(&insert).await[0].get(0).unwrap();
    let day = OffsetDateTime::now_utc().date() + time::Duration::days(3);
    let mut request = world.with_plan(&devices);
    request["effectiveDate"] = json!(day.to_string());
    world.post(&request).await.bulk_change();
    world.drain().await;
    assert_eq!(plans(&world).await, (None, 1));
    world.pass(DAY * 4);
    let mut request = world.with_plan(&devices);
    request["customerRatePlan"] = json!(newer);
    world.post(&request).await.bulk_change();
    world.drain().await;
    assert_eq!(plans(&world).await, (Some(newer), 0));
}

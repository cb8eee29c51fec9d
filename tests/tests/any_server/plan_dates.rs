//! From which day a customer rate plan counts: now, or on its day, for each device by itself.

use end_to_end::{Wishes, World, deliveries::event, world::CUSTOMER};
use serde_json::{Value, json};
use tiberius::Row;
use time::{Date, Duration, OffsetDateTime};

fn today() -> Date {
    OffsetDateTime::now_utc().date()
}

fn on(day: Date) -> Value {
    json!(day.to_string())
}

fn number(row: &Row, column: usize) -> Option<i32> {
    row.get::<i32, _>(column)
}

fn text(row: &Row, column: usize) -> String {
    row.get::<&str, _>(column).unwrap_or_default().to_owned()
}

/// Plans of the queue table for the n-th device, oldest first: (plan, day, active).
async fn queued(world: &World, n: usize) -> Vec<(i32, String, bool)> {
    let query = format!(
        "SELECT q.CustomerRatePlanId, CONVERT(nvarchar(10), q.EffectiveDate, 23), q.IsActive \
         FROM dbo.Device_CustomerRatePlanOrRatePool_Queue AS q INNER JOIN dbo.Device AS d ON d.id = q.DeviceId \
         WHERE d.ICCID = '{}' AND q.TenantId = {} AND q.PortalType = 0 ORDER BY q.Id",
        world.iccid(n),
        world.tenant
    );
    let rows = world.sql().await.rows(&query).await;
    rows.iter()
        .map(|row| (number(row, 0).unwrap(), text(row, 1), row.get(2).unwrap()))
        .collect()
}

/// Account number and plan of the n-th device.
async fn assigned(world: &World, n: usize) -> (String, Option<i32>) {
    let query = format!(
        "SELECT t.AccountNumber, t.CustomerRatePlanId FROM dbo.Device_Tenant AS t INNER JOIN dbo.Device AS d ON d.id = t.DeviceId \
         WHERE d.ICCID = '{}' AND t.TenantId = {} AND t.IsActive = 1 AND t.IsDeleted = 0",
        world.iccid(n),
        world.tenant
    );
    let rows = world.sql().await.rows(&query).await;
    (text(&rows[0], 0), number(&rows[0], 1))
}

/// Days that the history procedure was called for, with how many devices: from DeviceHistory.
async fn history_days(world: &World) -> Vec<(String, i64)> {
    let query = format!(
        "SELECT CONVERT(nvarchar(10), h.EffectiveDate, 23), COUNT_BIG(*) FROM dbo.DeviceHistory AS h \
         WHERE h.TenantId = {} GROUP BY h.EffectiveDate ORDER BY h.EffectiveDate",
        world.tenant
    );
    let rows = world.sql().await.rows(&query).await;
    rows.iter()
        .map(|row| (text(row, 0), row.get(1).unwrap()))
        .collect()
}

/// What changed for the n-th device, as DeviceActionHistory tells it.
async fn fields(world: &World, n: usize) -> Vec<String> {
    let query = format!(
        "SELECT ChangedField FROM dbo.DeviceActionHistory WHERE ICCID = '{}' AND TenantId = {} ORDER BY ChangedField",
        world.iccid(n),
        world.tenant
    );
    let rows = world.sql().await.rows(&query).await;
    rows.iter().map(|row| text(row, 0)).collect()
}

async fn another_plan(world: &World) -> i32 {
    let query = format!(
        "INSERT INTO dbo.JasperCustomerRatePlan (RatePlanCode, RatePlanName, PlanMB, ServiceProviderId, TenantId, CreatedBy) \
         VALUES (N'DATA-500', N'Data 500 MB', 500, {}, {}, N'test'); SELECT CAST(SCOPE_IDENTITY() AS int) AS Id;",
        world.provider, world.tenant
    );
    number(&world.sql().await.rows(&query).await[0], 0).unwrap()
}

/// The carrier says since when a device is active: (device, day).
async fn activated(world: &World, devices: &[(usize, Date)]) {
    let mut sql = world.sql().await;
    for (n, day) in devices {
        for (status, day) in [
            ("TEST_READY", *day - Duration::days(30)),
            ("ACTIVATED", *day),
            ("ACTIVATED", *day + Duration::days(2)),
        ] {
            let insert = format!(
                "INSERT INTO dbo.DeviceStatusHistory (ICCID, CurrentStatus, DateOfChange, CreatedBy) VALUES ('{}', N'{status}', '{day}T10:00:00', N'test')",
                world.iccid(*n)
            );
            sql.query(&insert, &[]).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_of_a_future_day_waits_and_the_device_changes_hands_at_once() {
    let world = World::start(Wishes::devices(2)).await;
    let day = today() + Duration::days(10);
    let mut request = world.with_plan(&world.iccids(1..=2));
    request["effectiveDate"] = on(day);
    request["customerDataAllocationMB"] = json!(250.5);
    let id = world.post(&request).await.bulk_change();
    let deliveries = event(&world.queue.receive(10));
    world.call(deliveries.clone()).await;
    world.call(deliveries).await;
    world.drain().await;
    assert_eq!(
        world.statuses(id).await,
        [("PROCESSED".to_owned(), 2)].into()
    );
    for n in 1..=2 {
        assert_eq!(assigned(&world, n).await, (CUSTOMER.to_owned(), None));
        assert_eq!(
            queued(&world, n).await,
            [(world.plan, day.to_string(), true)],
            "once, whatever is delivered again"
        );
        assert_eq!(fields(&world, n).await, ["Customer"]);
    }
    assert_eq!(history_days(&world).await, [(today().to_string(), 2)]);
    let allocation = format!(
        "SELECT COUNT_BIG(*) FROM dbo.Device_CustomerRatePlanOrRatePool_Queue WHERE TenantId = {} AND CustomerDataAllocationMB = 250.5",
        world.tenant
    );
    assert_eq!(world.sql().await.number(&allocation).await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_customer_keeps_its_plan_until_the_day_of_the_next_one() {
    let world = World::start(Wishes::devices(1)).await;
    let devices = world.iccids(1..=1);
    world.post(&world.with_plan(&devices)).await.bulk_change();
    world.drain().await;
    let (next, day) = (another_plan(&world).await, today() + Duration::days(10));
    let mut request = world.with_plan(&devices);
    request["customerRatePlan"] = json!(next);
    request["effectiveDate"] = on(day);
    world.post(&request).await.bulk_change();
    world.drain().await;
    assert_eq!(
        assigned(&world, 1).await,
        (CUSTOMER.to_owned(), Some(world.plan))
    );
    assert_eq!(queued(&world, 1).await, [(next, day.to_string(), true)]);
    assert_eq!(fields(&world, 1).await, ["Customer", "Customer Rate Plan"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_device_of_a_chunk_counts_from_its_own_activation_day() {
    let world = World::start(Wishes::devices(6)).await;
    let (past, future) = (today() - Duration::days(40), today() + Duration::days(20));
    activated(&world, &[(1, past), (2, past), (3, today()), (4, future)]).await;
    // 5 has the day of the device row, 6 has none at all.
    let none = format!(
        "UPDATE dbo.Device SET ProviderDateActivated = NULL WHERE ICCID = '{}'",
        world.iccid(6)
    );
    world.sql().await.query(&none, &[]).await;
    let mut request = world.with_service(&world.iccids(1..=6));
    request["addCustomerRatePlan"] = json!(true);
    request["customerRatePlan"] = json!(world.plan);
    request["useCarrierActivationDate"] = json!(true);
    let answer = world.post(&request).await;
    let id = answer.bulk_change();
    assert_eq!(answer.body["rejected"][0]["device"], world.iccid(6));
    assert_eq!(answer.body["rejected"][0]["code"], "no-activation-date");
    world.drain().await;
    assert!(world.assert_billed_once(id).await.is_empty());

    let of_row = "2026-01-15".to_owned();
    for n in [1, 2, 3, 5] {
        assert_eq!(
            assigned(&world, n).await,
            (CUSTOMER.to_owned(), Some(world.plan)),
            "device {n}"
        );
        assert_eq!(queued(&world, n).await, []);
    }
    assert_eq!(assigned(&world, 4).await, (CUSTOMER.to_owned(), None));
    assert_eq!(
        queued(&world, 4).await,
        [(world.plan, future.to_string(), true)]
    );
    let mut expected = vec![
        (of_row.clone(), 1),
        (past.to_string(), 2),
        (today().to_string(), 2),
    ];
    expected.sort();
    assert_eq!(
        history_days(&world).await,
        expected,
        "each device once, by its own day; a plan that waits stands under today"
    );
    let lines = format!(
        "SELECT m.ICCID, s.ActivatedDate FROM dbo.M2M_DeviceChange AS m INNER JOIN dbo.Device_Tenant AS t ON t.DeviceId = m.DeviceId AND t.TenantId = {} \
         INNER JOIN dbo.RevService AS s ON s.id = t.RevServiceId WHERE m.BulkChangeId = {id} ORDER BY m.ICCID",
        world.tenant
    );
    let rows = world.sql().await.rows(&lines).await;
    let activated: Vec<(String, String)> = rows
        .iter()
        .map(|row| (text(row, 0), text(row, 1)))
        .collect();
    let days = [
        past.to_string(),
        past.to_string(),
        today().to_string(),
        future.to_string(),
        of_row,
    ];
    let expected: Vec<(String, String)> = (1..=5).map(|n| world.iccid(n)).zip(days).collect();
    assert_eq!(activated, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_that_was_queued_for_an_earlier_customer_is_not_applied_to_the_next() {
    let world = World::start(Wishes::devices(2)).await;
    let day = today() + Duration::days(10);
    let mut request = world.with_plan(&world.iccids(1..=2));
    request["effectiveDate"] = on(day);
    world.post(&request).await.bulk_change();
    world.drain().await;
    // The first device is released by somebody else, in one way or the other, and another tenant and portal have rows too.
    let mut sql = world.sql().await;
    let release = format!(
        "UPDATE dbo.Device_Tenant SET IsActive = 0 WHERE TenantId = {} AND DeviceId = (SELECT id FROM dbo.Device WHERE ICCID = '{}');",
        world.tenant,
        world.iccid(1)
    );
    sql.query(&release, &[]).await;
    let others = format!(
        "INSERT INTO dbo.Device_CustomerRatePlanOrRatePool_Queue (DeviceId, CustomerRatePlanId, EffectiveDate, PortalType, TenantId, CreatedBy) \
         SELECT d.id, 1, '{day}', 2, {}, N'other portal' FROM dbo.Device AS d WHERE d.ICCID = '{}'; \
         INSERT INTO dbo.Device_CustomerRatePlanOrRatePool_Queue (DeviceId, CustomerRatePlanId, EffectiveDate, PortalType, TenantId, CreatedBy) \
         SELECT d.id, 1, '{day}', 0, -1, N'other tenant' FROM dbo.Device AS d WHERE d.ICCID = '{}';",
        world.tenant,
        world.iccid(1),
        world.iccid(1)
    );
    sql.query(&others, &[]).await;
    let may_use = format!(
        "INSERT INTO dbo.User_Role_Site (UserId, SiteId, TenantId, CreatedBy) SELECT {}, s.id, s.TenantId, N'test' FROM dbo.Sites AS s WHERE s.TenantId = {} AND s.Name = N'Fake Fleet Two HQ'",
        end_to_end::world::USER,
        world.tenant
    );
    sql.query(&may_use, &[]).await;
    let mut request = world.with_plan(&world.iccids(1..=1));
    request["addCustomerRatePlan"] = json!(false);
    request.as_object_mut().unwrap().remove("customerRatePlan");
    request["revCustomerId"] = json!(end_to_end::world::OTHER_CUSTOMER);
    let id = world.post(&request).await.bulk_change();
    world.drain().await;
    assert_eq!(
        world.statuses(id).await,
        [("PROCESSED".to_owned(), 1)].into()
    );
    assert_eq!(
        queued(&world, 1).await,
        [(world.plan, day.to_string(), false)]
    );
    assert_eq!(
        queued(&world, 2).await,
        [(world.plan, day.to_string(), true)]
    );
    let modified = "SELECT COUNT_BIG(*) FROM dbo.Device_CustomerRatePlanOrRatePool_Queue WHERE IsActive = 0 AND ModifiedBy = N'AltaworxDeviceBulkChange' AND ModifiedDate IS NOT NULL";
    assert!(sql.number(modified).await >= 1);
    let untouched = "SELECT COUNT_BIG(*) FROM dbo.Device_CustomerRatePlanOrRatePool_Queue WHERE IsActive = 0 AND CreatedBy LIKE N'other %'";
    assert_eq!(sql.number(untouched).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_plans_for_one_day_the_newer_holds_and_other_days_stay() {
    let world = World::start(Wishes::devices(1)).await;
    let (day, later) = (today() + Duration::days(10), today() + Duration::days(20));
    let next = another_plan(&world).await;
    for (plan, day) in [(world.plan, day), (world.plan, later), (next, day)] {
        let mut request = world.with_plan(&world.iccids(1..=1));
        request["customerRatePlan"] = json!(plan);
        request["effectiveDate"] = on(day);
        world.post(&request).await.bulk_change();
        world.drain().await;
    }
    assert_eq!(
        queued(&world, 1).await,
        [
            (world.plan, day.to_string(), false),
            (world.plan, later.to_string(), true),
            (next, day.to_string(), true)
        ]
    );
    // A plan from today leaves what is queued for later.
    let mut request = world.with_plan(&world.iccids(1..=1));
    request["customerRatePlan"] = json!(next);
    world.post(&request).await.bulk_change();
    world.drain().await;
    let active: Vec<bool> = queued(&world, 1).await.iter().map(|row| row.2).collect();
    assert_eq!(active, [false, true, true]);
    assert_eq!(assigned(&world, 1).await.1, Some(next));
}

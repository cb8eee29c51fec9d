//! What is told of one device, and to whom.

use crate::support::{Base, World, submission::accept};
use association::{
    actor::Actor,
    decide::objections,
    ids::{DeviceId, Iccid, RevCustomerId},
    plan::Reason,
};
use central::{
    device_details::{DeviceDetails, device_details},
    device_history::{HistoryRow, device_history},
    listing::{Page, Slice},
    validate_device::{KnownDevice, Question, validate_device},
};

/// Of the same tenant as 1001, and not of the user.
const OTHER_CUSTOMER: &str = "1002";
const FIRST: Page = Page {
    number: 1,
    size: 25,
};

async fn start() -> (Base, World) {
    let base = Base::start().await;
    let world = World::new(&base.sql).await;
    (base, world)
}

async fn history(base: &Base, actor: &Actor, device: DeviceId) -> Option<Slice<HistoryRow>> {
    device_history(&base.central, actor, device, FIRST)
        .await
        .unwrap()
}

async fn details(base: &Base, actor: &Actor, device: DeviceId) -> Option<DeviceDetails> {
    device_details(&base.central, actor, device, 20, 25)
        .await
        .unwrap()
}

fn question(iccid: Iccid) -> Question {
    Question {
        iccid,
        service_provider: None,
        customer: None,
        integration_authentication: None,
    }
}

async fn validated(base: &Base, actor: &Actor, question: &Question) -> Option<KnownDevice> {
    validate_device(&base.central, actor, question)
        .await
        .unwrap()
}

/// One row of the history: who came, from whom, at the minute `at`.
async fn came(
    world: &World,
    device: DeviceId,
    field: &str,
    from: Option<&str>,
    account: &str,
    at: i32,
) {
    world
        .sql
        .run(
            "INSERT INTO dbo.DeviceActionHistory (ServiceProviderId, M2MDeviceId, PreviousValue, CurrentValue, ChangedField, ChangeEventType, \
                 DateOfChange, ChangedBy, CustomerAccountName, CustomerAccountNumber, TenantId) \
             VALUES (@P1, @P2, @P3, CONCAT(N'Fake Fleet (', @P4, N')'), @P5, N'Associate Customer', \
                 DATEADD(minute, @P6, CAST(N'2026-03-01T12:00:00' AS datetime2(3))), N'someone', N'Fake Fleet HQ', @P4, @P7);",
            &[
                &world.provider.get(),
                &device.get(),
                &from,
                &account,
                &field,
                &at,
                &world.tenant.get(),
            ],
        )
        .await;
}

#[tokio::test]
async fn a_device_is_seen_while_it_is_free_and_by_who_may_use_its_customer() {
    let (base, world) = start().await;
    let other = World::new(&base.sql).await;
    world.add_assignable(3).await;
    world.assign(2, "1001").await;
    world.assign(3, OTHER_CUSTOMER).await;
    let stranger = Actor::from_verified_token(world.tenant, 8, "stranger", false);
    for (case, actor, seen) in [
        ("all customers", world.actor(), [true, true, true]),
        ("one customer", world.limited_actor(), [true, true, false]),
        ("no customer", stranger, [true, false, false]),
        ("another tenant", other.actor(), [false, false, false]),
    ] {
        for n in 1..=3 {
            let device = world.device_id(n).await;
            let (expected, case) = (seen[n - 1], format!("{case}, device {n}"));
            assert_eq!(
                history(&base, &actor, device).await.is_some(),
                expected,
                "{case}"
            );
            assert_eq!(
                details(&base, &actor, device).await.is_some(),
                expected,
                "{case}"
            );
            let found = validated(&base, &actor, &question(world.iccid(n))).await;
            assert_eq!(
                found.map(|found| found.device),
                expected.then_some(device),
                "{case}"
            );
        }
    }
    let nothing = DeviceId::new(i32::MAX).unwrap();
    assert_eq!(history(&base, &world.actor(), nothing).await, None);
    assert_eq!(details(&base, &world.actor(), nothing).await, None);
}

#[tokio::test]
async fn history_is_newest_first_in_stable_pages() {
    let (base, world) = start().await;
    world.add_assignable(1).await;
    let device = world.device_id(1).await;
    for at in [5, 5, 5, 9, 1] {
        came(&world, device, "Customer Rate Plan", Some("A"), "1001", at).await;
    }
    let (actor, mut seen) = (world.actor(), Vec::new());
    for number in 1..=3 {
        let before = base.central.round_trips();
        let found = device_history(&base.central, &actor, device, Page { number, size: 2 })
            .await
            .unwrap()
            .unwrap();
        assert_eq!(base.central.round_trips() - before, 1);
        assert_eq!(found.total, 5);
        seen.extend(found.items.iter().map(|row| (row.changed_at, row.id)));
    }
    let mut expected = seen.clone();
    expected.sort_unstable_by(|a, b| b.cmp(a));
    assert_eq!(seen, expected);
    assert_eq!(seen.len(), 5);
}

#[tokio::test]
async fn the_time_with_a_customer_that_the_caller_may_not_use_is_not_told() {
    let (base, world) = start().await;
    world.add_assignable(1).await;
    world.assign(1, "1001").await;
    let device = world.device_id(1).await;
    came(&world, device, "Customer", None, OTHER_CUSTOMER, 1).await;
    came(
        &world,
        device,
        "Customer Rate Plan",
        Some("A"),
        OTHER_CUSTOMER,
        2,
    )
    .await;
    came(
        &world,
        device,
        "Customer",
        Some("Fake Fleet (1002)"),
        "1001",
        3,
    )
    .await;
    came(&world, device, "Customer Rate Plan", Some("B"), "1001", 4).await;
    let all = history(&base, &world.actor(), device).await.unwrap();
    assert_eq!((all.total, all.items.len()), (4, 4));
    assert_eq!(
        all.items[1].previous_value.as_deref(),
        Some("Fake Fleet (1002)")
    );
    let limited = world.limited_actor();
    let own = history(&base, &limited, device).await.unwrap();
    assert_eq!((own.total, own.items.len()), (2, 2));
    assert_eq!(own.items[0].previous_value.as_deref(), Some("B"));
    assert_eq!(own.items[1].previous_value, None);
    assert!(!format!("{own:?}").contains("1002"), "{own:?}");
    let page = details(&base, &limited, device).await.unwrap();
    assert_eq!(page.history, own);
    assert_eq!(
        details(&base, &world.actor(), device)
            .await
            .unwrap()
            .history,
        all
    );
}

/// A line at Rev belongs to a customer; its id tells of the one before as much as the name does.
#[tokio::test]
async fn the_line_of_a_customer_that_the_caller_may_not_use_is_not_told() {
    let (base, world) = start().await;
    world.add_assignable(1).await;
    world.assign(1, "1001").await;
    let device = world.device_id(1).await;
    base.sql
        .run(
            "INSERT INTO dbo.RevService (RevCustomerId, Number, RevServiceId, IntegrationAuthenticationId, CreatedBy) \
             VALUES (@P1, N'15550001', 1001, @P3, N'test'), (@P2, N'15550002', 7002, @P3, N'test');",
            &[
                &world.other_customer,
                &world.customer,
                &world.account.get(),
            ],
        )
        .await;
    // The id of the other customer's line is the account number of the own customer by chance.
    for (at, line) in [Some("1001"), Some("7002"), Some("odd"), None]
        .iter()
        .enumerate()
    {
        let at = i32::try_from(at).unwrap();
        came(&world, device, "Rev Service", *line, "1001", at).await;
    }
    let told = |rows: &Slice<HistoryRow>| -> Vec<Option<String>> {
        rows.items
            .iter()
            .rev()
            .map(|row| row.previous_value.clone())
            .collect()
    };
    let text = |text: &str| Some(text.to_owned());
    let all = history(&base, &world.actor(), device).await.unwrap();
    assert_eq!(told(&all), [text("1001"), text("7002"), text("odd"), None]);
    let limited = world.limited_actor();
    let own = history(&base, &limited, device).await.unwrap();
    assert_eq!(told(&own), [None, text("7002"), None, None]);
    let page = details(&base, &limited, device).await.unwrap();
    assert_eq!(page.history, own);
}

#[tokio::test]
async fn details_tell_what_hangs_on_a_device() {
    let (base, world) = start().await;
    world.add_assignable(1).await;
    let device = world.device_id(1).await;
    world.assign(1, "1001").await;
    came(&world, device, "Customer", None, "1001", 7).await;
    base.sql
        .run(
            "UPDATE dbo.Device SET IMSI = N'310000000000001', IpAddress = N'192.0.2.7', DeviceDescription = N'Truck 7', APN = N'fake.apn', \
                 CommunicationPlan = N'COMM', CostCenter = N'CC', RatePlan = N'CARRIER-1GB', CtdDataUsage = 5000000000 WHERE id = @P1; \
             INSERT INTO dbo.RevService (RevCustomerId, Number, RevServiceId, ActivatedDate, IntegrationAuthenticationId, CreatedBy) \
             VALUES (@P2, N'15550001', 7000 + @P1, N'2026-02-01T00:00:00', @P3, N'test'); \
             UPDATE dbo.Device_Tenant SET RevServiceId = CAST(SCOPE_IDENTITY() AS int), CustomerRatePlanId = @P4, CustomerRatePoolId = @P5, \
                 CustomerDataAllocationMB = 100, ModifiedDate = SYSUTCDATETIME() WHERE DeviceId = @P1 AND TenantId = @P6; \
             INSERT INTO dbo.Device_CustomerRatePlanOrRatePool_Queue (DeviceId, CustomerRatePlanId, CustomerRatePoolId, EffectiveDate, PortalType, TenantId, CreatedBy, IsActive) \
             VALUES (@P1, @P4, NULL, N'2030-01-02', 0, @P6, N'test', 1), (@P1, @P4, @P5, N'2030-01-01', 0, @P6, N'test', 1), \
                    (@P1, @P4, @P5, N'2020-01-01', 0, @P6, N'test', 0), (@P1, @P4, @P5, N'2029-01-01', 2, @P6, N'test', 1);",
            &[
                &device.get(),
                &world.customer,
                &world.account.get(),
                &world.plan,
                &world.pool,
                &world.tenant.get(),
            ],
        )
        .await;
    let before = base.central.round_trips();
    let found = details(&base, &world.limited_actor(), device)
        .await
        .unwrap();
    assert_eq!(base.central.round_trips() - before, 1);
    assert_eq!(found.device.iccid, world.iccid(1).as_str());
    assert_eq!(found.device.usage_bytes, Some(5_000_000_000));
    assert_eq!(
        found.device.carrier_rate_plan.as_deref(),
        Some("CARRIER-1GB")
    );
    assert_eq!(
        found.device.customer.as_ref().unwrap().name.as_deref(),
        Some("Fake Fleet One")
    );
    assert_eq!(
        found.device.customer_rate_plan.as_ref().unwrap().name,
        "Data 100 MB"
    );
    assert_eq!(found.more.imsi.as_deref(), Some("310000000000001"));
    assert_eq!(found.more.ip_address.as_deref(), Some("192.0.2.7"));
    assert_eq!(found.more.description.as_deref(), Some("Truck 7"));
    assert_eq!(found.more.cost_center.as_deref(), Some("CC"));
    let assignment = found.assignment.unwrap();
    // The history says when the customer came; the row was written later.
    assert_eq!(
        assignment.since,
        time::macros::datetime!(2026-03-01 12:07:00)
    );
    assert_eq!(assignment.by.as_deref(), Some("someone"));
    let service = assignment.service.unwrap();
    assert_eq!(
        (service.rev_service, service.number.as_deref()),
        (7000 + device.get(), Some("15550001"))
    );
    assert_eq!(service.disconnected, None);
    assert_eq!(
        found.data_allocation_mb.unwrap().normalize().to_string(),
        "100"
    );
    let queued: Vec<_> = found
        .queued
        .iter()
        .map(|queued| {
            (
                queued.effective.year(),
                queued.effective.day(),
                queued.pool.is_some(),
            )
        })
        .collect();
    assert_eq!(queued, [(2030, 1, true), (2030, 2, false)]);
}

#[tokio::test]
async fn changes_of_a_device_are_the_newest_that_the_caller_may_see() {
    let (base, world) = start().await;
    let other = World::new(&base.sql).await;
    let devices = world.add_assignable(1).await;
    let device = world.device_id(1).await;
    let (first, _) = accept(&base.central, &world, &world.request(devices.clone())).await;
    base.sql
        .run(
            "UPDATE dbo.DeviceChangeWork SET ClosedAt = SYSUTCDATETIME() WHERE BulkChangeId = @P1; \
             UPDATE dbo.M2M_DeviceChange SET IsProcessed = 1, Status = N'PROCESSED', StatusDetails = N'OK' WHERE BulkChangeId = @P1;",
            &[&first.get()],
        )
        .await;
    let mut second = world.request(devices);
    second.rev_customer = RevCustomerId::parse(OTHER_CUSTOMER).unwrap();
    let (second, _) = accept(&base.central, &world, &second).await;
    // Rows of another producer: for this device by ICCID alone, and for one with the same ICCID in another tenant.
    for world in [&world, &other] {
        base.sql
            .run(
                "INSERT INTO dbo.DeviceBulkChange (ChangeRequestTypeId, ServiceProviderId, TenantId, Status, CreatedBy) VALUES (7, @P1, @P2, N'NEW', N'other'); \
                 INSERT INTO dbo.M2M_DeviceChange (BulkChangeId, ICCID, Status, CreatedBy) VALUES (CAST(SCOPE_IDENTITY() AS bigint), @P3, N'NEW', N'other');",
                &[&world.provider.get(), &world.tenant.get(), &iccid_of(&base, device).await.as_str()],
            )
            .await;
    }
    let seen = |found: DeviceDetails| -> Vec<i64> {
        found
            .changes
            .iter()
            .map(|change| change.bulk_change.get())
            .collect()
    };
    let all = details(&base, &world.actor(), device).await.unwrap();
    assert_eq!(all.device.unfinished_change, Some(second));
    let all = seen(all);
    assert_eq!(all.len(), 3);
    assert_eq!(all[1..], [second.get(), first.get()]);
    let limited = details(&base, &world.limited_actor(), device)
        .await
        .unwrap();
    assert_eq!(seen(limited), [first.get()]);
    let few = device_details(&base.central, &world.actor(), device, 1, 1)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(few.changes.len(), 1);
}

async fn iccid_of(base: &Base, device: DeviceId) -> String {
    let texts = base
        .sql
        .texts(
            "SELECT d.ICCID FROM dbo.Device AS d WHERE d.id = @P1",
            &[&device.get()],
        )
        .await;
    texts[0].clone().unwrap()
}

#[tokio::test]
async fn one_device_is_checked_as_a_submit_would_check_it() {
    let (base, world) = start().await;
    let ready = world.device(1);
    let mut odd = world.device(2);
    odd.status = Some("TEST_READY".to_owned());
    odd.archived = true;
    world
        .add(&[ready, odd, world.device(3), world.device(4)])
        .await;
    world.assign(3, "1001").await;
    world.assign(4, OTHER_CUSTOMER).await;
    let codes = |found: &KnownDevice| -> Vec<Reason> {
        let against = objections(found.request.as_ref(), &found.found).unwrap();
        against.into_iter().map(|(reason, _)| reason).collect()
    };
    let customer = RevCustomerId::parse("1001").ok();
    for (n, named, expected) in [
        (1, false, vec![]),
        (1, true, vec![]),
        (2, false, vec![Reason::DeviceArchived, Reason::DeviceStatus]),
        (2, true, vec![Reason::DeviceArchived, Reason::DeviceStatus]),
        (3, false, vec![Reason::AssignedToOtherCustomer]),
        (3, true, vec![Reason::AlreadyAssigned]),
        (4, true, vec![Reason::AssignedToOtherCustomer]),
    ] {
        let asked = Question {
            customer: customer.clone().filter(|_| named),
            service_provider: Some(world.provider),
            ..question(world.iccid(n))
        };
        let before = base.central.round_trips();
        let found = validated(&base, &world.actor(), &asked).await.unwrap();
        assert_eq!(base.central.round_trips() - before, 2);
        assert_eq!(
            codes(&found),
            expected,
            "device {n}, customer named: {named}"
        );
    }
    let (bulk, _) = accept(&base.central, &world, &world.request(vec![world.iccid(1)])).await;
    let found = validated(&base, &world.actor(), &question(world.iccid(1)))
        .await
        .unwrap();
    assert_eq!(codes(&found), [Reason::UnfinishedChange]);
    assert_eq!(found.found.devices[0].unfinished, Some(bulk));
    let before = base.central.round_trips();
    let nothing = validated(&base, &world.actor(), &question(world.iccid(77))).await;
    assert_eq!(nothing, None);
    assert_eq!(base.central.round_trips() - before, 1);
}

#[tokio::test]
async fn of_several_rows_with_one_iccid_the_live_one_is_meant_unless_a_provider_is_named() {
    let (base, world) = start().await;
    world.add_assignable(1).await;
    let live = world.device_id(1).await;
    let rows = base
        .sql
        .rows(
            "INSERT INTO dbo.ServiceProvider (Name, IntegrationId, TenantId, CreatedBy) VALUES (N'Second', 1, @P1, N'test'); \
             DECLARE @second int; SET @second = CAST(SCOPE_IDENTITY() AS int); \
             INSERT INTO dbo.Device (ServiceProviderId, ICCID, CreatedBy, IsActive, IsDeleted) VALUES (@second, @P2, N'test', 0, 1); \
             SELECT @second AS Provider;",
            &[&world.tenant.get(), &world.iccid(1).as_str()],
        )
        .await;
    let second =
        association::ids::ServiceProviderId::new(rows[0].get("Provider").unwrap()).unwrap();
    let found = validated(&base, &world.actor(), &question(world.iccid(1)))
        .await
        .unwrap();
    assert_eq!(
        (found.device, found.service_provider),
        (live, world.provider)
    );
    let asked = Question {
        service_provider: Some(second),
        ..question(world.iccid(1))
    };
    let found = validated(&base, &world.actor(), &asked).await.unwrap();
    assert_eq!(found.service_provider, second);
    assert!(found.found.devices[0].archived);
}

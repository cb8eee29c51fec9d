//! What the check question answers, case by case.

use crate::support::{Base, Device, World};
use association::{
    actor::Actor,
    check::{Assignment, DeviceRow, Found},
    ids::{BulkChangeId, IntegrationAuthenticationId, RevCustomerId},
    request::{
        AssociateRequest, CarrierPlanOptions, CustomerPlanOptions, Effective, RevServiceOptions,
    },
    service_line::Billed,
};
use central::check::{Checked, check};
use time::macros::date;

async fn start() -> (Base, World) {
    let base = Base::start().await;
    let world = World::new(&base.sql).await;
    (base, world)
}

async fn ask(base: &Base, world: &World, request: &AssociateRequest) -> Found {
    let Checked { stored, found, .. } = check(&base.central, &world.actor(), request, None)
        .await
        .unwrap();
    assert_eq!(stored, None);
    found
}

/// The row of one device, asked for alone.
async fn row(base: &Base, world: &World, n: usize) -> DeviceRow {
    let mut found = ask(base, world, &world.request(vec![world.iccid(n)])).await;
    assert_eq!(found.devices.len(), 1);
    found.devices.remove(0)
}

#[tokio::test]
async fn a_device_that_nothing_speaks_against_is_found_with_its_facts() {
    let (base, world) = start().await;
    world.add_assignable(1).await;
    let found = ask(&base, &world, &world.request(vec![world.iccid(1)])).await;
    assert!(found.service_provider);
    assert!(found.today.is_some());
    assert_eq!(found.customers.len(), 1);
    let customer = &found.customers[0];
    assert_eq!(customer.id, world.customer);
    assert_eq!(customer.name, "Fake Fleet One");
    assert!(customer.active && customer.allowed);
    assert_eq!(customer.integration_authentication, Some(world.account));
    assert_eq!(
        customer.site,
        Some((world.site, "Fake Fleet One HQ".to_owned()))
    );
    assert_eq!(
        found.devices,
        [DeviceRow {
            iccid: world.iccid(1),
            device: world.device_id(1).await,
            archived: false,
            msisdn: world.device(1).msisdn,
            status: Some("Activated".to_owned()),
            status_allows: true,
            assignment: None,
            other_customer: false,
            unfinished: None,
            active_service_line: false,
            activation_date: None,
        }]
    );
}

#[tokio::test]
async fn devices_of_another_provider_or_tenant_are_not_found() {
    let (base, world) = start().await;
    let other = World::new(&base.sql).await;
    other.add_assignable(1).await;
    let mut request = world.request(vec![other.iccid(1), world.iccid(1)]);
    assert_eq!(ask(&base, &world, &request).await.devices, []);
    // The provider of another tenant answers like one that does not exist, and so do its devices, plans and customers.
    request.service_provider = other.provider;
    request.options.customer_plan = Some(CustomerPlanOptions {
        customer_rate_plan: other.plan,
        customer_rate_pool: Some(other.pool),
        data_allocation_mb: None,
    });
    let found = ask(&base, &world, &request).await;
    assert!(!found.service_provider);
    assert_eq!(found.devices, []);
    assert_eq!(found.customer_plan, None);
    assert!(!found.customer_pool);
    assert!(found.customers.iter().all(|row| row.id == world.customer));
}

#[tokio::test]
async fn an_archived_device_is_told_apart_and_gives_way_to_a_live_one() {
    let (base, world) = start().await;
    let archived = Device {
        archived: true,
        ..world.device(1)
    };
    world.add(std::slice::from_ref(&archived)).await;
    assert!(row(&base, &world, 1).await.archived);
    world.add_assignable(1).await;
    assert!(!row(&base, &world, 1).await.archived);
}

#[tokio::test]
async fn the_policy_decides_over_a_status_and_else_its_activity() {
    let (base, world) = start().await;
    let expected = [
        ("ACTIVATED", true),
        ("TEST_READY", false),
        ("INVENTORY", true),
        ("SUSPENDED", false),
    ];
    for (n, (status, _)) in expected.iter().enumerate() {
        let device = Device {
            status: Some((*status).to_owned()),
            ..world.device(n)
        };
        world.add(&[device]).await;
    }
    world
        .add(&[Device {
            status: None,
            ..world.device(9)
        }])
        .await;
    for (n, (status, allows)) in expected.into_iter().enumerate() {
        assert_eq!(
            row(&base, &world, n).await.status_allows,
            allows,
            "{status}"
        );
    }
    assert!(!row(&base, &world, 9).await.status_allows);
}

#[tokio::test]
async fn an_assignment_is_shown_and_one_of_another_customer_counts() {
    let (base, world) = start().await;
    world.add_assignable(3).await;
    world.assign(1, "1001").await;
    world.assign(2, "1002").await;
    let own = row(&base, &world, 1).await;
    assert_eq!(
        own.assignment,
        Some(Assignment {
            account: Some("1001".to_owned()),
            integration_authentication: Some(world.account.get()),
            site: Some(world.site.get()),
            ..Assignment::default()
        })
    );
    assert!(!own.other_customer);
    assert!(row(&base, &world, 2).await.other_customer);
    assert!(!row(&base, &world, 3).await.other_customer);
    // The same number at another billing integration is another customer.
    let elsewhere = World::new(&base.sql).await.account;
    base.sql
        .run(
            "UPDATE dbo.Device_Tenant SET AccountNumberIntegrationAuthenticationId = @P1 WHERE DeviceId = @P2;",
            &[&elsewhere.get(), &world.device_id(1).await.get()],
        )
        .await;
    assert!(row(&base, &world, 1).await.other_customer);
    // An assignment that has ended does not count.
    base.sql
        .run(
            "UPDATE dbo.Device_Tenant SET IsActive = 0, IsDeleted = 1 WHERE DeviceId = @P1;",
            &[&world.device_id(2).await.get()],
        )
        .await;
    let ended = row(&base, &world, 2).await;
    assert_eq!((ended.assignment, ended.other_customer), (None, false));
}

#[tokio::test]
async fn an_assignment_by_another_tenant_counts_whatever_its_account() {
    let (base, world) = start().await;
    let other = World::new(&base.sql).await;
    world.add_assignable(1).await;
    base.sql
        .run(
            "INSERT INTO dbo.Device_Tenant (DeviceId, TenantId, AccountNumber, CreatedBy) VALUES (@P1, @P2, N'1001', N'test');",
            &[&world.device_id(1).await.get(), &other.tenant.get()],
        )
        .await;
    let row = row(&base, &world, 1).await;
    assert!(row.other_customer);
    assert_eq!(row.assignment, None);
}

#[tokio::test]
async fn an_open_work_row_is_an_unfinished_change() {
    let (base, world) = start().await;
    world.add_assignable(1).await;
    let bulk = foreign_change(&base, &world, 1, 0).await;
    let device = world.device_id(1).await;
    base.sql
        .run(
            "UPDATE dbo.M2M_DeviceChange SET IsProcessed = 1, Status = N'API_FAILED', HasErrors = 1 WHERE BulkChangeId = @P1; \
             INSERT INTO dbo.BulkChangeWork (BulkChangeId, TenantId, IntegrationAuthenticationId, RevCustomerId, CreateRevService, Options, Preflight) \
             VALUES (@P1, @P2, @P3, '1001', 1, N'{}', 'passed'); \
             INSERT INTO dbo.DeviceChangeWork (ChangeId, BulkChangeId, TenantId, DeviceId, Chunk, Step, ReviewSince) \
             SELECT m.id, @P1, @P2, @P4, 0, 'settle', SYSUTCDATETIME() FROM dbo.M2M_DeviceChange AS m WHERE m.BulkChangeId = @P1;",
            &[&bulk.get(), &world.tenant.get(), &world.account.get(), &device.get()],
        )
        .await;
    assert_eq!(row(&base, &world, 1).await.unfinished, Some(bulk));
    base.sql
        .run(
            "UPDATE dbo.DeviceChangeWork SET ClosedAt = SYSUTCDATETIME() WHERE BulkChangeId = @P1;",
            &[&bulk.get()],
        )
        .await;
    assert_eq!(row(&base, &world, 1).await.unfinished, None);
}

#[tokio::test]
async fn an_unprocessed_row_of_another_producer_is_unfinished_for_a_week() {
    let (base, world) = start().await;
    world.add_assignable(2).await;
    let fresh = foreign_change(&base, &world, 1, 6).await;
    foreign_change(&base, &world, 2, 8).await;
    assert_eq!(row(&base, &world, 1).await.unfinished, Some(fresh));
    assert_eq!(row(&base, &world, 2).await.unfinished, None);
}

/// A type-4 bulk change as AMOP 2.0 writes it, some days ago.
async fn foreign_change(base: &Base, world: &World, n: usize, days_ago: i32) -> BulkChangeId {
    let rows = base
        .sql
        .rows(
            "SET NOCOUNT ON; DECLARE @id bigint; \
             INSERT INTO dbo.DeviceBulkChange (ChangeRequestTypeId, ServiceProviderId, TenantId, Status, CreatedBy, CreatedDate) \
             VALUES (4, @P1, @P2, N'NEW', N'AMOP 2.0', DATEADD(day, -@P3, SYSUTCDATETIME())); \
             SET @id = CAST(SCOPE_IDENTITY() AS bigint); \
             INSERT INTO dbo.M2M_DeviceChange (BulkChangeId, ICCID, Status, CreatedBy) VALUES (@id, @P4, N'NEW', N'AMOP 2.0'); \
             SELECT @id AS id;",
            &[
                &world.provider.get(),
                &world.tenant.get(),
                &days_ago,
                &world.iccid(n).as_str(),
            ],
        )
        .await;
    BulkChangeId::new(rows[0].get(0).unwrap()).unwrap()
}

/// A line of the world's first customer in RevService.
async fn line(base: &Base, world: &World, number: &str, id: i32, disconnected: Option<&str>) {
    base.sql
        .run(
            "INSERT INTO dbo.RevService (RevCustomerId, Number, RevServiceId, DisconnectedDate, IntegrationAuthenticationId, CreatedBy) \
             VALUES (@P1, @P2, @P3, @P4, @P5, N'test');",
            &[&world.customer, &number, &id, &disconnected, &world.account.get()],
        )
        .await;
}

#[tokio::test]
async fn a_live_line_of_the_same_customer_is_found_by_number_link_or_work_row() {
    let (base, world) = start().await;
    world.add_assignable(6).await;
    let msisdn = |n| world.device(n).msisdn.unwrap();
    // 1: by MSISDN. 2: by ICCID. 3: disconnected. 4: by link. 5: held by a work row. 6: another customer's.
    line(&base, &world, &msisdn(1), 1, None).await;
    line(&base, &world, world.iccid(2).as_str(), 2, Some("")).await;
    line(&base, &world, &msisdn(3), 3, Some("2026-06-30")).await;
    line(&base, &world, "another number", 4, None).await;
    world.assign(4, "1001").await;
    base.sql
        .run(
            "UPDATE dbo.Device_Tenant SET RevServiceId = (SELECT r.id FROM dbo.RevService AS r WHERE r.RevServiceId = 4 AND r.RevCustomerId = @P1) WHERE DeviceId = @P2;",
            &[&world.customer, &world.device_id(4).await.get()],
        )
        .await;
    let bulk = foreign_change(&base, &world, 5, 0).await;
    base.sql
        .run(
            "INSERT INTO dbo.BulkChangeWork (BulkChangeId, TenantId, IntegrationAuthenticationId, RevCustomerId, CreateRevService, Options, Preflight) \
             VALUES (@P1, @P2, @P3, '1001', 1, N'{}', 'passed'); \
             INSERT INTO dbo.DeviceChangeWork (ChangeId, BulkChangeId, TenantId, DeviceId, Chunk, Step, IntentCustomer, IntentIntegrationAuthenticationId, RevServiceLineId, ClosedAt) \
             SELECT m.id, @P1, @P2, @P4, 0, 'done', '1001', @P3, 77, SYSUTCDATETIME() FROM dbo.M2M_DeviceChange AS m WHERE m.BulkChangeId = @P1;",
            &[&bulk.get(), &world.tenant.get(), &world.account.get(), &world.device_id(5).await.get()],
        )
        .await;
    base.sql
        .run(
            "INSERT INTO dbo.RevService (RevCustomerId, Number, RevServiceId, IntegrationAuthenticationId, CreatedBy) VALUES (@P1, @P2, 6, @P3, N'test');",
            &[&world.other_customer, &msisdn(6).as_str(), &world.account.get()],
        )
        .await;
    for (n, live) in [
        (1, true),
        (2, true),
        (3, false),
        (4, true),
        (5, true),
        (6, false),
    ] {
        assert_eq!(row(&base, &world, n).await.active_service_line, live, "{n}");
    }
    // A line that the work row knows and that was disconnected since is not live.
    line(&base, &world, &msisdn(5), 77, Some("2026-07-01")).await;
    assert!(!row(&base, &world, 5).await.active_service_line);
}

#[tokio::test]
async fn the_activation_date_is_the_first_active_day_and_else_the_provider_s() {
    let (base, world) = start().await;
    world.add_assignable(3).await;
    world
        .add(&[Device {
            activated: None,
            ..world.device(4)
        }])
        .await;
    for (n, status, day) in [
        (1, "INVENTORY", "2025-03-01"),
        (1, "ACTIVATED", "2025-05-02"),
        (1, "ACTIVATED", "2025-09-03"),
        (2, "INVENTORY", "2025-03-01"),
    ] {
        base.sql
            .run(
                "INSERT INTO dbo.DeviceStatusHistory (ICCID, CurrentStatus, DateOfChange, CreatedBy) VALUES (@P1, @P2, CAST(@P3 AS datetime2(3)), N'test');",
                &[&world.iccid(n).as_str(), &status, &day],
            )
            .await;
    }
    let mut request = world.request((1..=4).map(|n| world.iccid(n)).collect());
    request.effective = Effective::CarrierActivation;
    let found = ask(&base, &world, &request).await;
    let dates: Vec<_> = found
        .devices
        .iter()
        .map(|row| row.activation_date)
        .collect();
    assert_eq!(
        dates,
        [
            Some(date!(2025 - 05 - 02)),
            Some(date!(2026 - 01 - 15)),
            Some(date!(2026 - 01 - 15)),
            None
        ]
    );
}

#[tokio::test]
async fn plans_and_pools_are_found_for_the_provider_also_when_several_share_them() {
    let (base, world) = start().await;
    let mut request = world.request(vec![world.iccid(1)]);
    request.options.carrier_plan = Some(CarrierPlanOptions {
        carrier_rate_plan: "CARRIER-1GB".to_owned(),
        comm_plan: None,
    });
    request.options.customer_plan = Some(CustomerPlanOptions {
        customer_rate_plan: world.plan,
        customer_rate_pool: Some(world.pool),
        data_allocation_mb: None,
    });
    let found = ask(&base, &world, &request).await;
    assert!(found.carrier_plan && found.customer_pool);
    let plan = found.customer_plan.unwrap();
    assert_eq!((plan.id, plan.name.as_str()), (world.plan, "Data 100 MB"));
    assert_eq!(plan.plan_mb.unwrap().normalize().to_string(), "100");
    base.sql
        .run(
            "UPDATE dbo.JasperCarrierRatePlan SET IsRetired = 1 WHERE ServiceProviderId = @P1;",
            &[&world.provider.get()],
        )
        .await;
    assert!(!ask(&base, &world, &request).await.carrier_plan);
}

#[tokio::test]
async fn a_customer_may_be_used_by_user_role_site_or_by_permission() {
    let (base, world) = start().await;
    let allowed = |actor: Actor, customer: &'static str| {
        let (central, world) = (base.central.clone(), world.clone());
        async move {
            let mut request = world.request(vec![world.iccid(1)]);
            request.rev_customer = RevCustomerId::parse(customer).unwrap();
            let found = check(&central, &actor, &request, None).await.unwrap().found;
            found.customers[0].allowed
        }
    };
    assert!(allowed(world.limited_actor(), "1001").await);
    assert!(!allowed(world.limited_actor(), "1002").await);
    assert!(allowed(world.actor(), "1002").await);
    let stranger = Actor::from_verified_token(world.tenant, 8, "stranger", false);
    assert!(!allowed(stranger, "1001").await);
}

#[tokio::test]
async fn customers_of_one_number_are_all_shown_and_a_closed_one_is_inactive() {
    let (base, world) = start().await;
    let second: Vec<_> = base
        .sql
        .rows(
            "SET NOCOUNT ON; INSERT INTO dbo.Integration_Authentication (IntegrationId, TenantId, CreatedBy) VALUES (3, @P1, N'test'); \
             DECLARE @account int; SET @account = CAST(SCOPE_IDENTITY() AS int); \
             INSERT INTO dbo.RevCustomer (id, RevCustomerId, CustomerName, IntegrationAuthenticationId, Status, TenantId, CreatedBy) \
             VALUES (NEWID(), N'1001', N'Twin', @account, N'CLOSED', @P1, N'test'); \
             SELECT @account AS id;",
            &[&world.tenant.get()],
        )
        .await;
    let account = IntegrationAuthenticationId::new(second[0].get(0).unwrap()).unwrap();
    let mut request = world.request(vec![world.iccid(1)]);
    let found = ask(&base, &world, &request).await;
    let customers: Vec<_> = found
        .customers
        .iter()
        .map(|row| {
            (
                row.integration_authentication.unwrap(),
                row.active,
                row.site.is_some(),
            )
        })
        .collect();
    assert_eq!(
        customers,
        [(world.account, true, true), (account, false, false)]
    );
    // "100" is not found in "1001": numbers are compared whole.
    request.rev_customer = RevCustomerId::parse("100").unwrap();
    assert_eq!(ask(&base, &world, &request).await.customers, []);
}

#[tokio::test]
async fn a_check_of_10_000_devices_is_one_round_trip() {
    let (base, world) = start().await;
    let devices = world.add_assignable(10_000).await;
    let mut request = world.request(devices);
    request.options.rev_service = Some(RevServiceOptions {
        service_type_id: 1,
        provider_id: 1,
        billed: Billed::Package(5),
        prorate: false,
        description: None,
        usage_plan_group_id: None,
        activated_date: None,
    });
    let before = base.central.round_trips();
    let found = ask(&base, &world, &request).await;
    assert_eq!(base.central.round_trips() - before, 1);
    assert_eq!(found.devices.len(), 10_000);
}

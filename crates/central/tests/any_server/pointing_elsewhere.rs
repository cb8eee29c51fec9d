//! A row of a tenant can point at what is another tenant's: nothing in the existing schema forbids it. Nothing of it is shown.

use central::{
    device_details::device_details,
    inventory::{SortBy, Wanted, inventory},
    listing::{Direction, Page, Sort},
};

use crate::support::{Base, World};

const FIRST: Page = Page {
    number: 1,
    size: 100,
};

/// Device 1 has an own plan, 2 points at Site, plan, pool and line of another tenant, 3 belongs to nobody.
async fn laid() -> (Base, World) {
    let base = Base::start().await;
    let world = World::new(&base.sql).await;
    let other = World::new(&base.sql).await;
    world.add_assignable(3).await;
    world.assign(1, "1001").await;
    world.assign(2, "1001").await;
    base.sql
        .run(
            "UPDATE dbo.Device_Tenant SET CustomerRatePlanId = @P1 WHERE DeviceId = @P2 AND TenantId = @P3;",
            &[
                &world.plan,
                &world.device_id(1).await.get(),
                &world.tenant.get(),
            ],
        )
        .await;
    base.sql
        .run(
            "UPDATE dbo.Sites SET Name = N'Zebra site' WHERE TenantId = @P2; \
             UPDATE dbo.JasperCustomerRatePlan SET RatePlanName = N'AAA Zebra plan' WHERE TenantId = @P2; \
             UPDATE dbo.CustomerRatePool SET Name = N'Zebra pool' WHERE TenantId = @P2; \
             INSERT INTO dbo.RevService (RevCustomerId, Number, RevServiceId, ActivatedDate, IntegrationAuthenticationId, CreatedBy) \
             VALUES (@P7, N'Zebra number', 7000, N'2026-02-01T00:00:00', @P8, N'test'); \
             UPDATE dbo.Device_Tenant SET SiteId = @P4, CustomerRatePlanId = @P5, CustomerRatePoolId = @P6, \
                 RevServiceId = CAST(SCOPE_IDENTITY() AS int) WHERE DeviceId = @P3 AND TenantId = @P1;",
            &[
                &world.tenant.get(),
                &other.tenant.get(),
                &world.device_id(2).await.get(),
                &other.site.get(),
                &other.plan,
                &other.pool,
                &other.customer,
                &other.account.get(),
            ],
        )
        .await;
    (base, world)
}

#[tokio::test]
async fn the_inventory_shows_no_name_of_another_tenant_and_is_not_ordered_by_one() {
    let (base, world) = laid().await;
    // In the order of plans device 2 stands among those without one.
    for (by, expected) in [
        (SortBy::Iccid, [3, 2, 1]),
        (SortBy::CustomerPlan, [1, 3, 2]),
    ] {
        let sort = Sort {
            by,
            direction: Direction::Descending,
        };
        let found = inventory(
            &base.central,
            &world.actor(),
            &Wanted::default(),
            sort,
            FIRST,
            true,
        )
        .await
        .unwrap();
        assert!(!format!("{found:?}").contains("Zebra"), "{found:?}");
        let devices = found.slice.items;
        let iccids: Vec<&str> = devices.iter().map(|it| it.iccid.as_str()).collect();
        let expected = expected.map(|n| world.iccid(n).as_str().to_owned());
        assert_eq!(iccids, expected, "{by:?}");
        let pointing = devices
            .iter()
            .find(|it| it.iccid == world.iccid(2).as_str())
            .unwrap();
        let customer = pointing.customer.as_ref().unwrap();
        assert_eq!(
            (customer.account_number.as_str(), &customer.site),
            ("1001", &None)
        );
        assert_eq!(pointing.customer_rate_plan, None);
        assert_eq!(pointing.customer_rate_pool, None);
    }
}

#[tokio::test]
async fn the_details_of_a_device_show_no_name_and_no_line_of_another_tenant() {
    let (base, world) = laid().await;
    let device = world.device_id(2).await;
    let found = device_details(&base.central, &world.actor(), device, 20, 25)
        .await
        .unwrap()
        .unwrap();
    assert!(!format!("{found:?}").contains("Zebra"), "{found:?}");
    assert_eq!(found.device.customer.as_ref().unwrap().site, None);
    assert!(found.assignment.unwrap().service.is_none());
}

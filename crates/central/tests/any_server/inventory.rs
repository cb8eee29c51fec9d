//! Which devices the inventory shows, to whom, and in which order.

use std::ops::ControlFlow;

use central::{
    inventory::{Device, Found, SortBy, Wanted, all_devices, inventory},
    listing::{Direction, Filter, Page, Sort},
};

use crate::support::{Base, World};

const BY_ICCID: Sort<SortBy> = Sort {
    by: SortBy::Iccid,
    direction: Direction::Ascending,
};

const FIRST: Page = Page {
    number: 1,
    size: 100,
};

struct Shop {
    base: Base,
    world: World,
}

impl Shop {
    async fn open() -> Self {
        let base = Base::start().await;
        let world = World::new(&base.sql).await;
        Self { base, world }
    }

    /// Devices 1 to 12: archived is 12, assigned to 1001 are 2 and 4, to 1002 is 6, in statuses of all kinds, with usage and dates,
    /// some alike and some missing. A second provider has 21 to 23.
    async fn laid() -> Self {
        let shop = Self::open().await;
        let world = &shop.world;
        let mut devices: Vec<_> = (1..=12).map(|n| world.device(n)).collect();
        devices[2].status = Some("TEST_READY".to_owned());
        devices[4].msisdn = None;
        devices[11].archived = true;
        world.add(&devices).await;
        world.assign(2, "1001").await;
        world.assign(4, "1001").await;
        world.assign(6, "1002").await;
        world
            .sql
            .run(
                "INSERT INTO dbo.ServiceProvider (Name, IntegrationId, TenantId, CreatedBy) VALUES (N'Another Carrier', 1, @P2, N'test'); \
                 INSERT INTO dbo.Device (ServiceProviderId, ICCID, MSISDN, IMEI, EID, Status, RatePlan, CreatedBy) \
                 SELECT CAST(SCOPE_IDENTITY() AS int), CONCAT(N'88', @P1, N'0000000002', j.n), CONCAT(N'1666', @P1, j.n), N'35-50%_[x]', N'8904O''Neil', N'UNKNOWN', N'CARRIER-9', N'test' \
                 FROM (SELECT 1 AS n UNION ALL SELECT 2 UNION ALL SELECT 3) AS j; \
                 UPDATE dbo.Device SET CtdDataUsage = id % 4, CtdSmsUsage = 3, ProviderDateAdded = DATEADD(day, id % 3, '2025-01-01'), RatePlan = CASE WHEN id % 2 = 0 THEN N'CARRIER-1GB' END \
                 WHERE ServiceProviderId = @P1; \
                 UPDATE dbo.Device_Tenant SET CustomerRatePlanId = @P3, CustomerRatePoolId = @P4 WHERE TenantId = @P2 AND AccountNumber = N'1001';",
                &[
                    &world.provider.get(),
                    &world.tenant.get(),
                    &world.plan,
                    &world.pool,
                ],
            )
            .await;
        shop
    }

    async fn found(&self, wanted: &Wanted, sort: Sort<SortBy>, page: Page) -> Found {
        inventory(
            &self.base.central,
            &self.world.actor(),
            wanted,
            sort,
            page,
            false,
        )
        .await
        .unwrap()
    }

    /// The last digits of the ICCIDs of a list.
    async fn listed(&self, wanted: &Wanted) -> Vec<usize> {
        let found = self.found(wanted, BY_ICCID, FIRST).await;
        assert_eq!(
            usize::try_from(found.slice.total),
            Ok(found.slice.items.len())
        );
        numbers(&found.slice.items)
    }

    async fn filtered(&self, text: &str) -> Vec<usize> {
        let filter = Filter::parse(text).unwrap();
        self.listed(&Wanted {
            filter,
            ..Wanted::default()
        })
        .await
    }
}

fn numbers(devices: &[Device]) -> Vec<usize> {
    devices
        .iter()
        .map(|device| device.iccid[device.iccid.len() - 2..].parse().unwrap())
        .collect()
}

#[tokio::test]
async fn a_device_is_shown_with_everything_that_is_known_of_it() {
    let shop = Shop::laid().await;
    let world = &shop.world;
    let before = shop.base.central.round_trips();
    let found = shop.found(&Wanted::default(), BY_ICCID, FIRST).await;
    assert_eq!(shop.base.central.round_trips() - before, 1);
    assert_eq!(found.slice.total, 14);
    let device = found
        .slice
        .items
        .iter()
        .find(|device| device.iccid == world.iccid(2).as_str())
        .unwrap();
    assert_eq!(device.id, world.device_id(2).await);
    assert_eq!(device.status.as_deref(), Some("Activated"));
    assert!(device.allows_assignment && !device.archived);
    let customer = device.customer.as_ref().unwrap();
    assert_eq!(customer.account_number, "1001");
    assert_eq!(customer.name.as_deref(), Some("Fake Fleet One"));
    assert_eq!(customer.site.as_ref().unwrap().id, world.site.get());
    assert_eq!(device.customer_rate_plan.as_ref().unwrap().id, world.plan);
    assert_eq!(device.customer_rate_pool.as_ref().unwrap().name, "Pool");
    assert_eq!(device.sms_usage, Some(3));
    assert!(device.added.is_some() && device.last_usage.is_none());
    assert_eq!(device.unfinished_change, None);
    let unassigned = &found.slice.items[0];
    assert_eq!(unassigned.customer, None);
}

#[tokio::test]
async fn every_order_is_stable_over_pages_and_the_same_from_its_other_end() {
    let shop = Shop::laid().await;
    let all = Wanted::default();
    for by in SortBy::ALL {
        let mut whole = Vec::new();
        for direction in Direction::ALL {
            let sort = Sort { by, direction };
            let complete = shop.found(&all, sort, FIRST).await.slice.items;
            assert_eq!(complete.len(), 14);
            let mut paged = Vec::new();
            for number in 1..=6 {
                let page = Page { number, size: 3 };
                let slice = shop.found(&all, sort, page).await.slice;
                assert_eq!(slice.total, 14, "{by:?} {direction:?} {number}");
                paged.extend(slice.items);
            }
            assert_eq!(paged, complete, "{by:?} {direction:?}");
            whole.push(complete);
        }
        let backwards: Vec<Device> = whole[1].iter().rev().cloned().collect();
        assert_eq!(whole[0], backwards, "{by:?}");
        let key = |device: &Device| match by {
            SortBy::Iccid => Some(device.iccid.clone()),
            SortBy::Msisdn => device.msisdn.clone(),
            SortBy::Status => device.status.clone(),
            SortBy::Provider => Some(device.service_provider_name.clone()),
            SortBy::Customer => device.customer.as_ref().and_then(|it| it.name.clone()),
            SortBy::CarrierPlan => device.carrier_rate_plan.clone(),
            SortBy::CustomerPlan => device.customer_rate_plan.as_ref().map(|it| it.name.clone()),
            SortBy::Usage => device.usage_bytes.map(|usage| format!("{usage:09}")),
            SortBy::Activated => device.activated.map(|moment| moment.to_string()),
            SortBy::Added => device.added.map(|moment| moment.to_string()),
        };
        let keys: Vec<Option<String>> = whole[0].iter().map(key).collect();
        assert!(keys.is_sorted(), "{by:?}: {keys:?}");
        assert!(keys.iter().any(Option::is_some), "{by:?}");
    }
}

#[tokio::test]
async fn each_filter_leaves_the_devices_that_it_names() {
    let shop = Shop::laid().await;
    let world = &shop.world;
    let all = Wanted::default;
    for (case, wanted, expected) in [
        (
            "archived",
            Wanted {
                archived: true,
                ..all()
            },
            vec![12],
        ),
        (
            "provider",
            Wanted {
                service_provider: Some(world.provider),
                ..all()
            },
            (1..=11).collect(),
        ),
        (
            "status",
            Wanted {
                status: Some("Test ready".to_owned()),
                ..all()
            },
            vec![3],
        ),
        (
            "status without a row",
            Wanted {
                status: Some("UNKNOWN".to_owned()),
                ..all()
            },
            vec![21, 22, 23],
        ),
        (
            "customer",
            Wanted {
                customer: Some("1001".to_owned()),
                ..all()
            },
            vec![2, 4],
        ),
        (
            "assigned",
            Wanted {
                assigned: Some(true),
                ..all()
            },
            vec![2, 4, 6],
        ),
        (
            "not assigned, other provider's too",
            Wanted {
                assigned: Some(false),
                ..all()
            },
            vec![21, 22, 23, 1, 3, 5, 7, 8, 9, 10, 11],
        ),
        (
            "carrier plan",
            Wanted {
                carrier_rate_plan: Some("CARRIER-9".to_owned()),
                ..all()
            },
            vec![21, 22, 23],
        ),
        (
            "customer plan",
            Wanted {
                customer_rate_plan: Some(world.plan),
                ..all()
            },
            vec![2, 4],
        ),
        (
            "two at once",
            Wanted {
                customer: Some("1001".to_owned()),
                status: Some("Test ready".to_owned()),
                ..all()
            },
            vec![],
        ),
    ] {
        assert_eq!(shop.listed(&wanted).await, expected, "{case}");
    }
}

#[tokio::test]
async fn text_is_found_wherever_it_stands_and_has_no_signs() {
    let shop = Shop::laid().await;
    let theirs = vec![21, 22, 23];
    for (text, expected) in [
        ("50%_[x]", theirs.clone()),
        ("50%_[X", theirs.clone()),
        ("%", theirs.clone()),
        ("_", theirs.clone()),
        ("[", theirs.clone()),
        ("[x]", theirs.clone()),
        ("5_%", vec![]),
        ("[0-9]", vec![]),
        ("O'Neil", theirs.clone()),
        ("o'neil", theirs),
        ("'; DROP TABLE dbo.Device;--", vec![]),
        ("fleet two", vec![6]),
        ("1002", vec![6]),
        ("Fake Fleet", vec![2, 4, 6]),
    ] {
        assert_eq!(shop.filtered(text).await, expected, "{text}");
    }
    let number = shop.world.device(7).msisdn.unwrap();
    assert_eq!(shop.filtered(&number).await, [7]);
    assert_eq!(shop.filtered(&shop.world.iccid(7).as_str()[4..]).await, [7]);
}

#[tokio::test]
async fn identifiers_without_a_device_are_named() {
    let shop = Shop::laid().await;
    let world = &shop.world;
    let number = world.device(3).msisdn.unwrap();
    let asked = [
        world.iccid(9).as_str(),
        "8999999999999999999",
        &number,
        world.iccid(12).as_str(),
        "nobody",
    ]
    .map(str::to_owned)
    .to_vec();
    let wanted = Wanted {
        identifiers: Some(asked.clone()),
        ..Wanted::default()
    };
    let found = shop.found(&wanted, BY_ICCID, FIRST).await;
    assert_eq!(numbers(&found.slice.items), [3, 9]);
    assert_eq!(found.slice.total, 2);
    // 12 is archived.
    assert_eq!(
        found.missing,
        [&asked[1], &asked[3], &asked[4]].map(Clone::clone)
    );
    let page = Page { number: 2, size: 1 };
    let found = shop.found(&wanted, BY_ICCID, page).await;
    assert_eq!(numbers(&found.slice.items), [9]);
    assert_eq!(found.missing.len(), 3, "missing counts all pages");
    let archived = Wanted {
        archived: true,
        ..wanted
    };
    let found = shop.found(&archived, BY_ICCID, FIRST).await;
    assert_eq!(numbers(&found.slice.items), [12]);
    assert_eq!(found.missing.len(), 4);
}

#[tokio::test]
async fn a_user_sees_devices_of_own_customers_and_those_of_nobody() {
    let shop = Shop::laid().await;
    let limited = shop.world.limited_actor();
    let central = &shop.base.central;
    let shown = async |wanted: Wanted, by: SortBy| {
        let sort = Sort {
            by,
            direction: Direction::Ascending,
        };
        let found = inventory(central, &limited, &wanted, sort, FIRST, true)
            .await
            .unwrap();
        let mut shown = numbers(&found.slice.items);
        assert_eq!(usize::try_from(found.slice.total), Ok(shown.len()));
        shown.sort_unstable();
        shown
    };
    let hidden_is_six: Vec<usize> = [
        (1..=5).collect::<Vec<_>>(),
        (7..=11).collect(),
        vec![21, 22, 23],
    ]
    .concat();
    for by in [SortBy::Iccid, SortBy::Customer] {
        assert_eq!(shown(Wanted::default(), by).await, hidden_is_six);
    }
    for wanted in [
        Wanted {
            customer: Some("1002".to_owned()),
            ..Wanted::default()
        },
        Wanted {
            filter: Filter::parse("Fleet Two").unwrap(),
            ..Wanted::default()
        },
        Wanted {
            filter: Filter::parse(shop.world.iccid(6).as_str()).unwrap(),
            ..Wanted::default()
        },
        Wanted {
            identifiers: Some(vec![shop.world.iccid(6).as_str().to_owned()]),
            ..Wanted::default()
        },
    ] {
        assert_eq!(
            shown(wanted.clone(), SortBy::Iccid).await,
            [0_usize; 0],
            "{wanted:?}"
        );
    }
    let assigned = Wanted {
        assigned: Some(true),
        ..Wanted::default()
    };
    assert_eq!(shown(assigned, SortBy::Iccid).await, [2, 4]);
}

#[tokio::test]
async fn nothing_of_another_tenant_is_shown() {
    let shop = Shop::laid().await;
    let other = World::new(&shop.base.sql).await;
    other.add_assignable(2).await;
    let central = &shop.base.central;
    for (wanted, missing) in [
        (
            Wanted {
                service_provider: Some(shop.world.provider),
                ..Wanted::default()
            },
            0,
        ),
        (
            Wanted {
                identifiers: Some(vec![shop.world.iccid(1).as_str().to_owned()]),
                ..Wanted::default()
            },
            1,
        ),
        (
            Wanted {
                filter: Filter::parse(shop.world.iccid(1).as_str()).unwrap(),
                ..Wanted::default()
            },
            0,
        ),
        (
            Wanted {
                customer_rate_plan: Some(shop.world.plan),
                ..Wanted::default()
            },
            0,
        ),
    ] {
        let found = inventory(central, &other.actor(), &wanted, BY_ICCID, FIRST, true)
            .await
            .unwrap();
        assert_eq!(
            (found.slice.total, found.slice.items),
            (0, vec![]),
            "{wanted:?}"
        );
        assert_eq!(found.missing.len(), missing);
        let providers: Vec<i32> = found
            .facets
            .service_providers
            .iter()
            .map(|it| it.id)
            .collect();
        assert_eq!(providers, [other.provider.get()]);
        assert_eq!(found.facets.carrier_rate_plans, ["CARRIER-1GB"]);
        assert_eq!(found.facets.customer_rate_plans[0].id, other.plan);
        assert!(found.facets.statuses.contains(&"Activated".to_owned()));
    }
}

#[tokio::test]
async fn an_export_gives_every_device_in_one_round_trip_or_none_when_there_are_too_many() {
    let shop = Shop::laid().await;
    let central = &shop.base.central;
    let actor = shop.world.actor();
    let export = async |most: i64, stop_after: usize| {
        let mut given = Vec::new();
        let total = all_devices(
            central,
            &actor,
            &Wanted::default(),
            BY_ICCID,
            most,
            |device| {
                given.push(device);
                if given.len() == stop_after {
                    ControlFlow::Break(())
                } else {
                    ControlFlow::Continue(())
                }
            },
        )
        .await
        .unwrap();
        (total, given)
    };
    let before = central.round_trips();
    let (total, all) = export(14, usize::MAX).await;
    assert_eq!(central.round_trips() - before, 1);
    assert_eq!((total, all.len()), (14, 14));
    assert_eq!(
        all,
        shop.found(&Wanted::default(), BY_ICCID, FIRST)
            .await
            .slice
            .items
    );
    assert_eq!(export(13, usize::MAX).await, (14, vec![]));
    let (total, some) = export(14, 2).await;
    assert_eq!((total, some.as_slice()), (14, &all[..2]));
    // A connection that was left in mid-answer is not used again.
    assert_eq!(export(14, usize::MAX).await.1, all);
}

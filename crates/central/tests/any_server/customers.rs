//! Which customers, Sites and plans a caller may pick from.

use crate::support::{Base, World};
use association::{actor::Actor, ids::RevCustomerId};
use central::{
    listing::{Direction, Filter, Page, Slice, Sort},
    rate_plans::rate_plans,
    rev_customers::{self, RevCustomer, rev_customers},
    sites::{self, sites},
};

const FIRST: Page = Page {
    number: 1,
    size: 25,
};

async fn start() -> (Base, World) {
    let base = Base::start().await;
    let world = World::new(&base.sql).await;
    (base, world)
}

fn sorted<K>(by: K, direction: Direction) -> Sort<K> {
    Sort { by, direction }
}

async fn customers(base: &Base, actor: &Actor, filter: &str) -> Slice<RevCustomer> {
    rev_customers(
        &base.central,
        actor,
        FIRST,
        sorted(rev_customers::SortBy::AccountNumber, Direction::Ascending),
        Filter::parse(filter).unwrap().as_ref(),
    )
    .await
    .unwrap()
}

fn numbers(found: &Slice<RevCustomer>) -> Vec<&str> {
    found
        .items
        .iter()
        .map(|customer| customer.account_number.as_str())
        .collect()
}

/// Customers beside the two of every world, all of one name.
async fn lay_customers(world: &World, accounts: &[&str], name: &str) {
    for account in accounts {
        world
            .sql
            .run(
                "INSERT INTO dbo.RevCustomer (id, RevCustomerId, CustomerName, IntegrationAuthenticationId, Status, TenantId, CreatedBy) \
                 VALUES (NEWID(), @P1, @P2, @P3, N'OPEN', @P4, N'test');",
                &[account, &name, &world.account.get(), &world.tenant.get()],
            )
            .await;
    }
}

#[tokio::test]
async fn a_user_gets_the_customers_of_user_role_site_and_who_may_use_all_gets_all() {
    let (base, world) = start().await;
    let other = World::new(&base.sql).await;
    let before = base.central.round_trips();
    let all = customers(&base, &world.actor(), "").await;
    assert_eq!(base.central.round_trips() - before, 1);
    assert_eq!(numbers(&all), ["1001", "1002"]);
    assert_eq!(
        numbers(&customers(&base, &world.limited_actor(), "").await),
        ["1001"]
    );
    let nobody = Actor::from_verified_token(world.tenant, 8, "nobody", false);
    assert_eq!(customers(&base, &nobody, "").await.total, 0);
    // User 7 of the other tenant has a row of its own there, and none here.
    let theirs = customers(&base, &other.limited_actor(), "").await;
    assert_eq!(theirs.items[0].id, other.customer);
    let first = &all.items[0];
    assert_eq!(first.id, world.customer);
    assert_eq!(first.name, "Fake Fleet One");
    assert!(first.active);
    assert_eq!(first.integration_authentication, Some(world.account));
    assert_eq!(first.sites, [(world.site, "Fake Fleet One HQ".to_owned())]);
}

#[tokio::test]
async fn closed_customers_are_told_as_inactive_and_deleted_ones_not_at_all() {
    let (base, world) = start().await;
    lay_customers(&world, &["2001", "2002"], "Other").await;
    base.sql
        .run(
            "UPDATE dbo.RevCustomer SET Status = N'CLOSED' WHERE TenantId = @P1 AND RevCustomerId = N'2001'; \
             UPDATE dbo.RevCustomer SET IsDeleted = 1 WHERE TenantId = @P1 AND RevCustomerId = N'2002'; \
             UPDATE dbo.Sites SET CustomerBillPeriodEndDay = 15, CustomerBillPeriodEndHour = 6 WHERE id = @P2;",
            &[&world.tenant.get(), &world.site.get()],
        )
        .await;
    let found = customers(&base, &world.actor(), "").await;
    assert_eq!(numbers(&found), ["1001", "1002", "2001"]);
    let [first, _, closed] = found.items.as_slice() else {
        panic!("{found:?}");
    };
    assert!(!closed.active && closed.sites.is_empty());
    assert_eq!(
        (first.bill_period_end_day, first.bill_period_end_hour),
        (Some(15), Some(6))
    );
}

#[tokio::test]
async fn account_numbers_are_in_the_order_of_numbers_and_equal_names_page_without_gap() {
    let (base, world) = start().await;
    lay_customers(&world, &["99", "10000", "5", "1003"], "Same Name").await;
    let found = customers(&base, &world.actor(), "").await;
    assert_eq!(
        numbers(&found),
        ["5", "99", "1001", "1002", "1003", "10000"]
    );
    for direction in Direction::ALL {
        let mut seen = Vec::new();
        for number in 1..=6 {
            let found = rev_customers(
                &base.central,
                &world.actor(),
                Page { number, size: 1 },
                sorted(rev_customers::SortBy::Name, direction),
                None,
            )
            .await
            .unwrap();
            assert_eq!(found.total, 6);
            seen.push((found.items[0].name.clone(), found.items[0].id));
        }
        let names: Vec<&str> = seen.iter().map(|(name, _)| name.as_str()).collect();
        let mut expected = [
            "Fake Fleet One",
            "Fake Fleet Two",
            "Same Name",
            "Same Name",
            "Same Name",
            "Same Name",
        ];
        if direction == Direction::Descending {
            expected.reverse();
        }
        assert_eq!(names, expected);
        seen.sort_by_key(|(_, id)| *id);
        seen.dedup();
        assert_eq!(seen.len(), 6, "each customer is on one page");
    }
}

#[tokio::test]
async fn a_filter_of_customers_is_text() {
    let (base, world) = start().await;
    lay_customers(&world, &["3001"], "O'Neil 50%_[x] GmbH").await;
    for (text, expected) in [
        ("fleet", vec!["1001", "1002"]),
        ("100", vec!["1001", "1002"]),
        ("O'NEIL", vec!["3001"]),
        ("%", vec!["3001"]),
        ("_", vec!["3001"]),
        ("[", vec!["3001"]),
        ("50%_[X]", vec!["3001"]),
        ("^", vec![]),
    ] {
        let found = customers(&base, &world.actor(), text).await;
        assert_eq!(numbers(&found), expected, "{text}");
    }
}

#[tokio::test]
async fn sites_are_those_of_a_customer_that_the_caller_may_use() {
    let (base, world) = start().await;
    let other = World::new(&base.sql).await;
    base.sql
        .run(
            "INSERT INTO dbo.Sites (TenantId, Name, RevCustomerId, City, State, Country, CreatedBy) \
             VALUES (@P1, N'Depot 50%', @P2, N'Springfield', N'IL', N'US', N'test'), (@P1, N'Depot 500', @P2, NULL, NULL, NULL, N'test'); \
             INSERT INTO dbo.Sites (TenantId, Name, RevCustomerId, CreatedBy, IsActive) VALUES (@P1, N'Closed', @P2, N'test', 0);",
            &[&world.tenant.get(), &world.customer],
        )
        .await;
    let asked = |actor: Actor, account: &str, filter: &str, by, direction| {
        let (central, account) = (base.central.clone(), RevCustomerId::parse(account).unwrap());
        let filter = Filter::parse(filter).unwrap();
        async move {
            let found = sites(
                &central,
                &actor,
                &account,
                FIRST,
                sorted(by, direction),
                filter.as_ref(),
            );
            found.await.unwrap().map(|found| {
                let names: Vec<String> = found.items.iter().map(|site| site.name.clone()).collect();
                (names, found.total)
            })
        }
    };
    let (by_name, by_id) = (sites::SortBy::Name, sites::SortBy::Id);
    let (up, down) = (Direction::Ascending, Direction::Descending);
    let names = |names: &[&str]| {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let total = i64::try_from(names.len()).unwrap();
        Some((names, total))
    };
    let mine = world.limited_actor();
    assert_eq!(
        asked(mine.clone(), "1001", "", by_name, up).await,
        names(&["Depot 50%", "Depot 500", "Fake Fleet One HQ"])
    );
    assert_eq!(
        asked(mine.clone(), "1001", "", by_id, up).await,
        names(&["Fake Fleet One HQ", "Depot 50%", "Depot 500"])
    );
    assert_eq!(
        asked(mine.clone(), "1001", "", by_id, down).await,
        names(&["Depot 500", "Depot 50%", "Fake Fleet One HQ"])
    );
    assert_eq!(
        asked(mine.clone(), "1001", "50%", by_name, up).await,
        names(&["Depot 50%"])
    );
    assert_eq!(
        asked(mine.clone(), "1001", "nothing", by_name, up).await,
        names(&[])
    );
    assert_eq!(asked(mine, "1002", "", by_name, up).await, None);
    assert_eq!(
        asked(world.actor(), "1002", "", by_name, up).await,
        names(&["Fake Fleet Two HQ"])
    );
    assert_eq!(asked(world.actor(), "9999", "", by_name, up).await, None);
    assert_eq!(
        asked(other.actor(), "1001", "", by_name, up).await,
        names(&["Fake Fleet One HQ"])
    );
}

#[tokio::test]
async fn rate_plans_are_those_that_a_submit_would_accept_and_name_no_provider_of_another_tenant() {
    let (base, world) = start().await;
    let other = World::new(&base.sql).await;
    base.sql
        .run(
            "UPDATE dbo.JasperCustomerRatePlan SET ServiceProviderId = NULL, ServiceProviderIds = CONCAT(@P2, N', ', @P3) WHERE id = @P1; \
             INSERT INTO dbo.JasperCarrierRatePlan (RatePlanCode, ServiceProviderId, IsRetired, CreatedBy) VALUES (N'RETIRED', @P2, 1, N'test'); \
             INSERT INTO dbo.JasperCustomerRatePlan (RatePlanCode, RatePlanName, TenantId, ServiceProviderId, IsActive, CreatedBy) \
             VALUES (N'GONE', N'Gone', @P4, @P2, 0, N'test'), (N'THEIRS', N'Theirs', @P4, @P3, 1, N'test');",
            &[&world.plan, &world.provider.get(), &other.provider.get(), &world.tenant.get()],
        )
        .await;
    let account = RevCustomerId::parse("1001").unwrap();
    let before = base.central.round_trips();
    let found = rate_plans(&base.central, &world.limited_actor(), &account, None, None)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(base.central.round_trips() - before, 1);
    let [plan] = found.customer_plans.as_slice() else {
        panic!("{found:?}");
    };
    assert_eq!(
        (plan.id, plan.code.as_str(), plan.name.as_str()),
        (world.plan, "DATA-100", "Data 100 MB")
    );
    assert_eq!(
        plan.plan_mb.map(|mb| mb.normalize().to_string()).as_deref(),
        Some("100")
    );
    assert_eq!(plan.service_providers, [world.provider.get()]);
    let [carrier] = found.carrier_plans.as_slice() else {
        panic!("{found:?}");
    };
    assert_eq!(carrier.code, "CARRIER-1GB");
    let [pool] = found.pools.as_slice() else {
        panic!("{found:?}");
    };
    assert_eq!(
        (pool.id, pool.service_providers.as_slice()),
        (world.pool, [world.provider.get()].as_slice())
    );

    let of = |actor: Actor, account: &str, integration, provider| {
        let (central, account) = (base.central.clone(), RevCustomerId::parse(account).unwrap());
        async move {
            let found = rate_plans(&central, &actor, &account, integration, provider);
            found.await.unwrap().map(|found| found.customer_plans.len())
        }
    };
    let mine = world.limited_actor();
    assert_eq!(
        of(
            mine.clone(),
            "1001",
            Some(world.account),
            Some(world.provider)
        )
        .await,
        Some(1)
    );
    assert_eq!(
        of(mine.clone(), "1001", Some(other.account), None).await,
        None
    );
    assert_eq!(
        of(mine.clone(), "1001", None, Some(other.provider)).await,
        Some(0)
    );
    assert_eq!(of(mine, "1002", None, None).await, None);
    assert_eq!(of(world.actor(), "1002", None, None).await, Some(1));
    assert_eq!(of(other.actor(), "9999", None, None).await, None);
}

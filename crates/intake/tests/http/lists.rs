//! The lists that people pick from: bulk changes, customers, Sites, rate plans.

use axum::http::StatusCode;
use local::sign_in::{Claims, Permission};
use serde_json::json;

use crate::app::{App, database::World, steady};

#[tokio::test]
async fn a_list_of_bulk_changes_reads_as_agreed() {
    let app = App::start().await;
    let mut devices = app.world.add_assignable(2).await;
    devices.push(app.world.iccid(99));
    let id = app
        .post_association(&app.request(&devices))
        .await
        .change_id();
    let token = app.token();
    let answer = app.get("/M2M/BulkChanges", Some(&token)).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    assert_eq!(answer.header("cache-control"), "no-store");
    assert!(answer.header("vary").contains("accept"));
    let list = steady(
        answer.json(),
        &["createdBy", "createdDate", "serviceProvider"],
    );
    assert_eq!(
        list,
        json!({
            "items": [{
                "id": id,
                "changeType": "customer-assignment",
                "status": "NEW",
                "createdBy": "[createdBy]",
                "createdDate": "[createdDate]",
                "serviceProviderId": app.world.provider.get(),
                "serviceProvider": "[serviceProvider]",
                "customer": {"revCustomerId": "1001", "name": "Fake Fleet One"},
                "counts": {"total": 3, "waiting": 2, "inWork": 0, "processed": 0, "failed": 1, "inReview": 0},
                "percent": 33,
                "linkedFrom": null,
                "finishedDate": null,
                "statusUrl": format!("/M2M/BulkChangeStatus/{id}"),
            }],
            "page": 1,
            "pageSize": 25,
            "total": 1,
        })
    );
    let created = answer.json()["items"][0]["createdDate"].clone();
    assert!(created.as_str().unwrap().ends_with('Z'), "{created}");
    for (query, total) in [
        ("?mine=true", 1),
        ("?mine=false&status=NEW", 1),
        ("?status=ERROR", 0),
        ("?filter=fleet%20one", 1),
        ("?filter=%25", 0),
        ("?sort=status&sortDir=desc&page=2", 1),
    ] {
        let path = format!("/M2M/BulkChanges{query}");
        let answer = app.get(&path, Some(&token)).await;
        assert_eq!(answer.json()["total"], total, "{query}: {}", answer.text);
    }
}

#[tokio::test]
async fn customers_sites_and_plans_read_as_agreed() {
    let app = App::start().await;
    let (world, token) = (&app.world, app.token());
    let answer = app.get("/M2M/GetRevCustomers", Some(&token)).await;
    assert_eq!(
        answer.json(),
        json!({
            "items": [{
                "id": world.customer.to_string(),
                "revCustomerId": "1001",
                "integrationAuthenticationId": world.account.get(),
                "name": "Fake Fleet One",
                "active": true,
                "billPeriodEndDay": null,
                "billPeriodEndHour": null,
                "sites": [{"id": world.site.get(), "name": "Fake Fleet One HQ"}],
            }],
            "page": 1, "pageSize": 25, "total": 1,
        })
    );
    let answer = app.get("/api/customers/1001/sites", Some(&token)).await;
    assert_eq!(
        answer.json(),
        json!({
            "items": [{"id": world.site.get(), "name": "Fake Fleet One HQ", "city": null, "state": null, "country": null}],
            "page": 1, "pageSize": 25, "total": 1,
        })
    );
    let provider = world.provider.get();
    let answer = app.get("/api/rate-plans/customer/1001", Some(&token)).await;
    assert_eq!(
        answer.json(),
        json!({
            "customerRatePlans": [{
                "id": world.plan, "code": "DATA-100", "name": "Data 100 MB", "planMb": "100", "serviceProviderIds": [provider],
            }],
            "carrierRatePlans": [{"code": "CARRIER-1GB", "name": "Carrier 1 GB", "serviceProviderId": provider}],
            "customerRatePools": [{"id": world.pool, "name": "Pool", "serviceProviderIds": [provider]}],
        })
    );
}

#[tokio::test]
async fn a_user_without_a_customer_gets_empty_lists_and_no_customer() {
    let app = App::start().await;
    let request = app.request(&app.world.add_assignable(1).await);
    app.post_association(&request).await.change_id();
    let nobody = Claims::of(i64::from(app.world.tenant.get()), 4242);
    let token = app.sign_in.token(&nobody);
    for path in ["/M2M/BulkChanges", "/M2M/GetRevCustomers"] {
        let answer = app.get(path, Some(&token)).await;
        assert_eq!(answer.json()["total"], 0, "{path}: {}", answer.text);
        assert_eq!(answer.json()["items"], json!([]), "{path}");
    }
    for path in ["/api/customers/1001/sites", "/api/rate-plans/customer/1001"] {
        let answer = app.get(path, Some(&token)).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn faults_of_a_query_are_named_and_a_malformed_customer_is_not_found() {
    let app = App::start().await;
    let token = app.token();
    for (path, faults) in [
        (
            "/M2M/BulkChanges?sort=iccid",
            vec![("?sort", "not-in-list")],
        ),
        (
            "/M2M/BulkChanges?status=new&mine=yes&pageSize=501",
            vec![
                ("?pageSize", "out-of-range"),
                ("?status", "not-in-list"),
                ("?mine", "not-a-flag"),
            ],
        ),
        ("/M2M/BulkChanges?id=17", vec![("?id", "unknown-parameter")]),
        (
            "/M2M/GetRevCustomers?sort=active",
            vec![("?sort", "not-in-list")],
        ),
        (
            "/api/customers/1001/sites?page=0",
            vec![("?page", "out-of-range")],
        ),
        (
            "/api/rate-plans/customer/1001?serviceProviderId=x&page=1",
            vec![
                ("?page", "unknown-parameter"),
                ("?serviceProviderId", "invalid-id"),
            ],
        ),
    ] {
        let answer = app.get(path, Some(&token)).await;
        assert_eq!(
            answer.status,
            StatusCode::UNPROCESSABLE_ENTITY,
            "{path}: {}",
            answer.text
        );
        assert_eq!(answer.problem(), "/problems/invalid-request");
        let found = answer.errors();
        let found: Vec<_> = found
            .iter()
            .map(|(p, c)| (p.as_str(), c.as_str()))
            .collect();
        assert_eq!(found, faults, "{path}");
    }
    let none = app.get("/api/customers/9999/sites", Some(&token)).await;
    assert_eq!(none.problem(), "/problems/not-found");
    for bad in [
        "0",
        "-1",
        "+1001",
        "01001",
        "1001%20",
        "%201001",
        "x",
        "1001'--",
        "2147483648",
        "%F0%9F%9A%9A",
    ] {
        for path in ["/api/customers/{}/sites", "/api/rate-plans/customer/{}"] {
            let answer = app.get(&path.replace("{}", bad), Some(&token)).await;
            assert_eq!(answer.comparable(), none.comparable(), "{path} {bad}");
        }
    }
}

#[tokio::test]
async fn two_customers_with_one_number_are_told_apart_by_their_account() {
    let app = App::start().await;
    let world = &app.world;
    let rows = world
        .sql
        .rows(
            "INSERT INTO dbo.Integration_Authentication (IntegrationId, TenantId, CreatedBy) VALUES (3, @P1, N'test'); \
             DECLARE @account int; SET @account = CAST(SCOPE_IDENTITY() AS int); \
             INSERT INTO dbo.RevCustomer (id, RevCustomerId, CustomerName, IntegrationAuthenticationId, TenantId, CreatedBy) \
             VALUES (NEWID(), N'1001', N'Fake Twin', @account, @P1, N'test'); SELECT @account AS Account;",
            &[&world.tenant.get()],
        )
        .await;
    let second: i32 = rows[0].get("Account").unwrap();
    let all = app.token_for_all_customers();
    let answer = app
        .get("/M2M/GetRevCustomers?filter=1001&sort=name", Some(&all))
        .await
        .json();
    let accounts: Vec<_> = answer["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| {
            (
                item["name"].clone(),
                item["integrationAuthenticationId"].clone(),
            )
        })
        .collect();
    assert_eq!(
        accounts,
        [
            (json!("Fake Fleet One"), json!(world.account.get())),
            (json!("Fake Twin"), json!(second)),
        ]
    );
    // The user may use the first of them only.
    let limited = app.token();
    for (token, account, status) in [
        (&all, second, StatusCode::OK),
        (&limited, second, StatusCode::NOT_FOUND),
        (&limited, world.account.get(), StatusCode::OK),
    ] {
        let path = format!("/api/rate-plans/customer/1001?integrationAuthenticationId={account}");
        assert_eq!(
            app.get(&path, Some(token)).await.status,
            status,
            "{account}"
        );
    }
    let other = World::new(&app.base.sql).await;
    let foreign = format!(
        "/api/rate-plans/customer/1001?integrationAuthenticationId={}",
        other.account
    );
    assert_eq!(
        app.get(&foreign, Some(&all)).await.status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn reading_needs_its_permission() {
    let app = App::start().await;
    let creator = app
        .sign_in
        .token(&app.claims().with_permissions(&[Permission::Create]));
    for path in [
        "/M2M/BulkChanges",
        "/M2M/GetRevCustomers",
        "/M2M/DeviceDetails/1",
        "/api/customers/1001/sites",
        "/api/rate-plans/customer/1001",
        "/api/devices/1/history",
        "/api/devices/validate/8900000000000000001",
    ] {
        let refused = app.get(path, Some(&creator)).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{path}");
        let unknown = app.get(path, None).await;
        assert_eq!(unknown.status, StatusCode::UNAUTHORIZED, "{path}");
    }
}

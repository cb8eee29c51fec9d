//! Each route asks the database once, or twice, and not more often when there is more to tell.

use std::collections::BTreeSet;

use axum::http::Method;
use intake::routes;
use serde_json::json;

use crate::app::{Answer, App};

/// What a route is asked with, and how often it may ask the database; none: it has no entry.
fn budget(method: &Method, path: &str, ids: &Ids) -> Option<(String, u64)> {
    let (query, most) = match (method.as_str(), path) {
        ("GET", "/" | "/M2M/AssociateCustomer" | "/M2M/SignIn" | "/healthz" | "/openapi.json") => {
            ("", 0)
        }
        ("GET", "/assets/{hash}/{*path}") => return Some(("/assets/none/none.js".to_owned(), 0)),
        // Check, write, mark: crates/intake/tests/http/accepting.rs.
        ("POST", "/M2M/AssociateCustomer") => ("", 3),
        ("GET", "/M2M/Index") => ("?pageSize=500&facets=true", 1),
        ("GET", "/M2M/DeviceInventoryExport") => ("?format=csv", 1),
        (
            "GET",
            "/M2M/BulkChanges"
            | "/M2M/GetRevCustomers"
            | "/M2M/BulkChangeStatus/{id}"
            | "/api/customers/{customerId}/sites"
            | "/api/devices/{deviceId}/history",
        ) => ("?pageSize=500", 1),
        (
            "GET",
            "/healthz/ready"
            | "/M2M/DeviceDetails/{deviceId}"
            | "/api/rate-plans/customer/{customerId}"
            | "/api/bulk-changes/{id}/devices/{iccid}/log",
        ) => ("", 1),
        ("GET", "/api/devices/validate/{iccid}") => ("?revCustomerId=1001", 2),
        _ => return None,
    };
    let path = path
        .replace("{id}", &ids.bulk_change.to_string())
        .replace("{deviceId}", &ids.device.to_string())
        .replace("{customerId}", "1001")
        .replace("{iccid}", &ids.iccid);
    Some((format!("{path}{query}"), most))
}

#[derive(Default)]
struct Ids {
    bulk_change: i64,
    device: i32,
    iccid: String,
}

/// More of everything that lists tell of.
async fn lay(app: &App, devices: std::ops::RangeInclusive<usize>, bulk_change: Option<i64>) {
    let world = &app.world;
    let laid: Vec<_> = devices.clone().map(|n| world.device(n)).collect();
    world.add(&laid).await;
    for n in devices {
        world
            .sql
            .run(
                "INSERT INTO dbo.Sites (TenantId, Name, RevCustomerId, CreatedBy) VALUES (@P1, N'More', @P2, N'test'); \
                 INSERT INTO dbo.RevCustomer (id, RevCustomerId, CustomerName, IntegrationAuthenticationId, TenantId, CreatedBy) \
                 VALUES (NEWID(), CAST(2000 + @P3 AS nvarchar(20)), N'More', @P4, @P1, N'test'); \
                 INSERT INTO dbo.JasperCustomerRatePlan (RatePlanCode, RatePlanName, ServiceProviderId, TenantId, CreatedBy) \
                 VALUES (N'MORE', N'More', @P5, @P1, N'test'); \
                 INSERT INTO dbo.DeviceActionHistory (M2MDeviceId, ChangedField, DateOfChange, TenantId) \
                 SELECT d.id, N'Customer Rate Plan', SYSUTCDATETIME(), @P1 FROM dbo.Device AS d WHERE d.ServiceProviderId = @P5; \
                 INSERT INTO dbo.DeviceBulkChangeLog (BulkChangeId, M2MDeviceChangeId, LogEntryDescription, CreatedBy) \
                 SELECT m.BulkChangeId, m.id, N'More', N'test' FROM dbo.M2M_DeviceChange AS m WHERE m.BulkChangeId = @P6; \
                 INSERT INTO dbo.DeviceBulkChange (ChangeRequestTypeId, ServiceProviderId, TenantId, Status, CreatedBy) \
                 VALUES (4, @P5, @P1, N'NEW', N'test'); \
                 INSERT INTO dbo.M2M_DeviceChange (BulkChangeId, ICCID, Status, IsProcessed, CreatedBy) \
                 SELECT CAST(SCOPE_IDENTITY() AS bigint), d.ICCID, N'PROCESSED', 1, N'test' FROM dbo.Device AS d WHERE d.ServiceProviderId = @P5;",
                &[
                    &world.tenant.get(),
                    &world.customer,
                    &i32::try_from(n).unwrap(),
                    &world.account.get(),
                    &world.provider.get(),
                    &bulk_change,
                ],
            )
            .await;
    }
}

/// Every route once: what it answered, and how often it asked.
async fn ask(app: &App, ids: &Ids) -> Vec<(String, Answer, u64)> {
    let token = app.token_for_all_customers();
    let mut asked = Vec::new();
    for (method, path) in routes::names() {
        let (uri, most) = budget(&method, path, ids).unwrap_or_else(|| panic!("{method} {path}"));
        if method != Method::GET {
            continue;
        }
        let (answer, trips) = app.round_trips(app.get(&uri, Some(&token))).await;
        assert!(trips <= most, "{uri} asked {trips} times, and may {most}");
        asked.push((uri, answer, trips));
    }
    asked
}

#[tokio::test]
async fn every_route_has_a_budget_of_round_trips() {
    let without: BTreeSet<String> = routes::names()
        .into_iter()
        .filter(|(method, path)| budget(method, path, &Ids::default()).is_none())
        .map(|(method, path)| format!("{method} {path}"))
        .collect();
    assert!(without.is_empty(), "nobody counts for {without:?}");
}

#[tokio::test]
async fn no_route_asks_more_often_when_there_are_more_rows() {
    let app = App::start().await;
    app.world.add_assignable(1).await;
    let request = app.request(&[app.world.iccid(1)]);
    let ids = Ids {
        bulk_change: app.post_association(&request).await.change_id(),
        device: app.world.device_id(1).await.get(),
        iccid: app.world.iccid(1).as_str().to_owned(),
    };
    let few = ask(&app, &ids).await;
    lay(&app, 2..=31, Some(ids.bulk_change)).await;
    let many = ask(&app, &ids).await;
    let mut grown = 0;
    for ((uri, before, few), (_, after, many)) in few.iter().zip(&many) {
        assert_eq!(few, many, "{uri}");
        assert_eq!(before.status, after.status, "{uri}");
        grown += usize::from(after.text.len() > before.text.len() + 1000);
    }
    // That there was more to tell.
    assert!(grown >= 7, "{grown} answers of {} grew", many.len());
    for path in ["/M2M/BulkChanges", "/M2M/GetRevCustomers"] {
        let token = app.token_for_all_customers();
        let answer = app.get(path, Some(&token)).await.json();
        assert!(answer["total"].as_i64() > Some(30), "{answer}");
        assert_eq!(answer["items"].as_array().unwrap().len(), 25);
        assert_eq!(
            (&answer["page"], &answer["pageSize"]),
            (&json!(1), &json!(25))
        );
    }
}

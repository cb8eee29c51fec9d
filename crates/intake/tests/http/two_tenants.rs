//! Nothing of one tenant shows to another, and nothing of a customer to a user who may not use it: no row, whatever the filter and
//! the order, and no id, which answers exactly like one that does not exist.
//!
//! Every route of the router has an entry in [`tried`]; one without fails the first test.

use std::{collections::BTreeSet, fmt::Write as _};

use axum::http::Method;
use central::{bulk_changes, listing::Direction, rev_customers, sites};
use intake::routes;
use local::sign_in::Claims;
use serde_json::{Value, json};

use crate::app::{
    Answer, App, USER,
    database::{Sql, World},
};

/// What a route is asked, to find out whether it tells of somebody else.
enum Tried {
    /// It tells of no tenant.
    Nothing,
    /// It is asked these.
    Asked(Asked),
    /// The POST, which has a test of its own.
    Post,
}

#[derive(Default)]
struct Asked {
    /// Shows the owner what is theirs, and must not show it to others.
    shown_to_its_owner: Vec<String>,
    /// Must not show it to others either.
    quiet: Vec<String>,
    /// The first names something of theirs, the second something that does not exist.
    alike: Vec<(String, String)>,
}

/// Something that somebody must not see.
struct Theirs {
    /// Stands in every text of theirs.
    marker: String,
    account: String,
    bulk_change: i64,
    device: i32,
    iccid: String,
    msisdn: String,
    /// None where the viewer has the same one.
    tenant_wide: Option<TenantWide>,
    /// A device that the viewer may see.
    own_iccid: String,
    /// A bulk change that the viewer may see; none where there is none.
    own_bulk_change: Option<i64>,
}

struct TenantWide {
    provider: i32,
    integration: i32,
    plan: i32,
}

// Well-formed, and nobody's.
const NO_BULK_CHANGE: &str = "9223372036854775807";
const NO_NUMBER: &str = "2147483647";
const NO_ACCOUNT: &str = "2147483646";
const NO_ICCID: &str = "89999999999999999999";
const NO_MSISDN: &str = "15559999999999999999";
const NO_TEXT: &str = "nothing-has-this-text";

/// What each route is asked; none: it has no entry.
#[expect(
    clippy::too_many_lines,
    reason = "a table: one entry for each route, read from top to bottom"
)]
fn tried(method: &Method, path: &str, theirs: &Theirs) -> Option<Tried> {
    let Theirs {
        account,
        bulk_change,
        device,
        iccid,
        msisdn: _,
        marker,
        tenant_wide,
        own_iccid,
        own_bulk_change,
    } = theirs;
    let asked = match (method.as_str(), path) {
        ("POST", "/M2M/AssociateCustomer") => return Some(Tried::Post),
        (
            "GET",
            "/"
            | "/M2M/AssociateCustomer"
            | "/M2M/SignIn"
            | "/assets/{hash}/{*path}"
            | "/healthz"
            | "/healthz/ready"
            | "/openapi.json",
        ) => return Some(Tried::Nothing),
        ("GET", "/M2M/Index") => {
            let mut asked = Asked::list(
                path,
                &[
                    "iccid",
                    "msisdn",
                    "status",
                    "provider",
                    "customer",
                    "carrierPlan",
                    "customerPlan",
                    "usage",
                    "activated",
                    "added",
                ],
            );
            asked.quiet(path, &["assigned=true", "archived=true", "facets=true"]);
            asked.devices(path, theirs);
            asked
        }
        ("GET", "/M2M/DeviceInventoryExport") => {
            let mut asked = Asked::default();
            asked.shown(
                path,
                &["format=csv", "format=csv&sort=customer&sortDir=desc"],
            );
            asked.quiet(
                path,
                &["format=csv&assigned=true", "format=csv&archived=true"],
            );
            asked.devices(&format!("{path}?format=csv"), theirs);
            asked
        }
        ("GET", "/M2M/BulkChanges") => {
            let sorts = bulk_changes::SortBy::ALL.map(bulk_changes::SortBy::name);
            let mut asked = Asked::list(path, &sorts);
            asked.shown(path, &["status=NEW&pageSize=500"]);
            asked.quiet(path, &["mine=true"]);
            asked.quiet(path, &[&format!("filter={bulk_change}")]);
            asked.values(path, "filter", account, NO_ACCOUNT);
            asked.values(path, "filter", marker, NO_TEXT);
            asked
        }
        ("GET", "/M2M/BulkChangeStatus/{id}") => {
            let mut asked = Asked::ids(path, &[("{id}", &bulk_change.to_string(), NO_BULK_CHANGE)]);
            asked.variants(&["outcome=waiting", "page=2&pageSize=1"]);
            asked
        }
        ("GET", "/api/bulk-changes/{id}/devices/{iccid}/log") => {
            let mut asked = Asked::ids(
                path,
                &[
                    ("{id}", &bulk_change.to_string(), NO_BULK_CHANGE),
                    ("{iccid}", iccid, NO_ICCID),
                ],
            );
            if let Some(own) = own_bulk_change {
                let own = path.replace("{id}", &own.to_string());
                asked.alike.push((
                    own.replace("{iccid}", iccid),
                    own.replace("{iccid}", NO_ICCID),
                ));
            }
            asked
        }
        ("GET", "/M2M/DeviceDetails/{deviceId}") => {
            Asked::ids(path, &[("{deviceId}", &device.to_string(), NO_NUMBER)])
        }
        ("GET", "/api/devices/{deviceId}/history") => {
            let mut asked = Asked::ids(path, &[("{deviceId}", &device.to_string(), NO_NUMBER)]);
            asked.variants(&["page=1&pageSize=1"]);
            asked
        }
        ("GET", "/api/devices/validate/{iccid}") => {
            let mut asked = Asked::ids(path, &[("{iccid}", iccid, NO_ICCID)]);
            let own = path.replace("{iccid}", own_iccid);
            asked.values(&own, "revCustomerId", account, NO_ACCOUNT);
            if let Some(wide) = tenant_wide {
                let provider = wide.provider.to_string();
                asked.values(&own, "serviceProviderId", &provider, NO_NUMBER);
                let integration = wide.integration.to_string();
                let own = format!("{own}?revCustomerId=1001&");
                asked.alike.push((
                    format!("{own}integrationAuthenticationId={integration}"),
                    format!("{own}integrationAuthenticationId={NO_NUMBER}"),
                ));
            }
            asked
        }
        ("GET", "/M2M/GetRevCustomers") => {
            let sorts = rev_customers::SortBy::ALL.map(rev_customers::SortBy::name);
            let mut asked = Asked::list(path, &sorts);
            asked.values(path, "filter", account, NO_ACCOUNT);
            asked.values(path, "filter", marker, NO_TEXT);
            asked
        }
        ("GET", "/api/customers/{customerId}/sites") => {
            let mut asked = Asked::ids(path, &[("{customerId}", account, NO_ACCOUNT)]);
            for sort in sites::SortBy::ALL.map(sites::SortBy::name) {
                asked.variants(&[&format!("sort={sort}")]);
            }
            asked
        }
        ("GET", "/api/rate-plans/customer/{customerId}") => {
            let mut asked = Asked::ids(path, &[("{customerId}", account, NO_ACCOUNT)]);
            if let Some(wide) = tenant_wide {
                let own = path.replace("{customerId}", "1001");
                asked.quiet.push(own.clone());
                asked.values(
                    &own,
                    "serviceProviderId",
                    &wide.provider.to_string(),
                    NO_NUMBER,
                );
                let integration = wide.integration.to_string();
                asked.values(&own, "integrationAuthenticationId", &integration, NO_NUMBER);
            } else {
                // Plans belong to the tenant: they show no customer to anybody.
                asked.shown_to_its_owner.clear();
            }
            asked
        }
        _ => return None,
    };
    Some(Tried::Asked(asked))
}

impl Asked {
    /// A list in each of its orders, from both ends.
    fn list(path: &str, sorts: &[&str]) -> Self {
        let mut asked = Self::default();
        for sort in sorts {
            for direction in Direction::ALL.map(Direction::name) {
                let query = format!("sort={sort}&sortDir={direction}&pageSize=500");
                asked.shown(path, &[&query]);
            }
        }
        asked.quiet.push(path.to_owned());
        asked
    }

    /// A path with ids: each of theirs, beside one that does not exist.
    fn ids(path: &str, ids: &[(&str, &str, &str)]) -> Self {
        let (mut theirs, mut nobodys) = (path.to_owned(), path.to_owned());
        for (place, id, none) in ids {
            theirs = theirs.replace(place, id);
            nobodys = nobodys.replace(place, none);
        }
        Self {
            shown_to_its_owner: vec![theirs.clone()],
            quiet: Vec::new(),
            alike: vec![(theirs, nobodys)],
        }
    }

    /// The same paths with a query.
    fn variants(&mut self, queries: &[&str]) {
        if let Some((theirs, nobodys)) = self.alike.first().cloned() {
            for query in queries {
                self.alike
                    .push((format!("{theirs}?{query}"), format!("{nobodys}?{query}")));
            }
        }
    }

    fn shown(&mut self, path: &str, queries: &[&str]) {
        for query in queries {
            self.shown_to_its_owner.push(format!("{path}?{query}"));
        }
    }

    fn quiet(&mut self, path: &str, queries: &[&str]) {
        for query in queries {
            self.quiet.push(format!("{path}?{query}"));
        }
    }

    /// A parameter that takes something of theirs.
    fn values(&mut self, path: &str, name: &str, theirs: &str, nobodys: &str) {
        let sign = if path.contains('?') { '&' } else { '?' };
        self.alike.push((
            format!("{path}{sign}{name}={theirs}"),
            format!("{path}{sign}{name}={nobodys}"),
        ));
    }

    /// The parameters of the inventory.
    fn devices(&mut self, path: &str, theirs: &Theirs) {
        for text in [&theirs.iccid, &theirs.msisdn, &theirs.marker] {
            self.values(path, "filter", text, NO_TEXT);
        }
        self.values(path, "identifiers", &theirs.iccid, NO_ICCID);
        self.values(path, "identifiers", &theirs.msisdn, NO_MSISDN);
        self.values(path, "revCustomerId", &theirs.account, NO_ACCOUNT);
        if let Some(wide) = &theirs.tenant_wide {
            let provider = wide.provider.to_string();
            self.values(path, "serviceProviderId", &provider, NO_NUMBER);
            let plan = wide.plan.to_string();
            self.values(path, "customerRatePlanId", &plan, NO_NUMBER);
            self.values(path, "carrierRatePlan", &theirs.marker, NO_TEXT);
        }
    }
}

/// Gives a world a customer with devices, a bulk change and a history, each with the marker in it.
async fn lay(app: &App, world: &World, account: &str, marker: &str) -> Theirs {
    world.add(&[world.device(901), world.device(902)]).await;
    let device = world.device_id(901).await.get();
    world
        .sql
        .run(
            "UPDATE dbo.RevCustomer SET RevCustomerId = @P2, CustomerName = CONCAT(N'Customer ', @P3) WHERE id = @P1; \
             UPDATE dbo.Sites SET Name = CONCAT(N'Site ', @P3), City = @P3 WHERE RevCustomerId = @P1;",
            &[&world.other_customer, &account, &marker],
        )
        .await;
    let mut request = app.request(&[world.iccid(901), world.iccid(902)]);
    request["serviceProviderId"] = json!(world.provider.get());
    request["revCustomerId"] = json!(account);
    let claims = Claims::of(i64::from(world.tenant.get()), USER).for_all_customers();
    let owner = app.sign_in.token(&claims);
    let bulk_change = app.posting(&request).token(&owner).send().await.change_id();
    world
        .sql
        .run(
            "INSERT INTO dbo.Device_Tenant (DeviceId, TenantId, AccountNumber, SiteId, AccountNumberIntegrationAuthenticationId, CreatedBy) \
             VALUES (@P1, @P2, @P3, @P4, @P5, @P6); \
             INSERT INTO dbo.DeviceActionHistory (ServiceProviderId, M2MDeviceId, CurrentValue, ChangedField, ChangeEventType, DateOfChange, \
                 ChangedBy, CustomerAccountName, CustomerAccountNumber, TenantId) \
             VALUES (@P7, @P1, @P6, N'Customer', N'Associate Customer', SYSUTCDATETIME(), @P6, @P6, @P3, @P2); \
             UPDATE dbo.DeviceBulkChange SET CreatedBy = @P6 WHERE id = @P8; \
             INSERT INTO dbo.DeviceBulkChangeLog (BulkChangeId, M2MDeviceChangeId, LogEntryDescription, RequestText, CreatedBy) \
             SELECT @P8, m.id, N'AMOP Customer Assignment', @P6, N'test' FROM dbo.M2M_DeviceChange AS m WHERE m.BulkChangeId = @P8;",
            &[
                &device,
                &world.tenant.get(),
                &account,
                &world.other_site.get(),
                &world.account.get(),
                &marker,
                &world.provider.get(),
                &bulk_change,
            ],
        )
        .await;
    let laid = world.device(901);
    Theirs {
        marker: marker.to_owned(),
        account: account.to_owned(),
        bulk_change,
        device,
        iccid: laid.iccid,
        msisdn: laid.msisdn.unwrap(),
        tenant_wide: None,
        own_iccid: app.world.iccid(1).as_str().to_owned(),
        own_bulk_change: None,
    }
}

/// The marker in what belongs to all customers of a tenant.
async fn mark_tenant(sql: &Sql, world: &World, marker: &str) -> TenantWide {
    sql.run(
        "UPDATE dbo.ServiceProvider SET DisplayName = @P2, Name = @P2 WHERE TenantId = @P1; \
         UPDATE dbo.JasperCustomerRatePlan SET RatePlanCode = @P2, RatePlanName = @P2 WHERE TenantId = @P1; \
         UPDATE dbo.CustomerRatePool SET Name = @P2 WHERE TenantId = @P1; \
         UPDATE dbo.JasperCarrierRatePlan SET RatePlanCode = @P2, FriendlyName = @P2 WHERE ServiceProviderId = @P3; \
         UPDATE dbo.RevCustomer SET CustomerName = @P2 WHERE TenantId = @P1; \
         UPDATE dbo.Sites SET Name = @P2 WHERE TenantId = @P1;",
        &[&world.tenant.get(), &marker, &world.provider.get()],
    )
    .await;
    TenantWide {
        provider: world.provider.get(),
        integration: world.account.get(),
        plan: world.plan,
    }
}

/// All that a caller can tell two answers apart by, without the request's own id and without what the caller has asked with.
fn told(answer: &Answer, asked: &str) -> String {
    let id = answer.header("x-request-id").to_owned();
    let mut told = format!("{}\n", answer.status);
    let mut headers: Vec<_> = answer.headers.iter().collect();
    headers.sort_by_key(|(name, _)| name.as_str());
    for (name, value) in headers {
        // The length of what was asked with may differ; the body is compared below. The name of a file has the time in it.
        if name != "content-length" {
            let value = value.to_str().unwrap();
            let value = match name.as_str() {
                "content-disposition" => value.replace(|c: char| c.is_ascii_digit(), "0"),
                _ => value.to_owned(),
            };
            writeln!(told, "{name}: {value}").unwrap();
        }
    }
    told.push_str(&answer.text);
    let told = told.replace(&id, "(request id)");
    let values = asked
        .split(['/', '?', '&', '='])
        .filter(|part| part.len() >= 4);
    values.fold(told, |told, value| {
        if value.bytes().any(|byte| byte.is_ascii_digit()) || value.contains(NO_TEXT) {
            told.replace(value, "(asked)")
        } else {
            told
        }
    })
}

/// Asks every route, and says how many answers were looked at.
async fn look(app: &App, viewer: &str, owner: &str, theirs: &Theirs) -> usize {
    let secrets = [&theirs.marker, &theirs.iccid, &theirs.msisdn];
    let mut looked = 0;
    for (method, path) in routes::names() {
        let Some(Tried::Asked(asked)) = tried(&method, path, theirs) else {
            continue;
        };
        for path in &asked.shown_to_its_owner {
            let answer = app.get(path, Some(owner)).await;
            assert_eq!(answer.status, 200, "{path}: {}", answer.text);
            assert!(
                secrets.iter().any(|secret| answer.text.contains(*secret)),
                "{path} does not show its owner anything that could be missed: {}",
                answer.text
            );
        }
        for path in asked.shown_to_its_owner.iter().chain(&asked.quiet) {
            let answer = app.get(path, Some(viewer)).await;
            let text = told(&answer, path);
            for secret in secrets {
                assert!(!text.contains(secret), "{path} shows {secret}: {text}");
            }
            looked += 1;
        }
        for (named, nobodys) in &asked.alike {
            let answer = app.get(named, Some(viewer)).await;
            let none = app.get(nobodys, Some(viewer)).await;
            assert_eq!(told(&answer, named), told(&none, nobodys), "{named}");
            looked += 1;
        }
    }
    looked
}

#[tokio::test]
async fn every_route_has_an_entry_here() {
    let nobody = Theirs {
        marker: String::new(),
        account: String::new(),
        bulk_change: 0,
        device: 0,
        iccid: String::new(),
        msisdn: String::new(),
        tenant_wide: None,
        own_iccid: String::new(),
        own_bulk_change: None,
    };
    let without: BTreeSet<String> = routes::names()
        .into_iter()
        .filter(|(method, path)| tried(method, path, &nobody).is_none())
        .map(|(method, path)| format!("{method} {path}"))
        .collect();
    assert!(
        without.is_empty(),
        "nobody tries these with what another tenant owns: {without:?}"
    );
}

#[tokio::test]
async fn no_route_shows_a_row_or_an_id_of_another_tenant() {
    let app = App::start().await;
    let other = World::new(&app.base.sql).await;
    let marker = format!("Zebra{}x", other.tenant);
    let account = format!("70{}", 1000 + other.tenant.get());
    let mut theirs = lay(&app, &other, &account, &marker).await;
    theirs.tenant_wide = Some(mark_tenant(&app.base.sql, &other, &marker).await);
    // The viewer has a customer, a device and a bulk change as well, so that no list is empty.
    app.world.add_assignable(1).await;
    let own = lay(&app, &app.world, "1002", "Own").await;
    theirs.own_bulk_change = Some(own.bulk_change);
    let viewer = app.token_for_all_customers();
    let log = |iccid: &str| format!("/api/bulk-changes/{}/devices/{iccid}/log", own.bulk_change);
    for (iccid, status) in [(&own.iccid, 200), (&theirs.iccid, 404)] {
        let answer = app.get(&log(iccid), Some(&viewer)).await;
        assert_eq!(answer.status, status, "{}", answer.text);
    }
    let owner = Claims::of(i64::from(other.tenant.get()), USER).for_all_customers();
    let looked = look(&app, &viewer, &app.sign_in.token(&owner), &theirs).await;
    assert!(looked > 30, "{looked}");
}

#[tokio::test]
async fn no_route_shows_a_row_or_an_id_of_a_customer_that_the_user_may_not_use() {
    let app = App::start().await;
    app.world.add_assignable(1).await;
    let marker = format!("Zebra{}y", app.world.tenant);
    let account = format!("80{}", 1000 + app.world.tenant.get());
    let theirs = lay(&app, &app.world, &account, &marker).await;
    let owner = app.token_for_all_customers();
    let looked = look(&app, &app.token(), &owner, &theirs).await;
    assert!(looked > 20, "{looked}");
}

#[tokio::test]
async fn a_request_that_names_what_another_tenant_owns_answers_as_for_what_does_not_exist() {
    let app = App::start().await;
    let other = World::new(&app.base.sql).await;
    let marker = format!("Zebra{}x", other.tenant);
    let account = format!("70{}", 1000 + other.tenant.get());
    let theirs = lay(&app, &other, &account, &marker).await;
    let wide = mark_tenant(&app.base.sql, &other, &marker).await;
    let own = app.world.add_assignable(1).await;
    let viewer = app.token_for_all_customers();
    let with = |name: &str, value: Value| {
        let mut request = app.full_request(&own);
        request["addCarrierRatePlan"] = json!(true);
        request["carrierRatePlan"] = json!("CARRIER-1GB");
        request[name] = value;
        request
    };
    let number = |text: &str| json!(text.parse::<i64>().unwrap());
    for (name, named, nobodys) in [
        ("devices", json!([theirs.iccid]), json!([NO_ICCID])),
        ("serviceProviderId", json!(wide.provider), number(NO_NUMBER)),
        ("revCustomerId", json!(theirs.account), json!(NO_ACCOUNT)),
        (
            "integrationAuthenticationId",
            json!(wide.integration),
            number(NO_NUMBER),
        ),
        ("customerRatePlan", json!(wide.plan), number(NO_NUMBER)),
        ("customerRatePool", json!(other.pool), number(NO_NUMBER)),
        ("carrierRatePlan", json!(marker), json!(NO_TEXT)),
    ] {
        for query in ["", "?validateOnly=true"] {
            let ask = |value: &Value| {
                let request = with(name, value.clone());
                app.posting(&request).token(&viewer).query(query).send()
            };
            // A number of few digits stands in other words too; none of them is told back.
            let plain = |answer: Answer, value: &Value| {
                let value = value.to_string();
                let value = value.trim_matches(['[', ']', '"']);
                let text = told(&answer, "");
                if value.len() < 4 {
                    text
                } else {
                    text.replace(value, "(asked)")
                }
            };
            let (answer, none) = (ask(&named).await, ask(&nobodys).await);
            assert_eq!(answer.status, 422, "{name}: {}", answer.text);
            assert_eq!(
                plain(answer, &named),
                plain(none, &nobodys),
                "{name}{query}"
            );
        }
    }
    assert_eq!(app.bulk_changes().await, 0, "nothing of it was written");
}

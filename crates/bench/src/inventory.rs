//! How long pages of a large inventory take, and how much memory the export of many devices.

use std::time::Instant;

use anyhow::ensure;
use end_to_end::{Wishes, World, world::USER};
use local::sign_in::Claims;
use serde_json::Value;

use crate::{
    memory::export,
    report::{Goal, Section, figure, grouped, median},
    settings::Settings,
};

/// Devices of the tenant, with two service providers.
const DEVICES: usize = 200_000;
/// 50,000 devices.
const EXPORTED: &str = "revCustomerId=1002";
const RUNS: usize = 7;
const GOAL: f64 = 0.3;
const MEMORY_GOAL: f64 = 64.0;

/// Questions that the goal is about, and how they are called.
const ASKED: [(&str, &str); 3] = [
    ("first page", "facets=true"),
    ("text in a number", "filter=004217"),
    ("deep page", "page=4000&pageSize=25"),
];

/// Questions beside them.
const BESIDE: [(&str, &str); 4] = [
    ("200 pasted ICCIDs", "identifiers={iccids}&pageSize=200"),
    (
        "one provider, deep page",
        "serviceProviderId={provider}&page=2000",
    ),
    ("by usage, deep page", "sort=usage&page=4000"),
    ("by customer, deep page", "sort=customer&page=4000"),
];

pub(crate) async fn measure(_: &Settings) -> anyhow::Result<Section> {
    let world = World::embedded(Wishes::devices(0)).await;
    lay(&world).await;
    let claims = Claims::of(i64::from(world.tenant), USER);
    let limited = world.sign_in.token(&claims);
    let all = world.sign_in.token(&claims.for_all_customers());
    let iccids = world.iccids((1..=200).map(|n| n * 997)).join(",");
    let asked = |query: &str| {
        let query = query
            .replace("{iccids}", &iccids)
            .replace("{provider}", &world.provider.to_string());
        format!("/M2M/Index?{query}")
    };
    let mut rows = Vec::new();
    let mut slowest = 0.0_f64;
    for (who, token) in [("all customers", &all), ("one customer", &limited)] {
        for (what, query) in ASKED.into_iter().chain(BESIDE) {
            let (took, total) = time(&world, &asked(query), token).await?;
            if who == "all customers" && ASKED.iter().any(|(goal, _)| *goal == what) {
                slowest = slowest.max(took);
            }
            rows.push(vec![
                what.to_owned(),
                who.to_owned(),
                grouped(total),
                format!("{:.0}", took * 1e3),
            ]);
        }
    }
    let mut peak = 0.0_f64;
    for format in ["xlsx", "csv"] {
        let query = format!("format={format}&{EXPORTED}");
        peak = peak.max(figure(export(&world, &all, &query).await?) / 1024.0);
    }
    Ok(Section {
        title: "Inventory of 200,000 devices",
        head: &["asked for", "the user may use", "devices found", "ms"],
        rows,
        goals: vec![
            Goal::of(
                "first page, a filter and a deep page of 200,000 devices under 300 ms each",
                Some((
                    format!("{:.0} ms at the most", slowest * 1e3),
                    slowest < GOAL,
                )),
            ),
            Goal::of(
                "the export of 50,000 devices under 64 MB",
                Some((
                    format!("{peak:.1} MB at the most, xlsx and csv"),
                    peak < MEMORY_GOAL,
                )),
            ),
        ],
    })
}

/// Half of the devices go to the second provider, and a quarter to each of two customers.
async fn lay(world: &World) {
    for first in (1..=DEVICES).step_by(10_000) {
        world.add_devices(first..=first + 9_999).await;
    }
    let mut sql = world.sql().await;
    let tenant = world.tenant;
    sql.rows(&format!(
        "INSERT INTO dbo.ServiceProvider (Name, IntegrationId, TenantId, CreatedBy) VALUES (N'Second', 1, {tenant}, N'bench'); \
         UPDATE dbo.Device SET ServiceProviderId = CAST(SCOPE_IDENTITY() AS int) WHERE id % 4 < 2; \
         UPDATE dbo.Device SET CtdDataUsage = id % 9973 WHERE id % 3 = 0; \
         INSERT INTO dbo.Device_Tenant (DeviceId, TenantId, AccountNumber, SiteId, AccountNumberIntegrationAuthenticationId, CreatedBy) \
         SELECT d.id, {tenant}, c.RevCustomerId, (SELECT MIN(s.id) FROM dbo.Sites AS s WHERE s.RevCustomerId = c.id), c.IntegrationAuthenticationId, N'bench' \
         FROM dbo.Device AS d \
         INNER JOIN dbo.RevCustomer AS c ON c.TenantId = {tenant} AND c.RevCustomerId = CASE WHEN d.id % 4 = 0 THEN N'1002' ELSE N'1001' END \
         WHERE d.id % 2 = 0;"
    ))
    .await;
}

/// The median time of a question, and how many devices it found.
async fn time(world: &World, path: &str, token: &str) -> anyhow::Result<(f64, usize)> {
    let (mut times, mut total) = (Vec::new(), 0);
    for _ in 0..RUNS {
        let begun = Instant::now();
        let answer = world.http().get(world.url(path)).bearer_auth(token);
        let answer = answer.send().await?;
        let status = answer.status();
        let body: Value = answer.json().await?;
        times.push(begun.elapsed().as_secs_f64());
        ensure!(status == 200, "{path}: {status} {body}");
        total = usize::try_from(body["total"].as_u64().unwrap_or_default())?;
        ensure!(total > 0, "{path} found nothing");
    }
    Ok((median(times), total))
}

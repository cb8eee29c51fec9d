//! What the business write leaves in the tables.

use association::request::Options;
use central::{claim::ClaimedChange, facts::FactKind};

use super::{Bench, customer_plan, line, rev_service};
use crate::support::Base;

/// Claims the rows and stores a line for each: the first gets `from`.
pub async fn opened(bench: &Bench, from: i64) -> Vec<ClaimedChange> {
    let mut rows = bench.claim().await.rows;
    for (id, row) in (from..).zip(&mut rows) {
        bench.fact(row, FactKind::LineOpened(line(id))).await;
        row.service_line = Some(line(id));
    }
    rows
}

pub async fn everything(base: Base, devices: usize) -> Bench {
    let bench = Bench::of(base, devices, |world| Options {
        rev_service: Some(rev_service()),
        customer_plan: Some(customer_plan(world)),
        carrier_plan: None,
    })
    .await;
    bench.pass_preflight().await;
    bench
}

/// The DeviceActionHistory of a device in this bulk change, one `field: before > after` a row.
pub async fn history(bench: &Bench, n: usize) -> Vec<String> {
    bench
        .base
        .sql
        .texts(
            "SELECT CONCAT(h.ChangedField, N': ', COALESCE(h.PreviousValue, N'-'), N' > ', COALESCE(h.CurrentValue, N'-')) \
             FROM dbo.DeviceActionHistory AS h WHERE h.M2MDeviceId = @P1 AND h.BulkChangeId = @P2 ORDER BY h.ChangedField;",
            &[
                &bench.world.device_id(n).await.get(),
                &bench.bulk.get(),
            ],
        )
        .await
        .into_iter()
        .map(Option::unwrap)
        .collect()
}

/// AccountNumber, SiteId, plan, pool, allocation, whether a service is linked, IsActive: of a device.
pub async fn assigned(bench: &Bench, n: usize) -> Vec<String> {
    bench
        .base
        .sql
        .texts(
            "SELECT CONCAT(t.AccountNumber, N' ', t.SiteId, N' ', COALESCE(CAST(t.CustomerRatePlanId AS nvarchar(20)), N'-'), N' ', \
             COALESCE(CAST(t.CustomerRatePoolId AS nvarchar(20)), N'-'), N' ', COALESCE(CAST(t.CustomerDataAllocationMB AS nvarchar(40)), N'-'), N' ', \
             COALESCE(CAST(s.RevServiceId AS nvarchar(20)), N'-'), N' ', t.IsActive, t.IsDeleted) \
             FROM dbo.Device_Tenant AS t LEFT JOIN dbo.RevService AS s ON s.id = t.RevServiceId \
             WHERE t.DeviceId = @P1 AND t.TenantId = @P2;",
            &[
                &bench.world.device_id(n).await.get(),
                &bench.world.tenant.get(),
            ],
        )
        .await
        .into_iter()
        .map(Option::unwrap)
        .collect()
}

pub async fn count(bench: &Bench, table: &str, condition: &str) -> i64 {
    bench
        .base
        .sql
        .count(
            &format!("SELECT COUNT_BIG(*) FROM dbo.{table} AS t WHERE {condition};"),
            &[&bench.bulk.get()],
        )
        .await
}

//! The link procedure under the name that an existing database has for it. The test adds a procedure that every test of a shared
//! database would meet, so it has a database of its own.

use crate::bench::Bench;
use crate::support::Base;

#[tokio::test]
async fn the_link_procedure_of_an_existing_database_is_taken_by_its_own_name() {
    let bench = Bench::without_calls(Base::embedded().await, 1).await;
    bench
        .base
        .sql
        .run(
            "CREATE PROCEDURE dbo.usp_UpdateDevice_RevServiceLinks AS BEGIN SET NOCOUNT ON; \
             UPDATE dbo.Tenant SET TimeZone = N'linked'; SELECT 1 AS Something; END;",
            &[],
        )
        .await;
    let rows = bench.claim().await.rows;
    bench.record(&rows).await;
    assert!(
        bench.finish().await.finished_now,
        "whatever the procedure returns"
    );
    let called = bench
        .base
        .sql
        .count(
            "SELECT COUNT_BIG(*) FROM dbo.Tenant AS t WHERE t.TimeZone = N'linked';",
            &[],
        )
        .await;
    assert!(called > 0);
}

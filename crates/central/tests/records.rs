//! The business write: every table as the flow says, once, and one bad row never fails the others.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "what a test cannot make is a failed test"
)]

mod bench;
mod support;

use association::{ids::ChangeId, plan::Reason, request::Options};
use bench::{Bench, assignment, customer_plan, failure, line, rev_service};
use central::{
    claim::ClaimedChange,
    facts::FactKind,
    record::{Ending, LogEntry, Record, Recorded, record_all},
};
use support::{Base, World};
use time::Duration;

/// Claims the rows and stores a line for each: the first gets `from`.
async fn opened(bench: &Bench, from: i64) -> Vec<ClaimedChange> {
    let mut rows = bench.claim().await.rows;
    for (id, row) in (from..).zip(&mut rows) {
        bench.fact(row, FactKind::LineOpened(line(id))).await;
        row.service_line = Some(line(id));
    }
    rows
}

async fn everything(base: Base, devices: usize) -> Bench {
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
async fn history(bench: &Bench, n: usize) -> Vec<String> {
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
async fn assigned(bench: &Bench, n: usize) -> Vec<String> {
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

async fn count(bench: &Bench, table: &str, condition: &str) -> i64 {
    bench
        .base
        .sql
        .count(
            &format!("SELECT COUNT_BIG(*) FROM dbo.{table} AS t WHERE {condition};"),
            &[&bench.bulk.get()],
        )
        .await
}

#[tokio::test]
async fn a_device_with_line_and_plan_is_written_to_every_table_once() {
    let bench = everything(Base::start().await, 2).await;
    let rows = opened(&bench, 9001).await;
    let before = bench.central().round_trips();
    assert_eq!(bench.record(&rows).await, [Recorded::Assigned; 2]);
    assert_eq!(
        bench.central().round_trips() - before,
        2,
        "the claim for the header, and the record"
    );

    let World {
        site, plan, pool, ..
    } = &bench.world;
    assert_eq!(
        assigned(&bench, 1).await,
        [format!("1001 {site} {plan} {pool} 250.5000 9001 10")]
    );
    assert_eq!(
        history(&bench, 1).await,
        [
            "Customer: - > Fake Fleet One HQ (1001)",
            "Customer Rate Plan: - > Data 100 MB",
            "Customer Rate Pool: - > Pool",
            "Rev Service: - > 9001",
        ]
    );
    let services = bench
        .base
        .sql
        .texts(
            "SELECT CONCAT(s.Number, N' ', s.RevServiceId, N' ', s.ActivatedDate, N' ', s.ProRate, N' ', s.Description) FROM dbo.RevService AS s \
             WHERE s.IntegrationAuthenticationId = @P1 ORDER BY s.RevServiceId;",
            &[&bench.world.account.get()],
        )
        .await;
    assert_eq!(services.len(), 2);
    assert_eq!(
        services[0].as_deref().unwrap(),
        format!(
            "{} 9001 2026-01-15 1 Fleet",
            rows[0].msisdn.as_deref().unwrap()
        )
    );
    let device = bench.world.device_id(1).await;
    let snapshots = bench
        .base
        .sql
        .count(
            "SELECT COUNT_BIG(*) FROM dbo.DeviceHistory AS h WHERE h.DeviceId = @P1 AND h.AccountNumber = N'1001' AND h.CustomerRatePlanId IS NOT NULL;",
            &[&device.get()],
        )
        .await;
    assert_eq!(snapshots, 1);
    assert_eq!(
        count(
            &bench,
            "DeviceBulkChangeLog",
            "t.BulkChangeId = @P1 AND t.HasErrors = 0"
        )
        .await,
        2
    );
    let work = bench.work(rows[0].change).await;
    assert!(work.closed && !work.leased && !work.review);
    assert_eq!(
        (work.step.as_str(), work.status.as_str()),
        ("done", "PROCESSED")
    );
    assert_eq!(work.details.as_deref(), Some("{\"ok\":true,\"id\":9001}"));

    // The same again, as after an unknown outcome.
    assert_eq!(bench.record(&rows).await, [Recorded::Stale; 2]);
    assert_eq!(history(&bench, 1).await.len(), 4);
    assert_eq!(
        count(&bench, "DeviceBulkChangeLog", "t.BulkChangeId = @P1").await,
        2
    );
    assert_eq!(bench.work(rows[0].change).await, work);
}

#[tokio::test]
async fn without_a_call_the_details_say_ok_and_nothing_of_rev_is_written() {
    let bench = Bench::without_calls(Base::start().await, 1).await;
    let row = bench.claim_one().await;
    assert_eq!(
        bench.record(std::slice::from_ref(&row)).await,
        [Recorded::Assigned]
    );
    let work = bench.work(row.change).await;
    assert_eq!(work.details.as_deref(), Some("OK"));
    assert_eq!(
        assigned(&bench, 1).await,
        [format!("1001 {} - - - - 10", bench.world.site)]
    );
    assert_eq!(
        history(&bench, 1).await,
        ["Customer: - > Fake Fleet One HQ (1001)"]
    );
}

#[tokio::test]
async fn an_inactive_row_is_taken_up_again_and_keeps_nothing_of_the_former_customer() {
    let bench = Bench::without_calls(Base::start().await, 1).await;
    bench.world.assign(1, "1002").await;
    bench
        .base
        .sql
        .run(
            "UPDATE dbo.Device_Tenant SET IsActive = 0, IsDeleted = 1, CustomerRatePlanId = @P2, CustomerDataAllocationMB = 7 WHERE DeviceId = @P1;",
            &[&bench.world.device_id(1).await.get(), &bench.world.plan],
        )
        .await;
    let row = bench.claim_one().await;
    assert_eq!(bench.record(&[row]).await, [Recorded::Assigned]);
    assert_eq!(
        assigned(&bench, 1).await,
        [format!("1001 {} - - - - 10", bench.world.site)]
    );
    assert_eq!(
        history(&bench, 1).await,
        ["Customer: - > Fake Fleet One HQ (1001)"]
    );
}

#[tokio::test]
async fn the_same_customer_keeps_what_the_request_does_not_give() {
    let base = Base::start().await;
    let bench = Bench::without_calls(base, 1).await;
    bench.world.assign(1, "1001").await;
    bench
        .base
        .sql
        .run(
            "UPDATE dbo.Device_Tenant SET CustomerRatePlanId = @P2, CustomerDataAllocationMB = 7, SiteId = @P3 WHERE DeviceId = @P1;",
            &[
                &bench.world.device_id(1).await.get(),
                &bench.world.plan,
                &bench.world.other_site.get(),
            ],
        )
        .await;
    let row = bench.claim_one().await;
    assert_eq!(bench.record(&[row]).await, [Recorded::Assigned]);
    assert_eq!(
        assigned(&bench, 1).await,
        [format!(
            "1001 {} {} - 7.0000 - 10",
            bench.world.site, bench.world.plan
        )]
    );
    assert_eq!(
        history(&bench, 1).await,
        ["Customer: Fake Fleet Two HQ (1001) > Fake Fleet One HQ (1001)"]
    );
}

#[tokio::test]
async fn a_plan_of_a_future_day_waits_in_the_queue() {
    let bench = Bench::of(Base::start().await, 1, |world| Options {
        customer_plan: Some(customer_plan(world)),
        ..Options::default()
    })
    .await;
    let row = bench.claim_one().await;
    let (mut record, log) = assignment(&row);
    let day = record.effective_date.unwrap() + Duration::days(3);
    record.effective_date = Some(day);
    assert_eq!(bench.write(&[record], &[log]).await, [Recorded::Assigned]);
    assert_eq!(
        assigned(&bench, 1).await,
        [format!("1001 {} - - - - 10", bench.world.site)]
    );
    let queued = bench
        .base
        .sql
        .texts(
            "SELECT CONCAT(CONVERT(nvarchar(10), q.EffectiveDate, 23), N' ', q.CustomerRatePlanId, N' ', q.CustomerRatePoolId, N' ', q.CustomerDataAllocationMB, N' ', q.PortalType, N' ', q.TenantId) \
             FROM dbo.Device_CustomerRatePlanOrRatePool_Queue AS q WHERE q.DeviceId = @P1;",
            &[&bench.world.device_id(1).await.get()],
        )
        .await;
    let World {
        plan, pool, tenant, ..
    } = &bench.world;
    assert_eq!(
        queued,
        [Some(format!("{day} {plan} {pool} 250.5000 0 {tenant}"))]
    );
    assert_eq!(
        history(&bench, 1).await,
        ["Customer: - > Fake Fleet One HQ (1001)"]
    );
}

#[tokio::test]
async fn a_device_that_another_customer_got_ends_in_error_or_with_a_line_in_review() {
    for with_line in [false, true] {
        let base = Base::start().await;
        let bench = if with_line {
            Bench::with_lines(base, 2).await
        } else {
            Bench::without_calls(base, 2).await
        };
        let rows = if with_line {
            opened(&bench, 9101).await
        } else {
            bench.claim().await.rows
        };
        bench.world.assign(1, "1002").await;
        assert_eq!(
            bench.record(&rows).await,
            [Recorded::AssignedToOther, Recorded::Assigned]
        );
        let work = bench.work(rows[0].change).await;
        let (_, words) = Reason::read_details(work.details.as_deref().unwrap());
        assert!(
            work.details
                .as_deref()
                .unwrap()
                .starts_with("assigned-to-other-customer: "),
            "{words}"
        );
        assert_eq!(work.status, if with_line { "API_FAILED" } else { "ERROR" });
        assert_eq!((work.review, work.closed), (with_line, !with_line));
        assert!(
            assigned(&bench, 1).await[0].starts_with("1002 "),
            "nothing of it is written"
        );
        assert!(history(&bench, 1).await.is_empty());
        let logs = bench
            .base
            .sql
            .texts(
                "SELECT CONCAT(l.HasErrors, N' ', l.ResponseStatus) FROM dbo.DeviceBulkChangeLog AS l WHERE l.M2MDeviceChangeId = @P1;",
                &[&rows[0].change.get()],
            )
            .await;
        assert_eq!(logs, [Some("1 ERROR".to_owned())]);
        let services = bench
            .base
            .sql
            .count(
                "SELECT COUNT_BIG(*) FROM dbo.RevService AS s WHERE s.IntegrationAuthenticationId = @P1;",
                &[&bench.world.account.get()],
            )
            .await;
        assert_eq!(
            services,
            if with_line { 2 } else { 0 },
            "a line that was opened is known"
        );
    }
}

#[tokio::test]
async fn a_device_that_another_tenant_holds_is_assigned_to_another_customer() {
    let bench = Bench::without_calls(Base::start().await, 1).await;
    let other = World::new(&bench.base.sql).await;
    bench
        .base
        .sql
        .run(
            "INSERT INTO dbo.Device_Tenant (DeviceId, TenantId, AccountNumber, CreatedBy) VALUES (@P1, @P2, N'1001', N'test');",
            &[&bench.world.device_id(1).await.get(), &other.tenant.get()],
        )
        .await;
    let row = bench.claim_one().await;
    assert_eq!(row.now_blocked, Some(Reason::AssignedToOtherCustomer));
    assert_eq!(bench.record(&[row]).await, [Recorded::AssignedToOther]);
    assert!(assigned(&bench, 1).await.is_empty());
}

#[tokio::test]
async fn a_failure_writes_nothing_to_the_device_and_the_others_go_on() {
    let bench = Bench::with_lines(Base::start().await, 2).await;
    let mut rows = bench.claim().await.rows;
    bench.fact(&rows[1], FactKind::LineOpened(line(9201))).await;
    rows[1].service_line = Some(line(9201));
    let (good, log) = assignment(&rows[1]);
    assert_eq!(
        bench.write(&[failure(&rows[0]), good], &[log]).await,
        [Recorded::Failed, Recorded::Assigned]
    );
    let work = bench.work(rows[0].change).await;
    assert!(work.closed);
    assert_eq!(work.status, "API_FAILED");
    assert_eq!(work.details.as_deref(), Some("rev-refused: Rev said no"));
    assert!(assigned(&bench, 1).await.is_empty() && history(&bench, 1).await.is_empty());
}

#[tokio::test]
async fn a_review_ends_for_the_reader_and_stays_open_for_the_person() {
    let bench = Bench::with_lines(Base::start().await, 1).await;
    let row = bench.claim_one().await;
    let review = Record {
        ending: Ending::Review {
            reason: Reason::BillingOutcomeUnknown,
            words: "who knows".to_owned(),
        },
        ..assignment(&row).0
    };
    assert_eq!(
        bench.write(std::slice::from_ref(&review), &[]).await,
        [Recorded::Review]
    );
    let work = bench.work(row.change).await;
    assert!(work.review && !work.closed && !work.leased);
    assert_eq!(work.status, "API_FAILED");
    assert_eq!(
        work.details.as_deref(),
        Some("billing-outcome-unknown: who knows")
    );
    assert_eq!(bench.write(&[review], &[]).await, [Recorded::Stale]);
    assert!(
        bench.finish().await.finished_now,
        "a review does not hold the bulk change up"
    );
    assert_eq!(bench.bulk_status().await, "ERROR");
}

#[tokio::test]
async fn log_entries_of_changes_that_are_not_recorded_yet_are_told_once() {
    let bench = Bench::with_lines(Base::start().await, 1).await;
    let row = bench.claim_one().await;
    let entry = LogEntry {
        response: Some("502".to_owned()),
        has_errors: true,
        ..assignment(&row).1
    };
    for _ in 0..2 {
        assert!(
            bench
                .write(&[], std::slice::from_ref(&entry))
                .await
                .is_empty()
        );
    }
    assert_eq!(
        count(&bench, "DeviceBulkChangeLog", "t.BulkChangeId = @P1").await,
        1
    );
}

#[tokio::test]
async fn a_bad_row_stands_alone_and_the_others_are_recorded() {
    let bench = Bench::without_calls(Base::start().await, 10).await;
    let rows = bench.claim().await.rows;
    let (mut records, logs): (Vec<_>, Vec<_>) = rows.iter().map(assignment).unzip();
    // A plan that does not exist any more: the foreign key refuses it.
    records[3].plan = Some(central::record::CustomerPlan {
        id: 2_000_000_000,
        pool: None,
        allocation_mb: None,
    });
    let bulk = bench.claimed_bulk_change().await;
    let results = record_all(bench.central(), &bulk, &records, &logs)
        .await
        .unwrap();
    let of = |change: ChangeId| results.iter().find(|(id, _)| *id == change).unwrap().1;
    for (n, row) in rows.iter().enumerate() {
        let expected = if n == 3 {
            Recorded::Failed
        } else {
            Recorded::Assigned
        };
        assert_eq!(of(row.change), expected, "row {n}");
        assert_eq!(assigned(&bench, n + 1).await.len(), usize::from(n != 3));
    }
    let work = bench.work(rows[3].change).await;
    assert!(work.closed);
    assert_eq!(work.status, "ERROR");
    assert_eq!(
        work.details.as_deref(),
        Some("unrecordable: the database refuses to record this change (error 547)")
    );
    assert_eq!(
        count(&bench, "DeviceBulkChangeLog", "t.BulkChangeId = @P1").await,
        9
    );
}

#[tokio::test]
async fn a_bad_row_with_a_line_stays_open_and_says_why() {
    let bench = Bench::with_lines(Base::start().await, 3).await;
    let rows = opened(&bench, 9301).await;
    let (mut records, logs): (Vec<_>, Vec<_>) = rows.iter().map(assignment).unzip();
    records[1].site = Some(association::ids::SiteId::new(2_000_000_000).unwrap());
    let bulk = bench.claimed_bulk_change().await;
    let results = record_all(bench.central(), &bulk, &records, &logs)
        .await
        .unwrap();
    let outcomes: Vec<Recorded> = results.iter().map(|(_, recorded)| *recorded).collect();
    assert_eq!(
        outcomes,
        [Recorded::Assigned, Recorded::Deferred, Recorded::Assigned]
    );
    let work = bench.work(rows[1].change).await;
    assert!(!work.closed && !work.review && !work.leased);
    assert_eq!(
        (work.line, work.step.as_str(), work.attempts),
        (Some(9302), "assign", 1)
    );
    assert!(work.last_error.unwrap().contains("547"));
}

#[tokio::test]
async fn an_error_that_is_no_row_s_own_decides_nothing() {
    let bench = Bench::without_calls(Base::start().await, 2).await;
    let rows = bench.claim().await.rows;
    let (records, logs): (Vec<_>, Vec<_>) = rows.iter().map(assignment).unzip();
    let bulk = bench.claimed_bulk_change().await;
    bench
        .base
        .sql
        .run(
            "DROP PROCEDURE dbo.usp_UpdateCrossProviderDeviceHistory;",
            &[],
        )
        .await;
    let error = record_all(bench.central(), &bulk, &records, &logs)
        .await
        .unwrap_err();
    assert_eq!(error.number(), Some(2812), "{error}");
    for row in &rows {
        let work = bench.work(row.change).await;
        assert!(!work.closed && work.leased, "{work:?}");
    }
    assert!(
        assigned(&bench, 1).await.is_empty(),
        "the transaction is undone"
    );
}

#[tokio::test]
async fn a_hundred_rows_with_lines_are_recorded_in_one_round_trip() {
    let bench = everything(Base::start().await, 100).await;
    let rows = bench.claim().await.rows;
    let all: Vec<_> = rows
        .iter()
        .map(|row| bench::fact(row, FactKind::LineOpened(line(row.change.get() + 20_000))))
        .collect();
    central::facts::facts(bench.central(), None, &all)
        .await
        .unwrap();
    let (records, logs): (Vec<_>, Vec<_>) = rows
        .into_iter()
        .map(|mut row| {
            row.service_line = Some(line(row.change.get() + 20_000));
            assignment(&row)
        })
        .unzip();
    let bulk = bench.claimed_bulk_change().await;
    let before = bench.central().round_trips();
    let results = record_all(bench.central(), &bulk, &records, &logs)
        .await
        .unwrap();
    assert_eq!(bench.central().round_trips() - before, 1);
    assert!(
        results
            .iter()
            .all(|(_, recorded)| *recorded == Recorded::Assigned)
    );
    assert_eq!(
        count(&bench, "DeviceActionHistory", "t.BulkChangeId = @P1").await,
        400
    );
}

//! The business write: every table as the flow says, once.

use crate::bench::{
    Bench, assignment, customer_plan, line,
    tables::{assigned, count, everything, history, opened},
};
use crate::support::{Base, World};
use association::request::Options;
use central::{
    facts::FactKind,
    record::{LogEntry, Recorded, record_all},
};
use time::Duration;

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
async fn a_hundred_rows_with_lines_are_recorded_in_one_round_trip() {
    let bench = everything(Base::start().await, 100).await;
    let rows = bench.claim().await.rows;
    let all: Vec<_> = rows
        .iter()
        .map(|row| crate::bench::fact(row, FactKind::LineOpened(line(row.change.get() + 20_000))))
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

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_that_record_the_same_rows_at_once_one_does() {
    let bench = everything(Base::start().await, 5).await;
    let rows = opened(&bench, 9401).await;
    let outcomes = futures::future::join_all((0..4).map(|_| bench.record(&rows))).await;
    for n in 0..rows.len() {
        let mut of_row: Vec<Recorded> = outcomes.iter().map(|outcome| outcome[n]).collect();
        of_row.sort_by_key(|recorded| *recorded == Recorded::Stale);
        assert_eq!(of_row[0], Recorded::Assigned);
        assert!(
            of_row[1..]
                .iter()
                .all(|recorded| *recorded == Recorded::Stale)
        );
    }
    assert_eq!(
        count(&bench, "DeviceActionHistory", "t.BulkChangeId = @P1").await,
        20
    );
}

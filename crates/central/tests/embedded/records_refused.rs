//! The business write where something speaks against it: one row never fails the others, and a line never ends in ERROR.

use crate::bench::{
    Bench, assignment, failure, line,
    tables::{assigned, count, history, opened},
};
use crate::support::{Base, World};
use association::{ids::ChangeId, plan::Reason};
use central::{
    facts::FactKind,
    record::{Ending, Record, Recorded, record_all},
};

#[tokio::test]
async fn a_device_that_another_customer_got_ends_in_error_or_with_a_line_in_review() {
    for with_line in [false, true] {
        let base = Base::embedded().await;
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
    let bench = Bench::without_calls(Base::embedded().await, 1).await;
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
    let bench = Bench::with_lines(Base::embedded().await, 2).await;
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
    let bench = Bench::with_lines(Base::embedded().await, 1).await;
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
async fn a_bad_row_stands_alone_and_the_others_are_recorded() {
    let bench = Bench::without_calls(Base::embedded().await, 10).await;
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

/// The procedure of a database that was there before us: it takes a few words only.
const STRICT: &str = "CREATE PROCEDURE dbo.usp_DeviceBulkChange_RevService_UpdateM2MChange ( \
    @ChangeId bigint, @apiCallResult bit, @statusDetails nvarchar(max)) AS \
    BEGIN DECLARE @Known int = CASE WHEN @statusDetails <> N'OK' THEN CAST(@statusDetails AS int) END; END;";

#[tokio::test]
async fn what_made_a_row_bad_is_not_written_again_when_it_ends() {
    let bench = Bench::without_calls(Base::embedded().await, 3).await;
    let drop = "DROP PROCEDURE dbo.usp_DeviceBulkChange_RevService_UpdateM2MChange;";
    bench.base.sql.run(drop, &[]).await;
    bench.base.sql.run(STRICT, &[]).await;
    let rows = bench.claim().await.rows;
    let mut records: Vec<_> = rows.iter().map(|row| assignment(row).0).collect();
    // More megabytes than the column holds, and words that the procedure does not take.
    records[0].plan = Some(central::record::CustomerPlan {
        id: bench.world.plan,
        pool: None,
        allocation_mb: Some("1000000000000000000000000".parse().unwrap()),
    });
    records[1].api_details = Some("Example: who are you".to_owned());
    let bulk = bench.claimed_bulk_change().await;
    let results = record_all(bench.central(), &bulk, &records, &[]).await;
    let outcomes: Vec<Recorded> = results.unwrap().iter().map(|(_, it)| *it).collect();
    assert_eq!(
        outcomes,
        [Recorded::Failed, Recorded::Failed, Recorded::Assigned]
    );
    for (row, number) in [(0, 8115), (1, 245)] {
        let work = bench.work(rows[row].change).await;
        let said =
            format!("unrecordable: the database refuses to record this change (error {number})");
        assert_eq!(work.details, Some(said));
    }
}

#[tokio::test]
async fn a_bad_row_with_a_line_stays_open_and_says_why() {
    let bench = Bench::with_lines(Base::embedded().await, 3).await;
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
    let bench = Bench::without_calls(Base::embedded().await, 2).await;
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

//! The preflight: once per bulk change, by the owner of its lease.

use std::time::Duration;

use crate::bench::{Bench, rev_service};
use crate::support::Base;
use association::{plan::Reason, request::Options};
use central::{
    claim::{Preflight, claim},
    preflight::{Verdict, preflight},
};
use uuid::Uuid;

async fn open(devices: usize) -> Bench {
    Bench::of(Base::start().await, devices, |_| Options {
        rev_service: Some(rev_service()),
        ..Options::default()
    })
    .await
}

fn refused() -> Verdict {
    Verdict::Refused {
        reason: Reason::RevCustomer,
        words: "Rev does not know customer 1001".to_owned(),
    }
}

#[tokio::test]
async fn a_refusal_ends_every_row_with_its_reason_and_a_log_entry() {
    let bench = open(3).await;
    let ask = bench.ask();
    assert_eq!(
        claim(bench.central(), &ask).await.unwrap().preflight,
        Preflight::Mine
    );
    assert_eq!(bench.bulk_status().await, "PROCESSING");
    let before = bench.central().round_trips();
    for _ in 0..2 {
        assert!(
            preflight(bench.central(), bench.bulk, ask.owner, &refused())
                .await
                .unwrap()
        );
    }
    assert_eq!(bench.central().round_trips() - before, 2);
    let rows = bench
        .base
        .sql
        .texts(
            "SELECT CONCAT(m.Status, N' ', m.StatusDetails, N' ', m.IsProcessed, m.HasErrors) FROM dbo.M2M_DeviceChange AS m WHERE m.BulkChangeId = @P1;",
            &[&bench.bulk.get()],
        )
        .await;
    let expected = "API_FAILED rev-customer: Rev does not know customer 1001 11".to_owned();
    assert_eq!(rows, vec![Some(expected); 3]);
    let logs = bench
        .base
        .sql
        .count(
            "SELECT COUNT_BIG(*) FROM dbo.DeviceBulkChangeLog AS l WHERE l.BulkChangeId = @P1 AND l.LogEntryDescription = N'Associate Customer: Preflight';",
            &[&bench.bulk.get()],
        )
        .await;
    assert_eq!(logs, 3);
    let claimed = bench.claim().await;
    assert_eq!(claimed.preflight, Preflight::Refused);
    assert!(claimed.rows.is_empty() && claimed.wait.is_none());
    assert!(bench.finish().await.finished_now);
    assert_eq!(bench.bulk_status().await, "ERROR");
}

#[tokio::test]
async fn a_row_that_may_be_billed_already_survives_a_refusal() {
    let bench = open(2).await;
    bench
        .base
        .sql
        .run(
            "UPDATE dbo.DeviceChangeWork SET IntentReference = CONCAT('AMOP-', ChangeId) \
             WHERE BulkChangeId = @P1 AND ChangeId = (SELECT MIN(w.ChangeId) FROM dbo.DeviceChangeWork AS w WHERE w.BulkChangeId = @P1);",
            &[&bench.bulk.get()],
        )
        .await;
    let ask = bench.ask();
    claim(bench.central(), &ask).await.unwrap();
    assert!(
        preflight(bench.central(), bench.bulk, ask.owner, &refused())
            .await
            .unwrap()
    );
    let left = bench.claim().await;
    assert_eq!(left.preflight, Preflight::Refused);
    assert_eq!(left.rows.len(), 1);
    assert_eq!(left.rows[0].step, association::steps::Step::Settle);
}

#[tokio::test]
async fn a_verdict_of_somebody_without_the_lease_is_not_taken() {
    let bench = open(1).await;
    let ask = bench.ask();
    claim(bench.central(), &ask).await.unwrap();
    let other = Uuid::new_v4();
    assert!(
        !preflight(bench.central(), bench.bulk, other, &refused())
            .await
            .unwrap()
    );
    assert!(
        preflight(bench.central(), bench.bulk, ask.owner, &Verdict::Passed)
            .await
            .unwrap()
    );
    assert!(
        preflight(bench.central(), bench.bulk, ask.owner, &Verdict::Passed)
            .await
            .unwrap()
    );
    assert_eq!(bench.claim().await.rows.len(), 1);
}

#[tokio::test]
async fn a_preflight_without_an_answer_is_made_again_when_its_time_has_come() {
    let bench = open(1).await;
    let ask = bench.ask();
    claim(bench.central(), &ask).await.unwrap();
    let wait = Verdict::Wait {
        again_in: Duration::from_mins(1),
    };
    assert!(
        preflight(bench.central(), bench.bulk, ask.owner, &wait)
            .await
            .unwrap()
    );
    let waiting = bench.claim().await;
    assert_eq!(waiting.preflight, Preflight::Theirs);
    assert!(waiting.wait.unwrap() > Duration::from_secs(50));
    let now = Verdict::Wait {
        again_in: Duration::ZERO,
    };
    preflight(bench.central(), bench.bulk, ask.owner, &now)
        .await
        .unwrap();
    assert_eq!(bench.claim().await.preflight, Preflight::Mine);
}

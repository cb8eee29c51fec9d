//! Leases, fences and settling, on the embedded server's clock.

use std::time::Duration;

use crate::bench::{Bench, line};
use crate::support::Base;
use association::steps::Step;
use central::facts::{FactKind, FactResult};
use central::record::Recorded;

const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn unknown() -> FactKind {
    FactKind::Unknown {
        error: "no answer".to_owned(),
    }
}

#[tokio::test]
async fn a_lease_that_ran_out_is_claimed_again_with_its_earlier_intent_and_goes_to_settle() {
    let bench = Bench::with_lines(Base::embedded().await, 1).await;
    let first = bench.claim_one().await;
    assert!(!first.earlier_intent);
    bench.later(seconds(74));
    let held = bench.claim().await;
    assert!(held.rows.is_empty());
    assert!(held.wait.unwrap() <= seconds(1), "{:?}", held.wait);

    bench.later(seconds(2));
    let second = bench.claim_one().await;
    assert!(second.earlier_intent);
    assert_eq!(second.step, Step::Settle);
    assert_eq!(second.fence, first.fence + 1);
    assert_eq!(second.unknowns, 1, "nobody knows what the dead holder did");
    assert!(!second.settle_due);

    // 60 s after the end of the first lease a look-up counts.
    assert_eq!(
        bench
            .fact(
                &second,
                FactKind::NotYetCounted {
                    again_in: seconds(30)
                }
            )
            .await,
        FactResult::Stored
    );
    assert!(bench.claim().await.rows.is_empty());
    bench.later(seconds(60));
    let third = bench.claim_one().await;
    assert!(third.settle_due && third.earlier_intent);
    assert_eq!(third.unknowns, 1);
}

#[tokio::test]
async fn an_intent_is_never_overwritten() {
    let bench = Bench::with_lines(Base::embedded().await, 1).await;
    let first = bench.claim_one().await;
    let intent = "SELECT CONCAT(w.IntentReference, w.IntentNumber, w.IntentCustomer, w.IntentAt) FROM dbo.DeviceChangeWork AS w WHERE w.ChangeId = @P1;";
    let before = bench.base.sql.texts(intent, &[&first.change.get()]).await;
    bench.later(seconds(80));
    bench.claim_one().await;
    let after = bench.base.sql.texts(intent, &[&first.change.get()]).await;
    assert_eq!(before, after);
}

#[tokio::test]
async fn a_stale_fence_decides_nothing_and_records_nothing() {
    let bench = Bench::with_lines(Base::embedded().await, 1).await;
    let old = bench.claim_one().await;
    bench.later(seconds(80));
    let new = bench.claim_one().await;
    let before = bench.work(new.change).await;
    for kind in [
        unknown(),
        FactKind::NotSent {
            error: "x".to_owned(),
            again_in: seconds(1),
        },
        FactKind::StillAbsent,
        FactKind::NotYetCounted {
            again_in: seconds(1),
        },
        FactKind::NotCreated,
        FactKind::Wait {
            again_in: seconds(1),
            error: None,
        },
    ] {
        assert_eq!(bench.fact(&old, kind).await, FactResult::Stale);
    }
    assert_eq!(
        bench.record(std::slice::from_ref(&old)).await,
        [Recorded::Stale]
    );
    assert_eq!(
        bench.write(&[crate::bench::failure(&old)], &[]).await,
        [Recorded::Stale]
    );
    assert_eq!(bench.work(new.change).await, before);
}

#[tokio::test]
async fn a_line_id_is_stored_without_the_fence() {
    let bench = Bench::with_lines(Base::embedded().await, 1).await;
    let old = bench.claim_one().await;
    bench.later(seconds(80));
    let new = bench.claim_one().await;
    assert_eq!(
        bench.fact(&old, FactKind::LineOpened(line(501))).await,
        FactResult::Stored
    );
    let work = bench.work(new.change).await;
    assert_eq!((work.line, work.step.as_str()), (Some(501), "assign"));
    assert!(work.leased, "the newer holder keeps its lease");
    // The newer holder had found nothing; it cannot decide against a line that is known by now.
    assert_eq!(bench.fact(&new, unknown()).await, FactResult::Stale);
    assert_eq!(
        bench.fact(&new, FactKind::LineOpened(line(501))).await,
        FactResult::Stored
    );
    // A refusal cannot end it in ERROR either.
    assert_eq!(
        bench.write(&[crate::bench::failure(&new)], &[]).await,
        [Recorded::Review]
    );
}

#[tokio::test]
async fn a_line_id_is_stored_even_after_the_intent_was_cleared() {
    let bench = Bench::with_lines(Base::embedded().await, 1).await;
    let row = settled_as_not_created(&bench).await;
    assert_eq!(bench.work(row.change).await.intent, None);
    assert_eq!(
        bench.fact(&row, FactKind::LineOpened(line(502))).await,
        FactResult::Stored
    );
    let work = bench.work(row.change).await;
    assert_eq!((work.line, work.step.as_str()), (Some(502), "assign"));
    assert_eq!(
        work.intent.as_deref(),
        Some(format!("AMOP-{}", row.change).as_str())
    );
}

/// Unknown, then absent twice.
async fn settled_as_not_created(bench: &Bench) -> central::claim::ClaimedChange {
    let row = bench.claim_one().await;
    assert_eq!(bench.fact(&row, unknown()).await, FactResult::Stored);
    bench.later(seconds(75 + 60 + 1));
    let row = bench.claim_one().await;
    assert!(row.settle_due && row.absent_since_30s.is_none());
    assert_eq!(
        bench.fact(&row, FactKind::StillAbsent).await,
        FactResult::Stored
    );
    bench.later(seconds(31));
    let row = bench.claim_one().await;
    assert_eq!(row.absent_since_30s, Some(true));
    assert_eq!(
        bench.fact(&row, FactKind::NotCreated).await,
        FactResult::Stored
    );
    row
}

#[tokio::test]
async fn an_unknown_call_is_settled_from_60_s_after_the_lease_end_by_two_absences_30_s_apart() {
    let bench = Bench::with_lines(Base::embedded().await, 1).await;
    let row = bench.claim_one().await;
    assert_eq!(bench.fact(&row, unknown()).await, FactResult::Stored);
    let work = bench.work(row.change).await;
    assert_eq!(
        (work.step.as_str(), work.unknowns, work.leased),
        ("settle", 1, false)
    );
    bench.later(seconds(75 + 59));
    assert!(bench.claim().await.rows.is_empty());
    bench.later(seconds(2));
    let row = bench.claim_one().await;
    assert!(row.settle_due);
    // Not believed before the first absence is 30 s old.
    assert_eq!(
        bench.fact(&row, FactKind::NotCreated).await,
        FactResult::Stale
    );
    assert_eq!(
        bench.fact(&row, FactKind::StillAbsent).await,
        FactResult::Stored
    );
    bench.later(seconds(29));
    assert!(bench.claim().await.rows.is_empty());
    bench.later(seconds(2));
    let row = bench.claim_one().await;
    assert_eq!(
        bench.fact(&row, FactKind::NotCreated).await,
        FactResult::Stored
    );
    let row = bench.claim_one().await;
    assert_eq!(row.step, Step::OpenLine);
    assert!(!row.earlier_intent, "it may be sent once more");
    assert_eq!(row.unknowns, 1, "and is remembered as unknown once");
}

#[tokio::test]
async fn a_look_up_that_is_throttled_waits_and_keeps_what_is_known() {
    let bench = Bench::with_lines(Base::embedded().await, 1).await;
    let row = bench.claim_one().await;
    bench.fact(&row, unknown()).await;
    bench.later(seconds(140));
    let row = bench.claim_one().await;
    let not_sent = FactKind::NotSent {
        error: "no route".to_owned(),
        again_in: seconds(5),
    };
    assert_eq!(bench.fact(&row, not_sent).await, FactResult::Stored);
    let work = bench.work(row.change).await;
    assert_eq!(work.step, "settle");
    assert!(
        work.intent.is_some(),
        "a look-up that was not sent clears no intent"
    );
    bench.later(seconds(6));
    assert!(bench.claim_one().await.settle_due);
}

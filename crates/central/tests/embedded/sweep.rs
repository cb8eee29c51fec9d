//! The sweep takes up what was left behind, and nothing too early.

use std::time::Duration;

use crate::bench::{Bench, failure, line, rev_service};
use crate::support::Base;
use association::request::Options;
use central::{
    claim::Preflight,
    facts::FactKind,
    outbox::{OutboxKind, mark_sent},
    sweep::{Receivers, Sweep, sweep},
};

const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

const EVERYBODY: Receivers = Receivers {
    notices: true,
    carrier_changes: true,
};

async fn swept(bench: &Bench, most: u32) -> Sweep {
    sweep(bench.central(), most, EVERYBODY).await.unwrap()
}

async fn offered(bench: &Bench) -> usize {
    swept(bench, 100).await.offers.len()
}

#[tokio::test]
async fn a_lost_message_is_offered_again_after_5_minutes_and_then_once_in_5_minutes() {
    let bench = Bench::without_calls(Base::embedded().await, 101).await;
    bench.later(seconds(295));
    assert_eq!(offered(&bench).await, 0);
    bench.later(seconds(6));
    let found = swept(&bench, 100).await;
    let chunks: Vec<i32> = found.offers.iter().map(|offer| offer.chunk).collect();
    assert_eq!(chunks, [0, 1]);
    assert_eq!(found.offers[0].bulk_change, bench.bulk);
    assert_eq!(found.offers[0].tenant, bench.world.tenant);
    bench.later(seconds(60));
    assert_eq!(offered(&bench).await, 0);
    bench.later(seconds(241));
    assert_eq!(offered(&bench).await, 2);
}

#[tokio::test]
async fn a_chunk_whose_holder_died_is_offered_30_s_after_its_lease_ran_out() {
    let bench = Bench::without_calls(Base::embedded().await, 1).await;
    bench.claim_one().await;
    bench.later(seconds(75 + 28));
    assert_eq!(offered(&bench).await, 0);
    bench.later(seconds(3));
    assert_eq!(offered(&bench).await, 1);
    assert_eq!(offered(&bench).await, 0);
}

#[tokio::test]
async fn a_chunk_whose_preflight_died_is_offered_30_s_after_that_lease_ran_out() {
    let bench = Bench::of(Base::embedded().await, 1, |_| Options {
        rev_service: Some(rev_service()),
        ..Options::default()
    })
    .await;
    assert_eq!(bench.claim().await.preflight, Preflight::Mine);
    bench.later(seconds(75 + 28));
    assert_eq!(offered(&bench).await, 0);
    bench.later(seconds(3));
    assert_eq!(offered(&bench).await, 1);
    assert_eq!(offered(&bench).await, 0);
    assert_eq!(bench.claim().await.preflight, Preflight::Mine);
}

#[tokio::test]
async fn a_line_that_was_stored_by_a_late_holder_is_offered_30_s_later() {
    let bench = Bench::with_lines(Base::embedded().await, 1).await;
    let row = bench.claim_one().await;
    bench
        .fact(
            &row,
            FactKind::Unknown {
                error: "x".to_owned(),
            },
        )
        .await;
    bench.later(seconds(20));
    bench.fact(&row, FactKind::LineOpened(line(900))).await;
    bench.later(seconds(28));
    assert_eq!(offered(&bench).await, 0);
    bench.later(seconds(3));
    assert_eq!(offered(&bench).await, 1);
    assert_eq!(bench.claim_one().await.service_line, Some(line(900)));
}

#[tokio::test]
async fn a_row_whose_waiting_is_over_is_offered_30_s_later_when_nobody_else_did() {
    let bench = Bench::with_lines(Base::embedded().await, 1).await;
    let row = bench.claim_one().await;
    // The holder dies after the facts and before the finish.
    bench
        .fact(
            &row,
            FactKind::NotSent {
                error: "x".to_owned(),
                again_in: seconds(20),
            },
        )
        .await;
    bench.later(seconds(20 + 28));
    assert_eq!(offered(&bench).await, 0);
    bench.later(seconds(3));
    assert_eq!(offered(&bench).await, 1);
}

#[tokio::test]
async fn what_a_finish_or_a_claim_offers_for_later_is_not_offered_by_the_sweep() {
    let bench = Bench::with_lines(Base::embedded().await, 1).await;
    let row = bench.claim_one().await;
    bench
        .fact(
            &row,
            FactKind::Wait {
                again_in: seconds(600),
                error: None,
            },
        )
        .await;
    let due = bench.finish().await.chunk_due_in.unwrap();
    assert!((seconds(595)..=seconds(600)).contains(&due), "{due:?}");
    bench.later(seconds(650));
    assert_eq!(offered(&bench).await, 0, "the message is on its way");
    // It was lost.
    bench.later(seconds(255));
    assert_eq!(offered(&bench).await, 1);
}

#[tokio::test]
async fn a_bulk_change_that_nobody_finished_is_found() {
    let bench = Bench::without_calls(Base::embedded().await, 1).await;
    let rows = bench.claim().await.rows;
    assert!(swept(&bench, 10).await.finishable.is_empty());
    bench.record(&rows).await;
    let before = bench.central().round_trips();
    let found = swept(&bench, 10).await;
    assert_eq!(bench.central().round_trips() - before, 1);
    let finishable: Vec<_> = found
        .finishable
        .iter()
        .map(|found| found.bulk_change)
        .collect();
    assert_eq!(finishable, [bench.bulk]);
    bench.finish().await;
    assert!(swept(&bench, 10).await.finishable.is_empty());
}

#[tokio::test]
async fn an_unsent_message_comes_after_a_minute_and_then_by_backoff_until_it_is_sent() {
    let bench = Bench::without_calls(Base::embedded().await, 1).await;
    let due = || async { swept(&bench, 10).await.outbox };
    assert!(due().await.is_empty(), "the intake sends it itself");
    bench.later(seconds(61));
    let first = due().await;
    assert_eq!(first.len(), 1);
    assert_eq!(
        (first[0].kind, first[0].bulk_change),
        (OutboxKind::Chunk, bench.bulk)
    );
    for wait in [30, 60, 120, 240, 480, 900, 900] {
        assert!(due().await.is_empty());
        bench.later(seconds(wait - 2));
        assert!(due().await.is_empty(), "{wait}");
        bench.later(seconds(3));
        assert_eq!(due().await.len(), 1, "{wait}");
    }
    mark_sent(bench.central(), &[first[0].id]).await.unwrap();
    bench.later(seconds(3600));
    assert!(due().await.is_empty());
}

#[tokio::test]
async fn a_status_that_another_producer_overwrote_is_set_back() {
    for (succeeds, right) in [(true, "PROCESSED"), (false, "ERROR")] {
        let bench = Bench::without_calls(Base::embedded().await, 2).await;
        let rows = bench.claim().await.rows;
        if succeeds {
            bench.record(&rows[..1]).await;
            bench.write(&[failure(&rows[1])], &[]).await;
        } else {
            let failures: Vec<_> = rows.iter().map(failure).collect();
            bench.write(&failures, &[]).await;
        }
        let overwrite = async |status: &str| {
            let update = "UPDATE dbo.DeviceBulkChange SET Status = @P2 WHERE id = @P1;";
            let sql = &bench.base.sql;
            sql.run(update, &[&bench.bulk.get(), &status]).await;
        };
        overwrite("PROCESSING").await;
        swept(&bench, 10).await;
        assert_eq!(bench.bulk_status().await, "PROCESSING", "not finished yet");
        bench.finish().await;
        for wrong in [
            "NEW",
            "PENDING",
            "PROCESSING",
            "PROCESSED",
            "ERROR",
            "API_FAILED",
        ] {
            overwrite(wrong).await;
            swept(&bench, 10).await;
            assert_eq!(bench.bulk_status().await, right, "after {wrong}");
        }
        bench.later(seconds(7 * 86_400 + 1));
        overwrite("NEW").await;
        swept(&bench, 10).await;
        assert_eq!(bench.bulk_status().await, "NEW", "a week is enough");
    }
}

#[tokio::test]
async fn request_keys_are_kept_for_30_days() {
    let bench = Bench::without_calls(Base::embedded().await, 1).await;
    let sql = &bench.base.sql;
    sql.run(
        "INSERT INTO dbo.BulkChangeRequestKey (KeyHash, Fingerprint, BulkChangeId, Answer) \
         VALUES (HASHBYTES('SHA2_256', N'a'), HASHBYTES('SHA2_256', N'a'), @P1, N'{}');",
        &[&bench.bulk.get()],
    )
    .await;
    let left = || {
        sql.count(
            "SELECT COUNT_BIG(*) FROM dbo.BulkChangeRequestKey AS k;",
            &[],
        )
    };
    bench.later(seconds(30 * 86_400 - 60));
    swept(&bench, 10).await;
    assert_eq!(left().await, 1);
    bench.later(seconds(120));
    swept(&bench, 10).await;
    assert_eq!(left().await, 0);
}

#[tokio::test]
async fn a_message_without_a_receiver_is_left_alone_until_there_is_one() {
    let bench = Bench::without_calls(Base::embedded().await, 1).await;
    let sql = &bench.base.sql;
    sql.run(
        "INSERT INTO dbo.BulkChangeOutbox (Kind, BulkChangeId, Payload, NextAttemptAt) \
         SELECT k.Kind, @P1, N'{\"bulkChangeId\":1}', SYSUTCDATETIME() FROM (SELECT 'carrier' AS Kind UNION ALL SELECT 'notice') AS k;",
        &[&bench.bulk.get()],
    )
    .await;
    let kinds = |found: Sweep| -> Vec<OutboxKind> {
        found
            .outbox
            .iter()
            .map(|message| message.kind)
            .filter(|kind| *kind != OutboxKind::Chunk)
            .collect()
    };
    for _ in 0..3 {
        bench.later(seconds(20));
        let nobody = sweep(bench.central(), 10, Receivers::default()).await;
        assert!(kinds(nobody.unwrap()).is_empty());
    }
    let tried = "SELECT COALESCE(SUM(CAST(o.Attempts AS bigint)), 0) FROM dbo.BulkChangeOutbox AS o WHERE o.Kind <> 'chunk';";
    assert_eq!(sql.count(tried, &[]).await, 0, "no attempt is used up");
    let carrier_only = Receivers {
        carrier_changes: true,
        ..Receivers::default()
    };
    let found = sweep(bench.central(), 10, carrier_only).await.unwrap();
    assert_eq!(kinds(found), [OutboxKind::Carrier]);
    let found = swept(&bench, 10).await;
    assert_eq!(kinds(found), [OutboxKind::Notice]);
}

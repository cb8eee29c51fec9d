//! Facts: every one can be written twice, and a line id is never lost.

use std::time::Duration;

use crate::bench::{Bench, fact, line};
use crate::support::Base;
use association::{ids::ChangeId, service_line::Reference, steps::Step};
use central::{
    claim::ClaimedChange,
    facts::{AccountFact, FactKind, FactResult, facts},
    record::Recorded,
};
use futures::future::join_all;

const SOON: Duration = Duration::from_millis(0);

#[tokio::test]
async fn every_decision_frees_the_lease_and_changes_nothing_the_second_time() {
    for kind in [
        FactKind::Unknown {
            error: "x".to_owned(),
        },
        FactKind::NotSent {
            error: "x".to_owned(),
            again_in: SOON,
        },
        FactKind::Wait {
            again_in: SOON,
            error: Some("x".to_owned()),
        },
    ] {
        let bench = Bench::with_lines(Base::start().await, 1).await;
        let row = bench.claim_one().await;
        assert_eq!(bench.fact(&row, kind.clone()).await, FactResult::Stored);
        let once = bench.work(row.change).await;
        assert!(!once.leased);
        assert_eq!(
            bench.fact(&row, kind.clone()).await,
            FactResult::Stale,
            "{kind:?}"
        );
        assert_eq!(bench.work(row.change).await, once);
    }
}

#[tokio::test]
async fn a_call_that_was_not_sent_clears_the_intent_and_counts_as_an_attempt() {
    let bench = Bench::with_lines(Base::start().await, 1).await;
    let row = bench.claim_one().await;
    let kind = FactKind::NotSent {
        error: "no route".to_owned(),
        again_in: Duration::from_millis(1),
    };
    bench.fact(&row, kind).await;
    let work = bench.work(row.change).await;
    assert_eq!(
        (work.intent, work.attempts, work.step.as_str()),
        (None, 1, "open-line")
    );
    assert_eq!(work.last_error.as_deref(), Some("no route"));
    let again = loop {
        if let Some(row) = bench.claim().await.rows.pop() {
            break row;
        }
    };
    assert!(!again.earlier_intent);
    assert_eq!((again.step, again.attempts), (Step::OpenLine, 1));
}

#[tokio::test]
async fn a_hand_back_that_the_account_or_a_lapsed_slot_is_the_cause_of_counts_for_nothing() {
    let bench = Bench::with_lines(Base::start().await, 1).await;
    let not_sent = |again_in| FactKind::NotSent {
        error: "x".to_owned(),
        again_in,
    };
    let row = bench.claim_one().await;
    bench.fact(&row, not_sent(SOON)).await;
    assert_eq!(bench.work(row.change).await.attempts, 0);
    let row = bench.claim_one().await;
    let wait = FactKind::Wait {
        again_in: SOON,
        error: Some("no call slot in time".to_owned()),
    };
    bench.fact(&row, wait).await;
    assert_eq!(bench.work(row.change).await.attempts, 0);
    // That row still holds its intent, so it comes back to be looked up; the next one is fresh.
    let bench = Bench::with_lines(Base::start().await, 1).await;
    let row = bench.claim_one().await;
    let throttled = [AccountFact::Throttled {
        retry_after: Duration::from_mins(1),
    }];
    let told = [fact(&row, not_sent(Duration::from_mins(1)))];
    facts(
        bench.central(),
        Some((bench.world.account, &throttled)),
        &told,
    )
    .await
    .unwrap();
    assert_eq!(bench.work(row.change).await.attempts, 0);
}

#[tokio::test]
async fn the_same_line_id_twice_is_stored_and_a_second_one_raises_a_review() {
    let bench = Bench::with_lines(Base::start().await, 1).await;
    let row = bench.claim_one().await;
    assert_eq!(
        bench.fact(&row, FactKind::LineOpened(line(700))).await,
        FactResult::Stored
    );
    assert_eq!(
        bench.fact(&row, FactKind::LineOpened(line(700))).await,
        FactResult::Stored
    );
    let work = bench.work(row.change).await;
    assert!(work.leased && !work.review);

    assert_eq!(
        bench.fact(&row, FactKind::LineOpened(line(701))).await,
        FactResult::SecondLine
    );
    let work = bench.work(row.change).await;
    assert_eq!(work.line, Some(700), "the first one stays");
    assert!(work.review && !work.closed && !work.leased);
    assert_eq!(work.status, "API_FAILED");
    assert_eq!(
        work.details.as_deref(),
        Some("billing-outcome-unknown: service line 701 was opened at Rev beside service line 700")
    );
    assert_eq!(
        bench.fact(&row, FactKind::LineOpened(line(701))).await,
        FactResult::SecondLine
    );
    let logs =
        "SELECT COUNT_BIG(*) FROM dbo.DeviceBulkChangeLog AS l WHERE l.M2MDeviceChangeId = @P1;";
    assert_eq!(
        bench.base.sql.count(logs, &[&row.change.get()]).await,
        1,
        "the second id is told once"
    );

    // A row in review is nobody's to record or to claim.
    let mut row = row;
    row.service_line = Some(line(700));
    assert_eq!(bench.record(&[row]).await, [Recorded::Stale]);
    assert!(bench.claim().await.rows.is_empty());
}

#[tokio::test]
async fn two_line_ids_of_one_change_in_one_write_are_both_kept() {
    let bench = Bench::with_lines(Base::start().await, 1).await;
    let row = bench.claim_one().await;
    let both = [
        fact(&row, FactKind::LineOpened(line(710))),
        fact(&row, FactKind::LineOpened(line(711))),
    ];
    let results: Vec<FactResult> = facts(bench.central(), None, &both)
        .await
        .unwrap()
        .into_iter()
        .map(|(_, result)| result)
        .collect();
    assert_eq!(results, [FactResult::Stored, FactResult::SecondLine]);
}

#[tokio::test]
async fn a_line_of_a_change_that_had_ended_is_stored_and_reviewed() {
    let bench = Bench::with_lines(Base::start().await, 1).await;
    let row = bench.claim_one().await;
    assert_eq!(
        bench.write(&[crate::bench::failure(&row)], &[]).await,
        [Recorded::Failed]
    );
    assert_eq!(
        bench.fact(&row, FactKind::LineOpened(line(720))).await,
        FactResult::SecondLine
    );
    let work = bench.work(row.change).await;
    assert_eq!(work.line, Some(720));
    assert!(work.closed && work.review);
}

/// The changes that hold a line, of those given.
async fn holders(bench: &Bench, rows: &[ClaimedChange], id: i64) -> Vec<ChangeId> {
    let mut holders = Vec::new();
    for row in rows {
        if bench.work(row.change).await.line == Some(id) {
            holders.push(row.change);
        }
    }
    holders
}

/// In review, without the line, and the line's id is there to be read.
async fn assert_told_of(bench: &Bench, row: &ClaimedChange, id: i64, other: &ClaimedChange) {
    let words = format!(
        "service line {id} at Rev is named for change {} as well",
        other.change
    );
    let work = bench.work(row.change).await;
    assert_eq!(
        (work.line, work.review, work.closed, work.leased),
        (None, true, false, false)
    );
    assert_eq!(work.status, "API_FAILED");
    assert_eq!(
        work.details.as_deref(),
        Some(format!("billing-outcome-unknown: {words}").as_str())
    );
    let logs = "SELECT COUNT_BIG(*) FROM dbo.DeviceBulkChangeLog AS l WHERE l.M2MDeviceChangeId = @P1 AND l.ErrorText = @P2;";
    let logged = bench
        .base
        .sql
        .count(logs, &[&row.change.get(), &words.as_str()])
        .await;
    assert_eq!(logged, 1, "told once");
}

#[tokio::test]
async fn a_line_that_another_change_holds_is_for_a_person_and_its_id_is_told() {
    let bench = Bench::with_lines(Base::start().await, 2).await;
    let rows = bench.claim().await.rows;
    assert_eq!(
        bench.fact(&rows[0], FactKind::LineOpened(line(740))).await,
        FactResult::Stored
    );
    for _ in 0..2 {
        assert_eq!(
            bench.fact(&rows[1], FactKind::LineOpened(line(740))).await,
            FactResult::SecondLine
        );
        assert_told_of(&bench, &rows[1], 740, &rows[0]).await;
    }
    // The first one is not touched by it, not even by a second run of its own fact.
    assert_eq!(
        bench.fact(&rows[0], FactKind::LineOpened(line(740))).await,
        FactResult::Stored
    );
    let held = bench.work(rows[0].change).await;
    assert_eq!((held.line, held.review), (Some(740), false));
    let mut late = rows[1].clone();
    late.service_line = Some(line(740));
    assert_eq!(bench.record(&[late]).await, [Recorded::Stale]);
}

#[tokio::test]
async fn a_line_that_two_facts_of_one_write_name_is_for_a_person_in_both() {
    let bench = Bench::with_lines(Base::start().await, 3).await;
    let rows = bench.claim().await.rows;
    let all = [
        fact(&rows[0], FactKind::LineOpened(line(750))),
        fact(&rows[1], FactKind::LineOpened(line(750))),
        fact(&rows[2], FactKind::LineOpened(line(751))),
    ];
    for _ in 0..2 {
        let results: Vec<FactResult> = facts(bench.central(), None, &all)
            .await
            .unwrap()
            .into_iter()
            .map(|(_, result)| result)
            .collect();
        assert_eq!(
            results,
            [
                FactResult::SecondLine,
                FactResult::SecondLine,
                FactResult::Stored
            ]
        );
        assert_told_of(&bench, &rows[0], 750, &rows[1]).await;
        assert_told_of(&bench, &rows[1], 750, &rows[0]).await;
    }
    assert_eq!(bench.work(rows[2].change).await.line, Some(751));
}

#[tokio::test]
async fn of_many_that_store_one_line_at_once_one_does() {
    let bench = Bench::with_lines(Base::start().await, 6).await;
    let rows = bench.claim().await.rows;
    let results = join_all(
        rows.iter()
            .map(|row| bench.fact(row, FactKind::LineOpened(line(760)))),
    )
    .await;
    let stored = results
        .iter()
        .filter(|result| **result == FactResult::Stored)
        .count();
    assert_eq!(stored, 1, "{results:?}");
    assert_eq!(holders(&bench, &rows, 760).await.len(), 1);
}

#[tokio::test]
async fn a_line_with_the_same_id_at_another_account_is_another_line() {
    let base = Base::start().await;
    let bench = Bench::with_lines(base, 1).await;
    let row = bench.claim_one().await;
    bench.fact(&row, FactKind::LineOpened(line(770))).await;
    let other = Bench::with_lines(bench.base, 1).await;
    let row = other.claim_one().await;
    assert_eq!(
        other.fact(&row, FactKind::LineOpened(line(770))).await,
        FactResult::Stored
    );
}

#[tokio::test]
async fn an_id_for_another_reference_is_not_stored() {
    let bench = Bench::with_lines(Base::start().await, 1).await;
    let row = bench.claim_one().await;
    let mut foreign = fact(&row, FactKind::LineOpened(line(730)));
    foreign.reference = Reference::of(ChangeId::new(row.change.get() + 1_000_000).unwrap());
    let results = facts(bench.central(), None, &[foreign]).await.unwrap();
    assert_eq!(results[0].1, FactResult::Stale);
    assert_eq!(bench.work(row.change).await.line, None);
}

#[tokio::test]
async fn facts_of_a_hundred_rows_are_one_round_trip() {
    let bench = Bench::with_lines(Base::start().await, 100).await;
    let rows = bench.claim().await.rows;
    let all: Vec<_> = rows
        .iter()
        .map(|row| fact(row, FactKind::LineOpened(line(row.change.get() + 10_000))))
        .collect();
    let before = bench.central().round_trips();
    let results = facts(bench.central(), None, &all).await.unwrap();
    assert_eq!(bench.central().round_trips() - before, 1);
    assert_eq!(results.len(), 100);
    assert!(
        results
            .iter()
            .all(|(_, result)| *result == FactResult::Stored)
    );
}

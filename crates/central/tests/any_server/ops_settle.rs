//! Settling by hand beside a consumer that still speaks: money that moved is never forgotten, and nothing is sent twice unseen.

use crate::bench::{Bench, Work, fact, failure, line};
use crate::support::Base;
use association::{
    follow::{Before, LookedUp, Next, Opened, Settled, Settling, after_look_up, after_opening},
    ids::ChangeId,
    plan::Reason,
    steps::Step,
};
use central::{
    claim::ClaimedChange,
    facts::{FactKind, FactResult, facts},
    ops::{
        Signed,
        review::{Review, review, reviews},
        settle::{Decision, settle},
    },
    record::{Ending, Record, Recorded},
};

const SIGNED: Signed<'_> = Signed {
    by: "tester",
    reason: "looked at Rev",
};

/// One change in review, as its consumer had claimed it. The bulk change is finished.
async fn in_review() -> (Bench, ClaimedChange) {
    let bench = Bench::with_lines(Base::start().await, 1).await;
    let row = bench.claim_one().await;
    to_review(&bench, &row).await;
    assert!(bench.finish().await.finished_now);
    (bench, row)
}

async fn to_review(bench: &Bench, row: &ClaimedChange) {
    let recorded = bench.write(&[review_of(row)], &[]).await;
    assert_eq!(recorded, [Recorded::Review]);
}

fn review_of(row: &ClaimedChange) -> Record {
    Record {
        ending: Ending::Review {
            reason: Reason::BillingOutcomeUnknown,
            words: "nobody knows".to_owned(),
        },
        ..failure(row)
    }
}

async fn seen(bench: &Bench, change: ChangeId) -> Vec<Review> {
    review(bench.central(), &[change], None).await.unwrap()
}

async fn settled(bench: &Bench, seen: &[Review], decision: Decision) -> bool {
    let results = settle(bench.central(), seen, decision, &SIGNED)
        .await
        .unwrap();
    assert_eq!(results.len(), 1);
    results[0].1
}

async fn decide(bench: &Bench, change: ChangeId, decision: Decision) -> bool {
    settled(bench, &seen(bench, change).await, decision).await
}

fn place(work: &Work) -> (&str, Option<i64>, bool, bool) {
    (work.step.as_str(), work.line, work.review, work.closed)
}

#[tokio::test]
async fn a_line_that_comes_after_not_created_is_kept_and_no_second_call_is_made() {
    let (bench, row) = in_review().await;
    assert!(decide(&bench, row.change, Decision::NotCreated).await);
    let open = bench.work(row.change).await;
    assert_eq!(
        (place(&open), open.intent.as_deref(), open.unknowns),
        (("open-line", None, false, false), None, 0)
    );
    assert_eq!(
        bench.fact(&row, FactKind::LineOpened(line(700))).await,
        FactResult::Stored
    );
    let again = bench.claim_one().await;
    assert_eq!(
        (again.step, again.service_line),
        (Step::Assign, Some(line(700)))
    );
    assert_eq!(bench.record(&[again]).await, [Recorded::Assigned]);
    assert!(bench.finish().await.finished_now);
    assert_eq!(bench.bulk_status().await, "PROCESSED");
}

#[tokio::test]
async fn not_created_keeps_one_lost_call_so_that_the_next_one_leads_to_a_person() {
    let (bench, row) = in_review().await;
    bench
        .base
        .sql
        .run(
            "UPDATE dbo.DeviceChangeWork SET Unknowns = 2 WHERE ChangeId = @P1;",
            &[&row.change.get()],
        )
        .await;
    assert!(decide(&bench, row.change, Decision::NotCreated).await);
    let again = bench.claim_one().await;
    assert_eq!((again.step, again.unknowns), (Step::OpenLine, 1));
    // Rev's refusal may be about the lost call's line: it is looked up before anything ends.
    let before = Before {
        attempts: again.attempts,
        unknowns: again.unknowns,
    };
    let refused = after_opening(Opened::Refused("taken".to_owned()), before);
    assert!(matches!(refused, Next::Settle(_)), "{refused:?}");
    // One more call without an answer, and no line to be seen: not sent a third time.
    let unknown = FactKind::Unknown {
        error: "no answer".to_owned(),
    };
    assert_eq!(bench.fact(&again, unknown).await, FactResult::Stored);
    let settling = Settling {
        counts: true,
        absent_before: Some(true),
        unknowns: bench.work(row.change).await.unknowns,
        attempts: 0,
    };
    let next = after_look_up(&LookedUp::Absent, settling);
    assert!(
        matches!(next, Settled::End(association::follow::Ending::Review(..))),
        "{next:?}"
    );
}

#[tokio::test]
async fn a_line_that_comes_after_the_second_call_raises_a_review() {
    let (bench, row) = in_review().await;
    assert!(decide(&bench, row.change, Decision::NotCreated).await);
    let again = bench.claim_one().await;
    assert_eq!(again.step, Step::OpenLine);
    assert!(again.fence > row.fence + 1);
    bench.fact(&row, FactKind::LineOpened(line(700))).await;
    assert_eq!(
        bench.fact(&again, FactKind::LineOpened(line(701))).await,
        FactResult::SecondLine
    );
    let work = bench.work(row.change).await;
    assert_eq!(place(&work), ("assign", Some(700), true, false));
}

#[tokio::test]
async fn a_line_that_comes_before_the_decision_is_written_stops_it() {
    for decision in [Decision::NotCreated, Decision::GiveUp] {
        let (bench, row) = in_review().await;
        let before = seen(&bench, row.change).await;
        bench.fact(&row, FactKind::LineOpened(line(700))).await;
        let known = bench.work(row.change).await;
        assert!(!settled(&bench, &before, decision).await, "{decision:?}");
        assert_eq!(bench.work(row.change).await, known);
        assert!(decide(&bench, row.change, Decision::Adopt(line(700))).await);
    }
}

#[tokio::test]
async fn the_same_seen_state_settles_once() {
    let (bench, row) = in_review().await;
    let before = seen(&bench, row.change).await;
    assert!(settled(&bench, &before, Decision::NotCreated).await);
    let once = bench.work(row.change).await;
    for decision in [
        Decision::NotCreated,
        Decision::GiveUp,
        Decision::Adopt(line(1)),
    ] {
        assert!(!settled(&bench, &before, decision).await, "{decision:?}");
    }
    assert_eq!(bench.work(row.change).await, once);
    let logged = "SELECT COUNT_BIG(*) FROM dbo.DeviceBulkChangeLog AS l WHERE l.M2MDeviceChangeId = @P1 AND l.LogEntryDescription = N'Review settled: not-created' AND l.CreatedBy = N'tester' AND l.RequestText = N'looked at Rev';";
    assert_eq!(bench.base.sql.count(logged, &[&row.change.get()]).await, 1);
}

#[tokio::test]
async fn what_an_old_holder_decided_is_stale_after_a_settlement() {
    let (bench, row) = in_review().await;
    assert!(decide(&bench, row.change, Decision::NotCreated).await);
    let open = bench.work(row.change).await;
    let unknown = FactKind::Unknown {
        error: "late".to_owned(),
    };
    assert_eq!(bench.fact(&row, unknown).await, FactResult::Stale);
    assert_eq!(bench.write(&[failure(&row)], &[]).await, [Recorded::Stale]);
    assert_eq!(bench.work(row.change).await, open);
}

#[tokio::test]
async fn an_adopted_line_is_recorded_without_a_call_and_the_bulk_change_ends_again() {
    let (bench, row) = in_review().await;
    assert_eq!(bench.bulk_status().await, "ERROR");
    assert!(decide(&bench, row.change, Decision::Adopt(line(800))).await);
    assert_eq!(bench.bulk_status().await, "PROCESSING");
    let work = bench.work(row.change).await;
    assert_eq!(place(&work), ("assign", Some(800), false, false));
    assert_eq!((work.status.as_str(), work.details), ("PENDING", None));
    let again = bench.claim_one().await;
    assert_eq!(bench.record(&[again]).await, [Recorded::Assigned]);
    assert!(bench.finish().await.finished_now);
    assert_eq!(bench.bulk_status().await, "PROCESSED");
}

#[tokio::test]
async fn a_line_too_many_of_an_ended_change_is_acknowledged_until_the_next_one() {
    let bench = Bench::with_lines(Base::start().await, 1).await;
    let row = bench.claim_one().await;
    bench.write(&[failure(&row)], &[]).await;
    bench.fact(&row, FactKind::LineOpened(line(720))).await;
    let (_, waiting) = reviews(bench.central(), Some(bench.world.tenant), 10)
        .await
        .unwrap();
    assert_eq!(waiting.len(), 1);
    assert!(waiting[0].ended && waiting[0].line == Some(line(720)));
    let before = seen(&bench, row.change).await;
    // Another line turns up between look and decision: the person has not seen it.
    bench.fact(&row, FactKind::LineOpened(line(721))).await;
    assert!(!settled(&bench, &before, Decision::Acknowledge).await);
    assert!(decide(&bench, row.change, Decision::Acknowledge).await);
    let work = bench.work(row.change).await;
    assert_eq!(place(&work), ("done", Some(720), false, true));
    let (total, _) = reviews(bench.central(), Some(bench.world.tenant), 10)
        .await
        .unwrap();
    assert_eq!(total, 0);
    // A late line of it is told again.
    assert_eq!(
        bench.fact(&row, FactKind::LineOpened(line(722))).await,
        FactResult::SecondLine
    );
    assert!(bench.work(row.change).await.review);
}

#[tokio::test]
async fn a_line_that_comes_after_give_up_waits_for_a_person_again() {
    let (bench, row) = in_review().await;
    assert!(decide(&bench, row.change, Decision::GiveUp).await);
    let work = bench.work(row.change).await;
    assert_eq!(place(&work), ("done", None, false, true));
    assert_eq!(
        work.details.as_deref(),
        Some("billing-outcome-unknown: nobody knows; given up by tester: looked at Rev")
    );
    assert_eq!(
        bench.fact(&row, FactKind::LineOpened(line(700))).await,
        FactResult::SecondLine
    );
    let work = bench.work(row.change).await;
    assert_eq!(place(&work), ("done", Some(700), true, true));
}

#[tokio::test]
async fn a_hundred_reviews_are_settled_in_two_round_trips() {
    let bench = Bench::with_lines(Base::start().await, 100).await;
    let rows = bench.claim().await.rows;
    assert!(rows.len() > 5, "{}", rows.len());
    let records: Vec<Record> = rows.iter().map(review_of).collect();
    let recorded = bench.write(&records, &[]).await;
    assert!(recorded.iter().all(|one| *one == Recorded::Review));
    let changes: Vec<ChangeId> = rows.iter().map(|row| row.change).collect();
    let before = bench.central().round_trips();
    let seen = review(bench.central(), &changes, None).await.unwrap();
    let results = settle(bench.central(), &seen, Decision::GiveUp, &SIGNED)
        .await
        .unwrap();
    assert_eq!(bench.central().round_trips() - before, 2);
    assert_eq!(results.len(), rows.len());
    assert!(results.iter().all(|(_, settled)| *settled));
    let told = facts(
        bench.central(),
        None,
        &[fact(&rows[0], FactKind::StillAbsent)],
    )
    .await
    .unwrap();
    assert_eq!(told[0].1, FactResult::Stale);
}

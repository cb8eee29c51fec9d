//! Every step twice: a write that is run again right after it succeeded, with the same parameters, changes no row of any table.
//!
//! On a clock that stands still, so that not even a moment that is written anew can hide behind one that was written before.
//!
//! Two are exceptions by nature, and never sent again by the driver alone (`Statement::once`): `more_slots` adds slots each time, and
//! so is not among these tests; `outbox_take` counts each taking as a try.

use std::{collections::BTreeMap, time::Duration};

use association::request::{AssociateRequest, Options};
use central::{
    check::check,
    claim::{ClaimedChange, claim},
    enroll::enroll,
    facts::{AccountFact, FactKind, facts},
    outbox,
    preflight::{Verdict, preflight},
    submit::{Key, Submission, Submitted, submit},
    sweep::{Receivers, open_chunks, sweep},
};
use serde_json::json;

use crate::{
    bench::{BUDGET, Bench, fact, failure, line, rev_service, tables},
    support::{Base, World, foreign},
};

type Tables = BTreeMap<String, Vec<String>>;

fn tables_of(base: &Base) -> Tables {
    let tables = base.server().database().tables().unwrap();
    let mut tables: Tables = tables.into_iter().collect();
    // When a row was offered last: whoever comes a second time is told to come again, and that is noted. Nothing else comes of this
    // column than that the sweep waits with an offer of its own.
    for row in tables.get_mut("DeviceChangeWork").unwrap() {
        let fields: Vec<&str> = row.split(", OfferedAt: ").collect();
        if let [before, after] = fields[..] {
            let rest = after.split_once(", ").map_or("", |(_, rest)| rest);
            *row = format!("{before}, {rest}");
        }
    }
    tables
}

async fn base() -> Base {
    let base = Base::embedded().await;
    base.server().database().clock().freeze();
    base
}

/// Runs a step, which changes something, and runs it again, which changes nothing but `besides`.
async fn twice_but<T>(
    base: &Base,
    what: &str,
    besides: &[&str],
    step: impl AsyncFn() -> T,
) -> (T, T) {
    let before = tables_of(base);
    let first = step().await;
    let once = tables_of(base);
    // What sweep and open_chunks write is the offering alone.
    if !["sweep", "open_chunks"].contains(&what) {
        assert_ne!(before, once, "{what} changes nothing the first time");
    }
    let second = step().await;
    for (name, rows) in tables_of(base) {
        if !besides.contains(&name.as_str()) {
            assert_eq!(rows, once[&name], "{what}, the second time: {name}");
        }
    }
    (first, second)
}

async fn twice<T>(base: &Base, what: &str, step: impl AsyncFn() -> T) -> (T, T) {
    twice_but(base, what, &[], step).await
}

/// One device, claimed to open a line.
async fn claimed() -> (Bench, ClaimedChange) {
    let bench = Bench::with_lines(base().await, 1).await;
    let row = bench.claim_one().await;
    (bench, row)
}

#[tokio::test]
async fn a_request_with_its_key() {
    let base = base().await;
    let world = World::new(&base.sql).await;
    let request = AssociateRequest {
        options: Options {
            rev_service: Some(rev_service()),
            ..Options::default()
        },
        ..world.request(world.add_assignable(3).await)
    };
    let checked = check(&base.central, &world.actor(), &request, None)
        .await
        .unwrap();
    let plan = association::decide::plan(&request, &checked.found).unwrap();
    let (first, second) = twice(&base, "submit", async || {
        let submission = Submission {
            request: &request,
            plan: &plan,
            key: Some(Key {
                hash: [7; 32],
                fingerprint: [8; 32],
            }),
            answer: "{}",
            budget: BUDGET,
            trace: None,
        };
        submit(&base.central, &world.actor(), &submission)
            .await
            .unwrap()
    })
    .await;
    assert!(matches!(first, Submitted::Accepted { .. }), "{first:?}");
    assert!(matches!(second, Submitted::KeyTaken), "{second:?}");
}

#[tokio::test]
async fn a_claim_and_a_preflight() {
    let base = base().await;
    let bench = Bench::of(base, 3, |_| Options {
        rev_service: Some(rev_service()),
        ..Options::default()
    })
    .await;
    let ask = bench.ask();
    let base = &bench.base;
    // The first claim is the preflight's.
    twice(base, "claim of the preflight", async || {
        claim(&base.central, &ask).await.unwrap()
    })
    .await;
    for verdict in [
        Verdict::Wait {
            again_in: Duration::from_secs(10),
        },
        Verdict::Passed,
    ] {
        twice(base, "preflight", async || {
            preflight(&base.central, bench.bulk, ask.owner, &verdict)
                .await
                .unwrap()
        })
        .await;
        bench.later(Duration::from_secs(11));
        claim(&base.central, &ask).await.unwrap();
    }
    let bench = Bench::with_lines(self::base().await, 3).await;
    let ask = bench.ask();
    let (first, second) = twice(&bench.base, "claim", async || {
        claim(bench.central(), &ask).await.unwrap()
    })
    .await;
    assert_eq!((first.rows.len(), second.rows.len()), (3, 0));
}

#[tokio::test]
async fn each_fact_of_a_change() {
    let error = || "fake".to_owned();
    let again_in = Duration::from_secs(30);
    let kinds = [
        FactKind::LineOpened(line(5)),
        FactKind::Unknown { error: error() },
        FactKind::NotSent {
            error: error(),
            again_in,
        },
        FactKind::StillAbsent,
        FactKind::NotYetCounted { again_in },
        FactKind::NotCreated,
        FactKind::Wait {
            again_in,
            error: Some(error()),
        },
    ];
    for kind in kinds {
        let (bench, mut row) = claimed().await;
        let of_a_look_up = matches!(
            kind,
            FactKind::StillAbsent | FactKind::NotYetCounted { .. } | FactKind::NotCreated
        );
        if of_a_look_up {
            bench.fact(&row, FactKind::Unknown { error: error() }).await;
            bench.later(Duration::from_mins(5));
            row = bench.claim_one().await;
        }
        if kind == FactKind::NotCreated {
            // The second look-up that counts.
            bench.fact(&row, FactKind::StillAbsent).await;
            bench.later(Duration::from_mins(2));
            row = bench.claim_one().await;
        }
        let facts_of_it = [fact(&row, kind.clone())];
        twice(&bench.base, &format!("{kind:?}"), async || {
            facts(bench.central(), None, &facts_of_it).await.unwrap()
        })
        .await;
    }
}

#[tokio::test]
async fn each_fact_of_an_account() {
    for said in [
        AccountFact::Throttled {
            retry_after: Duration::from_secs(30),
        },
        AccountFact::Stopped {
            reason: "fake".to_owned(),
        },
    ] {
        let (bench, _) = claimed().await;
        let said = [said];
        twice(&bench.base, &format!("{said:?}"), async || {
            bench.account_facts(&said).await;
        })
        .await;
        let working = [AccountFact::Working];
        bench.account_facts(&working).await;
        let once = tables_of(&bench.base);
        bench.account_facts(&working).await;
        assert_eq!(tables_of(&bench.base), once, "working after {said:?}");
    }
}

#[tokio::test]
async fn a_record_and_a_finish() {
    let bench = tables::everything(base().await, 3).await;
    let mut rows = tables::opened(&bench, 41).await;
    let refused = rows.pop().unwrap();
    let bulk = bench.claimed_bulk_change().await;
    let (mut records, logs): (Vec<_>, Vec<_>) = rows.iter().map(crate::bench::assignment).unzip();
    records.push(failure(&refused));
    twice(&bench.base, "record", async || {
        central::record::record(bench.central(), &bulk, &records, &logs)
            .await
            .unwrap()
    })
    .await;
    let (first, second) = twice(&bench.base, "finish", async || bench.finish().await).await;
    assert!(
        first.finished_now && !second.finished_now,
        "{first:?} {second:?}"
    );
    assert!(first.notice.is_some() && second.notice.is_none());
}

#[tokio::test]
async fn the_outbox_and_the_sweep() {
    let bench = Bench::with_lines(base().await, 101).await;
    // Each taking is a try, and counted as one.
    let outbox = ["BulkChangeOutbox"];
    let (first, second) = twice_but(&bench.base, "outbox_take", &outbox, async || {
        outbox::take(bench.central(), bench.bulk).await.unwrap()
    })
    .await;
    let ids = |taken: &[outbox::OutboxMessage]| -> Vec<i64> {
        taken.iter().map(|message| message.id).collect()
    };
    assert_eq!((first.len(), ids(&first)), (2, ids(&second)));
    let failed = [(first[0].id, "fake".to_owned())];
    twice(&bench.base, "outbox_failed", async || {
        outbox::mark_failed(bench.central(), &failed).await.unwrap();
    })
    .await;
    let messages = bench
        .base
        .sql
        .rows(
            "SELECT CAST(CASE WHEN SentAt IS NULL THEN 0 ELSE 1 END AS bit) AS IsSent, Attempts, LastError \
             FROM dbo.BulkChangeOutbox WHERE BulkChangeId = @P1 ORDER BY Id",
            &[&bench.bulk.get()],
        )
        .await;
    let messages: Vec<(bool, i32, Option<&str>)> = messages
        .iter()
        .map(|row| {
            (
                row.get("IsSent").unwrap(),
                row.get("Attempts").unwrap(),
                row.get("LastError"),
            )
        })
        .collect();
    // Both were taken twice; one of them failed, twice, which is no try of its own.
    assert_eq!(messages, [(false, 2, Some("fake")), (false, 2, None)]);
    let sent: Vec<i64> = first.iter().map(|message| message.id).collect();
    twice(&bench.base, "outbox_sent", async || {
        outbox::mark_sent(bench.central(), &sent).await.unwrap();
    })
    .await;
    bench.later(Duration::from_mins(10));
    let receivers = Receivers {
        notices: true,
        carrier_changes: true,
    };
    let (first, second) = twice(&bench.base, "sweep", async || {
        sweep(bench.central(), 500, receivers).await.unwrap()
    })
    .await;
    assert_eq!((first.offers.len(), second.offers.len()), (2, 0));
    bench.later(Duration::from_secs(1));
    let (first, second) = twice(&bench.base, "open_chunks", async || {
        open_chunks(bench.central(), bench.bulk).await.unwrap()
    })
    .await;
    for answer in [first, second] {
        let answer = answer.expect("the bulk change is there");
        let chunks: Vec<i32> = answer.chunks.iter().map(|offer| offer.chunk).collect();
        assert_eq!((answer.has_work, chunks), (true, vec![0, 1]));
    }
    // All of their rows count as offered now: the sweep has offered them a second before.
    let offered = bench
        .base
        .sql
        .rows(
            "SELECT COUNT_BIG(*) AS Rows FROM dbo.DeviceChangeWork WHERE BulkChangeId = @P1 AND OfferedAt > DATEADD(millisecond, -500, SYSUTCDATETIME())",
            &[&bench.bulk.get()],
        )
        .await;
    assert_eq!(offered[0].get::<i64, _>("Rows"), Some(101));
}

#[tokio::test]
async fn an_enrolment() {
    let base = base().await;
    let world = World::new(&base.sql).await;
    world.add_assignable(2).await;
    let id = foreign::bulk_change(&world).await;
    for n in [1, 2, 99] {
        foreign::add(&world, id, n, &json!({})).await;
    }
    let (named, enrolment) = foreign::read_and_judged(&base.central, id).await;
    let (first, second) = twice(&base, "enroll", async || {
        enroll(&base.central, id, &named, &enrolment, None)
            .await
            .unwrap()
    })
    .await;
    let first = first.unwrap();
    assert_eq!((first.accepted, first.refused), (2, 1));
    // Nothing was left to take over.
    let second = second.map(|enrolled| (enrolled.accepted, enrolled.refused));
    assert_eq!(second, Some((0, 0)));
}

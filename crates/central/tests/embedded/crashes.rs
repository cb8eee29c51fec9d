//! A consumer that dies at any statement, before or after its effect, costs no device and no second line.

use std::{cell::RefCell, collections::HashMap, time::Duration};

use crate::bench::{Bench, assignment, customer_plan, fact, line, rev_service};
use crate::support::Base;
use association::{
    ids::{ChangeId, ServiceLineId},
    request::Options,
    steps::Step,
};
use central::{
    CentralError,
    claim::{ClaimedChange, Preflight, claim},
    facts::{Fact, FactKind, FactResult, facts},
    finish::{FinishSettings, finish},
    preflight::{Verdict, preflight},
    record::record_all,
    sweep::{Receivers, sweep},
};
use embedded_sql_server::faults::{Action, Trigger};

/// Rev as the test plays it: every opening call makes a line.
#[derive(Default)]
struct Rev(RefCell<HashMap<ChangeId, Vec<ServiceLineId>>>);

impl Rev {
    fn open(&self, change: ChangeId) -> ServiceLineId {
        let mut lines = self.0.borrow_mut();
        let id = line(i64::try_from(lines.values().map(Vec::len).sum::<usize>()).unwrap() + 40_000);
        lines.entry(change).or_default().push(id);
        id
    }

    fn find(&self, change: ChangeId) -> Option<ServiceLineId> {
        self.0
            .borrow()
            .get(&change)
            .and_then(|lines| lines.first())
            .copied()
    }
}

/// One delivery of the chunk's message; an error is the death of the consumer.
async fn deliver(bench: &Bench, rev: &Rev) -> Result<(), CentralError> {
    let ask = bench.ask();
    let claimed = claim(bench.central(), &ask).await?;
    if claimed.preflight == Preflight::Mine {
        preflight(bench.central(), bench.bulk, ask.owner, &Verdict::Passed).await?;
        return Ok(());
    }
    let mut told: Vec<Fact> = Vec::new();
    let mut done: Vec<ClaimedChange> = Vec::new();
    for mut row in claimed.rows {
        let found = match row.step {
            Step::OpenLine => Some(rev.open(row.change)),
            Step::Settle => rev.find(row.change),
            Step::Assign | Step::Done => row.service_line,
        };
        let kind = match (found, row.settle_due, row.absent_since_30s) {
            (Some(id), ..) => FactKind::LineOpened(id),
            (None, false, _) => FactKind::NotYetCounted {
                again_in: Duration::from_secs(30),
            },
            (None, true, Some(true)) => FactKind::NotCreated,
            (None, true, _) => FactKind::StillAbsent,
        };
        told.push(fact(&row, kind));
        if found.is_some() {
            row.service_line = found;
            done.push(row);
        }
    }
    if !told.is_empty() {
        let results = facts(bench.central(), None, &told).await?;
        assert!(
            results
                .iter()
                .all(|(_, result)| *result != FactResult::SecondLine)
        );
        let (records, logs): (Vec<_>, Vec<_>) = done.iter().map(assignment).unzip();
        record_all(
            bench.central(),
            &claimed.bulk_change.unwrap(),
            &records,
            &logs,
        )
        .await?;
    }
    let settings = FinishSettings {
        notice_wanted: true,
        ..FinishSettings::default()
    };
    finish(bench.central(), bench.bulk, 0, &settings).await?;
    Ok(())
}

async fn dies_at(statement: &str, action: Action) {
    let bench = Bench::of(Base::embedded().await, 3, |world| Options {
        rev_service: Some(rev_service()),
        customer_plan: Some(customer_plan(world)),
        carrier_plan: None,
    })
    .await;
    let rev = Rev::default();
    let faults = bench.base.server().faults();
    faults.add_lasting(
        Trigger::matching(format!("-- {statement}:")),
        action.clone(),
    );
    let mut died = false;
    for _ in 0..2 {
        died |= deliver(&bench, &rev).await.is_err();
    }
    assert!(died, "{statement} {action:?}: the fault did not strike");
    faults.clear();

    // The message is lost as well: the sweep brings it back, once a minute.
    let mut minutes = 0;
    while !bench.claimed_bulk_change().await.finished {
        minutes += 1;
        assert!(
            minutes < 15,
            "{statement} {action:?}: it does not come to an end"
        );
        bench.later(Duration::from_mins(1));
        let swept = sweep(bench.central(), 10, Receivers::default())
            .await
            .unwrap();
        for _ in swept.offers {
            deliver(&bench, &rev).await.unwrap();
        }
        for found in swept.finishable {
            finish(
                bench.central(),
                found.bulk_change,
                0,
                &FinishSettings::default(),
            )
            .await
            .unwrap();
        }
    }

    let lines = rev.0.borrow().clone();
    assert_eq!(lines.len(), 3, "{statement} {action:?}");
    assert!(
        lines.values().all(|lines| lines.len() == 1),
        "{statement} {action:?}: {lines:?}"
    );
    let sql = &bench.base.sql;
    let count = async |text: &str| sql.count(text, &[&bench.bulk.get()]).await;
    for (what, expected) in [
        (
            "dbo.M2M_DeviceChange AS t WHERE t.Status = N'PROCESSED' AND t.BulkChangeId = @P1",
            3,
        ),
        (
            "dbo.DeviceChangeWork AS t WHERE t.ClosedAt IS NOT NULL AND t.RevServiceLineId IS NOT NULL AND t.BulkChangeId = @P1",
            3,
        ),
        (
            "dbo.DeviceActionHistory AS t WHERE t.BulkChangeId = @P1",
            12,
        ),
        ("dbo.DeviceBulkChangeLog AS t WHERE t.BulkChangeId = @P1", 3),
        (
            "dbo.BulkChangeOutbox AS t WHERE t.Kind = 'notice' AND t.BulkChangeId = @P1 AND t.SentAt IS NULL",
            1,
        ),
        (
            "dbo.Device_Tenant AS t INNER JOIN dbo.DeviceBulkChange AS d ON d.TenantId = t.TenantId WHERE t.RevServiceId IS NOT NULL AND d.id = @P1",
            3,
        ),
    ] {
        let found = count(&format!("SELECT COUNT_BIG(*) FROM {what};")).await;
        // A bulk change that the sweep finishes wants no notice here.
        if what.contains("notice") {
            assert!(found <= expected, "{statement} {action:?}: {what}");
        } else {
            assert_eq!(found, expected, "{statement} {action:?}: {what}");
        }
    }
}

#[tokio::test]
async fn at_the_preflight() {
    dies_at("preflight", Action::DropBefore).await;
    dies_at("preflight", Action::DropAfter).await;
}

#[tokio::test]
async fn at_the_claim() {
    dies_at("claim", Action::DropBefore).await;
    dies_at("claim", Action::DropAfter).await;
}

#[tokio::test]
async fn at_the_facts() {
    dies_at("facts", Action::DropBefore).await;
    dies_at("facts", Action::DropAfter).await;
}

#[tokio::test]
async fn at_the_business_write() {
    dies_at("record", Action::DropBefore).await;
    dies_at("record", Action::DropAfter).await;
}

#[tokio::test]
async fn at_the_finish() {
    dies_at("finish", Action::DropBefore).await;
    dies_at("finish", Action::DropAfter).await;
}

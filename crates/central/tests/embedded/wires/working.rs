//! What the consumer asks and writes, and what takes up its work.

use std::{sync::Arc, time::Duration};

use association::request::{CarrierPlanOptions, Options};
use central::{
    claim::{self, ClaimAsk, Preflight},
    enroll,
    facts::{self, AccountFact, FactKind},
    finish::{self, FinishSettings},
    outbox, preflight, record, sweep,
};
use serde_json::json;

use super::{cases::Cases, stage::call};
use crate::{
    bench::{
        BUDGET, Bench, assignment, customer_plan, fact, line, rev_service,
        tables::{everything, opened},
    },
    support::{Base, World, foreign},
};

pub async fn enroll() -> Cases {
    let base = Base::embedded().await;
    let world = World::new(&base.sql).await;
    world.add_assignable(1).await;
    let id = foreign::bulk_change(&world).await;
    foreign::add(&world, id, 1, &json!({})).await;
    let written = Arc::new(foreign::read_and_judged(&base.central, id).await);
    assert_eq!(written.1.accepted.len(), 1);
    let call = call(move |central| {
        let written = Arc::clone(&written);
        async move { enroll::enroll(&central, id, &written.0, &written.1, None).await }
    });
    Cases::one(base, call)
}

pub async fn outbox_take() -> Cases {
    let bench = Bench::with_lines(Base::embedded().await, 3).await;
    let id = bench.bulk;
    let call = call(move |central| async move {
        let taken = outbox::take(&central, id).await?;
        assert_eq!(taken.len(), 1);
        Ok(taken)
    });
    Cases::one(bench.base, call)
}

pub async fn claim() -> Cases {
    let bench = Bench::with_lines(Base::embedded().await, 3).await;
    let ask = ClaimAsk {
        extra_calls: 1,
        with_account: true,
        ..bench.ask()
    };
    let call = call(move |central| {
        let ask = ask.clone();
        async move { claim::claim(&central, &ask).await }
    });
    Cases::one(bench.base, call)
}

pub async fn more_slots() -> Cases {
    let bench = Bench::with_lines(Base::embedded().await, 1).await;
    let account = bench.world.account;
    let call = call(move |central| async move {
        claim::more_slots(&central, account, 20, Duration::from_secs(20), &BUDGET).await
    });
    Cases::one(bench.base, call)
}

pub async fn preflight() -> Cases {
    let bench = Bench::of(Base::embedded().await, 2, |_| Options {
        rev_service: Some(rev_service()),
        ..Options::default()
    })
    .await;
    let ask = bench.ask();
    let claimed = claim::claim(bench.central(), &ask).await.unwrap();
    assert_eq!(claimed.preflight, Preflight::Mine);
    let (id, owner) = (bench.bulk, ask.owner);
    let call = call(move |central| async move {
        preflight::preflight(&central, id, owner, &preflight::Verdict::Passed).await
    });
    Cases::one(bench.base, call)
}

/// One of each kind, and what was said of the account.
pub async fn facts() -> Cases {
    let bench = Bench::with_lines(Base::embedded().await, 3).await;
    let rows = bench.claim().await.rows;
    let kinds = [
        FactKind::LineOpened(line(9101)),
        FactKind::Unknown {
            error: "no answer".to_owned(),
        },
        FactKind::NotSent {
            error: "no connection".to_owned(),
            again_in: Duration::from_secs(5),
        },
    ];
    let told: Vec<_> = rows
        .iter()
        .zip(kinds)
        .map(|(row, kind)| fact(row, kind))
        .collect();
    let account = bench.world.account;
    let call = call(move |central| {
        let told = told.clone();
        async move {
            let said = [AccountFact::Throttled {
                retry_after: Duration::from_secs(30),
            }];
            facts::facts(&central, Some((account, &said)), &told).await
        }
    });
    Cases::one(bench.base, call)
}

pub async fn record() -> Cases {
    let bench = everything(Base::embedded().await, 3).await;
    let rows = opened(&bench, 9101).await;
    let bulk = Arc::new(bench.claimed_bulk_change().await);
    let written: (Vec<_>, Vec<_>) = rows.iter().map(assignment).unzip();
    let call = call(move |central| {
        let (bulk, (records, logs)) = (Arc::clone(&bulk), written.clone());
        async move { record::record_all(&central, &bulk, &records, &logs).await }
    });
    Cases::one(bench.base, call)
}

/// Everything of it has ended, and it is not finished.
async fn ended() -> Bench {
    let bench = Bench::of(Base::embedded().await, 2, |world| Options {
        customer_plan: Some(customer_plan(world)),
        carrier_plan: Some(CarrierPlanOptions {
            carrier_rate_plan: "CARRIER-1GB".to_owned(),
            comm_plan: None,
        }),
        ..Options::default()
    })
    .await;
    let rows = bench.claim().await.rows;
    bench.record(&rows).await;
    bench
}

pub async fn finish() -> Cases {
    let bench = ended().await;
    let id = bench.bulk;
    let call = call(move |central| async move {
        let settings = FinishSettings {
            notice_wanted: true,
            carrier_wanted: true,
        };
        finish::finish(&central, id, 0, &settings).await
    });
    Cases::one(bench.base, call)
}

/// A chunk that nobody was told of, messages that were not sent, and a bulk change that nobody finished.
pub async fn sweep() -> Cases {
    let bench = ended().await;
    bench.world.add(&[bench.world.device(7)]).await;
    let request = bench.world.request(vec![bench.world.iccid(7)]);
    crate::bench::submitted(bench.central(), &bench.world, &request).await;
    bench.later(Duration::from_mins(6));
    let receivers = sweep::Receivers {
        notices: true,
        carrier_changes: true,
    };
    let call = call(move |central| async move { sweep::sweep(&central, 10, receivers).await });
    Cases::one(bench.base, call)
}

pub async fn open_chunks() -> Cases {
    let bench = Bench::without_calls(Base::embedded().await, 3).await;
    let id = bench.bulk;
    let call = call(move |central| async move {
        let open = sweep::open_chunks(&central, id).await?;
        assert_eq!(open.as_ref().unwrap().chunks.len(), 1);
        Ok(open)
    });
    Cases::one(bench.base, call)
}

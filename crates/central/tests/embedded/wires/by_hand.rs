//! What a person writes, and what puts a budget right that its rows do not tell as it is.

use std::time::Duration;

use association::plan::Reason;
use central::{
    ops::{
        Signed,
        pause::{self, Until},
        resume::{self, Also},
        review::review,
        settle::{self, Decision},
    },
    record::{Ending, Record},
};

use super::{cases::Cases, stage::call};
use crate::{
    bench::{Bench, failure},
    support::{Base, World},
};

const SIGNED: Signed<'_> = Signed {
    by: "tester",
    reason: "because",
};

/// Another account gets the client code of ours, and its id is the lower one: the budget's rows do not know it yet.
pub async fn share_budget() -> Cases {
    let base = Base::embedded().await;
    let other = World::new(&base.sql).await;
    let set_code =
        "UPDATE dbo.Integration_Authentication SET OAuth2_ClientId = @P2 WHERE id = @P1;";
    base.sql
        .run(set_code, &[&other.account.get(), &"fake-client-2"])
        .await;
    let bench = Bench::with_lines(base, 3).await;
    bench
        .base
        .sql
        .run(set_code, &[&other.account.get(), &"fake-client-1"])
        .await;
    let account = bench.world.account;
    let call = call(move |central| async move {
        resume::resume(&central, account, Also::default(), "tester", None).await
    });
    Cases::one(bench.base, call)
}

pub async fn pause() -> Cases {
    let bench = Bench::with_lines(Base::embedded().await, 1).await;
    let account = bench.world.account;
    let call = call(move |central| async move {
        let hour = Until::For(Duration::from_hours(1));
        pause::pause(&central, account, hour, &SIGNED).await
    });
    Cases::one(bench.base, call)
}

pub async fn resume() -> Cases {
    let bench = Bench::with_lines(Base::embedded().await, 1).await;
    let account = bench.world.account;
    let hour = Until::For(Duration::from_hours(1));
    pause::pause(bench.central(), account, hour, &SIGNED)
        .await
        .unwrap();
    let call = call(move |central| async move {
        resume::resume(&central, account, Also::default(), "tester", None).await
    });
    Cases::one(bench.base, call)
}

pub async fn settle() -> Cases {
    let bench = Bench::with_lines(Base::embedded().await, 1).await;
    let row = bench.claim_one().await;
    let in_review = Record {
        ending: Ending::Review {
            reason: Reason::BillingOutcomeUnknown,
            words: "nobody knows".to_owned(),
        },
        ..failure(&row)
    };
    bench.write(&[in_review], &[]).await;
    assert!(bench.finish().await.finished_now);
    let seen = review(bench.central(), &[row.change], None).await.unwrap();
    let call = call(move |central| {
        let seen = seen.clone();
        async move { settle::settle(&central, &seen, Decision::NotCreated, &SIGNED).await }
    });
    Cases::one(bench.base, call)
}

//! Two consumers with the same message at the same moment never get the same row, and every row is got by one.

use std::{collections::HashMap, time::Duration};

use crate::bench::{BUDGET, Bench, line, rev_service, submitted};
use crate::support::{Base, World};
use association::{
    decide,
    ids::ChangeId,
    plan::Reason,
    request::{AssociateRequest, Options},
    steps::Step,
};
use central::{
    check::check,
    claim::{ClaimAsk, Preflight, claim},
    facts::FactKind,
    record::Recorded,
    submit::{Submission, Submitted, submit},
};
use futures::future::join_all;
use uuid::Uuid;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn claims_side_by_side_never_overlap_and_take_every_row_once() {
    for calls in [false, true] {
        let base = Base::start().await;
        let bench = if calls {
            Bench::with_lines(base, 100).await
        } else {
            Bench::without_calls(base, 100).await
        };
        let mut taken: HashMap<ChangeId, u32> = HashMap::new();
        for _ in 0..30 {
            let claims = join_all((0..4).map(|_| async {
                let ask = ClaimAsk {
                    most: 7,
                    owner: Uuid::new_v4(),
                    ..bench.ask()
                };
                claim(bench.central(), &ask).await.expect("a claim")
            }))
            .await;
            for claim in &claims {
                if calls {
                    assert!(
                        claim.rows.len() <= claim.slots.len(),
                        "a row without a slot"
                    );
                }
                for row in &claim.rows {
                    *taken.entry(row.change).or_default() += 1;
                    assert_eq!(row.fence, 1);
                }
            }
            if taken.len() == 100 {
                break;
            }
        }
        assert_eq!(taken.len(), 100, "rows that nobody got");
        assert!(taken.values().all(|times| *times == 1), "{taken:?}");
    }
}

#[tokio::test]
async fn a_claim_is_one_round_trip_and_brings_everything_that_is_needed_to_call() {
    let bench = Bench::with_lines(Base::start().await, 3).await;
    let before = bench.central().round_trips();
    let ask = ClaimAsk {
        with_account: true,
        extra_calls: 1,
        ..bench.ask()
    };
    let claim = claim(bench.central(), &ask).await.unwrap();
    assert_eq!(bench.central().round_trips() - before, 1);

    let bulk = claim.bulk_change.unwrap();
    assert_eq!(bulk.id, bench.bulk);
    assert_eq!(bulk.actor.tenant(), bench.world.tenant);
    assert_eq!(bulk.actor.name(), "test.user");
    assert_eq!(bulk.change_type, 4);
    assert_eq!(bulk.portal_type, 0);
    assert_eq!(bulk.integration_authentication, Some(bench.world.account));
    assert_eq!(bulk.rev_customer.unwrap().as_str(), "1001");
    assert!(bulk.has_work && !bulk.finished && bulk.create_rev_service);
    let options: Options = serde_json::from_str(&bulk.options.unwrap()).unwrap();
    assert_eq!(options.rev_service, Some(rev_service()));

    assert_eq!(claim.preflight, Preflight::Passed);
    assert_eq!(claim.slots.len(), 4, "one for each row and the extra one");
    assert_eq!(claim.rows.len(), 3);
    assert_eq!(claim.wait, None);
    let row = &claim.rows[0];
    assert_eq!(row.step, Step::OpenLine);
    assert_eq!(row.iccid, bench.world.iccid(1).as_str());
    assert!(!row.earlier_intent && row.service_line.is_none() && row.now_blocked.is_none());
    assert!(row.change_request.as_deref().unwrap().starts_with('{'));
    let account = claim.account.unwrap();
    // A server that others use too has the address that they gave.
    assert!(account.base_url.starts_with("http://127.0.0.1:"));
    assert_eq!(account.client_code.as_deref(), Some("fake-client-1"));
    assert_eq!(account.user, "fake-user-1");
}

#[tokio::test]
async fn a_claim_of_an_opening_records_the_intent_before_any_call() {
    let bench = Bench::with_lines(Base::start().await, 1).await;
    let row = bench.claim_one().await;
    let rows = bench
        .base
        .sql
        .rows(
            "SELECT w.IntentReference, w.IntentNumber, w.IntentCustomer, w.IntentIntegrationAuthenticationId, w.IntentAt \
             FROM dbo.DeviceChangeWork AS w WHERE w.ChangeId = @P1;",
            &[&row.change.get()],
        )
        .await;
    let text = |column: &str| rows[0].get::<&str, _>(column).unwrap().to_owned();
    assert_eq!(
        text("IntentReference"),
        association::service_line::Reference::of(row.change).as_str(),
        "the statement writes the reference as the core does"
    );
    assert_eq!(text("IntentNumber"), row.msisdn.unwrap());
    assert_eq!(text("IntentCustomer"), "1001");
    assert_eq!(
        rows[0].get::<i32, _>("IntentIntegrationAuthenticationId"),
        Some(bench.world.account.get())
    );
    assert!(
        rows[0]
            .get::<time::PrimitiveDateTime, _>("IntentAt")
            .is_some()
    );
}

#[tokio::test]
async fn the_first_claim_sets_bulk_change_and_rows_to_processing() {
    let bench = Bench::without_calls(Base::start().await, 2).await;
    assert_eq!(bench.bulk_status().await, "NEW");
    let claim = bench.claim().await;
    assert_eq!(bench.bulk_status().await, "PROCESSING");
    for row in &claim.rows {
        assert_eq!(bench.work(row.change).await.status, "PROCESSING");
    }
}

#[tokio::test]
async fn rows_that_need_no_call_take_no_slot() {
    let bench = Bench::without_calls(Base::start().await, 5).await;
    let claim = bench.claim().await;
    assert_eq!(claim.preflight, Preflight::NotNeeded);
    assert_eq!(claim.rows.len(), 5);
    assert!(claim.slots.is_empty());
    let budgets = bench
        .base
        .sql
        .count(
            "SELECT COUNT_BIG(*) FROM dbo.RevCallBudget AS b WHERE b.IntegrationAuthenticationId = @P1;",
            &[&bench.world.account.get()],
        )
        .await;
    assert_eq!(budgets, 0);
}

#[tokio::test]
async fn a_claim_reads_again_what_decides() {
    let bench = Bench::without_calls(Base::start().await, 4).await;
    let ids = [
        bench.world.device_id(1).await.get(),
        bench.world.device_id(2).await.get(),
    ];
    bench
        .base
        .sql
        .run(
            "UPDATE dbo.Device SET IsActive = 0, IsDeleted = 1 WHERE id = @P1;",
            &[&ids[0]],
        )
        .await;
    bench.world.assign(2, "1002").await;
    bench.world.assign(3, "1001").await;
    let claim = bench.claim().await;
    let blocked: Vec<Option<Reason>> = claim.rows.iter().map(|row| row.now_blocked).collect();
    assert_eq!(
        blocked,
        [
            Some(Reason::DeviceArchived),
            Some(Reason::AssignedToOtherCustomer),
            None,
            None
        ]
    );
}

#[tokio::test]
async fn a_device_that_got_a_line_of_the_customer_since_its_check_is_not_opened_another() {
    let base = Base::start().await;
    let world = World::new(&base.sql).await;
    let request = AssociateRequest {
        options: Options {
            rev_service: Some(rev_service()),
            ..Options::default()
        },
        ..world.request(world.add_assignable(1).await)
    };
    // Checked before another request for the device was there, and written when that one is done.
    let checked = check(&base.central, &world.actor(), &request, None)
        .await
        .unwrap();
    let early = decide::plan(&request, &checked.found).unwrap();
    let bulk = submitted(&base.central, &world, &request).await;
    let mut bench = Bench { base, world, bulk };
    bench.pass_preflight().await;
    let mut row = bench.claim_one().await;
    assert_eq!(row.now_blocked, None);
    bench.fact(&row, FactKind::LineOpened(line(700))).await;
    row.service_line = Some(line(700));
    assert_eq!(bench.record(&[row]).await, [Recorded::Assigned]);

    let submission = Submission {
        request: &request,
        plan: &early,
        key: None,
        answer: "{}",
        budget: BUDGET,
        trace: None,
    };
    let written = submit(bench.central(), &bench.world.actor(), &submission).await;
    let Ok(Submitted::Accepted { bulk_change, .. }) = written else {
        panic!("{written:?}");
    };
    bench.bulk = bulk_change;
    bench.pass_preflight().await;
    let row = bench.claim_one().await;
    assert_eq!(row.now_blocked, Some(Reason::ActiveServiceLine));

    // A line that was disconnected since is in nobody's way.
    bench
        .base
        .sql
        .run(
            "UPDATE dbo.RevService SET DisconnectedDate = N'2026-01-31' WHERE RevServiceId = @P1;",
            &[&700],
        )
        .await;
    let not_sent = FactKind::NotSent {
        error: "x".to_owned(),
        again_in: Duration::ZERO,
    };
    bench.fact(&row, not_sent).await;
    assert_eq!(bench.claim_one().await.now_blocked, None);
}

#[tokio::test]
async fn an_unknown_bulk_change_is_told_apart_from_one_without_work() {
    let bench = Bench::without_calls(Base::start().await, 1).await;
    let ask = ClaimAsk {
        bulk_change: association::ids::BulkChangeId::new(i64::MAX).unwrap(),
        ..bench.ask()
    };
    let unknown = claim(bench.central(), &ask).await.unwrap();
    assert!(unknown.bulk_change.is_none() && unknown.rows.is_empty() && unknown.wait.is_none());
    bench
        .base
        .sql
        .run(
            "INSERT INTO dbo.DeviceBulkChange (ChangeRequestTypeId, ServiceProviderId, TenantId, Status, CreatedBy) \
             SELECT 4, d.ServiceProviderId, d.TenantId, N'NEW', N'other' FROM dbo.DeviceBulkChange AS d WHERE d.id = @P1;",
            &[&bench.bulk.get()],
        )
        .await;
    let rows = bench
        .base
        .sql
        .rows(
            "SELECT MAX(d.id) AS id FROM dbo.DeviceBulkChange AS d;",
            &[],
        )
        .await;
    let ask = ClaimAsk {
        bulk_change: association::ids::BulkChangeId::new(rows[0].get("id").unwrap()).unwrap(),
        ..bench.ask()
    };
    let other = claim(bench.central(), &ask).await.unwrap();
    assert!(!other.bulk_change.unwrap().has_work);
    assert_eq!(other.preflight, Preflight::NotNeeded);
}

#[tokio::test]
async fn only_one_claim_gets_the_preflight_and_the_others_wait() {
    let base = Base::start().await;
    let bench = Bench::of(base, 3, |_| Options {
        rev_service: Some(rev_service()),
        ..Options::default()
    })
    .await;
    let claims = join_all((0..4).map(|_| async {
        let ask = ClaimAsk {
            extra_calls: 1,
            owner: Uuid::new_v4(),
            budget: BUDGET,
            ..bench.ask()
        };
        claim(bench.central(), &ask).await.expect("a claim")
    }))
    .await;
    let mine: Vec<_> = claims
        .iter()
        .filter(|claim| claim.preflight == Preflight::Mine)
        .collect();
    assert_eq!(mine.len(), 1);
    assert_eq!(mine[0].slots.len(), 3, "token, customer, products");
    assert!(claims.iter().all(|claim| claim.rows.is_empty()));
    for claim in claims
        .iter()
        .filter(|claim| claim.preflight == Preflight::Theirs)
    {
        assert!(claim.slots.is_empty());
        assert!(claim.wait.is_some());
    }
}

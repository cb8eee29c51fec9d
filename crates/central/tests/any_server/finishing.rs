//! A bulk change ends once, when nothing of it is open any more.

use crate::bench::{Bench, assignment, customer_plan, failure, line, rev_service};
use crate::support::Base;
use association::request::{CarrierPlanOptions, Options};
use central::{
    facts::FactKind,
    finish::{FinishSettings, finish},
    outbox::OutboxKind,
    record::Recorded,
    sweep::open_chunks,
};
use futures::future::join_all;

#[tokio::test]
async fn a_bulk_change_ends_when_everything_of_it_is_done_and_not_before() {
    let bench = Bench::without_calls(Base::start().await, 3).await;
    let rows = bench.claim().await.rows;
    bench.record(&rows[..2]).await;
    let early = bench.finish().await;
    assert!(!early.finished_now && early.notice.is_none());
    assert_eq!(early.chunk_due_in, None, "the last row is held by us");
    assert_eq!(bench.bulk_status().await, "PROCESSING");

    bench.record(&rows[2..]).await;
    let before = bench.central().round_trips();
    let end = bench.finish().await;
    assert_eq!(bench.central().round_trips() - before, 1);
    assert!(end.finished_now);
    assert_eq!(bench.bulk_status().await, "PROCESSED");
    let again = bench.finish().await;
    assert!(!again.finished_now && again.notice.is_none(), "once");
    assert!(bench.claimed_bulk_change().await.finished);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_that_ask_at_once_one_ends_it_and_one_notice_is_written() {
    let bench = Bench::without_calls(Base::start().await, 2).await;
    let rows = bench.claim().await.rows;
    bench.record(&rows).await;
    let ends = join_all((0..6).map(|_| bench.finish())).await;
    assert_eq!(ends.iter().filter(|end| end.finished_now).count(), 1);
    let notices: Vec<_> = ends.into_iter().filter_map(|end| end.notice).collect();
    assert_eq!(notices.len(), 1);
    assert_eq!(notices[0].kind, OutboxKind::Notice);
    assert_eq!(notices[0].bulk_change, bench.bulk);
    let payload: serde_json::Value = serde_json::from_str(&notices[0].payload).unwrap();
    let tenant_name = bench.claimed_bulk_change().await.tenant_name.unwrap();
    assert_eq!(
        payload,
        serde_json::json!({"data": {
            "path": "/lambda_sync_jobs_",
            "key_name": "m2m_inventory_live_sync",
            "tenant_id": bench.world.tenant.get(),
            "tenant_name": tenant_name,
        }})
    );
    let written = bench
        .base
        .sql
        .count(
            "SELECT COUNT_BIG(*) FROM dbo.BulkChangeOutbox AS o WHERE o.Kind = 'notice' AND o.BulkChangeId = @P1 AND o.SentAt IS NULL;",
            &[&bench.bulk.get()],
        )
        .await;
    assert_eq!(written, 1);
}

#[tokio::test]
async fn no_notice_is_written_when_nobody_wants_one() {
    let bench = Bench::without_calls(Base::start().await, 1).await;
    let rows = bench.claim().await.rows;
    bench.record(&rows).await;
    let end = finish(bench.central(), bench.bulk, 0, &FinishSettings::default())
        .await
        .unwrap();
    assert!(end.finished_now && end.notice.is_none());
}

#[tokio::test]
async fn a_bulk_change_of_which_no_device_succeeded_ends_in_error() {
    let bench = Bench::without_calls(Base::start().await, 2).await;
    let rows = bench.claim().await.rows;
    let records: Vec<_> = rows.iter().map(failure).collect();
    bench.write(&records, &[]).await;
    assert!(bench.finish().await.finished_now);
    assert_eq!(bench.bulk_status().await, "ERROR");
    for row in &rows {
        assert_eq!(
            bench.work(row.change).await.status,
            "API_FAILED",
            "never copied over"
        );
    }
}

#[tokio::test]
async fn the_carrier_plan_becomes_a_linked_bulk_change_of_the_devices_that_were_associated() {
    let bench = Bench::of(Base::start().await, 3, |_| Options {
        carrier_plan: Some(CarrierPlanOptions {
            carrier_rate_plan: "CARRIER-1GB".to_owned(),
            comm_plan: Some("Comm \"A\"".to_owned()),
        }),
        ..Options::default()
    })
    .await;
    let rows = bench.claim().await.rows;
    let (good, logs): (Vec<_>, Vec<_>) = rows[..2].iter().map(assignment).unzip();
    bench.write(&good, &logs).await;
    bench.write(&[failure(&rows[2])], &[]).await;
    let linked = bench.finish().await.linked.expect("a linked bulk change");
    assert_eq!(bench.finish().await.linked, None, "once");

    let sql = &bench.base.sql;
    let heads = sql
        .texts(
            "SELECT CONCAT(d.ChangeRequestTypeId, N' ', d.Status, N' ', d.TenantId, N' ', d.ServiceProviderId) \
             FROM dbo.DeviceBulkChange AS d INNER JOIN dbo.BulkChangeWork AS b ON b.LinkedBulkChangeId = d.id WHERE b.BulkChangeId = @P1;",
            &[&bench.bulk.get()],
        )
        .await;
    assert_eq!(
        heads,
        [Some(format!(
            "2 NEW {} {}",
            bench.world.tenant, bench.world.provider
        ))]
    );
    let requests = sql
        .texts(
            "SELECT q.ChangeRequest FROM dbo.DeviceChangeRequest AS q WHERE q.BulkChangeId = @P1;",
            &[&linked.get()],
        )
        .await;
    let request: serde_json::Value = serde_json::from_str(requests[0].as_deref().unwrap()).unwrap();
    assert_eq!(
        request,
        serde_json::json!({"CarrierRatePlanUpdate": {"CarrierRatePlan": "CARRIER-1GB", "CommPlan": "Comm \"A\"", "EffectiveDate": null}})
    );
    let devices = sql
        .texts(
            "SELECT m.ICCID FROM dbo.M2M_DeviceChange AS m INNER JOIN dbo.DeviceChangeRequest AS q ON q.id = m.DeviceChangeRequestId \
             WHERE m.BulkChangeId = @P1 AND m.Status = N'PENDING' AND m.IsProcessed = 0 ORDER BY m.ICCID;",
            &[&linked.get()],
        )
        .await;
    assert_eq!(
        devices,
        [1, 2].map(|n| Some(bench.world.iccid(n).as_str().to_owned()))
    );
    let histories = sql
        .count(
            "SELECT COUNT_BIG(*) FROM dbo.DeviceActionHistory AS h WHERE h.BulkChangeId = @P1 AND h.ChangedField = N'Carrier Rate Plan' AND h.CurrentValue = N'CARRIER-1GB';",
            &[&bench.bulk.get()],
        )
        .await;
    assert_eq!(histories, 2);
}

#[tokio::test]
async fn the_end_links_a_line_that_was_known_without_its_device() {
    let bench = Bench::without_calls(Base::start().await, 1).await;
    let row = bench.claim_one().await;
    bench
        .base
        .sql
        .run(
            "INSERT INTO dbo.RevService (RevCustomerId, Number, RevServiceId, IntegrationAuthenticationId, CreatedBy) VALUES (@P1, @P2, 4711, @P3, N'sync');",
            &[
                &bench.world.customer,
                &row.msisdn.as_deref().unwrap(),
                &bench.world.account.get(),
            ],
        )
        .await;
    bench.record(&[row]).await;
    assert!(bench.finish().await.finished_now);
    let linked = bench
        .base
        .sql
        .count(
            "SELECT COUNT_BIG(*) FROM dbo.Device_Tenant AS t INNER JOIN dbo.RevService AS s ON s.id = t.RevServiceId WHERE t.TenantId = @P1 AND s.RevServiceId = 4711;",
            &[&bench.world.tenant.get()],
        )
        .await;
    assert_eq!(linked, 1);
}

#[tokio::test]
async fn at_most_four_round_trips_a_chunk_and_six_a_bulk_change() {
    for devices in [1, 100] {
        let bench = Bench::of(Base::start().await, devices, |world| Options {
            rev_service: Some(rev_service()),
            customer_plan: Some(customer_plan(world)),
            carrier_plan: None,
        })
        .await;
        let before = bench.central().round_trips();
        bench.pass_preflight().await;
        let claimed = bench.claim().await;
        let (bulk, mut rows) = (claimed.bulk_change.unwrap(), claimed.rows);
        assert_eq!(rows.len(), devices);
        let opened: Vec<_> = rows
            .iter()
            .map(|row| {
                crate::bench::fact(row, FactKind::LineOpened(line(row.change.get() + 5_000)))
            })
            .collect();
        central::facts::facts(bench.central(), None, &opened)
            .await
            .unwrap();
        for row in &mut rows {
            row.service_line = Some(line(row.change.get() + 5_000));
        }
        let (records, logs): (Vec<_>, Vec<_>) = rows.iter().map(assignment).unzip();
        let recorded = central::record::record_all(bench.central(), &bulk, &records, &logs)
            .await
            .unwrap();
        assert!(
            recorded
                .iter()
                .all(|(_, recorded)| *recorded == Recorded::Assigned)
        );
        assert!(bench.finish().await.finished_now);
        assert_eq!(bench.central().round_trips() - before, 6);
    }
}

#[tokio::test]
async fn a_message_that_names_the_bulk_change_as_a_whole_finds_its_open_chunks() {
    let bench = Bench::without_calls(Base::start().await, 101).await;
    let open = open_chunks(bench.central(), bench.bulk)
        .await
        .unwrap()
        .unwrap();
    assert!(open.has_work);
    let chunks: Vec<i32> = open.chunks.iter().map(|chunk| chunk.chunk).collect();
    assert_eq!(chunks, [0, 1]);
    assert_eq!(open.chunks[0].tenant, bench.world.tenant);
    let unknown = association::ids::BulkChangeId::new(i64::MAX).unwrap();
    assert_eq!(open_chunks(bench.central(), unknown).await.unwrap(), None);
}

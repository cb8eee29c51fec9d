//! What a submit writes, and who loses a race.

use crate::support::{
    Base, Device, World,
    submission::{accept, plan, rev_service, submit_plan},
};
use association::{change_request::ChangeRequest, ids::BulkChangeId};
use central::{
    outbox::{OutboxKind, mark_failed, mark_sent},
    stored_answer::{StoredAnswer, stored_answer},
    submit::{Key, Submitted},
};

async fn start() -> (Base, World) {
    let base = Base::start().await;
    let world = World::new(&base.sql).await;
    (base, world)
}

async fn count(base: &Base, text: &str, bulk: BulkChangeId) -> i64 {
    base.sql.count(text, &[&bulk.get()]).await
}

#[tokio::test]
async fn a_submit_of_any_size_is_one_round_trip_and_writes_every_row() {
    let (base, world) = start().await;
    let devices = world.add_assignable(12_101).await;
    let mut rest = devices.as_slice();
    for size in [1, 100, 2_000, 10_000] {
        let (taken, left) = rest.split_at(size);
        rest = left;
        let mut request = world.request(taken.to_vec());
        request.options.rev_service = Some(rev_service());
        let before = base.central.round_trips();
        let (bulk, outbox) = accept(&base.central, &world, &request).await;
        let sent: Vec<i64> = outbox.iter().map(|message| message.id).collect();
        mark_sent(&base.central, &sent).await.unwrap();
        assert_eq!(base.central.round_trips() - before, 3, "{size}");

        let chunks = size.div_ceil(100);
        assert_eq!(outbox.len(), chunks);
        for (chunk, message) in outbox.iter().enumerate() {
            assert_eq!(message.kind, OutboxKind::Chunk);
            assert_eq!(message.bulk_change, bulk);
            let payload: serde_json::Value = serde_json::from_str(&message.payload).unwrap();
            assert_eq!(
                payload,
                serde_json::json!({"bulkChangeId": bulk.get(), "chunk": chunk, "tenantId": world.tenant.get()})
            );
        }
        let size = i64::try_from(size).unwrap();
        for text in [
            "SELECT COUNT_BIG(*) FROM dbo.M2M_DeviceChange WHERE BulkChangeId = @P1 AND Status = N'PENDING' AND IsProcessed = 0",
            "SELECT COUNT_BIG(*) FROM dbo.DeviceChangeWork WHERE BulkChangeId = @P1 AND Step = 'open-line' AND ClosedAt IS NULL",
        ] {
            assert_eq!(count(&base, text, bulk).await, size, "{text}");
        }
        let most = "SELECT MAX(n) FROM (SELECT COUNT_BIG(*) AS n FROM dbo.DeviceChangeWork WHERE BulkChangeId = @P1 GROUP BY Chunk) AS c";
        assert_eq!(count(&base, most, bulk).await, size.min(100));
        let sent = "SELECT COUNT_BIG(*) FROM dbo.BulkChangeOutbox WHERE BulkChangeId = @P1 AND SentAt IS NOT NULL";
        assert_eq!(
            count(&base, sent, bulk).await,
            i64::try_from(chunks).unwrap()
        );
    }
}

#[tokio::test]
async fn a_submit_fixes_header_work_and_budget() {
    let (base, world) = start().await;
    let devices = world.add_assignable(1).await;
    let mut request = world.request(devices);
    request.options.rev_service = Some(rev_service());
    let (bulk, _) = accept(&base.central, &world, &request).await;
    let rows = base
        .sql
        .rows(
            "SELECT b.ChangeRequestTypeId, b.Status, b.CreatedBy, b.TenantId, b.SiteId, w.RevCustomerId, w.IntegrationAuthenticationId, w.Preflight, w.Options \
             FROM dbo.DeviceBulkChange AS b INNER JOIN dbo.BulkChangeWork AS w ON w.BulkChangeId = b.id WHERE b.id = @P1",
            &[&bulk.get()],
        )
        .await;
    let row = &rows[0];
    assert_eq!(row.get::<i32, _>("ChangeRequestTypeId"), Some(4));
    assert_eq!(row.get::<&str, _>("Status"), Some("NEW"));
    assert_eq!(row.get::<&str, _>("CreatedBy"), Some("test.user"));
    assert_eq!(row.get::<i32, _>("TenantId"), Some(world.tenant.get()));
    assert_eq!(row.get::<i32, _>("SiteId"), Some(world.site.get()));
    assert_eq!(row.get::<&str, _>("RevCustomerId"), Some("1001"));
    assert_eq!(
        row.get::<i32, _>("IntegrationAuthenticationId"),
        Some(world.account.get())
    );
    assert_eq!(row.get::<&str, _>("Preflight"), Some("open"));
    let options: association::request::Options =
        serde_json::from_str(row.get::<&str, _>("Options").unwrap()).unwrap();
    assert_eq!(options, request.options);
    let rows = base
        .sql
        .rows(
            "SELECT CallsPerMinute, CallsPerDay, Burst FROM dbo.RevCallBudget WHERE IntegrationAuthenticationId = @P1",
            &[&world.account.get()],
        )
        .await;
    // What is kept for other users of the account is taken off.
    let budget: Vec<i32> = (0..3).map(|at| rows[0].get(at).unwrap()).collect();
    assert_eq!(budget, [400, 150_000, 10]);
    let text = base
        .sql
        .texts(
            "SELECT ChangeRequest FROM dbo.M2M_DeviceChange WHERE BulkChangeId = @P1",
            &[&bulk.get()],
        )
        .await;
    let change: ChangeRequest = serde_json::from_str(text[0].as_ref().unwrap()).unwrap();
    assert_eq!(change.iccid, world.iccid(1));
    assert_eq!(change.description.as_deref(), Some("Fleet's \"line\" 🚚"));
}

#[tokio::test]
async fn a_refused_device_is_recorded_as_an_error_with_its_reason_and_has_no_work() {
    let (base, world) = start().await;
    let mut devices = world.add_assignable(2).await;
    let archived = Device {
        archived: true,
        ..world.device(3)
    };
    world.add(&[archived]).await;
    devices.insert(1, world.iccid(3));
    devices.push(world.iccid(4));
    let (bulk, outbox) = accept(&base.central, &world, &world.request(devices)).await;
    assert_eq!(outbox.len(), 1);
    let rows = base
        .sql
        .rows(
            "SELECT m.ICCID, m.Status, m.StatusDetails, m.IsProcessed, m.HasErrors, m.DeviceId, w.Step, \
             (SELECT COUNT_BIG(*) FROM dbo.DeviceBulkChangeLog AS l WHERE l.M2MDeviceChangeId = m.id AND l.HasErrors = 1 AND l.ResponseText = N'Preflight Check Failure') AS Logs \
             FROM dbo.M2M_DeviceChange AS m LEFT JOIN dbo.DeviceChangeWork AS w ON w.ChangeId = m.id WHERE m.BulkChangeId = @P1 ORDER BY m.id",
            &[&bulk.get()],
        )
        .await;
    let read: Vec<_> = rows
        .iter()
        .map(|row| {
            (
                row.get::<&str, _>("ICCID").unwrap(),
                row.get::<&str, _>("Status").unwrap(),
                row.get::<&str, _>("StatusDetails"),
                row.get::<bool, _>("IsProcessed").unwrap(),
                row.get::<bool, _>("HasErrors").unwrap(),
                row.get::<i32, _>("DeviceId").is_some(),
                row.get::<&str, _>("Step"),
                row.get::<i64, _>("Logs").unwrap(),
            )
        })
        .collect();
    let iccid = |n| world.iccid(n).as_str().to_owned();
    let accepted = |iccid| {
        (
            iccid,
            "PENDING",
            None,
            false,
            false,
            true,
            Some("assign"),
            0,
        )
    };
    assert_eq!(
        read,
        [
            accepted(iccid(1).as_str()),
            (
                iccid(3).as_str(),
                "ERROR",
                Some("device-archived: the device is archived"),
                true,
                true,
                true,
                None,
                1
            ),
            accepted(iccid(2).as_str()),
            (
                iccid(4).as_str(),
                "ERROR",
                Some("device-not-found: the service provider has no such device"),
                true,
                true,
                false,
                None,
                1
            ),
        ]
    );
    assert_eq!(
        count(&base, "SELECT COUNT_BIG(*) FROM dbo.BulkChangeWork WHERE BulkChangeId = @P1 AND Preflight = 'not-needed' AND FinishedAt IS NULL", bulk).await,
        1
    );
}

#[tokio::test]
async fn a_device_that_was_taken_since_the_check_undoes_the_whole_submit() {
    let (base, world) = start().await;
    let devices = world.add_assignable(3).await;
    let late = world.request(devices.clone());
    let planned = plan(&base.central, &world, &late).await;
    let (first, _) = accept(
        &base.central,
        &world,
        &world.request(devices[1..2].to_vec()),
    )
    .await;
    let key = Key {
        hash: [first.get().to_le_bytes()[0]; 32],
        fingerprint: [9; 32],
    };
    let submitted = submit_plan(&base.central, &world, &late, &planned, Some(key))
        .await
        .unwrap();
    assert_eq!(submitted, Submitted::DeviceTaken);
    assert_eq!(stored_answer(&base.central, &key.hash).await.unwrap(), None);
    let of_tenant = "SELECT COUNT_BIG(*) FROM dbo.DeviceBulkChange WHERE TenantId = @P1";
    assert_eq!(base.sql.count(of_tenant, &[&world.tenant.get()]).await, 1);
    // The check question, asked again, names the change that holds the device; the rest goes through.
    let again = plan(&base.central, &world, &late).await;
    assert_eq!(again.accepted.len(), 2);
    assert_eq!(again.rejected[0].unfinished, Some(first));
    let submitted = submit_plan(&base.central, &world, &late, &again, Some(key)).await;
    assert!(matches!(submitted, Ok(Submitted::Accepted { .. })));
}

#[tokio::test]
async fn of_many_submits_of_one_device_at_once_one_is_accepted() {
    let (base, world) = start().await;
    let request = world.request(world.add_assignable(1).await);
    let planned = plan(&base.central, &world, &request).await;
    let racing = (0..8).map(|_| submit_plan(&base.central, &world, &request, &planned, None));
    let settled = futures::future::join_all(racing).await;
    let accepted = settled
        .iter()
        .filter(|one| matches!(one, Ok(Submitted::Accepted { .. })))
        .count();
    let taken = settled
        .iter()
        .filter(|one| matches!(one, Ok(Submitted::DeviceTaken)))
        .count();
    assert_eq!((accepted, taken), (1, 7), "{settled:?}");
}

#[tokio::test]
async fn of_twins_with_one_key_one_is_accepted_and_the_others_find_its_answer() {
    let (base, world) = start().await;
    let request = world.request(world.add_assignable(5).await);
    let planned = plan(&base.central, &world, &request).await;
    let hash: [u8; 32] = [uuid::Uuid::new_v4().into_bytes(); 2]
        .concat()
        .try_into()
        .unwrap();
    let key = Key {
        hash,
        fingerprint: [7; 32],
    };
    let racing = (0..8).map(|_| submit_plan(&base.central, &world, &request, &planned, Some(key)));
    let settled = futures::future::join_all(racing).await;
    let mut accepted = Vec::new();
    for one in settled {
        match one.unwrap() {
            Submitted::Accepted { bulk_change, .. } => accepted.push(bulk_change),
            other => assert_eq!(other, Submitted::KeyTaken),
        }
    }
    assert_eq!(accepted.len(), 1);
    let stored = StoredAnswer {
        fingerprint: [7; 32],
        bulk_change: accepted[0],
        answer: r#"{"success":true}"#.to_owned(),
    };
    assert_eq!(
        stored_answer(&base.central, &hash).await.unwrap().as_ref(),
        Some(&stored)
    );
    let checked = central::check::check(&base.central, &world.actor(), &request, Some(&hash))
        .await
        .unwrap();
    assert_eq!(checked.stored, Some(stored));
}

#[tokio::test]
async fn the_first_requests_of_an_account_at_once_are_both_accepted() {
    let (base, world) = start().await;
    let devices = world.add_assignable(6).await;
    let requests: Vec<_> = devices
        .iter()
        .map(|device| {
            let mut request = world.request(vec![device.clone()]);
            request.options.rev_service = Some(rev_service());
            request
        })
        .collect();
    let racing = requests
        .iter()
        .map(|request| accept(&base.central, &world, request));
    futures::future::join_all(racing).await;
    let budgets =
        "SELECT COUNT_BIG(*) FROM dbo.RevCallBudget WHERE IntegrationAuthenticationId = @P1";
    assert_eq!(base.sql.count(budgets, &[&world.account.get()]).await, 1);
}

#[tokio::test]
async fn a_message_is_sent_once_and_a_failure_is_noted_until_then() {
    let (base, world) = start().await;
    let request = world.request(world.add_assignable(1).await);
    let (_, outbox) = accept(&base.central, &world, &request).await;
    let id = outbox[0].id;
    let read = "SELECT o.LastError FROM dbo.BulkChangeOutbox AS o WHERE o.Id = @P1 AND (o.SentAt IS NULL OR o.LastError IS NULL)";
    mark_failed(&base.central, &[(id, "throttled".repeat(200))])
        .await
        .unwrap();
    let noted = base.sql.texts(read, &[&id]).await;
    assert_eq!(noted[0].as_ref().unwrap().chars().count(), 1_000);
    mark_sent(&base.central, &[id]).await.unwrap();
    mark_failed(&base.central, &[(id, "late".to_owned())])
        .await
        .unwrap();
    assert_eq!(base.sql.texts(read, &[&id]).await, [None]);
}

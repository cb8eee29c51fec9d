//! What a bulk change's status tells, and to whom.

use crate::support::{
    Base, World,
    submission::{accept, rev_service},
};
use association::{actor::Actor, ids::BulkChangeId, request::CustomerPlanOptions};
use central::{
    check::check,
    status::{BulkChangeStatus, ChangeType, Outcome, Page, status},
    status_mark::status_mark,
};

const FIRST: Page = Page {
    page: 1,
    size: 25,
    outcome: None,
};

async fn start() -> (Base, World) {
    let base = Base::start().await;
    let world = World::new(&base.sql).await;
    (base, world)
}

async fn shown(base: &Base, world: &World, bulk: BulkChangeId, page: Page) -> BulkChangeStatus {
    status(&base.central, &world.actor(), bulk, page)
        .await
        .unwrap()
        .expect("it exists")
}

/// Its own calls: on a server that others share, theirs are beside them.
fn calls_waiting(status: &BulkChangeStatus) -> Vec<i64> {
    let waiting = status.account.waiting.iter();
    waiting
        .filter(|waiting| waiting.bulk_change == status.id)
        .map(|waiting| waiting.calls)
        .collect()
}

#[tokio::test]
async fn a_fresh_bulk_change_shows_what_waits_and_what_was_refused() {
    let (base, world) = start().await;
    let mut devices = world.add_assignable(3).await;
    devices.push(world.iccid(9));
    let mut request = world.request(devices);
    request.options.rev_service = Some(rev_service());
    request.options.customer_plan = Some(CustomerPlanOptions {
        customer_rate_plan: world.plan,
        customer_rate_pool: None,
        data_allocation_mb: None,
    });
    let (bulk, _) = accept(&base.central, &world, &request).await;
    let before = base.central.round_trips();
    let status = shown(&base, &world, bulk, FIRST).await;
    assert_eq!(base.central.round_trips() - before, 1);
    assert_eq!(
        (
            status.total,
            status.waiting,
            status.in_work,
            status.processed,
            status.failed,
            status.in_review
        ),
        (4, 3, 0, 0, 1, 0)
    );
    assert_eq!(status.status, "NEW");
    assert_eq!(status.created_by, "test.user");
    assert_eq!(status.customer_account.as_deref(), Some("1001"));
    assert_eq!(status.customer_name.as_deref(), Some("Fake Fleet One"));
    // Three lines to open, and the preflight.
    assert_eq!(calls_waiting(&status), [5]);
    let budget = status.account.budget.unwrap();
    assert_eq!(
        (
            budget.calls_per_minute,
            budget.calls_per_day,
            budget.calls_today
        ),
        (400, 150_000, 0)
    );
    assert!(!status.account.stopped && status.worked_on && !status.finished);
    assert_eq!(status.change_type, ChangeType::CustomerAssignment);
    assert_eq!(status.linked, None);
    let item = &status.items[0];
    assert_eq!(item.iccid, world.iccid(1).as_str());
    assert_eq!(item.status, "PENDING");
    assert!(item.found && item.permission && item.service_asked && item.plan_asked);
    assert!(
        !item.service_created
            && !item.ownership
            && !item.plan_assigned
            && !item.history_recorded
            && !item.completed
            && !item.review
    );
    let refused = &status.items[3];
    assert!(!refused.found && !refused.permission && !refused.completed);
    assert_eq!(
        refused.details.as_deref(),
        Some("device-not-found: the service provider has no such device")
    );
    assert!(refused.processed_at.is_some());
}

#[tokio::test]
async fn every_indicator_and_place_is_read_from_what_was_recorded() {
    let (base, world) = start().await;
    let mut request = world.request(world.add_assignable(4).await);
    request.options.rev_service = Some(rev_service());
    let (bulk, _) = accept(&base.central, &world, &request).await;
    let changes: Vec<i64> = shown(&base, &world, bulk, FIRST)
        .await
        .items
        .iter()
        .map(|item| item.change.get())
        .collect();
    // 1 is done, 2 in work, 3 in review, 4 waits.
    base.sql
        .run(
            "UPDATE dbo.M2M_DeviceChange SET IsProcessed = 1, Status = N'PROCESSED', ProcessedDate = SYSUTCDATETIME() WHERE id = @P1; \
             UPDATE dbo.DeviceChangeWork SET Step = 'done', RevServiceLineId = 55, ClosedAt = SYSUTCDATETIME() WHERE ChangeId = @P1; \
             INSERT INTO dbo.DeviceBulkChangeLog (BulkChangeId, M2MDeviceChangeId, LogEntryDescription, CreatedBy) \
             VALUES (@P4, @P1, N'AMOP Customer Assignment', N'test'), (@P4, @P1, N'AMOP Customer Rate Plan Assignment', N'test'); \
             INSERT INTO dbo.DeviceActionHistory (M2MDeviceId, BulkChangeId, DateOfChange) VALUES (@P5, @P4, SYSUTCDATETIME()); \
             UPDATE dbo.DeviceChangeWork SET LeaseUntil = DATEADD(second, 60, SYSUTCDATETIME()) WHERE ChangeId = @P2; \
             UPDATE dbo.M2M_DeviceChange SET IsProcessed = 1, HasErrors = 1, Status = N'API_FAILED' WHERE id = @P3; \
             UPDATE dbo.DeviceChangeWork SET Step = 'settle', ReviewSince = SYSUTCDATETIME() WHERE ChangeId = @P3; \
             INSERT INTO dbo.DeviceBulkChange (ChangeRequestTypeId, ServiceProviderId, TenantId, Status, CreatedBy) VALUES (2, @P6, @P7, N'NEW', N'test'); \
             UPDATE dbo.BulkChangeWork SET LinkedBulkChangeId = CAST(SCOPE_IDENTITY() AS bigint) WHERE BulkChangeId = @P4;",
            &[
                &changes[0],
                &changes[1],
                &changes[2],
                &bulk.get(),
                &world.device_id(1).await.get(),
                &world.provider.get(),
                &world.tenant.get(),
            ],
        )
        .await;
    let status = shown(&base, &world, bulk, FIRST).await;
    assert_eq!(
        (
            status.total,
            status.waiting,
            status.in_work,
            status.processed,
            status.failed,
            status.in_review
        ),
        (4, 1, 1, 1, 1, 1)
    );
    let (linked, linked_status) = status.linked.clone().unwrap();
    assert!(linked.get() > bulk.get());
    assert_eq!(linked_status, "NEW");
    // A line that waits for a person waits for no call.
    assert_eq!(calls_waiting(&status), [4]);
    let done = &status.items[0];
    assert_eq!(
        done.service_line.map(association::ids::ServiceLineId::get),
        Some(55)
    );
    assert!(
        done.service_created
            && done.ownership
            && done.plan_assigned
            && done.history_recorded
            && done.completed
    );
    assert!(status.items[2].review && !status.items[2].completed);
}

#[tokio::test]
async fn pages_follow_each_other_without_gap_or_overlap() {
    let (base, world) = start().await;
    let request = world.request(world.add_assignable(7).await);
    let (bulk, _) = accept(&base.central, &world, &request).await;
    let mut seen = Vec::new();
    for page in 1..=4 {
        let status = shown(
            &base,
            &world,
            bulk,
            Page {
                page,
                size: 3,
                outcome: None,
            },
        )
        .await;
        assert_eq!(status.total, 7);
        seen.extend(status.items.into_iter().map(|item| item.iccid));
    }
    let asked: Vec<_> = request
        .devices
        .iter()
        .map(|iccid| iccid.as_str().to_owned())
        .collect();
    assert_eq!(seen, asked);
}

#[tokio::test]
async fn a_bulk_change_of_another_tenant_or_customer_does_not_exist() {
    let (base, world) = start().await;
    let other = World::new(&base.sql).await;
    let request = world.request(world.add_assignable(1).await);
    let (bulk, _) = accept(&base.central, &world, &request).await;
    let seen_by = |actor: Actor| {
        let central = base.central.clone();
        async move {
            status(&central, &actor, bulk, FIRST)
                .await
                .unwrap()
                .is_some()
        }
    };
    assert!(seen_by(world.actor()).await);
    assert!(seen_by(world.limited_actor()).await);
    assert!(!seen_by(other.actor()).await);
    assert!(
        !seen_by(Actor::from_verified_token(
            world.tenant,
            8,
            "stranger",
            false
        ))
        .await
    );
    let nothing = BulkChangeId::new(bulk.get() + 1_000_000).unwrap();
    let answer = status(&base.central, &world.actor(), nothing, FIRST)
        .await
        .unwrap();
    assert_eq!(answer, None);
}

#[tokio::test]
async fn each_outcome_shows_its_devices_in_stable_pages_and_as_many_as_its_count() {
    let (base, world) = start().await;
    let mut request = world.request(world.add_assignable(12).await);
    request.options.rev_service = Some(rev_service());
    let (bulk, _) = accept(&base.central, &world, &request).await;
    // Of each three one is done, one failed, one waits; of the failed the first is in review, of the waiting the first in work.
    base.sql
        .run(
            "DECLARE @first bigint; SET @first = (SELECT MIN(m.id) FROM dbo.M2M_DeviceChange AS m WHERE m.BulkChangeId = @P1); \
             UPDATE dbo.M2M_DeviceChange SET IsProcessed = 1, HasErrors = CASE (id - @first) % 3 WHEN 1 THEN 1 ELSE 0 END \
             WHERE BulkChangeId = @P1 AND (id - @first) % 3 < 2; \
             UPDATE dbo.DeviceChangeWork SET ClosedAt = SYSUTCDATETIME() WHERE BulkChangeId = @P1 AND (ChangeId - @first) % 3 < 2; \
             UPDATE dbo.DeviceChangeWork SET ClosedAt = NULL, ReviewSince = SYSUTCDATETIME() WHERE ChangeId = @first + 1; \
             UPDATE dbo.DeviceChangeWork SET LeaseUntil = DATEADD(second, 60, SYSUTCDATETIME()) WHERE ChangeId = @first + 2;",
            &[&bulk.get()],
        )
        .await;
    for (outcome, expected) in [
        (Outcome::Processed, &[0, 3, 6, 9][..]),
        (Outcome::Failed, &[1, 4, 7, 10]),
        (Outcome::Waiting, &[5, 8, 11]),
        (Outcome::InWork, &[2]),
        (Outcome::InReview, &[1]),
    ] {
        let mut seen = Vec::new();
        for page in 1..=3 {
            let page = Page {
                page,
                size: 2,
                outcome: Some(outcome),
            };
            let status = shown(&base, &world, bulk, page).await;
            assert_eq!(
                status.count(Some(outcome)),
                i64::try_from(expected.len()).unwrap(),
                "{outcome:?}"
            );
            seen.extend(status.items.into_iter().map(|item| item.iccid));
        }
        let expected: Vec<_> = expected
            .iter()
            .map(|place| request.devices[*place].as_str().to_owned())
            .collect();
        assert_eq!(seen, expected, "{outcome:?}");
    }
}

/// A carrier rate plan change that followed `origin`, with one device.
async fn follow(base: &Base, world: &World, origin: BulkChangeId) -> BulkChangeId {
    let rows = base
        .sql
        .rows(
            "INSERT INTO dbo.DeviceBulkChange (ChangeRequestTypeId, ServiceProviderId, TenantId, Status, CreatedBy) VALUES (2, @P2, @P3, N'NEW', N'test'); \
             DECLARE @linked bigint; SET @linked = CAST(SCOPE_IDENTITY() AS bigint); \
             UPDATE dbo.BulkChangeWork SET LinkedBulkChangeId = @linked WHERE BulkChangeId = @P1; \
             INSERT INTO dbo.M2M_DeviceChange (BulkChangeId, ICCID, DeviceId, Status, CreatedBy) \
             SELECT @linked, m.ICCID, m.DeviceId, N'PENDING', N'test' FROM dbo.M2M_DeviceChange AS m WHERE m.BulkChangeId = @P1; \
             SELECT @linked AS id;",
            &[&origin.get(), &world.provider.get(), &world.tenant.get()],
        )
        .await;
    BulkChangeId::new(rows[0].get("id").unwrap()).unwrap()
}

#[tokio::test]
async fn a_linked_carrier_change_is_seen_by_whoever_sees_its_origin_and_by_nobody_else() {
    let (base, world) = start().await;
    let other = World::new(&base.sql).await;
    let request = world.request(world.add_assignable(1).await);
    let (bulk, _) = accept(&base.central, &world, &request).await;
    let first = follow(&base, &world, bulk).await;
    for (case, actor, visible) in [
        ("all customers", world.actor(), true),
        ("its customer", world.limited_actor(), true),
        (
            "another user",
            Actor::from_verified_token(world.tenant, 8, "stranger", false),
            false,
        ),
        ("another tenant", other.actor(), false),
    ] {
        let seen = status(&base.central, &actor, first, FIRST).await.unwrap();
        assert_eq!(seen.is_some(), visible, "{case}");
        if let Some(seen) = seen {
            assert_eq!(seen.linked_from, Some(bulk));
            assert_eq!(seen.change_type, ChangeType::CarrierRatePlanChange);
            assert_eq!((seen.total, seen.waiting, seen.worked_on), (1, 1, false));
            assert_eq!(seen.customer_account.as_deref(), Some("1001"));
            assert!(seen.items[0].found && seen.account.waiting.is_empty());
        }
    }
    // A second one takes the first one's place in the origin's row; each device still says where the first came from.
    base.sql
        .run(
            "UPDATE dbo.DeviceChangeWork SET LinkedBulkChangeId = @P2 WHERE BulkChangeId = @P1;",
            &[&bulk.get(), &first.get()],
        )
        .await;
    let second = follow(&base, &world, bulk).await;
    for linked in [first, second] {
        let seen = status(&base.central, &world.limited_actor(), linked, FIRST).await;
        assert_eq!(seen.unwrap().unwrap().linked_from, Some(bulk));
    }
}

#[tokio::test]
async fn what_nobody_took_up_yet_is_seen_by_those_who_may_use_all_customers() {
    let (base, world) = start().await;
    let rows = base
        .sql
        .rows(
            "INSERT INTO dbo.DeviceBulkChange (ChangeRequestTypeId, ServiceProviderId, TenantId, SiteId, Status, CreatedBy) \
             VALUES (4, @P1, @P2, @P3, N'NEW', N'other'); SELECT CAST(SCOPE_IDENTITY() AS bigint) AS id;",
            &[
                &world.provider.get(),
                &world.tenant.get(),
                &world.site.get(),
            ],
        )
        .await;
    let bulk = BulkChangeId::new(rows[0].get("id").unwrap()).unwrap();
    let seen = shown(&base, &world, bulk, FIRST).await;
    assert!(!seen.worked_on);
    let limited = status(&base.central, &world.limited_actor(), bulk, FIRST).await;
    assert_eq!(limited.unwrap(), None);
}

/// The worlds of all tests have one client code of Rev: another tenant's bulk change waits for the same account.
#[tokio::test]
async fn bulk_changes_of_every_account_with_one_client_code_wait_for_one_budget() {
    let (base, world) = start().await;
    let other = World::new(&base.sql).await;
    assert_ne!(world.account, other.account);
    let mut bulks = Vec::new();
    for (world, devices) in [(&world, 2), (&other, 1)] {
        let mut request = world.request(world.add_assignable(devices).await);
        request.options.rev_service = Some(rev_service());
        bulks.push(accept(&base.central, world, &request).await.0);
    }
    // Shares and estimates go by tenant: both statements that give what waits say whose it is.
    let asked = world.request(vec![world.iccid(1)]);
    let checked = check(&base.central, &world.actor(), &asked, None).await;
    let status = shown(&base, &world, bulks[0], FIRST).await;
    for account in [checked.unwrap().account, status.account] {
        let ours = account
            .waiting
            .iter()
            .filter(|waiting| bulks.contains(&waiting.bulk_change));
        let tenants: Vec<_> = ours.map(|waiting| waiting.tenant).collect();
        assert_eq!(tenants, [world.tenant, other.tenant]);
    }
    let of = |status: &BulkChangeStatus| {
        let mut waiting = status.account.waiting.clone();
        waiting.retain(|waiting| bulks.contains(&waiting.bulk_change));
        let calls = waiting.iter().map(|waiting| waiting.calls);
        let settling = waiting.iter().map(|waiting| waiting.settling);
        (calls.collect::<Vec<_>>(), settling.collect::<Vec<_>>())
    };
    let seen = shown(&base, &world, bulks[0], FIRST).await;
    assert_eq!(of(&seen), (vec![4, 3], vec![false, false]));
    let seen = shown(&base, &other, bulks[1], FIRST).await;
    assert_eq!(of(&seen), (vec![4, 3], vec![false, false]));
    // One of them settles what is unknown: two look-ups and a line.
    base.sql
        .run(
            "UPDATE dbo.DeviceChangeWork SET Step = 'settle' WHERE BulkChangeId = @P1;",
            &[&bulks[1].get()],
        )
        .await;
    let seen = shown(&base, &world, bulks[0], FIRST).await;
    assert_eq!(of(&seen), (vec![4, 5], vec![false, true]));
    // Each has its own credentials, which may be refused; the pause is everybody's.
    base.sql
        .run(
            "UPDATE dbo.RevCallBudget SET StoppedSince = SYSUTCDATETIME() WHERE IntegrationAuthenticationId = @P1; \
             UPDATE dbo.RevCallBudget SET PausedUntil = '9999-12-31' \
             WHERE IntegrationAuthenticationId = (SELECT COALESCE(b.SharesBudgetOf, b.IntegrationAuthenticationId) \
             FROM dbo.RevCallBudget AS b WHERE b.IntegrationAuthenticationId = @P1);",
            &[&other.account.get()],
        )
        .await;
    for (world, bulk, stopped) in [(&world, bulks[0], false), (&other, bulks[1], true)] {
        let account = shown(&base, world, bulk, FIRST).await.account;
        assert_eq!(account.stopped, stopped);
        let paused = account.budget.and_then(|budget| budget.paused_until);
        assert_eq!(paused.map(time::PrimitiveDateTime::year), Some(9999));
    }
}

#[tokio::test]
async fn the_mark_moves_with_every_step_of_a_device_and_with_nothing_else() {
    let (base, world) = start().await;
    let request = world.request(world.add_assignable(2).await);
    let (bulk, _) = accept(&base.central, &world, &request).await;
    let mark = async || {
        let before = base.central.round_trips();
        let mark = status_mark(&base.central, &world.actor(), bulk).await;
        assert_eq!(base.central.round_trips() - before, 1);
        mark.unwrap().expect("it exists")
    };
    let mut last = mark().await;
    assert_eq!(last, mark().await);
    for (case, statement) in [
        (
            "a lease",
            "UPDATE TOP (1) w SET LeaseUntil = DATEADD(second, 60, SYSUTCDATETIME()) FROM dbo.DeviceChangeWork AS w WHERE w.BulkChangeId = @P1;",
        ),
        (
            "work has begun",
            "UPDATE dbo.M2M_DeviceChange SET Status = N'PROCESSING' WHERE BulkChangeId = @P1;",
        ),
        (
            "a device ended",
            "UPDATE TOP (1) m SET IsProcessed = 1 FROM dbo.M2M_DeviceChange AS m WHERE m.BulkChangeId = @P1;",
        ),
        (
            "it failed",
            "UPDATE dbo.M2M_DeviceChange SET HasErrors = 1 WHERE BulkChangeId = @P1 AND IsProcessed = 1;",
        ),
        (
            "a review",
            "UPDATE TOP (1) w SET ReviewSince = SYSUTCDATETIME() FROM dbo.DeviceChangeWork AS w WHERE w.BulkChangeId = @P1;",
        ),
        (
            "the end of the work",
            "UPDATE dbo.DeviceChangeWork SET ClosedAt = SYSUTCDATETIME() WHERE BulkChangeId = @P1;",
        ),
        (
            "the finish",
            "UPDATE dbo.BulkChangeWork SET FinishedAt = SYSUTCDATETIME() WHERE BulkChangeId = @P1;",
        ),
        (
            "the status",
            "UPDATE dbo.DeviceBulkChange SET Status = N'PROCESSED' WHERE id = @P1;",
        ),
    ] {
        base.sql.run(statement, &[&bulk.get()]).await;
        let next = mark().await;
        assert_ne!(next, last, "{case}");
        last = next;
    }
    let other = World::new(&base.sql).await;
    let theirs = status_mark(&base.central, &other.actor(), bulk).await;
    assert_eq!(theirs.unwrap(), None);
}

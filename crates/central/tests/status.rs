//! What a bulk change's status tells, and to whom.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot be set up fails"
)]

mod support;

use association::{actor::Actor, ids::BulkChangeId, request::CustomerPlanOptions};
use central::status::{BulkChangeStatus, Page, status};
use support::{
    Base, World,
    submission::{accept, rev_service},
};

const FIRST: Page = Page { page: 1, size: 25 };

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
    assert_eq!(
        (status.calls_waiting, status.calls_per_minute),
        (3, Some(400))
    );
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
    let (linked, linked_status) = status.linked.unwrap();
    assert!(linked.get() > bulk.get());
    assert_eq!(linked_status, "NEW");
    // A line that waits for a person waits for no call.
    assert_eq!(status.calls_waiting, 2);
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
        let status = shown(&base, &world, bulk, Page { page, size: 3 }).await;
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

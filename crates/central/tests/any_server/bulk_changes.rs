//! Which bulk changes a list shows, in which order, and what it counts.

use crate::support::{
    Base, World,
    submission::{accept, rev_service},
};
use association::{actor::Actor, ids::BulkChangeId, request::AssociateRequest};
use central::{
    bulk_changes::{BulkChange, BulkStatus, Question, SortBy, bulk_changes},
    listing::{Direction, Filter, Page, Slice, Sort},
    status::{self, ChangeType},
};

async fn start() -> (Base, World) {
    let base = Base::start().await;
    let world = World::new(&base.sql).await;
    (base, world)
}

fn newest() -> Question {
    Question {
        page: Page {
            number: 1,
            size: 25,
        },
        sort: Sort {
            by: SortBy::Created,
            direction: Direction::Descending,
        },
        filter: None,
        status: None,
        mine: false,
    }
}

async fn shown(base: &Base, actor: &Actor, question: &Question) -> Slice<BulkChange> {
    bulk_changes(&base.central, actor, question).await.unwrap()
}

fn ids(found: &Slice<BulkChange>) -> Vec<i64> {
    found.items.iter().map(|item| item.id.get()).collect()
}

/// A bulk change that nobody works on, with a status and an author, made at `second` of one minute.
async fn lay(world: &World, status: &str, author: &str, second: i32) -> i64 {
    let rows = world
        .sql
        .rows(
            "INSERT INTO dbo.DeviceBulkChange (ChangeRequestTypeId, ServiceProviderId, TenantId, Status, CreatedBy, CreatedDate) \
             VALUES (4, @P1, @P2, @P3, @P4, DATEADD(second, @P5, CAST(N'2026-03-01T12:00:00' AS datetime2(3)))); \
             SELECT CAST(SCOPE_IDENTITY() AS bigint) AS id;",
            &[
                &world.provider.get(),
                &world.tenant.get(),
                &status,
                &author,
                &second,
            ],
        )
        .await;
    rows[0].get("id").unwrap()
}

/// Requests for the n-th devices, which are laid down here.
async fn request(world: &World, numbers: std::ops::RangeInclusive<usize>) -> AssociateRequest {
    let devices: Vec<_> = numbers.clone().map(|n| world.device(n)).collect();
    world.add(&devices).await;
    world.request(numbers.map(|n| world.iccid(n)).collect())
}

#[tokio::test]
async fn a_bulk_change_in_the_list_counts_what_its_status_counts() {
    let (base, world) = start().await;
    let mut asked = request(&world, 1..=6).await;
    asked.options.rev_service = Some(rev_service());
    // One that does not exist, so that one is refused at once.
    asked.devices.push(world.iccid(99));
    let (bulk, _) = accept(&base.central, &world, &asked).await;
    let (other, _) = accept(&base.central, &world, &request(&world, 7..=8).await).await;
    // Done, in work, in review, deleted; two wait.
    base.sql
        .run(
            "DECLARE @first bigint; SET @first = (SELECT MIN(m.id) FROM dbo.M2M_DeviceChange AS m WHERE m.BulkChangeId = @P1); \
             UPDATE dbo.M2M_DeviceChange SET IsProcessed = 1, Status = N'PROCESSED' WHERE id = @first; \
             UPDATE dbo.DeviceChangeWork SET Step = 'done', ClosedAt = SYSUTCDATETIME() WHERE ChangeId = @first; \
             UPDATE dbo.DeviceChangeWork SET LeaseUntil = DATEADD(second, 60, SYSUTCDATETIME()) WHERE ChangeId = @first + 1; \
             UPDATE dbo.M2M_DeviceChange SET IsProcessed = 1, HasErrors = 1, Status = N'API_FAILED' WHERE id = @first + 2; \
             UPDATE dbo.DeviceChangeWork SET Step = 'settle', ReviewSince = SYSUTCDATETIME() WHERE ChangeId = @first + 2; \
             UPDATE dbo.M2M_DeviceChange SET IsDeleted = 1, IsProcessed = 1, HasErrors = 1, Status = N'ERROR' WHERE id = @first + 3; \
             UPDATE dbo.DeviceChangeWork SET ClosedAt = SYSUTCDATETIME() WHERE ChangeId = @first + 3;",
            &[&bulk.get()],
        )
        .await;
    let before = base.central.round_trips();
    let found = shown(&base, &world.actor(), &newest()).await;
    assert_eq!(base.central.round_trips() - before, 1);
    assert_eq!(ids(&found), [other.get(), bulk.get()]);
    let item = &found.items[1];
    let one = status::status(
        &base.central,
        &world.actor(),
        bulk,
        status::Page {
            page: 1,
            size: 25,
            outcome: None,
        },
    )
    .await
    .unwrap()
    .unwrap();
    let counts = |total, waiting, in_work, processed, failed, in_review| {
        [total, waiting, in_work, processed, failed, in_review]
    };
    let listed = counts(
        item.total,
        item.waiting,
        item.in_work,
        item.processed,
        item.failed,
        item.in_review,
    );
    assert_eq!(listed, [6, 2, 1, 1, 2, 1]);
    assert_eq!(
        listed,
        counts(
            one.total,
            one.waiting,
            one.in_work,
            one.processed,
            one.failed,
            one.in_review
        )
    );
    assert_eq!(item.customer_account.as_deref(), Some("1001"));
    assert_eq!(item.customer_name.as_deref(), Some("Fake Fleet One"));
    assert_eq!(item.change_type, ChangeType::CustomerAssignment);
    assert_eq!(item.created_by, "test.user");
    assert_eq!((item.finished_at, item.linked_from), (None, None));
    assert_eq!(item.service_provider, world.provider.get());
}

#[tokio::test]
async fn pages_of_equal_sort_keys_follow_each_other_without_gap_or_overlap() {
    let (base, world) = start().await;
    let mut all = Vec::new();
    for n in 0..7 {
        // All of one second, and of two statuses.
        let status = if n % 2 == 0 { "NEW" } else { "PROCESSED" };
        all.push(lay(&world, status, "someone", 0).await);
    }
    let by_status: Vec<i64> = [0, 2, 4, 6, 1, 3, 5].map(|n| all[n]).to_vec();
    for (by, ascending) in [(SortBy::Created, all.clone()), (SortBy::Status, by_status)] {
        for direction in Direction::ALL {
            let mut expected = ascending.clone();
            if direction == Direction::Descending {
                expected.reverse();
            }
            let mut seen = Vec::new();
            for number in 1..=4 {
                let question = Question {
                    page: Page { number, size: 2 },
                    sort: Sort { by, direction },
                    ..newest()
                };
                let found = shown(&base, &world.actor(), &question).await;
                assert_eq!(found.total, 7);
                seen.extend(ids(&found));
            }
            assert_eq!(seen, expected, "{by:?} {direction:?}");
        }
    }
    let beyond = Question {
        page: Page { number: 5, size: 2 },
        ..newest()
    };
    let beyond = shown(&base, &world.actor(), &beyond).await;
    assert_eq!((beyond.items.len(), beyond.total), (0, 7));
}

#[tokio::test]
async fn a_filter_is_text_and_finds_customer_author_or_the_whole_id() {
    let (base, world) = start().await;
    let (bulk, _) = accept(&base.central, &world, &request(&world, 1..=1).await).await;
    let odd = lay(&world, "NEW", "o'neil 50%_[x]", 1).await;
    let plain = lay(&world, "ERROR", "o-neil 50 x", 2).await;
    let bulk = bulk.get();
    for (text, expected) in [
        ("fleet one", vec![bulk]),
        ("1001", vec![bulk]),
        ("1002", vec![]),
        ("TEST.USER", vec![bulk]),
        ("neil 50", vec![plain, odd]),
        ("%", vec![odd]),
        ("_", vec![odd]),
        ("[", vec![odd]),
        ("]", vec![odd]),
        ("50%_[x]", vec![odd]),
        ("'", vec![odd]),
        ("' OR 1 = 1 --", vec![]),
    ] {
        let question = Question {
            filter: Filter::parse(text).unwrap(),
            ..newest()
        };
        let found = shown(&base, &world.actor(), &question).await;
        let mut found = ids(&found);
        found.sort_unstable();
        let mut expected = expected;
        expected.sort_unstable();
        assert_eq!(found, expected, "{text}");
    }
    // An id is found whole, and not by a part of it.
    let whole = Question {
        filter: Filter::parse(&odd.to_string()).unwrap(),
        ..newest()
    };
    let found = ids(&shown(&base, &world.actor(), &whole).await);
    assert!(found.contains(&odd) && !found.contains(&plain), "{found:?}");
}

#[tokio::test]
async fn a_status_and_an_author_narrow_the_list() {
    let (base, world) = start().await;
    let mine = lay(&world, "NEW", "test.user", 1).await;
    let theirs = lay(&world, "NEW", "test.users", 2).await;
    let done = lay(&world, "PROCESSED", "test.user", 3).await;
    for (status, own, expected) in [
        (Some(BulkStatus::New), false, vec![theirs, mine]),
        (Some(BulkStatus::Processed), false, vec![done]),
        (Some(BulkStatus::Error), false, vec![]),
        (None, true, vec![done, mine]),
        (Some(BulkStatus::New), true, vec![mine]),
    ] {
        let question = Question {
            status,
            mine: own,
            ..newest()
        };
        let found = shown(&base, &world.actor(), &question).await;
        assert_eq!(ids(&found), expected, "{status:?} {own}");
        assert_eq!(found.total, i64::try_from(expected.len()).unwrap());
    }
}

#[tokio::test]
async fn the_list_shows_exactly_what_the_status_route_shows() {
    let (base, world) = start().await;
    let other = World::new(&base.sql).await;
    let (first, _) = accept(&base.central, &world, &request(&world, 1..=1).await).await;
    let mut second = request(&world, 2..=2).await;
    second.rev_customer = association::ids::RevCustomerId::parse("1002").unwrap();
    let (second, _) = accept(&base.central, &world, &second).await;
    let untaken = lay(&world, "NEW", "other", 1).await;
    let linked = lay(&world, "NEW", "test", 2).await;
    base.sql
        .run(
            "UPDATE dbo.DeviceBulkChange SET ChangeRequestTypeId = 2 WHERE id = @P2; \
             UPDATE dbo.BulkChangeWork SET LinkedBulkChangeId = @P2 WHERE BulkChangeId = @P1;",
            &[&first.get(), &linked],
        )
        .await;
    let deleted = lay(&world, "NEW", "other", 3).await;
    base.sql
        .run(
            "UPDATE dbo.DeviceBulkChange SET IsDeleted = 1 WHERE id = @P1;",
            &[&deleted],
        )
        .await;
    let everything = [first.get(), second.get(), untaken, linked, deleted];
    let stranger = Actor::from_verified_token(world.tenant, 8, "stranger", false);
    for (case, actor, count) in [
        ("all customers", world.actor(), 4),
        ("one customer", world.limited_actor(), 2),
        ("no customer", stranger, 0),
        ("another tenant", other.actor(), 0),
    ] {
        let found = shown(&base, &actor, &newest()).await;
        let mut visible = Vec::new();
        for id in everything {
            let page = status::Page {
                page: 1,
                size: 1,
                outcome: None,
            };
            let id = BulkChangeId::new(id).unwrap();
            let seen = status::status(&base.central, &actor, id, page)
                .await
                .unwrap();
            visible.extend(seen.map(|seen| seen.id.get()));
        }
        let mut listed = ids(&found);
        listed.sort_unstable();
        visible.sort_unstable();
        assert_eq!(listed, visible, "{case}");
        assert_eq!(found.total, count, "{case}");
    }
    let found = shown(&base, &world.limited_actor(), &newest()).await;
    let linked = found.items.iter().find(|item| item.id.get() == linked);
    let linked = linked.unwrap();
    assert_eq!(linked.linked_from, Some(first));
    assert_eq!(linked.change_type, ChangeType::CarrierRatePlanChange);
    assert_eq!(linked.customer_account.as_deref(), Some("1001"));
}

//! Rev is asked for the customer and the products before the first line: what it says no to opens none, and what it does not
//! say in time fails no device.

use std::time::Duration;

use device_bulk_change::Limits;
use end_to_end::{Wishes, World, deliveries::event, printed::Printed};
use local::rev::{self, Call, Fault, Rule};
use serde_json::{Value, json};

const DEVICES: usize = 3;
const DAY: Duration = Duration::from_hours(24);

/// Every device is told the same, Rev was asked for no line, and nobody got a device.
async fn all_are_refused(world: &World, id: i64, details: &str) {
    let told: Vec<(String, String)> = world
        .changes(id)
        .await
        .into_iter()
        .map(|change| (change.status, change.details))
        .collect();
    let refused = ("API_FAILED".to_owned(), details.to_owned());
    assert_eq!(told, vec![refused; DEVICES]);
    assert_eq!(world.rev.called(Call::OpenLine), 0);
    assert!(world.rev.lines().is_empty());
    assert!(world.assignments(id).await.is_empty());
    assert!(world.queue.dead_letters().is_empty());
    assert!(world.assert_billed_once(id).await.is_empty());
}

async fn all_are_processed(world: &World, id: i64) {
    assert!(world.assert_billed_once(id).await.is_empty());
    assert_eq!(
        world.statuses(id).await,
        [("PROCESSED".to_owned(), DEVICES)].into(),
        "{}",
        world.left_over().await
    );
    assert_eq!(world.rev.lines().len(), DEVICES);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_that_rev_has_closed_gets_no_line() {
    let world = World::embedded(Wishes::devices(DEVICES)).await;
    world.rev.put_customer(1001, "Closed");
    let id = world.submit_with_service(1..=DEVICES).await;
    world.drain().await;
    all_are_refused(&world, id, "rev-customer: Rev's customer 1001 is Closed").await;
    assert_eq!(
        world.rev.called(Call::Customer),
        1,
        "asked once for them all"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_rev_says_no_to_is_told_in_its_words_and_opens_no_line() {
    let no_such = Fault::status(404, r#"{"ok":false,"error":"Example: gone"}"#);
    for (call, fault, details) in [
        (
            Call::Customer,
            Fault::refuse("Example: the customer is locked"),
            "rev-customer: Example: the customer is locked",
        ),
        (
            Call::Customer,
            no_such,
            "rev-customer: Rev does not know customer 1001",
        ),
        (
            Call::Products,
            Fault::refuse("Example: no products today"),
            "rev-product: Example: no products today",
        ),
    ] {
        let world = World::embedded(Wishes::devices(DEVICES)).await;
        world.rev.fault(Rule::once(call, fault));
        let id = world.submit_with_service(1..=DEVICES).await;
        world.drain().await;
        all_are_refused(&world, id, details).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bulk_change_without_a_rev_customer_asks_rev_for_nothing() {
    let world = World::embedded(Wishes::devices(DEVICES)).await;
    let id = world.submit_with_service(1..=DEVICES).await;
    world
        .sql()
        .await
        .query(
            "UPDATE dbo.BulkChangeWork SET RevCustomerId = N'' WHERE BulkChangeId = @P1",
            &[&id],
        )
        .await;
    world.drain().await;
    all_are_refused(
        &world,
        id,
        "rev-customer: the bulk change names no Rev customer",
    )
    .await;
    assert!(world.rev.calls().is_empty(), "{:?}", world.rev.calls());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_package_is_not_looked_for_among_the_products() {
    let world = World::embedded(Wishes::devices(DEVICES)).await;
    let mut request = world.with_service(&world.iccids(1..=DEVICES));
    let members = request.as_object_mut().unwrap();
    members.remove("products");
    members.insert("revPackageId".to_owned(), json!("5"));
    let id = world.post(&request).await.bulk_change();
    world.drain().await;
    all_are_processed(&world, id).await;
    assert_eq!(world.rev.called(Call::Products), 0);
}

/// So many products that Rev shows them on two pages; the one that is asked for stands on the second.
fn with_two_pages(calls_per_day: u32) -> Wishes {
    Wishes {
        calls_per_day,
        rev: rev::Options {
            products: (1_001..=1_600).collect(),
            ..rev::Options::default()
        },
        ..Wishes::devices(DEVICES)
    }
}

fn with_the_last_product(world: &World) -> Value {
    let mut request = world.with_service(&world.iccids(1..=DEVICES));
    request["products"] = json!([{"productId": 1600, "rate": 4.5}]);
    request
}

#[tokio::test(flavor = "multi_thread")]
async fn a_product_is_found_on_a_later_page_too() {
    let world = World::embedded(with_two_pages(1_000_000)).await;
    let id = world
        .post(&with_the_last_product(&world))
        .await
        .bulk_change();
    world.drain().await;
    all_are_processed(&world, id).await;
    assert_eq!(world.rev.called(Call::Products), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_the_budget_has_no_call_for_is_waited_for_and_refuses_nothing() {
    // Signing in, customer and first page are the calls of a day; those of the day after suffice for both pages.
    let world = World::embedded(with_two_pages(3)).await;
    world
        .server()
        .database()
        .clock()
        .freeze_at(time::macros::datetime!(2027-03-01 12:00));
    let id = world
        .post(&with_the_last_product(&world))
        .await
        .bulk_change();
    world.deliver(1, 1).await;
    for _ in 0..3 {
        world.pass(Duration::from_mins(1));
        world.sweep().await;
        world.deliver(1, 1).await;
    }
    assert_eq!(world.rev.calls().len(), 3, "{:?}", world.rev.calls());
    assert_eq!(world.rev.called(Call::Products), 1);
    assert!(
        world.changes(id).await.iter().all(|it| !it.processed),
        "{:?}",
        world.changes(id).await
    );
    let mut days = 0;
    while world.unfinished().await > 0 {
        days += 1;
        assert!(days <= 5, "{}", world.left_over().await);
        world.pass(DAY);
        world.sweep().await;
        world.deliver(1, 1).await;
    }
    all_are_processed(&world, id).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_verdict_that_comes_after_its_lease_refuses_nothing() {
    let printed = Printed::everything("info");
    let world = World::embedded(Wishes::devices(DEVICES)).await;
    // The first answer is a refusal, and comes when its preflight has long been another's.
    let late = Fault::refuse("Example: the customer is locked").held();
    // The other one is told to come again, so that every device is still open then.
    let throttled = Fault::throttled(Some("30"));
    world.rev.script(Call::Customer, [late, throttled]);
    let id = world.submit_with_service(1..=DEVICES).await;
    let first = world.queue.receive(1);
    let other = world.another_consumer().await;
    let second = async {
        while world.rev.called(Call::Customer) == 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        world.pass(Limits::default().lease + Duration::from_mins(1));
        world.sweep().await;
        let again = world.queue.receive(10);
        assert!(!again.is_empty(), "the chunk is offered again");
        let end = std::time::Instant::now() + Duration::from_mins(2);
        device_bulk_change::handle(&other, event(&again), end)
            .await
            .unwrap();
        world.rev.let_go();
    };
    tokio::join!(world.call(event(&first)), second);
    assert_eq!(world.rev.called(Call::Customer), 2);
    let told = printed.text();
    for line in ["preflight_refused", "preflight_lease_lost"] {
        assert!(told.contains(line), "the refusal came, and too late");
    }
    world.drain().await;
    all_are_processed(&world, id).await;
}

//! A look-up that finds what should not be there, or gets no whole answer: decided as little as it must, and never by a second line.

use std::time::Duration;

use end_to_end::{Wishes, World, truth::Change};
use local::rev::{Call, Fault, Line, Rule};

/// A world with one device whose opening call gets no answer, delivered once: whether a line is open is unknown.
async fn in_doubt(fault: Fault) -> (World, i64) {
    in_doubt_with(fault, Wishes::devices(1)).await
}

async fn in_doubt_with(fault: Fault, wishes: Wishes) -> (World, i64) {
    let world = World::embedded(wishes).await;
    // A day of calls begins and ends where the test says so.
    world
        .server()
        .database()
        .clock()
        .freeze_at(time::macros::datetime!(2027-03-01 12:00));
    world.rev.fault(Rule::once(Call::OpenLine, fault));
    let id = world.submit_with_service(1..=1).await;
    world.deliver(10, 1).await;
    assert_eq!(world.rev.called(Call::OpenLine), 1);
    (world, id)
}

/// A line of somebody else with the device's number; its id.
fn put(world: &World, customer_id: i64, description: &str, created: time::OffsetDateTime) -> i64 {
    world.rev.put_line(Line {
        id: 0,
        account: "fake-client-1".to_owned(),
        number: world.msisdn(1),
        number2: String::new(),
        customer_id,
        description: description.to_owned(),
        reference: None,
        created,
        shown_from: world.rev.now(),
        status: "ACTIVE".to_owned(),
    });
    world.rev.lines().last().unwrap().id
}

const SINCE_THE_CHANGE: time::OffsetDateTime = time::macros::datetime!(2027-03-01 12:01 UTC);
const LONG_AGO: time::OffsetDateTime = time::macros::datetime!(2025-03-01 12:00 UTC);

async fn the_one(world: &World, id: i64) -> Change {
    world.changes(id).await.into_iter().next().unwrap()
}

async fn is_for_a_person(world: &World, id: i64, put: &[i64], details: &str) {
    world.drain().await;
    let reviews = world.assert_billed_once_beside(id, put).await;
    assert_eq!(reviews.len(), 1, "{:?}", world.changes(id).await);
    assert_eq!(reviews[0].status, "API_FAILED");
    assert_eq!(reviews[0].details, details);
    assert_eq!(
        world.rev.called(Call::OpenLine),
        1,
        "sent once, and no more"
    );
    assert!(world.assignments(id).await.is_empty());
}

async fn is_processed(world: &World, id: i64) {
    world.drain().await;
    assert!(world.assert_billed_once(id).await.is_empty());
    let change = the_one(world, id).await;
    assert_eq!(change.status, "PROCESSED", "{change:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_lines_with_our_reference_are_for_a_person_who_is_told_both() {
    let (world, id) = in_doubt(Fault::drop_after()).await;
    let ours = world.rev.lines()[0].id;
    let change = the_one(&world, id).await.id;
    let twin = put(
        &world,
        1001,
        &format!("Fleet AMOP-{change}"),
        SINCE_THE_CHANGE,
    );
    let details = format!(
        "billing-outcome-unknown: Rev holds 2 service lines with this change's reference: {ours}, {twin}"
    );
    is_for_a_person(&world, id, &[twin], &details).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_that_may_be_ours_and_has_no_reference_is_for_a_person() {
    let (world, id) = in_doubt(Fault::drop_before()).await;
    let odd = put(&world, 1001, "Fleet", SINCE_THE_CHANGE);
    is_for_a_person(&world, id, &[odd], "billing-outcome-unknown: Rev holds a service line that may be this change's: same number and customer, made after it, without its reference").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_that_another_line_has_is_refused_and_not_asked_for_again() {
    let (world, id) = in_doubt(Fault::drop_before()).await;
    let foreign = put(&world, 1002, "Example", LONG_AGO);
    world.drain().await;
    assert!(
        world
            .assert_billed_once_beside(id, &[foreign])
            .await
            .is_empty()
    );
    let change = the_one(&world, id).await;
    assert_eq!(
        (change.status.as_str(), change.details.as_str()),
        (
            "API_FAILED",
            "number-in-use: another service line has the number"
        )
    );
    assert_eq!(world.rev.called(Call::OpenLine), 1);
    assert!(
        world.rev.called(Call::Lines) >= 2,
        "looked at twice before that is said"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_look_up_that_rev_refuses_decides_nothing() {
    let (world, id) = in_doubt(Fault::drop_after()).await;
    let refused = Fault::refuse("Example: no search today");
    world.rev.fault(Rule::always(Call::Lines, refused).times(3));
    for asked in 1..=3 {
        world.pass(Duration::from_mins(3));
        world.sweep().await;
        world.deliver(10, 1).await;
        assert_eq!(world.rev.called(Call::Lines), asked);
        let change = the_one(&world, id).await;
        assert!(!change.processed, "{change:?}");
    }
    is_processed(&world, id).await;
    assert_eq!(world.rev.called(Call::OpenLine), 1, "adopted, not repeated");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_look_up_whose_answer_stops_the_account_decides_nothing() {
    let (world, id) = in_doubt(Fault::drop_after()).await;
    world.rev.fault(Rule::once(Call::Lines, Fault::key()));
    world.pass(Duration::from_mins(3));
    world.sweep().await;
    world.deliver(10, 1).await;
    assert_eq!(world.rev.called(Call::Lines), 1);
    let stopped =
        "SELECT COUNT_BIG(*) FROM dbo.RevCallBudget AS b WHERE b.StoppedSince IS NOT NULL";
    assert_eq!(world.sql().await.number(stopped).await, 1);
    let change = the_one(&world, id).await;
    assert!(!change.processed, "{change:?}");
    is_processed(&world, id).await;
    assert_eq!(world.rev.called(Call::OpenLine), 1, "adopted, not repeated");
    assert_eq!(world.sql().await.number(stopped).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_the_budget_has_no_call_for_leaves_the_look_up_undecided() {
    // Signing in, customer, products, the line, and the first page of two: those are the calls of the day.
    let wishes = Wishes {
        calls_per_day: 5,
        ..Wishes::devices(1)
    };
    let (world, id) = in_doubt_with(Fault::late(30), wishes).await;
    // Ours arrives late and stands on the second page, behind those that were opened long ago.
    let mut put_there = Vec::new();
    for _ in 0..600 {
        put_there.push(put(&world, 999, "Example", LONG_AGO));
    }
    for _ in 0..3 {
        world.pass(Duration::from_mins(2));
        world.sweep().await;
        world.deliver(10, 1).await;
    }
    assert_eq!(world.rev.calls().len(), 5, "{:?}", world.rev.calls());
    assert_eq!(world.rev.called(Call::Lines), 1);
    let change = the_one(&world, id).await;
    assert!(!change.processed, "half an answer is none: {change:?}");
    let absent = "SELECT COUNT_BIG(*) FROM dbo.DeviceChangeWork AS w WHERE w.AbsentAt IS NOT NULL";
    assert_eq!(
        world.sql().await.number(absent).await,
        0,
        "half an answer does not say that there is none"
    );
    world.pass(Duration::from_hours(24));
    world.sweep().await;
    world.drain().await;
    assert!(
        world
            .assert_billed_once_beside(id, &put_there)
            .await
            .is_empty()
    );
    let change = the_one(&world, id).await;
    assert_eq!(change.status, "PROCESSED", "{change:?}");
    assert_eq!(world.rev.called(Call::OpenLine), 1);
}

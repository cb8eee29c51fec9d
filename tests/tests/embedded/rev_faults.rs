//! Rev answers wrongly, late, twice, or not at all: no double line, no lost device.

use std::time::Duration;

use device_bulk_change::Limits;
use end_to_end::{Wishes, World};
use local::rev::{Call, Fault, Rule};

const DEVICES: usize = 200;

async fn submitted(rules: impl IntoIterator<Item = Rule>) -> (World, i64) {
    submitted_with(rules, Wishes::devices(DEVICES)).await
}

async fn submitted_with(rules: impl IntoIterator<Item = Rule>, wishes: Wishes) -> (World, i64) {
    let world = World::embedded(wishes).await;
    for rule in rules {
        world.rev.fault(rule);
    }
    let id = world.submit_with_service(1..=DEVICES).await;
    (world, id)
}

async fn all_are_processed(world: &World, id: i64) {
    assert!(world.assert_billed_once(id).await.is_empty());
    assert_eq!(
        world.statuses(id).await,
        [("PROCESSED".to_owned(), DEVICES)].into()
    );
    assert_eq!(world.rev.lines().len(), DEVICES);
}

fn one_in(n: f64, fault: Fault) -> Rule {
    Rule::always(Call::OpenLine, fault).with_probability(1.0 / n)
}

#[tokio::test(flavor = "multi_thread")]
async fn too_many_requests_pause_and_nothing_fails() {
    let throttled = Rule::always(Call::OpenLine, Fault::throttled(Some("30"))).times(3);
    let (world, id) = submitted([throttled]).await;
    world.drain().await;
    all_are_processed(&world, id).await;
    assert!(world.queue.dead_letters().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_after_it_was_done_is_looked_up_and_adopted() {
    let (world, id) = submitted([one_in(3.0, Fault::server_error().done())]).await;
    world.drain().await;
    all_are_processed(&world, id).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_answer_after_it_was_done_is_looked_up_and_adopted() {
    let (world, id) = submitted([one_in(3.0, Fault::drop_after())]).await;
    world.drain().await;
    all_are_processed(&world, id).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_answer_because_nothing_was_done_is_sent_once_more() {
    let (world, id) =
        submitted([Rule::always(Call::OpenLine, Fault::drop_before()).times(20)]).await;
    world.drain().await;
    all_are_processed(&world, id).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lines_that_are_shown_late_are_waited_for() {
    let late = Fault::drop_after().and_shown_late(50);
    let (world, id) = submitted([one_in(3.0, late)]).await;
    world.drain().await;
    all_are_processed(&world, id).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_that_arrive_after_their_caller_gave_up_are_found() {
    let (world, id) = submitted([one_in(3.0, Fault::late(15))]).await;
    world.drain().await;
    all_are_processed(&world, id).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_time_out_is_an_unknown_outcome() {
    let limits = Limits {
        call_timeout: Duration::from_millis(300),
        ..Limits::default()
    };
    let (world, id) = submitted_with(
        [Rule::always(Call::OpenLine, Fault::delay(5_000)).times(10)],
        Wishes {
            limits,
            ..Wishes::devices(DEVICES)
        },
    )
    .await;
    world.drain().await;
    all_are_processed(&world, id).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn refused_devices_fail_with_rev_s_words_and_the_others_go_on() {
    let (world, id) = submitted([one_in(
        20.0,
        Fault::refuse("Example: the number is not portable"),
    )])
    .await;
    world.drain().await;
    assert!(world.assert_billed_once(id).await.is_empty());
    let refused: Vec<_> = world
        .changes(id)
        .await
        .into_iter()
        .filter(|change| change.status == "API_FAILED")
        .collect();
    assert!(
        !refused.is_empty() && refused.len() < DEVICES / 4,
        "{}",
        refused.len()
    );
    assert!(
        refused
            .iter()
            .all(|change| change.details == "rev-refused: Example: the number is not portable"),
        "{refused:?}"
    );
    assert_eq!(world.rev.lines().len(), DEVICES - refused.len());
    let assignments = world.assignments(id).await;
    assert!(
        refused
            .iter()
            .all(|change| !assignments.contains_key(&change.iccid))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_can_find_out_goes_to_review_and_is_never_sent_a_third_time() {
    let world = World::embedded(Wishes::devices(2)).await;
    let number = world.msisdn(1);
    world
        .rev
        .fault(Rule::always(Call::OpenLine, Fault::drop_before()).for_number(&number));
    let id = world.submit_with_service(1..=2).await;
    world.drain().await;
    let reviews = world.assert_billed_once(id).await;
    assert_eq!(reviews.len(), 1);
    assert!(reviews[0].details.starts_with("billing-outcome-unknown: "));
    let status = world.get(&format!("/M2M/BulkChangeStatus/{id}")).await.body;
    assert_eq!(
        (
            status["counts"]["failed"].as_i64(),
            status["counts"]["inReview"].as_i64()
        ),
        (Some(1), Some(1))
    );
    let sent = world
        .rev
        .calls()
        .iter()
        .filter(|call| call.call == Call::OpenLine && call.subject == number)
        .count();
    assert_eq!(sent, 2);
    let again = world.post(&world.with_service(&world.iccids(1..=1))).await;
    assert!(
        again.body.to_string().contains("unfinished-change"),
        "{}",
        again.body
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_account_fails_no_device_and_a_probe_resumes_it() {
    let (world, id) = submitted([Rule::always(Call::OpenLine, Fault::key()).times(1)]).await;
    world.drain().await;
    all_are_processed(&world, id).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_without_an_answer_is_waited_for_and_spends_no_calls() {
    let (world, id) = submitted([Rule::always(Call::Token, Fault::drop_before()).times(2)]).await;
    world.deliver(10, 1).await;
    assert_eq!(world.rev.calls().len(), 1, "one try, then a pause");
    world.drain().await;
    all_are_processed(&world, id).await;
    // The same beyond the preflight: a consumer without a token, and Rev out of reach.
    world
        .rev
        .fault(Rule::always(Call::Token, Fault::drop_before()).times(1));
    let more = world.iccids(DEVICES + 1..=DEVICES + 2);
    world.add_devices(DEVICES + 1..=DEVICES + 2).await;
    let id = world.post(&world.with_service(&more)).await.bulk_change();
    world.pass_preflight(id).await;
    let calls = world.rev.calls().len();
    let stranger = world.another_consumer().await;
    let event = end_to_end::deliveries::event(&world.queue.receive(1));
    let end = std::time::Instant::now() + Duration::from_mins(2);
    device_bulk_change::handle(&stranger, event, end)
        .await
        .unwrap();
    assert_eq!(world.rev.calls().len(), calls + 1, "one try, then a pause");
    world.drain().await;
    assert!(world.assert_billed_once(id).await.is_empty());
}

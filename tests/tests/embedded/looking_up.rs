//! A look-up by several numbers while Rev is slow, or stops taking calls in the middle of it.

use std::time::Duration;

use end_to_end::{Wishes, World};
use local::rev::{Call, Fault, Rule};

/// A bulk change of the other producer for these devices, taken over, with customer and products looked up and the rows due.
async fn due(world: &World, numbers: &[usize]) -> i64 {
    let id = world
        .write_assignment(&world.foreign_rows(numbers.iter().copied()).await)
        .await;
    world.announce(id).await;
    world.deliver(10, 1).await;
    assert!(looked_up(world).is_empty(), "a minute has not passed");
    world.pass(Duration::from_secs(90));
    id
}

/// The numbers that Rev was asked for, in the order in which it answered.
fn looked_up(world: &World) -> Vec<String> {
    world
        .rev
        .calls()
        .into_iter()
        .filter(|call| call.call == Call::Lines)
        .map(|call| call.subject)
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_second_number_is_asked_for_in_the_same_turn_when_the_first_answer_took_three_seconds()
{
    let world = World::embedded(Wishes::devices(3)).await;
    // A claim of two rows has two slots: the first one looks up by two numbers, and its second slot lapses meanwhile.
    let id = due(&world, &[1, 3]).await;
    // What the old system opened stands under the other number.
    for n in [1, 3] {
        world.put_line(&world.iccid(n), time::Duration::ZERO);
    }
    let slow = Rule::always(Call::Lines, Fault::delay(3_000));
    world.rev.fault(slow.for_number(&world.msisdn(1)));
    // One message: nothing is put off until another one comes.
    let message = world.queue.receive(1);
    world.call(end_to_end::deliveries::event(&message)).await;
    assert_eq!(
        looked_up(&world),
        [1, 3].map(|n| [world.msisdn(n), world.iccid(n)]).concat()
    );
    assert_eq!(
        world.statuses(id).await,
        [("PROCESSED".to_owned(), 2)].into(),
        "{}",
        world.left_over().await
    );
    assert_eq!(world.rev.lines().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_number_is_asked_for_once_another_call_of_the_chunk_was_told_to_wait() {
    let world = World::embedded(Wishes::devices(7)).await;
    // A claim of four rows has four slots: two of them look up by two numbers, side by side.
    let id = due(&world, &[1, 3, 5, 7]).await;
    let (slow, throttled) = (world.msisdn(1), world.msisdn(3));
    // The first answer for device 1 comes when the account is known to be throttled.
    world
        .rev
        .fault(Rule::once(Call::Lines, Fault::delay(1_000)).for_number(&slow));
    world
        .rev
        .fault(Rule::once(Call::Lines, Fault::throttled(Some("30"))).for_number(&throttled));
    let message = world.queue.receive(1);
    world.call(end_to_end::deliveries::event(&message)).await;
    world.queue.delete(&message[0].receipt);
    let mut asked = looked_up(&world);
    asked.sort();
    let mut expected = [slow, throttled];
    expected.sort();
    assert_eq!(asked, expected);
    // Nobody's fault: nothing is counted, and the work goes on after the pause.
    let mut sql = world.sql().await;
    let attempts = sql
        .number(&format!(
            "SELECT COUNT_BIG(*) FROM dbo.DeviceChangeWork AS w WHERE w.BulkChangeId = {id} AND w.Attempts > 0"
        ))
        .await;
    assert_eq!(attempts, 0);
    world.drain().await;
    assert_eq!(
        world.statuses(id).await,
        [("PROCESSED".to_owned(), 4)].into()
    );
}

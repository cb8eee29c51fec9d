//! A call that could be in the air when its lease is over is not begun: by then another holds the change.

use std::time::{Duration, Instant};

use device_bulk_change::{Limits, handle};
use end_to_end::{Wishes, World, deliveries::event};
use local::rev::Call;

const DEVICES: usize = 5;
/// A chunk is not begun on when less than a call and the writing after it fit before the end of the function.
const BARELY_ENOUGH: Duration = Duration::from_millis(21_500);

#[tokio::test(flavor = "multi_thread")]
async fn no_line_is_opened_under_a_lease_that_could_end_before_the_answer() {
    // Facts and records need 15 s of a lease, so 3 s are left for a call that may take 4.
    let limits = Limits {
        lease: Duration::from_secs(18),
        call_timeout: Duration::from_secs(4),
        ..Limits::default()
    };
    let mut world = World::embedded(Wishes {
        limits,
        ..Wishes::devices(DEVICES)
    })
    .await;
    let id = world.submit_with_service(1..=DEVICES).await;
    let mut sql = world.sql().await;
    let claimed = "SELECT MIN(Fence) FROM dbo.DeviceChangeWork";
    for _ in 0..30 {
        let deliveries = world.queue.receive(1);
        handle(
            &world.consumer,
            event(&deliveries),
            Instant::now() + BARELY_ENOUGH,
        )
        .await
        .unwrap();
        if sql.number(claimed).await > 0 {
            break;
        }
        world.pass(Duration::from_mins(1));
    }
    assert!(sql.number(claimed).await > 0, "nothing was ever claimed");
    let opened = |world: &World| world.rev.called(Call::OpenLine);
    assert_eq!(opened(&world), 0, "calls that could outlive their lease");

    // With an ordinary lease the same changes are done, as if nobody had held them before.
    world.consumer = world.another_consumer().await;
    world.pass(Duration::from_mins(15));
    world.drain().await;
    assert!(world.assert_billed_once(id).await.is_empty());
    assert_eq!(opened(&world), DEVICES);
}

//! However many chunks wait for the budget of one account, the consumer asks for it a few times a second.

use std::{sync::Arc, time::Duration};

use end_to_end::{
    Wishes, World,
    running::{Hand, Running},
};
use local::rev;
use queue::{ChunkMessage, Outgoing, Queue as _};

const DEVICES: usize = 10_000;
const MINUTES: u32 = 2;
/// A batch in which a chunk got a call slot lasts until that call, so five instances with ten messages each come round some three times
/// a minute. Were they free at once, a hundred chunks that ask every 5 s would be 20 visits a second, and more chunks more.
const MOST_A_SECOND: usize = 5;
/// Side by side, as in the template.
const INSTANCES: usize = 5;

/// Spreads the devices of a bulk change over more chunks than a request has, and offers each.
async fn spread(world: &World, id: i64, chunks: u32) {
    let mut sql = world.sql().await;
    sql.rows(&format!(
        "UPDATE dbo.DeviceChangeWork SET Chunk = CAST(ChangeId % {chunks} AS int) WHERE BulkChangeId = {id};"
    ))
    .await;
    let tenant = sql
        .number(&format!(
            "SELECT CAST(d.TenantId AS bigint) FROM dbo.DeviceBulkChange AS d WHERE d.id = {id}"
        ))
        .await;
    let offers: Vec<Outgoing> = (0..chunks)
        .map(|chunk| {
            let payload = format!(r#"{{"bulkChangeId":{id},"chunk":{chunk},"tenantId":{tenant}}}"#);
            Outgoing::chunk(&ChunkMessage::from_payload(&payload).unwrap())
        })
        .collect();
    for sent in world.queue.send(&offers).await {
        sent.unwrap();
    }
}

async fn visits_of(chunks: u32) {
    let hand = Hand::on_the_clocks();
    let world = World::embedded(Wishes {
        calls_per_minute: 475,
        rev: rev::Options {
            limit_per_minute: Some(500),
            ..rev::Options::default()
        },
        ..Wishes::devices(DEVICES)
    })
    .await;
    let id = world.submit_with_service(1..=DEVICES).await;
    if chunks > 100 {
        spread(&world, id, chunks).await;
    }
    let world = Arc::new(world);
    let running = Running::start(&world, INSTANCES);
    // Every chunk asks once to begin with.
    hand.pass(&world, Duration::from_mins(1)).await;
    let (before, called) = (running.visits(), world.rev.calls().len());
    let minutes = Duration::from_mins(MINUTES.into());
    hand.pass(&world, minutes).await;
    let visits = running.visits() - before;
    let calls = world.rev.calls().len() - called;
    drop(running);
    let most = usize::try_from(minutes.as_secs()).unwrap() * MOST_A_SECOND;
    assert!(visits <= most, "{visits} visits in {minutes:?}");
    let budget = 475 * usize::try_from(MINUTES).unwrap();
    assert!(calls >= budget * 95 / 100, "{calls} calls in {minutes:?}");
    assert!(world.queue.dead_letters().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_hundred_waiting_chunks_are_visited_a_few_times_a_second() {
    visits_of(100).await;
}

#[tokio::test(start_paused = true)]
async fn a_thousand_waiting_chunks_are_visited_a_few_times_a_second() {
    visits_of(1_000).await;
}

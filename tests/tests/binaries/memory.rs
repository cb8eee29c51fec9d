//! How much memory a process took at most.

use std::fs;

use end_to_end::{Wishes, World, deliveries::event, function::Function};

use crate::instance::{Site, failures};

/// Eleven chunks: the first goes alone, for the preflight.
const DEVICES: usize = 1_100;
/// The goal of `make bench`, in KiB; one batch takes a third of it.
const MOST: usize = 64 * 1024;

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_of_ten_chunks_stays_below_64_mb() {
    let site = Site::of(World::embedded(Wishes::devices(DEVICES)).await).await;
    let world = &site.world;
    let request = world.with_service(&world.iccids(1..=DEVICES));
    let id = world.post(&request).await.bulk_change();
    let consumer = site.instance(Function::Consumer).await;
    assert_eq!(consumer.deliver(world).await, Some(Vec::new()));
    let chunks = world.queue.receive(10);
    assert_eq!(chunks.len(), 10);
    let answer = consumer.call(event(&chunks)).await;
    assert_eq!(failures(&answer), [""; 0]);
    for chunk in chunks {
        world.queue.delete(&chunk.receipt);
    }
    let status = fs::read_to_string(format!("/proc/{}/status", consumer.id())).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    let peak: usize = line
        .unwrap()
        .split_whitespace()
        .nth(1)
        .unwrap()
        .parse()
        .unwrap();
    assert!(peak < MOST, "{peak} KiB");
    consumer.work_off(world).await;
    assert_eq!(world.rev.lines().len(), DEVICES);
    assert!(world.assert_billed_once(id).await.is_empty());
}

//! Each named fault point of the way, struck once: the effect is missing, or it is there and its answer is not. Whatever was
//! accepted is done in the end, and billed once. Fault points belong to the process, so one test at a time has them.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
};

use end_to_end::{Wishes, World};
use fail::FailScenario;
use local::rev::{Call, Fault, Rule};

const DEVICES: usize = 120;
const DATABASE: [&str; 7] = [
    "central.preflight",
    "central.claim",
    "central.facts",
    "central.record",
    "central.finish",
    "central.outbox_take",
    "central.outbox_sent",
];
const REV: [&str; 5] = [
    "rev.token",
    "rev.customer",
    "rev.products",
    "rev.open_line",
    "rev.lines",
];
const OTHERS: [&str; 2] = ["queue.send", "notice.post"];
const INTAKE: [&str; 4] = [
    "central.check",
    "central.submit",
    "central.outbox_sent",
    "queue.send",
];

/// A world in which one call is looked up, so that its way leads over every point.
async fn world() -> World {
    let world = World::embedded(Wishes::devices(DEVICES)).await;
    world
        .rev
        .fault(Rule::once(Call::OpenLine, Fault::drop_after()));
    world
}

#[tokio::test(flavor = "multi_thread")]
async fn every_point_is_on_the_way() {
    let _alone = FailScenario::setup();
    let passed: Arc<Mutex<BTreeSet<String>>> = Arc::default();
    let points: BTreeSet<String> = DATABASE
        .iter()
        .chain(&REV)
        .chain(&OTHERS)
        .chain(&INTAKE)
        .flat_map(|effect| ["before", "after"].map(|side| format!("{effect}.{side}")))
        .collect();
    for point in points.clone() {
        let passed = Arc::clone(&passed);
        fail::cfg_callback(point.clone(), move || {
            passed.lock().unwrap().insert(point.clone());
        })
        .unwrap();
    }
    let world = world().await;
    world
        .post(&world.with_service(&world.iccids(1..=DEVICES)))
        .await
        .bulk_change();
    world.drain().await;
    assert_eq!(*passed.lock().unwrap(), points);
}

/// Strikes each point once, before the effect and after it, in a world of its own.
async fn strike(effects: &[&str]) {
    let _alone = FailScenario::setup();
    for effect in effects {
        for side in ["before", "after"] {
            let point = format!("{effect}.{side}");
            let world = world().await;
            let id = world
                .post(&world.with_service(&world.iccids(1..=DEVICES)))
                .await
                .bulk_change();
            fail::cfg(&point, "1*return->off").unwrap();
            world.drain().await;
            fail::remove(&point);
            let reviews = world.assert_billed_once(id).await;
            assert!(reviews.is_empty(), "{point}: {reviews:?}");
            assert_eq!(
                world.statuses(id).await,
                [("PROCESSED".to_owned(), DEVICES)].into(),
                "{point}"
            );
            assert_eq!(world.rev.lines().len(), DEVICES, "{point}");
            assert_eq!(world.unfinished().await, 0, "{point}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_the_database() {
    strike(&DATABASE).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_rev() {
    strike(&REV).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_the_queue_and_the_notice() {
    strike(&OTHERS).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_the_intake() {
    let _alone = FailScenario::setup();
    for effect in INTAKE {
        for side in ["before", "after"] {
            let point = format!("{effect}.{side}");
            let world = World::embedded(Wishes::devices(DEVICES)).await;
            let request = world.with_service(&world.iccids(1..=DEVICES));
            fail::cfg(&point, "1*return->off").unwrap();
            let first = world.post_with(&request, "one-key").await;
            fail::remove(&point);
            assert!(
                [202, 503].contains(&first.status),
                "{point}: {} {}",
                first.status,
                first.body
            );
            let id = world.post_with(&request, "one-key").await.bulk_change();
            world.drain().await;
            assert!(world.assert_billed_once(id).await.is_empty(), "{point}");
            assert_eq!(world.rev.lines().len(), DEVICES, "{point}");
            let mut sql = world.sql().await;
            assert_eq!(
                sql.number("SELECT COUNT_BIG(*) FROM dbo.DeviceBulkChange")
                    .await,
                1,
                "{point}"
            );
        }
    }
}

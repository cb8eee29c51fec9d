//! Rows of the other producer, with faults where they are taken over and lines that show late. Fault points belong to the
//! process, so one test at a time has them.

use std::sync::Arc;

use end_to_end::{Wishes, World};
use fail::FailScenario;
use local::rev::{Call, Fault, Line, Rule};

use crate::stand::Standing;

const ROWS: usize = 120;
const ADOPTED: std::ops::RangeInclusive<usize> = 1..=5;

/// 120 rows in order, for 5 of which the old system has opened a line, and one that is broken.
async fn announced() -> (World, i64) {
    let world = World::embedded(Wishes::devices(ROWS)).await;
    let mut rows = world.foreign_rows(1..=ROWS + 1).await;
    "{".clone_into(&mut rows[ROWS].text);
    let id = world.write_assignment(&rows).await;
    for n in ADOPTED {
        world.put_line(&world.msisdn(n), time::Duration::ZERO);
    }
    world.announce(id).await;
    (world, id)
}

async fn assert_done(world: &World, id: i64, when: &str) {
    assert_eq!(
        world.statuses(id).await,
        [("ERROR".to_owned(), 1), ("PROCESSED".to_owned(), ROWS)].into(),
        "{when}: {}",
        world.left_over().await
    );
    assert_eq!(world.rev.lines().len(), ROWS, "{when}");
    assert_eq!(world.bulk_status(id).await, "PROCESSED", "{when}");
    assert!(world.queue.dead_letters().is_empty(), "{when}");
    let mut sql = world.sql().await;
    let told = sql
        .number(&format!("SELECT COUNT_BIG(*) FROM dbo.DeviceBulkChangeLog AS l INNER JOIN dbo.M2M_DeviceChange AS m ON m.id = l.M2MDeviceChangeId WHERE m.BulkChangeId = {id} AND m.Status = N'ERROR'"))
        .await;
    assert_eq!(told, 1, "{when}: the refused row is told of once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_twin_that_takes_the_bulk_change_over_in_between_is_left_alone() {
    let _alone = FailScenario::setup();
    let (world, id) = announced().await;
    world.announce(id).await;
    let mut standing = Standing::at("central.enroll.before");
    let world = Arc::new(world);
    let slow = {
        let world = Arc::clone(&world);
        let batch = world.queue.receive(1);
        tokio::spawn(async move {
            let answer = world.call(end_to_end::deliveries::event(&batch)).await;
            (batch, answer)
        })
    };
    standing.reached().await;
    // Its rows are read and checked, not written. The twin takes them over.
    world.deliver(1, 1).await;
    standing.go_on();
    let (batch, answer) = slow.await.unwrap();
    assert!(answer["batchItemFailures"].as_array().unwrap().is_empty());
    world.queue.delete(&batch[0].receipt);
    world.drain().await;
    assert_done(&world, id, "twin").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_that_the_old_system_opens_in_these_seconds_is_waited_for() {
    let _alone = FailScenario::setup();
    let world = World::embedded(Wishes::devices(2)).await;
    let id = world
        .write_assignment(&world.foreign_rows([1, 2]).await)
        .await;
    let now = world.rev.now();
    for number in [world.msisdn(1), world.iccid(2)] {
        world.rev.put_line(Line {
            id: 0,
            account: "fake-client-1".to_owned(),
            number,
            number2: String::new(),
            customer_id: 1001,
            description: String::new(),
            reference: None,
            created: now + time::Duration::seconds(5),
            shown_from: now + time::Duration::seconds(55),
            status: "ACTIVE".to_owned(),
        });
    }
    world.announce(id).await;
    world.drain().await;
    assert_eq!(
        world.statuses(id).await,
        [("PROCESSED".to_owned(), 2)].into()
    );
    assert_eq!(world.rev.lines().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_that_are_lost_or_late_bill_no_row_twice() {
    let _alone = FailScenario::setup();
    let (world, id) = announced().await;
    for rule in [
        Rule::always(Call::OpenLine, Fault::drop_after()).with_probability(0.2),
        Rule::always(Call::OpenLine, Fault::late(15)).with_probability(0.1),
        Rule::always(Call::Lines, Fault::server_error()).with_probability(0.2),
    ] {
        world.rev.fault(rule);
    }
    world.drain().await;
    assert_done(&world, id, "faults").await;
}

//! Every step twice, as the consumer does it: what is delivered again right after it was done changes no row, opens no line and
//! tells nobody anything.

use std::collections::BTreeMap;

use fail::FailScenario;
use queue::Queue as _;
use serde_json::json;

use crate::{
    play::{call, let_the_rest_come, mind_the_receiver, play},
    scene::{Scene, Way},
};

/// What is to stay as it is.
#[derive(Debug, PartialEq)]
struct State {
    tables: BTreeMap<String, Vec<String>>,
    lines: usize,
    calls: usize,
    told: usize,
    passed_on: usize,
    offered: usize,
}

fn state(scene: &Scene) -> State {
    let mut tables = scene.everything();
    // When a row was offered last. A message that names a bulk change as a whole offers what is open of it each time, which is all
    // that comes of this column: the sweep waits with offers of its own.
    for row in tables.get_mut("DeviceChangeWork").unwrap() {
        let fields: Vec<&str> = row.split(", OfferedAt: ").collect();
        if let [before, after] = fields[..] {
            let rest = after.split_once(", ").map_or("", |(_, rest)| rest);
            *row = format!("{before}, {rest}");
        }
    }
    State {
        tables,
        lines: scene.world.rev.lines().len(),
        calls: scene.world.rev.calls().len(),
        told: scene.world.amop.told().len(),
        passed_on: scene.others.sent().len(),
        offered: scene.carrier.sent().len(),
    }
}

/// The tables that differ, with the rows that do.
fn difference(before: &State, after: &State) -> String {
    let mut told = Vec::new();
    for (name, rows) in &after.tables {
        let old = &before.tables[name];
        if rows != old {
            let gone: Vec<_> = old.iter().filter(|row| !rows.contains(row)).collect();
            let new: Vec<_> = rows.iter().filter(|row| !old.contains(row)).collect();
            told.push(format!("{name}: {gone:?} became {new:?}"));
        }
    }
    let counts = |state: &State| {
        [
            state.lines,
            state.calls,
            state.told,
            state.passed_on,
            state.offered,
        ]
    };
    if counts(before) != counts(after) {
        told.push(format!(
            "lines, calls, notices, messages passed on and offered: {:?} became {:?}",
            counts(before),
            counts(after)
        ));
    }
    told.join("\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn every_message_that_was_ever_sent_comes_again_and_changes_nothing() {
    let _alone = FailScenario::setup();
    let mut again = 0;
    for way in [Way::Ours, Way::Theirs] {
        let mut scene = Scene::submitted(way).await;
        play(&mut scene, None, "again", |_| {}).await;
        let_the_rest_come(&scene).await;
        let before = state(&scene);
        let sent = scene.world.queue.sent();
        assert!(!sent.is_empty(), "{way:?}: no message was ever sent");
        for message in sent {
            let message = message.after(std::time::Duration::ZERO);
            assert!(scene.world.queue.send(std::slice::from_ref(&message)).await[0].is_ok());
            let (event, receipt) = scene.next_message().expect("the message");
            assert!(call(&scene.world.consumer, &event).await, "{message:?}");
            scene.world.queue.delete(&receipt);
            again += 1;
            let after = state(&scene);
            assert!(
                after == before,
                "{message:?}: {}",
                difference(&before, &after)
            );
            // The second of the messages that name a bulk change as a whole offers what is open of it: nothing.
            assert!(
                scene.world.queue.is_empty(),
                "{message:?} was offered again"
            );
        }
        for _ in 0..2 {
            scene.world.sweep().await;
            again += 1;
            let after = state(&scene);
            assert!(
                after == before,
                "the schedule: {}",
                difference(&before, &after)
            );
        }
    }
    println!("every message twice: {again} came again when all was done");
    assert!(again > 10, "{again}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_call_of_the_function_is_made_again_at_once_and_changes_nothing() {
    let _alone = FailScenario::setup();
    let mut again = 0;
    for way in [Way::Ours, Way::Theirs, Way::Elsewhere] {
        let scene = Scene::submitted(way).await;
        for _ in 0..60 {
            let scheduled = json!({"source": "aws.events", "detail-type": "Scheduled Event"});
            let (event, receipt) = scene
                .next_message()
                .map_or((scheduled, None), |(event, receipt)| (event, Some(receipt)));
            call(&scene.world.consumer, &event).await;
            mind_the_receiver(&scene);
            if let Some(receipt) = &receipt {
                scene.world.queue.delete(receipt);
            }
            if way != Way::Elsewhere {
                let before = state(&scene);
                // A chunk that waits offers itself again, whoever asks. Without this twins would become four, and eight.
                scene.world.queue.lose_next(u32::MAX);
                call(&scene.world.consumer, &event).await;
                scene.world.queue.lose_next(0);
                let after = state(&scene);
                assert!(
                    after == before,
                    "{way:?}, call {again}, {event}: {}",
                    difference(&before, &after)
                );
                again += 1;
            }
            if receipt.is_none() {
                if scene.is_done().await {
                    break;
                }
                scene.world.pass(std::time::Duration::from_secs(30));
            }
        }
        assert!(scene.is_done().await, "{way:?}");
    }
    println!("every call twice: {again} calls were made again at once");
    assert!(again > 10, "{again}");
}

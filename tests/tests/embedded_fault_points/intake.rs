//! The sweep over the effects of the intake. Its requests come back as a client sends them again: with the same key.
//!
//! The intake dies as a process of its own, as the consumer does: its client then has a broken connection and no answer.

use std::{collections::BTreeMap, time::Instant};

use fail::FailScenario;
use futures::future::join;
use serde_json::Value;

use crate::{
    play::{let_the_rest_come, play},
    scene::{Scene, Way},
    stand::Standing,
    strike::{Delivery, KINDS, Kind, arm},
    sweep::{deliveries, deliveries_each, tell, undisturbed},
};
use end_to_end::{World, effects::INTAKE, kill::Came};

/// What the client sends each time.
const KEY: &str = "one-key";
/// The outbox has something to tell of only when the queue does not take it.
const QUEUE_FAILS: &str = "queue.send.before=1*return->off";

/// Status and body; none when there was no answer.
type Answer = Option<(u16, Value)>;

async fn post(world: &World, api: &str, body: &Value) -> Answer {
    let request = world
        .http()
        .post(format!("{api}/M2M/AssociateCustomer"))
        .header("Idempotency-Key", KEY)
        .bearer_auth(world.token())
        .json(body);
    let answer = request.send().await.ok()?;
    let status = answer.status().as_u16();
    Some((status, answer.json().await.unwrap_or_default()))
}

async fn scenario(effect: &str, kind: Kind, delivery: Delivery, rows: &BTreeMap<String, usize>) {
    let when = format!("intake, {effect}, {kind:?}, {delivery:?}");
    let mut scene = Scene::new(Way::Ours).await;
    let body = scene.request();
    let ours = scene.world.url("");
    let second = match delivery {
        Delivery::SideBySide => scene.world.another_api().await,
        Delivery::Again | Delivery::Twice => ours.clone(),
    };
    let fails = if effect == "central.outbox_failed" {
        QUEUE_FAILS
    } else {
        ""
    };
    let mut answers: Vec<Answer> = Vec::new();
    if let Some(point) = kind.frozen_at(effect) {
        scene.make_processes_ready().await;
        let (mut process, address) = scene.started().intake(&scene.world, &point, fails).await;
        let world = &scene.world;
        let killed = async {
            match process.came().await {
                Came::Reached => {}
                Came::Answered(said) => panic!("{when}: ended without passing {point}: {said}"),
            }
            let twin = if delivery == Delivery::SideBySide {
                post(world, &second, &body).await
            } else {
                None
            };
            process.kill().await;
            twin
        };
        let (lost, twin) = join(post(world, &address, &body), killed).await;
        assert_eq!(lost, None, "{when}: the dead answered");
        answers.push(twin);
    } else {
        if let Some((point, action)) = fails.split_once('=') {
            fail::cfg(point, action).unwrap();
        }
        let armed = arm(&scene, effect, kind);
        if delivery == Delivery::SideBySide {
            let twins = join(
                post(&scene.world, &ours, &body),
                post(&scene.world, &second, &body),
            );
            answers.extend(<[Answer; 2]>::from(twins.await));
        } else {
            answers.push(post(&scene.world, &ours, &body).await);
        }
        armed.assert_struck(&scene, &when);
        if let Some((point, _)) = fails.split_once('=') {
            fail::remove(point);
        }
    }
    let again = match delivery {
        Delivery::Again | Delivery::SideBySide => 1,
        Delivery::Twice => 2,
    };
    for _ in 0..again {
        if delivery == Delivery::SideBySide {
            let twins = join(
                post(&scene.world, &ours, &body),
                post(&scene.world, &second, &body),
            );
            answers.extend(<[Answer; 2]>::from(twins.await));
        } else {
            answers.push(post(&scene.world, &ours, &body).await);
        }
    }
    // Whoever was told to come again does.
    let last = post(&scene.world, &ours, &body).await.unwrap();
    assert_eq!(last.0, 202, "{when}: {}", last.1);
    let id = last.1["changeId"].as_i64().unwrap();
    for (status, body) in answers.into_iter().flatten() {
        match status {
            202 => assert_eq!(
                body["changeId"].as_i64(),
                Some(id),
                "{when}: another bulk change"
            ),
            // 500 after an error of the database that another try does not mend.
            409 | 500 | 503 => {}
            other => panic!("{when}: {other} {body}"),
        }
    }
    scene.accepted(id).await;
    play(&mut scene, None, &when, |_| {}).await;
    let_the_rest_come(&scene).await;
    scene.assert_done(rows, false, &when).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_the_intake() {
    let _alone = FailScenario::setup();
    let begun = Instant::now();
    let calm = undisturbed(Way::Ours).await;
    let mut scenarios = 0;
    for effect in INTAKE {
        for kind in KINDS {
            for delivery in deliveries(effect, kind) {
                scenario(effect, kind, delivery, &calm.rows).await;
                scenarios += 1;
            }
        }
    }
    assert_eq!(scenarios, INTAKE.len() * KINDS.len() * deliveries_each());
    tell("intake", &INTAKE, scenarios, begun);
}

/// A request stands between its check and its write while `meanwhile` is answered; then the answers of both.
async fn overtaken(scene: &Scene, asked: &Value, meanwhile: &Value) -> [(u16, Value); 2] {
    let ours = scene.world.url("");
    let mut standing = Standing::at("central.submit.before");
    let overtaking = async {
        standing.reached().await;
        let answer = post(&scene.world, &ours, meanwhile).await;
        standing.go_on();
        answer
    };
    let (slow, twin) = join(post(&scene.world, &ours, asked), overtaking).await;
    [slow.unwrap(), twin.unwrap()]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_key_that_a_twin_takes_between_check_and_write_makes_one_bulk_change() {
    let _alone = FailScenario::setup();
    let scene = Scene::new(Way::Ours).await;
    let body = scene.request();
    let [slow, twin] = overtaken(&scene, &body, &body).await;
    assert_eq!((slow.0, twin.0), (202, 202), "{} {}", slow.1, twin.1);
    assert_eq!(slow.1["changeId"], twin.1["changeId"]);
    let bulk_changes = "SELECT COUNT_BIG(*) FROM dbo.DeviceBulkChange";
    assert_eq!(scene.world.sql().await.number(bulk_changes).await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_key_that_another_request_takes_between_check_and_write_is_refused() {
    let _alone = FailScenario::setup();
    let scene = Scene::new(Way::Ours).await;
    let body = scene.request();
    let mut other = body.clone();
    other["devices"].as_array_mut().unwrap().pop().unwrap();
    let [slow, twin] = overtaken(&scene, &body, &other).await;
    assert_eq!(twin.0, 202, "{}", twin.1);
    assert_eq!(slow.0, 422, "{}", slow.1);
    let bulk_changes = "SELECT COUNT_BIG(*) FROM dbo.DeviceBulkChange";
    assert_eq!(scene.world.sql().await.number(bulk_changes).await, 1);
}

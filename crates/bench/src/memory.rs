//! Memory of each binary: the release builds that ship, under a stand-in of the Lambda Runtime API; database, Rev and queue are
//! in this process, so that what is measured is the lambda's own.

use std::time::Duration;

use anyhow::{Context as _, ensure};
use end_to_end::{
    Wishes, World,
    deliveries::event,
    function::{Function, http, schedule, submit},
    sqs::Sqs,
};
use serde_json::{Value, json};

use crate::{
    lambda::Lambda,
    report::{Goal, Section, figure, grouped},
    settings::{MOST_IN_A_REQUEST, Settings},
};

const MEBIBYTE: f64 = 1024.0;
const GOAL: f64 = 64.0;
/// Messages of one event, as in the template.
const BATCH: usize = 10;

struct Measured {
    binary: &'static str,
    work: &'static str,
    devices: usize,
    started: Duration,
    first_answer: Duration,
    kibibytes: usize,
}

pub(crate) async fn measure(settings: &Settings) -> anyhow::Result<Section> {
    let mut measured = Vec::new();
    for devices in settings.of_one_request() {
        for service in [false, true] {
            one_size(devices, service, &mut measured).await?;
        }
    }
    let rows = measured
        .iter()
        .map(|it| {
            vec![
                it.binary.to_owned(),
                it.work.to_owned(),
                grouped(it.devices),
                format!("{:.0}", it.started.as_secs_f64() * 1e3),
                format!("{:.0}", it.first_answer.as_secs_f64() * 1e3),
                format!("{:.1}", figure(it.kibibytes) / MEBIBYTE),
            ]
        })
        .collect();
    let most = measured
        .iter()
        .filter(|it| it.devices == MOST_IN_A_REQUEST)
        .map(|it| figure(it.kibibytes) / MEBIBYTE)
        .reduce(f64::max);
    Ok(Section {
        title: "Memory of the release binaries",
        head: &[
            "binary",
            "work",
            "devices",
            "start, ms",
            "to the first answer, ms",
            "peak, MB",
        ],
        rows,
        goals: vec![Goal::of(
            "each binary under 64 MB at 10,000 devices",
            most.map(|most| (format!("{most:.1} MB at the most"), most < GOAL)),
        )],
    })
}

/// A submit by one fresh instance of the intake, then all of its work by one fresh instance of the consumer.
async fn one_size(
    devices: usize,
    service: bool,
    measured: &mut Vec<Measured>,
) -> anyhow::Result<()> {
    let world = World::embedded(Wishes::devices(devices)).await;
    let sqs = Sqs::without_delays((*world.queue).clone()).await;
    let work = if service {
        "with service lines"
    } else {
        "with a plan"
    };
    let iccids = world.iccids(1..=devices);
    let request = if service {
        world.with_service(&iccids)
    } else {
        world.with_plan(&iccids)
    };

    let intake = Lambda::start(
        Function::Intake,
        environment(Function::Intake, &world, &sqs),
    )
    .await?;
    let answer = intake
        .call(&submit(&request, &world.token(), "bench", "bench"))
        .await?;
    ensure!(answer["statusCode"] == 202, "the intake answered {answer}");
    let body: Value = serde_json::from_str(answer["body"].as_str().unwrap_or_default())?;
    ensure!(
        body["accepted"].as_u64() == u64::try_from(devices).ok(),
        "accepted: {body}"
    );
    let id = body["changeId"].as_i64().context("no changeId")?;
    measured.push(Measured {
        binary: "intake",
        work,
        devices,
        started: intake.started(),
        first_answer: intake.first_answer(),
        kibibytes: intake.peak()?,
    });

    let consumer = Lambda::start(
        Function::Consumer,
        environment(Function::Consumer, &world, &sqs),
    )
    .await?;
    for _ in 0..60 {
        while let Some(batch) = batch(&world) {
            let answer = consumer.call(&batch).await?;
            ensure!(
                answer["batchItemFailures"] == json!([]),
                "the consumer answered {answer}"
            );
        }
        if world.unfinished().await == 0 {
            break;
        }
        world.pass(Duration::from_secs(30));
        consumer.call(&schedule()).await?;
    }
    let statuses = world.statuses(id).await;
    ensure!(
        statuses.get("PROCESSED") == Some(&devices),
        "ended as {statuses:?}"
    );
    if service {
        ensure!(
            world.assert_billed_once(id).await.is_empty(),
            "a change is in review"
        );
    }
    measured.push(Measured {
        binary: "device-bulk-change",
        work,
        devices,
        started: consumer.started(),
        first_answer: consumer.first_answer(),
        kibibytes: consumer.peak()?,
    });
    Ok(())
}

/// The peak memory of one fresh instance of the intake that exports devices, in KiB.
pub(crate) async fn export(world: &World, token: &str, query: &str) -> anyhow::Result<usize> {
    let sqs = Sqs::without_delays((*world.queue).clone()).await;
    let intake =
        Lambda::start(Function::Intake, environment(Function::Intake, world, &sqs)).await?;
    let mut event = http("GET", "/M2M/DeviceInventoryExport", Some(token), "bench");
    event["rawQueryString"] = query.into();
    event["headers"]["accept-encoding"] = "gzip".into();
    let answer = intake.call(&event).await?;
    ensure!(answer["statusCode"] == 200, "the export answered {answer}");
    intake.peak()
}

/// The next messages as an event; none when nothing is left. They are gone from the queue.
fn batch(world: &World) -> Option<Value> {
    let deliveries = world.queue.receive(BATCH);
    for delivery in &deliveries {
        world.queue.delete(&delivery.receipt);
    }
    (!deliveries.is_empty()).then(|| event(&deliveries))
}

/// What the template sets, with errors alone in the log.
fn environment(function: Function, world: &World, sqs: &Sqs) -> Vec<(&'static str, String)> {
    let mut environment = function.environment(world, sqs);
    environment.push(("LOG_LEVEL", "error".to_owned()));
    environment
}

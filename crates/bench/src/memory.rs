//! Memory of each binary: the release builds that ship, under a stand-in of the Lambda Runtime API; database, Rev and queue are
//! in this process, so that what is measured is the lambda's own.

mod lambda;
mod runtime_api;
mod sqs;

use std::time::Duration;

use anyhow::{Context as _, ensure};
use end_to_end::{Wishes, World};
use lambda::Lambda;
use serde_json::{Value, json};
use sqs::Sqs;
use uuid::Uuid;

use crate::{
    report::{Goal, Section, figure, grouped},
    settings::{MOST_IN_A_REQUEST, Settings},
};

const MEBIBYTE: f64 = 1024.0;
const GOAL: f64 = 64.0;

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
    let sqs = Sqs::start().await?;
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

    let intake = Lambda::start("intake", &environment(&world, &sqs)).await?;
    let answer = intake.call(&submit(&world, &request)).await?;
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

    let consumer = Lambda::start("device-bulk-change", &environment(&world, &sqs)).await?;
    for _ in 0..60 {
        while let Some(batch) = sqs.batch() {
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
        consumer
            .call(&json!({"source": "aws.events", "detail-type": "Scheduled Event"}))
            .await?;
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
    let sqs = Sqs::start().await?;
    let intake = Lambda::start("intake", &environment(world, &sqs)).await?;
    let mut event = event("GET", "/M2M/DeviceInventoryExport", token);
    event["rawQueryString"] = query.into();
    event["headers"]["accept-encoding"] = "gzip".into();
    let answer = intake.call(&event).await?;
    ensure!(answer["statusCode"] == 200, "the export answered {answer}");
    intake.peak()
}

/// What the template sets, with a budget for which nobody waits.
fn environment(world: &World, sqs: &Sqs) -> Vec<(&'static str, String)> {
    vec![
        (
            "CENTRAL_CONNECTION_STRING",
            world.connection_string().to_owned(),
        ),
        ("QUEUE_URL", sqs.queue_url()),
        ("AWS_ENDPOINT_URL_SQS", sqs.endpoint().to_owned()),
        ("OIDC_ISSUER", world.sign_in.issuer().to_owned()),
        ("OIDC_AUDIENCE", local::sign_in::DEFAULT_AUDIENCE.to_owned()),
        ("REV_ALLOW_HTTP_LOOPBACK", "true".to_owned()),
        ("REV_CALLS_PER_MINUTE", "60000".to_owned()),
        ("REV_CALLS_PER_DAY", "1000000".to_owned()),
        ("AMOP_SYNC_URL", world.amop.url().to_owned()),
        ("LOG_LEVEL", "error".to_owned()),
    ]
}

/// The request as API Gateway hands it over (payload format 2.0).
fn submit(world: &World, request: &Value) -> Value {
    let mut event = event("POST", "/M2M/AssociateCustomer", &world.token());
    event["headers"]["content-type"] = "application/json".into();
    event["headers"]["idempotency-key"] = Uuid::new_v4().to_string().into();
    event["body"] = request.to_string().into();
    event
}

/// A request without a body.
fn event(method: &str, path: &str, token: &str) -> Value {
    let route = format!("{method} {path}");
    json!({
        "version": "2.0", "routeKey": route, "rawPath": path, "rawQueryString": "",
        "headers": {
            "authorization": format!("Bearer {token}"), "host": "api.example",
        },
        "requestContext": {
            "accountId": "000000000000", "apiId": "fake", "domainName": "api.example", "domainPrefix": "api", "stage": "$default",
            "requestId": "fake", "routeKey": route, "time": "01/Jan/2026:00:00:00 +0000", "timeEpoch": 0,
            "http": {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1", "userAgent": "bench"},
        },
        "isBase64Encoded": false,
    })
}

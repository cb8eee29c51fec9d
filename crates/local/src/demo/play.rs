//! The course of a demo, told as it happens.

use std::time::{Duration, Instant};

use anyhow::{Context, bail};

use super::{
    answers::{Item, Progress, Rejected},
    api::Api,
    audit::{self, Finding},
    books::Books,
    scene::{self, Scene},
    settings::Settings,
    stage::{CALLS_PER_MINUTE, Stage},
};
use crate::{
    logins::Login,
    sign_in::{Claims, people::PEOPLE},
};

/// Between two looks at the status.
const LOOK: Duration = Duration::from_millis(300);

/// When a bulk change that does not end is given up.
const PATIENCE: Duration = Duration::from_mins(2);

/// Devices on one page of the status answer; the most that the API gives.
const PAGE: usize = 500;

/// How long the token is good for that the reader gets: a day.
const TOKEN_LIFE: i64 = 86_400;

/// Starts everything, sends the request and checks what came of it; true when all is as expected.
pub(super) async fn play(settings: &Settings, stage: &mut Stage) -> anyhow::Result<bool> {
    let clock = Instant::now();
    let tell = |text: &str| println!("[{:5.1} s] {text}", clock.elapsed().as_secs_f64());
    println!(
        "Calls of Rev.io: at most {CALLS_PER_MINUTE} a minute here, so that the demo is short. \
         Rev.io allows 500, and the default is 475.\n"
    );

    let scene = Scene::of_the_sample();
    let (rev, sign_in, amop) = stage.start_neighbours().await?;
    tell(&format!("Rev.io      {}, a stand-in", rev.url()));
    tell(&format!("sign-in     {}, a stand-in", sign_in.issuer()));
    tell(&format!("AMOP 2.0    {}, a listener", amop.url()));
    let token = sign_in.token(&Claims {
        expires_in: TOKEN_LIFE,
        ..Claims::of(i64::from(scene::TENANT), scene::USER)
    });

    let database = stage.start_database().await?;
    tell(&format!(
        "database    {}, AltaworxCentral with sample data, in memory",
        database.address()
    ));
    let mut books = Books::open(database.connection_string()).await?;
    let (database_of_owner, database_of_ops) = (
        database.connection_string().to_owned(),
        Login::Ops.on(database.connection_string()),
    );

    let api_id = stage.deploy(settings).await?;
    let api = Api::new(&api_id, settings.port, token)?;
    api.healthy().await?;
    tell(&format!(
        "AWS         127.0.0.1:{}, a stand-in, template.yaml deployed",
        settings.port
    ));
    tell(&format!("API         {}", api.address()));

    println!(
        "\n{} devices are to go to customer {}, with a service line at Rev.io and a rate plan each.",
        scene.devices.len(),
        scene.customer,
    );
    let answer = api
        .associate(&scene.request(), &uuid::Uuid::new_v4().to_string())
        .await?;
    tell(&format!(
        "202: bulk change {}, {} devices accepted, {} rejected",
        answer.change_id,
        answer.accepted,
        answer.rejected.len()
    ));
    for (code, number, example) in by_code(&answer.rejected) {
        println!("            {number:4} {code}: {example}");
    }

    let items = follow(&api, answer.change_id, tell).await?;

    println!("\nSummary, checked against the database and the stand-ins:");
    let mut findings = audit::of_the_answer(&scene, &answer);
    findings.extend(audit::of_the_status(&scene, &items));
    findings.extend(audit::of_the_database(&scene, answer.change_id, &mut books).await?);
    let lines = stage
        .rev
        .as_ref()
        .context("the Rev.io stand-in is gone")?
        .lines();
    findings
        .extend(audit::of_the_service_lines(&scene, answer.change_id, &mut books, &lines).await?);
    let notices = stage
        .amop
        .as_ref()
        .context("the AMOP listener is gone")?
        .settled()
        .await;
    findings.push(audit::of_the_notice(&notices));
    for finding in &findings {
        println!("{finding}");
    }
    let good = findings.iter().all(Finding::good);
    tell(if good {
        "everything as expected"
    } else {
        "NOT everything as expected"
    });
    println!(
        "\nPortal {}/M2M/Index, sign in as {} (no password)\nAPI    {}\nToken  {}\nDatabase  {database_of_owner}\n\nTry:\n{}\n{}",
        api.address(),
        PEOPLE[0].full_name,
        api.address(),
        api.token(),
        line_to_try(&api, answer.change_id),
        line_of_ops(&scene, &database_of_ops)
    );
    Ok(good)
}

/// Shows progress until every device is in a final state, and returns all of them.
async fn follow(api: &Api, bulk_change: i64, tell: impl Fn(&str)) -> anyhow::Result<Vec<Item>> {
    let began = Instant::now();
    let mut shown = None;
    loop {
        let Progress { status, counts, .. } = api.status(bulk_change, 1, 1).await?;
        if shown.as_ref() != Some(&(status.clone(), counts.clone())) {
            tell(&format!(
                "{status:<10} {:4} waiting  {:4} in work  {:4} processed  {:4} failed",
                counts.waiting, counts.in_work, counts.processed, counts.failed
            ));
            shown = Some((status.clone(), counts.clone()));
        }
        if counts.finished() && !matches!(status.as_str(), "NEW" | "PROCESSING") {
            break;
        }
        if began.elapsed() > PATIENCE {
            bail!(
                "bulk change {bulk_change} is not finished after {} s",
                PATIENCE.as_secs()
            );
        }
        tokio::time::sleep(LOOK).await;
    }
    let mut items = Vec::new();
    for page in 1.. {
        let mut status = api.status(bulk_change, page, PAGE).await?;
        let last = status.items.len() < PAGE;
        items.append(&mut status.items);
        if last {
            break;
        }
    }
    Ok(items)
}

/// Rejections counted by code, each with the words of one.
fn by_code(rejected: &[Rejected]) -> Vec<(&str, usize, &str)> {
    let mut codes: Vec<(&str, usize, &str)> = Vec::new();
    for device in rejected {
        match codes.iter_mut().find(|(code, _, _)| *code == device.code) {
            Some((_, number, _)) => *number += 1,
            None => codes.push((&device.code, 1, &device.reason)),
        }
    }
    codes
}

/// What happened to one device that was accepted, with the login that people have who settle and pause.
fn line_of_ops(scene: &Scene, database: &str) -> String {
    let accepted = scene.devices.iter().find(|it| it.rejection.is_none());
    format!(
        "CENTRAL_CONNECTION_STRING='{database}' cargo run -q --locked -p ops -- show {}",
        accepted.map_or("ICCID", |device| device.iccid.as_str())
    )
}

/// A command for the reader's own terminal.
fn line_to_try(api: &Api, bulk_change: i64) -> String {
    format!(
        "curl -s '{}/M2M/BulkChangeStatus/{bulk_change}?pageSize=3' -H 'Authorization: Bearer {}'",
        api.address(),
        api.token()
    )
}

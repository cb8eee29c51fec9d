//! How much of the call budget is used while work waits: the real consumer, Rev.io's limit of 500, and a moved clock.
//!
//! Twenty minutes of call slots pass in seconds: the clocks of database, Rev and queue stand still, tokio's is paused, and
//! [`Hand`] moves all of them by the same step whenever no statement runs.

use std::{sync::Arc, time::Duration};

use anyhow::{Context as _, ensure};
use end_to_end::{
    Wishes, World,
    running::{Hand, Running},
};
use local::rev::{self, Call, most_in_a_minute};
use tokio::time::Instant;

use crate::{
    report::{Goal, Section, figure, grouped},
    settings::Settings,
};

/// Rev.io's own limit, and ours below it.
const LIMIT: usize = 500;
const CALLS_PER_MINUTE: u32 = 475;
const BURST: f64 = 10.0;
/// As in the template: batches at a time.
const INSTANCES: usize = 5;
/// As a request is cut.
const DEVICES_A_CHUNK: usize = 100;
/// How far the clocks move at once: a fifth of the time between two slots.
const STEP: Duration = Duration::from_millis(25);

struct Measured {
    devices: usize,
    calls: usize,
    moved: f64,
    share: f64,
    most: usize,
    /// Messages that were delivered: each a claim at least, which locks the account's budget, and another message where it gets nothing.
    visits: usize,
    /// Call slots that were handed out and not used.
    lapsed: i64,
    /// Calls that Rev refused because they were too many.
    throttled: usize,
}

impl Measured {
    fn chunks(&self) -> usize {
        self.devices.div_ceil(DEVICES_A_CHUNK)
    }
}

pub(crate) fn measure(settings: &Settings) -> anyhow::Result<Section> {
    let mut measured = Vec::new();
    for devices in settings.of_one_request() {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .start_paused(true)
            .build()
            .context("no runtime")?;
        measured.push(runtime.block_on(one_size(devices))?);
    }
    let rows = measured
        .iter()
        .map(|it| {
            vec![
                grouped(it.devices),
                grouped(it.calls),
                format!("{:.1}", it.moved),
                format!("{:.1} %", it.share * 100.0),
                it.most.to_string(),
                format!("{:.1}", figure(it.visits) / figure(it.chunks())),
                format!("{:.1}", figure(it.visits) / it.moved),
                it.lapsed.to_string(),
                it.throttled.to_string(),
            ]
        })
        .collect();
    let least = measured.iter().map(|it| it.share).reduce(f64::min);
    let most = measured.iter().map(|it| it.most).max();
    let throttled: usize = measured.iter().map(|it| it.throttled).sum();
    Ok(Section {
        title: "Call budget: 475 a minute, Rev's limit 500, moved clock",
        head: &[
            "devices",
            "Rev calls",
            "s on the moved clock",
            "share of the budget",
            "most calls in 60 s",
            "visits a chunk",
            "visits a second",
            "slots not used",
            "429",
        ],
        rows,
        goals: vec![
            Goal::of(
                "95 % and more of the budget used while work waits",
                least.map(|least| {
                    (
                        format!("{:.1} % at the least", least * 100.0),
                        least >= 0.95,
                    )
                }),
            ),
            Goal::of(
                "no 429 of our own making",
                most.map(|most| {
                    (
                        format!("{throttled}; at most {most} calls in any 60 s"),
                        throttled == 0,
                    )
                }),
            )
            .deciding(),
        ],
    })
}

async fn one_size(devices: usize) -> anyhow::Result<Measured> {
    let hand = Hand::on_the_clocks().in_steps_of(STEP);
    let world = Arc::new(
        World::embedded(Wishes {
            calls_per_minute: CALLS_PER_MINUTE,
            rev: rev::Options {
                limit_per_minute: Some(LIMIT),
                ..rev::Options::default()
            },
            ..Wishes::devices(devices)
        })
        .await,
    );
    let request = world.with_service(&world.iccids(1..=devices));
    let id = world.post(&request).await.bulk_change();
    let running = Running::start(&world, INSTANCES);
    // Every call of a device takes a slot; beyond twice that time something is stuck.
    let longest =
        Duration::from_secs_f64(60.0 + 2.0 * figure(devices) * 60.0 / f64::from(CALLS_PER_MINUTE));
    let begun = Instant::now();
    let mut next_look = begun;
    loop {
        hand.move_on(&world).await;
        if Instant::now() < next_look {
            continue;
        }
        next_look = Instant::now() + Duration::from_secs(2);
        if world.unfinished().await == 0 {
            break;
        }
        ensure!(
            begun.elapsed() < longest,
            "not finished in {longest:?}: {}",
            world.left_over().await
        );
    }
    let visits = running.visits();
    drop(running);
    let calls = world.rev.calls();
    let reviews = world.assert_billed_once(id).await;
    let processed = world.statuses(id).await;
    ensure!(
        reviews.is_empty() && processed.get("PROCESSED") == Some(&devices),
        "ended as {processed:?}"
    );
    let opened = calls
        .iter()
        .filter(|call| call.call == Call::OpenLine)
        .count();
    ensure!(opened == devices, "{opened} calls for {devices} lines");
    let (Some(first), Some(last)) = (calls.first(), calls.last()) else {
        anyhow::bail!("Rev was not called");
    };
    let taken = world
        .sql()
        .await
        .number("SELECT CAST(MAX(b.CallsToday) AS bigint) FROM dbo.RevCallBudget AS b")
        .await;
    let moved = (last.at - first.at).as_seconds_f64();
    // What the budget would have allowed from the first call to the last, the burst at its beginning included.
    let a_second = f64::from(CALLS_PER_MINUTE) / 60.0;
    let possible = BURST + moved * a_second;
    // The first call may be a step late, which makes the time look shorter than it was, and the last slot be begun.
    let at_most = possible + 1.0 + STEP.as_secs_f64() * a_second;
    ensure!(
        figure(calls.len()) <= at_most,
        "{} calls, and the budget allows {possible:.1} in {moved:.1} s",
        calls.len()
    );
    Ok(Measured {
        devices,
        calls: calls.len(),
        moved,
        share: figure(calls.len()) / possible,
        most: most_in_a_minute(&calls),
        visits,
        lapsed: taken - i64::try_from(calls.len())?,
        throttled: calls.iter().filter(|call| call.over_limit).count(),
    })
}

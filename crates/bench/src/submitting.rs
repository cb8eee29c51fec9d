//! How long a request takes, from its first byte to its answer: with and without service lines.

use std::time::Instant;

use anyhow::ensure;
use end_to_end::{Wishes, World};

use crate::{
    report::{Goal, Section, base, figure, grouped, median},
    settings::{MOST_IN_A_REQUEST, Settings},
};

struct Measured {
    devices: usize,
    plan: f64,
    service: f64,
    round_trips: u64,
}

pub(crate) async fn measure(settings: &Settings) -> anyhow::Result<Section> {
    let mut sizes = settings.of_one_request();
    sizes.extend([1, 10]);
    sizes.sort_unstable();
    sizes.dedup();
    let mut measured = Vec::new();
    for devices in sizes {
        measured.push(one_size(devices).await?);
    }
    let per_device: Vec<_> = measured
        .iter()
        .map(|it| (it.devices, it.service / figure(it.devices)))
        .collect();
    let base = base(&per_device);
    let rows = measured
        .iter()
        .map(|it| {
            vec![
                grouped(it.devices),
                format!("{:.1}", it.plan * 1e3),
                format!("{:.1}", it.service * 1e3),
                format!("{:.2}", it.service / figure(it.devices) / base),
                it.round_trips.to_string(),
            ]
        })
        .collect();
    let largest = measured
        .iter()
        .find(|it| it.devices == MOST_IN_A_REQUEST)
        .map(|it| it.plan.max(it.service));
    let most = measured.iter().map(|it| it.round_trips).max().unwrap_or(0);
    Ok(Section {
        title: "Submit",
        head: &[
            "devices",
            "with a plan, ms",
            "with service lines, ms",
            "time per device, ratio",
            "round trips",
        ],
        rows,
        goals: vec![
            Goal::of(
                "submit of 10,000 devices in under 1 s",
                largest.map(|seconds| (format!("{seconds:.2} s"), seconds < 1.0)),
            ),
            Goal::of(
                "at most 3 round trips a submit",
                Some((most.to_string(), most <= 3)),
            ),
        ],
    })
}

async fn one_size(devices: usize) -> anyhow::Result<Measured> {
    let runs = (1_000 / devices).clamp(3, 9);
    let world = World::embedded(Wishes::devices(2)).await;
    // Connections, token keys and statements of a first request are not what is measured.
    world
        .post(&world.with_plan(&world.iccids(1..=1)))
        .await
        .bulk_change();
    world.submit_with_service(2..=2).await;
    let (mut plan, mut service, mut round_trips) = (Vec::new(), Vec::new(), 0);
    for run in 0..2 * runs {
        let first = 3 + run * devices;
        let last = first + devices - 1;
        world.add_devices(first..=last).await;
        let iccids = world.iccids(first..=last);
        let with_service = run % 2 == 1;
        let request = if with_service {
            world.with_service(&iccids)
        } else {
            world.with_plan(&iccids)
        };
        let before = world.round_trips();
        let begun = Instant::now();
        let answer = world.post(&request).await;
        let took = begun.elapsed().as_secs_f64();
        round_trips = round_trips.max(world.round_trips() - before);
        ensure!(
            answer.status == 202 && answer.body["accepted"].as_u64() == u64::try_from(devices).ok(),
            "{} for {devices} devices: {}",
            answer.status,
            answer.body
        );
        if with_service {
            service.push(took);
        } else {
            plan.push(took);
        }
    }
    ensure!(round_trips > 0, "the intake's round trips are not counted");
    Ok(Measured {
        devices,
        plan: median(plan),
        service: median(service),
        round_trips,
    })
}

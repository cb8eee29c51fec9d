//! Devices a second through the consumer without Rev calls: claim, record, finish, with nothing to wait for.

use std::time::{Duration, Instant};

use anyhow::ensure;
use end_to_end::{Wishes, World};

use crate::{
    report::{Goal, Section, base, figure, grouped, median},
    settings::{MOST_IN_A_REQUEST, Settings},
};

/// Messages of a batch, and batches at a time: as the event source mapping delivers to an instance for each core.
const BATCH: usize = 10;
const SIDE_BY_SIDE: usize = 2;

struct Measured {
    devices: usize,
    seconds: f64,
    round_trips: u64,
}

impl Measured {
    fn rate(&self) -> f64 {
        figure(self.devices) / self.seconds
    }

    fn per_device(&self) -> f64 {
        self.seconds / figure(self.devices)
    }

    fn chunks(&self) -> usize {
        self.devices.div_ceil(MOST_IN_A_REQUEST) * self.devices.min(MOST_IN_A_REQUEST).div_ceil(100)
    }
}

pub(crate) async fn measure(settings: &Settings) -> anyhow::Result<Section> {
    let mut measured = Vec::new();
    for devices in settings.sizes() {
        measured.push(one_size(*devices).await?);
    }
    let per_device: Vec<_> = measured
        .iter()
        .map(|it| (it.devices, it.per_device()))
        .collect();
    let base = base(&per_device);
    let rows = measured
        .iter()
        .map(|it| {
            let chunks = it.chunks();
            vec![
                grouped(it.devices),
                grouped(it.devices.div_ceil(MOST_IN_A_REQUEST)),
                format!("{:.3}", it.seconds),
                format!("{:.0}", it.rate()),
                format!("{:.2}", it.per_device() / base),
                it.round_trips.to_string(),
                format!(
                    "{:.2}",
                    figure(usize::try_from(it.round_trips).unwrap_or(usize::MAX)) / figure(chunks)
                ),
            ]
        })
        .collect();
    let slowest = measured
        .iter()
        .map(Measured::rate)
        .fold(f64::INFINITY, f64::min);
    let most = measured
        .iter()
        .map(|it| {
            figure(usize::try_from(it.round_trips).unwrap_or(usize::MAX))
                - 6.0 * figure(it.devices.div_ceil(MOST_IN_A_REQUEST))
        })
        .zip(measured.iter().map(Measured::chunks))
        .map(|(round_trips, chunks)| round_trips / figure(chunks))
        .fold(0.0, f64::max);
    Ok(Section {
        title: "Consumer, without Rev calls",
        head: &[
            "devices",
            "bulk changes",
            "s",
            "devices/s",
            "time per device, ratio",
            "round trips",
            "per chunk",
        ],
        rows,
        goals: vec![
            Goal::of(
                "1,000 devices/s and more through the consumer without Rev calls",
                Some((
                    format!("{slowest:.0} at the slowest size"),
                    slowest >= 1_000.0,
                )),
            ),
            Goal::of(
                "at most 4 round trips a chunk and 6 a bulk change",
                Some((format!("{most:.2} a chunk beside the 6"), most <= 4.0)),
            ),
        ],
    })
}

async fn one_size(devices: usize) -> anyhow::Result<Measured> {
    // Small sizes are over in milliseconds: the middle of several runs.
    let runs = (1_000 / devices).clamp(1, 5);
    let world = World::embedded(Wishes::devices(1)).await;
    let warm_up = world
        .post(&world.with_plan(&world.iccids(1..=1)))
        .await
        .bulk_change();
    world.deliver(BATCH, SIDE_BY_SIDE).await;
    processed(&world, warm_up, 1).await?;
    let mut seconds = Vec::new();
    let mut round_trips = 0;
    for run in 0..runs {
        let first = 2 + run * devices;
        let mut ids = Vec::new();
        for start in (first..first + devices).step_by(MOST_IN_A_REQUEST) {
            let end = (start + MOST_IN_A_REQUEST).min(first + devices) - 1;
            world.add_devices(start..=end).await;
            let answer = world
                .post(&world.with_plan(&world.iccids(start..=end)))
                .await;
            ids.push((answer.bulk_change(), end + 1 - start));
        }
        let before = world.round_trips();
        let begun = Instant::now();
        world.deliver(BATCH, SIDE_BY_SIDE).await;
        seconds.push(begun.elapsed().as_secs_f64());
        round_trips = world.round_trips() - before;
        ensure!(
            world.unfinished().await == 0,
            "not finished: {}",
            world.left_over().await
        );
        for (id, devices) in ids {
            processed(&world, id, devices).await?;
        }
        world.pass(Duration::from_mins(10));
    }
    ensure!(
        round_trips > 0,
        "the consumer's round trips are not counted"
    );
    Ok(Measured {
        devices,
        seconds: median(seconds),
        round_trips,
    })
}

async fn processed(world: &World, id: i64, devices: usize) -> anyhow::Result<()> {
    let statuses = world.statuses(id).await;
    ensure!(
        statuses.len() == 1 && statuses.get("PROCESSED") == Some(&devices),
        "bulk change {id} of {devices} devices ended as {statuses:?}"
    );
    Ok(())
}

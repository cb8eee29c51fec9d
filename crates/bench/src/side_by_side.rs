//! This system and the old way side by side, at several latencies of Rev: what one device takes.

use std::time::Duration;

use crate::{
    both_ways::{BothWays, Run, Work},
    old_way::Connecting,
    report::{Section, figure, grouped},
    settings::Settings,
};

/// Milliseconds that Rev takes for an answer, and devices for both ways: fewer where the old way would wait for minutes.
const LATENCIES: [(u64, usize); 4] = [(0, 100), (50, 100), (300, 100), (1_000, 30)];
/// Devices of one more run of this system: more than its calls that are in the air at once.
const MORE: usize = 500;
/// Without latency a run is over in less than a second: the middle of three.
const SHORT_RUNS: usize = 3;

pub(crate) async fn measure(settings: &Settings) -> anyhow::Result<Section> {
    let most = settings.sizes().last().copied().unwrap_or(MORE);
    let mut rows = Vec::new();
    for (milliseconds, devices) in LATENCIES {
        rows.extend(one_latency(milliseconds, devices.min(most), MORE.min(most)).await?);
    }
    Ok(Section {
        title: "Beside the old way, with service lines",
        head: &[
            "Rev's latency, ms",
            "devices",
            "old way, ms a device",
            "with one connection kept",
            "ours",
            "old / ours",
            "kept / ours",
            "round trips a device, old",
            "ours",
        ],
        rows,
        goals: Vec::new(),
    })
}

async fn one_latency(
    milliseconds: u64,
    devices: usize,
    more: usize,
) -> anyhow::Result<Vec<Vec<String>>> {
    let mut both = BothWays::warm(Work::Lines).await?;
    both.world
        .rev
        .set_latency(Duration::from_millis(milliseconds));
    let runs = if milliseconds == 0 { SHORT_RUNS } else { 1 };
    let (mut each, mut once, mut ours, mut many) = (vec![], vec![], vec![], vec![]);
    for _ in 0..runs {
        once.push(both.old(devices, Connecting::Once).await?);
        each.push(both.old(devices, Connecting::EachStatement).await?);
        ours.push(both.ours(devices).await?);
        if more > devices {
            many.push(both.ours(more).await?);
        }
    }
    for way in each.iter().chain(&once).chain(&ours).chain(&many) {
        way.left.same_as(&ours[0].left)?;
    }
    let [each, once, ours] = [each, once, ours].map(middle);
    let [Some(each), Some(once), Some(ours)] = [each, once, ours] else {
        anyhow::bail!("nothing was run");
    };
    let latency = grouped(usize::try_from(milliseconds)?);
    let row = |run: &Run, old: [String; 2], trips: String| {
        let per_device = whole_per_device(run);
        vec![
            latency.clone(),
            grouped(run.devices),
            old[0].clone(),
            old[1].clone(),
            format!("{:.2}", per_device * 1e3),
            format!("{:.1}", whole_per_device(&each) / per_device),
            format!("{:.1}", whole_per_device(&once) / per_device),
            trips,
            format!("{:.2}", run.round_trips_per_device()),
        ]
    };
    let measured = [&each, &once].map(|run| format!("{:.2}", whole_per_device(run) * 1e3));
    let trips = format!("{:.2}", each.round_trips_per_device());
    let above = || "as above".to_owned();
    let mut rows = vec![row(&ours, measured, trips)];
    rows.extend(middle(many).map(|many| row(&many, [above(), above()], above())));
    Ok(rows)
}

fn whole_per_device(run: &Run) -> f64 {
    run.whole() / figure(run.devices)
}

/// The run in the middle, by its time.
fn middle(mut runs: Vec<Run>) -> Option<Run> {
    runs.sort_by(|one, other| one.whole().total_cmp(&other.whole()));
    let middle = runs.len() / 2;
    runs.into_iter().nth(middle)
}

//! How round trips and time grow with the number of devices, here and in the old way, while Rev answers at once.

use crate::{
    both_ways::{BothWays, Run, Work},
    old_way::Connecting,
    report::{Goal, Section, base, grouped},
    settings::Settings,
};

/// Devices at which the old way is still run.
const MOST_OLD: usize = 1_000;
/// Devices a second with calls, where Rev sets no limit.
const GOAL: f64 = 1_000.0;

struct Measured {
    devices: usize,
    /// With a connection for each statement, and with one.
    old: Option<[Run; 2]>,
    ours: Run,
}

pub(crate) async fn measure(settings: &Settings) -> anyhow::Result<Vec<Section>> {
    Ok(vec![
        section(settings, Work::Lines).await?,
        section(settings, Work::Plan).await?,
    ])
}

async fn section(settings: &Settings, work: Work) -> anyhow::Result<Section> {
    let mut measured = Vec::new();
    for devices in settings.sizes() {
        measured.push(one_size(work, *devices).await?);
    }
    if let Some((first, rest)) = measured.split_first() {
        for it in rest {
            it.ours.left.same_as(&first.ours.left)?;
        }
    }
    let slowest = measured
        .iter()
        .map(|it| 1.0 / it.ours.per_device())
        .reduce(f64::min);
    Ok(Section {
        title: match work {
            Work::Lines => "Growth, with service lines at a Rev that answers at once",
            Work::Plan => "Growth, without calls to Rev",
        },
        head: &[
            "devices",
            "old way, s",
            "time per device, ratio",
            "round trips",
            "its pauses, s",
            "with one connection kept, s",
            "ours, s",
            "time per device, ratio",
            "round trips",
            "its pauses, s",
            "old / ours",
            "kept / ours",
        ],
        rows: rows(&measured),
        goals: match work {
            Work::Lines => vec![Goal::of(
                "1,000 devices/s and more through the consumer with service lines, where Rev sets no limit",
                slowest
                    .map(|slowest| (format!("{slowest:.0} at the slowest size"), slowest >= GOAL)),
            )],
            // The consumer's own section judges it.
            Work::Plan => Vec::new(),
        },
    })
}

fn rows(measured: &[Measured]) -> Vec<Vec<String>> {
    let of_ours: Vec<_> = measured
        .iter()
        .map(|it| (it.devices, it.ours.per_device()))
        .collect();
    let of_old: Vec<_> = measured
        .iter()
        .filter_map(|it| Some((it.devices, it.old.as_ref()?[0].per_device())))
        .collect();
    let not_run = || "not run".to_owned();
    let row = |it: &Measured| {
        let old = |said: &dyn Fn(&[Run; 2]) -> String| it.old.as_ref().map_or_else(not_run, said);
        vec![
            grouped(it.devices),
            old(&|[each, _]| format!("{:.3}", each.seconds)),
            old(&|[each, _]| format!("{:.2}", each.per_device() / base(&of_old))),
            old(&|[each, _]| grouped(each.round_trips)),
            old(&|[each, _]| format!("{:.0}", each.pauses.as_secs_f64())),
            old(&|[_, once]| format!("{:.3}", once.seconds)),
            format!("{:.3}", it.ours.seconds),
            format!("{:.2}", it.ours.per_device() / base(&of_ours)),
            grouped(it.ours.round_trips),
            format!("{:.0}", it.ours.pauses.as_secs_f64()),
            old(&|[each, _]| format!("{:.1}", each.seconds / it.ours.seconds)),
            old(&|[_, once]| format!("{:.1}", once.seconds / it.ours.seconds)),
        ]
    };
    measured.iter().map(row).collect()
}

async fn one_size(work: Work, devices: usize) -> anyhow::Result<Measured> {
    let mut both = BothWays::warm(work).await?;
    let old = if devices <= MOST_OLD {
        let once = both.old(devices, Connecting::Once).await?;
        let each = both.old(devices, Connecting::EachStatement).await?;
        Some([each, once])
    } else {
        None
    };
    let ours = both.ours(devices).await?;
    for old in old.iter().flatten() {
        old.left.same_as(&ours.left)?;
    }
    Ok(Measured { devices, old, ours })
}

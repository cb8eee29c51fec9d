//! One world for both ways: the same database, the same stand-in of Rev, bulk changes that the same intake accepted.

use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use end_to_end::{Wishes, World};

use crate::{
    left_behind::LeftBehind,
    old_way::{Connecting, OldWay},
    report::figure,
    settings::MOST_IN_A_REQUEST,
};

/// Messages of a batch, and batches at a time: as the event source mapping delivers to an instance for each core.
const BATCH: usize = 10;
const SIDE_BY_SIDE: usize = 2;
/// A budget that nobody has to wait for: what is compared are the ways, not the limit of Rev that is the same for both.
const CALLS_PER_MINUTE: u32 = 6_000_000;
/// How far the clocks move at once while messages wait.
const STEP: Duration = Duration::from_secs(1);

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Work {
    /// Assignment with a service line for each device.
    Lines,
    /// Assignment and customer rate plan, without a call to Rev.
    Plan,
}

/// One measured run of a way.
#[derive(Debug, Clone)]
pub(crate) struct Run {
    pub(crate) devices: usize,
    /// Working, on the real clock.
    pub(crate) seconds: f64,
    /// Waiting for a message that hides in the queue: on the moved clock, so nobody waited.
    pub(crate) pauses: Duration,
    /// Statements sent to the database.
    pub(crate) round_trips: usize,
    /// What each of its bulk changes left.
    pub(crate) left: LeftBehind,
}

impl Run {
    /// Work and pauses: what somebody would have waited.
    pub(crate) fn whole(&self) -> f64 {
        self.seconds + self.pauses.as_secs_f64()
    }

    pub(crate) fn per_device(&self) -> f64 {
        self.seconds / figure(self.devices)
    }

    pub(crate) fn round_trips_per_device(&self) -> f64 {
        figure(self.round_trips) / figure(self.devices)
    }
}

/// A world, and how many of its devices were taken so far.
pub(crate) struct BothWays {
    pub(crate) world: World,
    work: Work,
    taken: usize,
}

impl BothWays {
    /// A world in which connections, tokens and statements of a first bulk change are behind both ways.
    pub(crate) async fn warm(work: Work) -> anyhow::Result<Self> {
        let world = World::embedded(Wishes {
            calls_per_minute: CALLS_PER_MINUTE,
            calls_per_day: 10_000_000,
            ..Wishes::devices(0)
        })
        .await;
        let mut both = Self {
            world,
            work,
            taken: 0,
        };
        let ours = both.ours(1).await?;
        let old = both.old(1, Connecting::Once).await?;
        old.left.same_as(&ours.left)?;
        Ok(both)
    }

    /// The old way.
    pub(crate) async fn old(
        &mut self,
        devices: usize,
        connecting: Connecting,
    ) -> anyhow::Result<Run> {
        let id = self.of_the_old_system(devices).await?;
        let mut old_way = OldWay::new(&self.world, connecting);
        let begun = Instant::now();
        old_way.process(id).await?;
        let seconds = begun.elapsed().as_secs_f64();
        let logins = match connecting {
            Connecting::EachStatement => old_way.statements(),
            Connecting::Once => 1,
        };
        ensure!(old_way.logins() == logins, "{} logins", old_way.logins());
        Ok(Run {
            devices,
            seconds,
            pauses: old_way.pauses,
            round_trips: old_way.statements(),
            left: LeftBehind::read(&self.world, id, devices).await?,
        })
    }

    /// This system, as it is deployed: everything that waits is delivered, in batches.
    pub(crate) async fn ours(&mut self, devices: usize) -> anyhow::Result<Run> {
        let mut ids = Vec::new();
        let mut rest = devices;
        while rest > 0 {
            let size = rest.min(MOST_IN_A_REQUEST);
            ids.push((self.submit(size).await?, size));
            rest -= size;
        }
        let world = &self.world;
        let before = world.round_trips();
        let (mut seconds, mut pauses) = (0.0, Duration::ZERO);
        loop {
            let begun = Instant::now();
            world.deliver(BATCH, SIDE_BY_SIDE).await;
            seconds += begun.elapsed().as_secs_f64();
            if world.unfinished().await == 0 {
                break;
            }
            ensure!(
                pauses < Duration::from_mins(10),
                "not finished: {}",
                world.left_over().await
            );
            world.pass(STEP);
            pauses += STEP;
        }
        let round_trips = usize::try_from(world.round_trips() - before)?;
        ensure!(
            round_trips > 0,
            "the consumer's round trips are not counted"
        );
        let mut left: Option<LeftBehind> = None;
        for (id, size) in ids {
            let of_this = LeftBehind::read(world, id, size).await?;
            if let Some(left) = &left {
                left.same_as(&of_this)?;
            }
            left = Some(of_this);
        }
        Ok(Run {
            devices,
            seconds,
            pauses,
            round_trips,
            left: left.context("no device")?,
        })
    }

    /// A bulk change that only the old system knows.
    pub(crate) async fn of_the_old_system(&mut self, devices: usize) -> anyhow::Result<i64> {
        let id = self.submit(devices).await?;
        for delivery in self.world.queue.receive(usize::MAX) {
            self.world.queue.delete(&delivery.receipt);
        }
        let mut sql = self.world.sql().await;
        sql.query(include_str!("both_ways/hand_over.sql"), &[&id])
            .await;
        Ok(id)
    }

    /// A bulk change of devices that nobody had before.
    pub(crate) async fn submit(&mut self, devices: usize) -> anyhow::Result<i64> {
        let numbers = self.taken + 1..=self.taken + devices;
        self.taken += devices;
        self.world.add_devices(numbers.clone()).await;
        let iccids = self.world.iccids(numbers);
        let request = match self.work {
            Work::Lines => self.world.with_service(&iccids),
            Work::Plan => self.world.with_plan(&iccids),
        };
        let answer = self.world.post(&request).await;
        ensure!(
            answer.status == 202 && answer.body["accepted"].as_u64() == u64::try_from(devices).ok(),
            "{} for {devices} devices: {}",
            answer.status,
            answer.body
        );
        answer.body["changeId"].as_i64().context("no changeId")
    }
}

#[cfg(test)]
mod tests;

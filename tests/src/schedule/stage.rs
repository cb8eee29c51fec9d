//! One world for many schedules, and how the instances in it come by their consumers.

use std::{sync::Arc, time::Duration};

use central::{Central, budget::BudgetLimits};
use device_bulk_change::{Consumer, Limits, Notifier};
use embedded_sql_server::snapshot::Snapshot;

use crate::{
    Wishes, World,
    schedule::{
        instance::Make,
        plan::{MOST_DEVICES, Plan},
    },
    world,
};

/// A database that says nothing is given up after so long (real time).
const COMMAND_TIMEOUT: Duration = Duration::from_millis(400);

/// One world for many schedules: each begins with the rows of its beginning, and with a Rev that holds nothing.
pub struct Stage {
    pub(super) world: World,
    beginning: Snapshot,
}

impl Stage {
    /// A world with as many devices as any plan needs.
    pub async fn new() -> Self {
        let world = World::embedded(Wishes::devices(MOST_DEVICES)).await;
        let beginning = world.server().database().snapshot().unwrap();
        Self { world, beginning }
    }

    /// As it was.
    pub(super) fn reset(&self) {
        let database = self.world.server().database();
        database.restore(&self.beginning).unwrap();
        self.world.rev.reset();
        self.world.rev.freeze();
        // Rev and the database begin at the same moment, and at a whole second: whether a lease that ends this very moment is over
        // depends on the digits that its column rounds away.
        let now = self.world.rev.now();
        let begin = now.truncate_to_second() + Duration::from_secs(1);
        self.world.rev.advance((begin - now).unsigned_abs());
        database
            .clock()
            .freeze_at(time::PrimitiveDateTime::new(begin.date(), begin.time()));
        let queue = &self.world.queue;
        // Whatever hides a message, it is over by then.
        queue.advance(Duration::from_hours(24));
        while let [first, ..] = queue.receive(1).as_slice() {
            queue.delete(&first.receipt);
        }
    }
}

impl World {
    /// How an instance of a schedule comes by its consumer: with a pool and tokens of its own, within its own runtime.
    pub(super) fn instance(&self, plan: &Plan) -> Make {
        let mut settings = world::settings(&self.logins.consumer);
        settings.command_timeout = COMMAND_TIMEOUT;
        settings.checkout_timeout = Duration::from_secs(1);
        settings.pool_size = 2;
        let queue: Arc<dyn queue::Queue> = Arc::<queue::MemoryQueue>::clone(&self.queue);
        let amop = self.amop.url().parse().unwrap();
        let limits = Limits {
            chunk: plan.rows_at_once,
            calls_in_the_air: if plan.side_by_side { 64 } else { 1 },
            // Nobody waits for a call slot.
            budget: BudgetLimits {
                calls_per_minute: 60_000,
                calls_per_day: 1_000_000,
                burst: 10,
                reserve_per_minute: 0,
            },
            ..Limits::default()
        };
        let rev = ::rev::Settings {
            allow_http_loopback: true,
            ..::rev::Settings::default()
        };
        Box::new(move || {
            Box::pin(async move {
                let central = Central::connect(settings).await.unwrap();
                let rev = ::rev::Client::new(rev).unwrap();
                let notifier = Notifier::new(amop).unwrap();
                Arc::new(Consumer::new(central, rev, queue, Some(notifier), limits))
            })
        })
    }
}

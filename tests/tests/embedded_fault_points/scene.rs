//! Worlds in which every effect of the two lambdas is on the way.
//!
//! Few devices, and each for a reason: one whose line is looked up, one that Rev refuses, one that something speaks against by the
//! time it is claimed, one (of the other producer) that the old system has billed already; two chunks; a customer whose products
//! are two pages; a receiver of notices that is away once; linked carrier changes.

use std::{collections::BTreeMap, sync::Arc};

use device_bulk_change::{Consumer, OtherQueues};
use end_to_end::{Wishes, World, deliveries::event, kill::Processes};
use local::rev::{Call, Fault, Rule};
use queue::{MemoryQueue, Queue};
use serde_json::Value;

/// Which way through the system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Way {
    /// A request of our own API.
    Ours,
    /// A bulk change that the other producer has written, named by two messages.
    Theirs,
    /// A bulk change of another type, whose message is passed on.
    Elsewhere,
}

/// A world, and what happens in it.
pub struct Scene {
    pub world: World,
    /// The bulk change; in [`Way::Ours`] it is there after [`Scene::submitted`].
    pub id: i64,
    pub way: Way,
    /// Takes messages about other bulk changes.
    pub others: MemoryQueue,
    /// Takes offers of linked carrier changes.
    pub carrier: MemoryQueue,
    /// The lines that the old system has opened for devices of [`Way::Theirs`].
    by_them: Vec<i64>,
    second: Option<Arc<Consumer>>,
    queues: OtherQueues,
    processes: Option<Processes>,
}

/// A device that cannot be found.
const UNKNOWN: &str = "890100000000000000";
/// On the second page of Rev's products.
const LATE_PRODUCT: i64 = 540;

impl Scene {
    /// Lays everything down; the intake was not asked yet.
    pub async fn new(way: Way) -> Self {
        let rev = local::rev::Options {
            products: (31..=LATE_PRODUCT).collect(),
            ..local::rev::Options::default()
        };
        let (others, carrier) = (MemoryQueue::new(), MemoryQueue::new());
        let as_queue = |queue: &MemoryQueue| -> Arc<dyn Queue> { Arc::new(queue.clone()) };
        let queues = OtherQueues {
            other_changes: Some(as_queue(&others)),
            carrier_changes: Some(as_queue(&carrier)),
        };
        let world = World::embedded(Wishes {
            rev,
            queues: queues.clone(),
            ..Wishes::devices(6)
        })
        .await;
        world.amop.be_away(true);
        // The account's budget is written for a client code that it no longer has: the first claim has it put right.
        let budget = format!(
            "INSERT INTO dbo.RevCallBudget (IntegrationAuthenticationId, ClientCode, NextSlotAt, CallsPerMinute, CallsPerDay, Burst, Today, CallsToday) \
             SELECT a.id, N'fake-former', SYSUTCDATETIME(), 60000, 1000000, 10, CAST(SYSUTCDATETIME() AS date), 0 \
             FROM dbo.Integration_Authentication AS a WHERE a.TenantId = {}",
            world.tenant
        );
        world.sql().await.rows(&budget).await;
        // The other producer's even rows name the ICCID.
        for number in [world.msisdn(2), world.iccid(2)] {
            let lost = Rule::once(Call::OpenLine, Fault::drop_after());
            world.rev.fault(lost.for_number(&number));
        }
        let refused = Rule::always(Call::OpenLine, Fault::refuse("no such service type"));
        world.rev.fault(refused.for_number(&world.msisdn(3)));
        let id = match way {
            Way::Ours => 0,
            Way::Theirs => theirs(&world).await,
            Way::Elsewhere => {
                let rows = world.foreign_rows(1..=2).await;
                let id = world.write_foreign(7, &rows).await;
                world.announce(id).await;
                id
            }
        };
        // The way begins with no other line than those.
        let by_them = world.rev.lines().iter().map(|line| line.id).collect();
        Self {
            world,
            id,
            way,
            others,
            carrier,
            by_them,
            second: None,
            queues,
            processes: None,
        }
    }

    /// The same, with what our API takes in taken in.
    pub async fn submitted(way: Way) -> Self {
        let mut scene = Self::new(way).await;
        if way == Way::Ours {
            let answer = scene.world.post(&scene.request()).await;
            scene.accepted(answer.bulk_change()).await;
        }
        scene
    }

    /// The request of [`Way::Ours`].
    pub fn request(&self) -> Value {
        let mut devices = self.world.iccids(1..=6);
        devices.push(UNKNOWN.to_owned());
        let mut request = self.world.with_service(&devices);
        for (name, value) in [
            ("addCustomerRatePlan", Value::from(true)),
            ("customerRatePlan", self.world.plan.into()),
            ("addCarrierRatePlan", true.into()),
            ("carrierRatePlan", "CARRIER-1GB".into()),
        ] {
            request[name] = value;
        }
        request["products"][0]["productId"] = LATE_PRODUCT.into();
        request
    }

    /// The request was accepted. Since then a device was archived; and the last two are a chunk of their own, as those of a
    /// request with more than 100 devices are.
    pub async fn accepted(&mut self, id: i64) {
        self.id = id;
        let mut sql = self.world.sql().await;
        let archived = format!(
            "UPDATE dbo.Device SET IsActive = 0, IsDeleted = 1 WHERE ICCID = N'{}'",
            self.world.iccid(4)
        );
        sql.rows(&archived).await;
        let last = [5, 6]
            .map(|n| format!("N'{}'", self.world.iccid(n)))
            .join(", ");
        let moved = format!(
            "UPDATE w SET Chunk = 1 FROM dbo.DeviceChangeWork AS w INNER JOIN dbo.M2M_DeviceChange AS m ON m.id = w.ChangeId \
             WHERE w.BulkChangeId = {id} AND m.ICCID IN ({last})"
        );
        sql.rows(&moved).await;
        let offered = format!(
            "INSERT INTO dbo.BulkChangeOutbox (Kind, BulkChangeId, Payload, NextAttemptAt) \
             VALUES ('chunk', {id}, N'{{\"bulkChangeId\":{id},\"chunk\":1,\"tenantId\":{}}}', DATEADD(second, 60, SYSUTCDATETIME()))",
            self.world.tenant
        );
        sql.rows(&offered).await;
    }

    /// Lambdas as processes in this world.
    pub async fn make_processes_ready(&mut self) {
        if self.processes.is_none() {
            let program = env!("CARGO_BIN_EXE_lambda-process");
            self.processes =
                Some(Processes::of(&self.world, &self.others, &self.carrier, program).await);
        }
    }

    /// Another instance of the consumer, with a pool and tokens of its own.
    pub async fn second(&mut self) -> Arc<Consumer> {
        if self.second.is_none() {
            let plain = Arc::into_inner(self.world.another_consumer().await).unwrap();
            self.second = Some(Arc::new(plain.with_queues(self.queues.clone())));
        }
        Arc::clone(self.second.as_ref().unwrap())
    }

    /// Those that were made ready.
    pub fn started(&self) -> &Processes {
        self.processes.as_ref().unwrap()
    }

    /// Whether everything is done and told.
    pub async fn is_done(&self) -> bool {
        let begun = match self.way {
            Way::Ours => true,
            Way::Theirs => self.world.bulk_status(self.id).await != "NEW",
            Way::Elsewhere => return !self.others.is_empty() && self.world.queue.is_empty(),
        };
        begun && self.world.unfinished().await == 0
    }

    /// How many rows each table has; the log may hold tries, and budgets are no business data.
    pub fn rows(&self) -> BTreeMap<String, usize> {
        let tables = self.world.server().database().tables().unwrap();
        tables
            .into_iter()
            .filter(|(name, _)| name != "DeviceBulkChangeLog")
            .map(|(name, rows)| (name, rows.len()))
            .collect()
    }

    /// Every row of every table.
    pub fn everything(&self) -> BTreeMap<String, Vec<String>> {
        let tables = self.world.server().database().tables().unwrap();
        tables.into_iter().collect()
    }

    /// G1 and G2, from outside. `lost` says whether the answer to a notice or to an offer may have been lost, so that it was made again.
    pub async fn assert_done(&self, rows: &BTreeMap<String, usize>, lost: bool, when: &str) {
        assert_eq!(&self.rows(), rows, "{when}: rows of each table");
        assert!(self.world.queue.dead_letters().is_empty(), "{when}");
        if self.way == Way::Elsewhere {
            let passed_on = self.others.sent();
            assert!(!passed_on.is_empty(), "{when}: the message is gone");
            let named = self.id.to_string();
            assert!(
                passed_on
                    .iter()
                    .all(|message| message.attributes.iter().any(|(_, value)| *value == named)),
                "{when}: {passed_on:?}"
            );
            assert!(self.world.rev.calls().is_empty(), "{when}");
            return;
        }
        let statuses: BTreeMap<String, usize> = match self.way {
            Way::Theirs => [("API_FAILED", 1), ("ERROR", 1), ("PROCESSED", 4)],
            _ => [("API_FAILED", 1), ("ERROR", 2), ("PROCESSED", 4)],
        }
        .map(|(status, count)| (status.to_owned(), count))
        .into();
        assert_eq!(
            self.world.statuses(self.id).await,
            statuses,
            "{when}: {:?}{}",
            self.world.changes(self.id).await,
            self.world.left_over().await
        );
        assert_eq!(self.world.unfinished().await, 0, "{when}");
        assert_eq!(
            self.world.rev.lines().len(),
            4,
            "{when}: {:?}",
            self.world.rev.lines()
        );
        // The first device of the other producer has the line of the old system.
        let in_time = usize::from(self.way == Way::Theirs);
        assert_eq!(self.by_them.len(), in_time, "{when}");
        let reviews = self
            .world
            .assert_billed_once_or_before(self.id, &self.by_them)
            .await;
        // Rev refuses the third device. A refusal after a call whose outcome nobody knows is left to a person (association::follow):
        // it may be one because that call has arrived meanwhile.
        let refused = self.world.iccid(3);
        assert!(
            reviews.iter().all(|change| change.iccid == refused),
            "{when}: {reviews:?}"
        );
        if self.way == Way::Theirs {
            for n in [1, 2, 5, 6] {
                let numbers = [self.world.msisdn(n), self.world.iccid(n)];
                let lines = self.world.rev.lines();
                let held = lines.iter().filter(|line| numbers.contains(&line.number));
                assert_eq!(held.count(), 1, "{when}: device {n}: {lines:?}");
            }
        }
        let mut sql = self.world.sql().await;
        let owners = "SELECT COUNT_BIG(*) FROM (SELECT t.DeviceId FROM dbo.Device_Tenant AS t GROUP BY t.DeviceId, t.TenantId HAVING COUNT_BIG(*) > 1) AS d";
        assert_eq!(
            sql.number(owners).await,
            0,
            "{when}: a device is owned twice"
        );
        let lines = "SELECT COUNT_BIG(*) FROM (SELECT s.RevServiceId FROM dbo.RevService AS s GROUP BY s.RevServiceId, s.IntegrationAuthenticationId HAVING COUNT_BIG(*) > 1) AS d";
        assert_eq!(sql.number(lines).await, 0, "{when}: a line is stored twice");
        let histories = "SELECT COUNT_BIG(*) FROM (SELECT h.M2MDeviceId, h.ChangedField FROM dbo.DeviceActionHistory AS h GROUP BY h.M2MDeviceId, h.ChangedField HAVING COUNT_BIG(*) > 1) AS d";
        assert_eq!(
            sql.number(histories).await,
            0,
            "{when}: a field is told twice"
        );
        let told = self.world.amop.told();
        assert!(
            told.len() == 1 || (lost && told.len() == 2),
            "{when}: told {} times",
            told.len()
        );
        let offered = self.carrier.sent().len();
        let expected = usize::from(self.way == Way::Ours);
        assert!(
            offered == expected || (lost && offered == expected + 1),
            "{when}: offered {offered} times"
        );
    }

    /// The next message that can be received, as the function is called with it, and its receipt.
    pub fn next_message(&self) -> Option<(Value, String)> {
        let batch = self.world.queue.receive(1);
        let receipt = batch.first()?.receipt.clone();
        Some((event(&batch), receipt))
    }
}

/// A line of the old system for the first device; a row that cannot be read; the message twice.
async fn theirs(world: &World) -> i64 {
    let mut rows = world.foreign_rows([1, 2, 3, 5, 6, 7]).await;
    "{".clone_into(&mut rows[5].text);
    let id = world.write_assignment(&rows).await;
    world.put_line(&world.msisdn(1), time::Duration::ZERO);
    world.announce(id).await;
    world.announce(id).await;
    id
}

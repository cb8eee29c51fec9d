//! A submitted bulk change and a consumer that works on it by hand, one question to the database after the other.
#![allow(dead_code, reason = "each test binary uses its own part of the module")]

pub mod tables;

use std::time::Duration;

use association::{
    change_request::ChangeRequest,
    decide,
    ids::{BulkChangeId, ChangeId, ServiceLineId},
    plan::Reason,
    request::{AssociateRequest, CustomerPlanOptions, Options, RevServiceOptions},
    service_line::{Billed, Product, Reference},
};
use central::{
    Central,
    budget::BudgetLimits,
    check::check,
    claim::{Claim, ClaimAsk, ClaimedChange, Preflight, claim},
    facts::{AccountFact, Fact, FactKind, FactResult, facts},
    finish::FinishSettings,
    preflight::{Verdict, preflight},
    record::{
        CustomerPlan, Ending, FailedStatus, LogEntry, Record, Recorded, RecordedLine, record,
    },
    submit::{Submission, Submitted, submit},
};
use rust_decimal::Decimal;
use tiberius::Row;
use time::macros::date;
use uuid::Uuid;

use crate::support::{Base, World};

/// Plenty, for tests that are not about the budget.
pub const BUDGET: BudgetLimits = BudgetLimits {
    calls_per_minute: 475,
    calls_per_day: 150_000,
    burst: 10,
    reserve_per_minute: 0,
};

pub const LEASE: Duration = Duration::from_secs(75);

/// A database, a world in it, and one bulk change of that world.
pub struct Bench {
    pub base: Base,
    pub world: World,
    pub bulk: BulkChangeId,
}

impl Bench {
    /// Devices that ask for a service line each.
    pub async fn with_lines(base: Base, devices: usize) -> Self {
        let bench = Self::of(base, devices, |_| Options {
            rev_service: Some(rev_service()),
            ..Options::default()
        })
        .await;
        bench.pass_preflight().await;
        bench
    }

    /// Devices that change hands without a call.
    pub async fn without_calls(base: Base, devices: usize) -> Self {
        Self::of(base, devices, |_| Options::default()).await
    }

    pub async fn of(base: Base, devices: usize, options: impl FnOnce(&World) -> Options) -> Self {
        let world = World::new(&base.sql).await;
        let iccids = world.add_assignable(devices).await;
        let request = AssociateRequest {
            options: options(&world),
            ..world.request(iccids)
        };
        let bulk = submitted(&base.central, &world, &request).await;
        Self { base, world, bulk }
    }

    pub fn central(&self) -> &Central {
        &self.base.central
    }

    pub fn ask(&self) -> ClaimAsk {
        ClaimAsk {
            bulk_change: self.bulk,
            chunk: 0,
            owner: Uuid::new_v4(),
            most: 100,
            lease: LEASE,
            horizon: Duration::from_secs(20),
            extra_calls: 0,
            with_account: false,
            budget: BUDGET,
        }
    }

    pub async fn claim(&self) -> Claim {
        claim(self.central(), &self.ask()).await.expect("a claim")
    }

    /// The one row of a bulk change of one device.
    pub async fn claim_one(&self) -> ClaimedChange {
        let mut claim = self.claim().await;
        assert_eq!(claim.rows.len(), 1, "{claim:?}");
        claim.rows.remove(0)
    }

    pub async fn pass_preflight(&self) {
        let ask = self.ask();
        let claim = claim(self.central(), &ask).await.expect("a claim");
        assert_eq!(claim.preflight, Preflight::Mine);
        let ours = preflight(self.central(), self.bulk, ask.owner, &Verdict::Passed)
            .await
            .expect("a verdict");
        assert!(ours);
    }

    pub async fn fact(&self, row: &ClaimedChange, kind: FactKind) -> FactResult {
        let results = facts(self.central(), None, &[fact(row, kind)])
            .await
            .expect("facts");
        assert_eq!(results.len(), 1);
        assert_eq!(results[0].0, row.change);
        results[0].1
    }

    pub async fn account_facts(&self, said: &[AccountFact]) {
        facts(self.central(), Some((self.world.account, said)), &[])
            .await
            .expect("facts");
    }

    /// Records what the stored change says; `line` when one was opened.
    pub async fn record(&self, rows: &[ClaimedChange]) -> Vec<Recorded> {
        let (records, logs) = rows.iter().map(assignment).unzip::<_, _, Vec<_>, Vec<_>>();
        self.write(&records, &logs).await
    }

    pub async fn write(&self, records: &[Record], logs: &[LogEntry]) -> Vec<Recorded> {
        let bulk = self.claimed_bulk_change().await;
        record(self.central(), &bulk, records, logs)
            .await
            .expect("a record")
            .into_iter()
            .map(|(_, recorded)| recorded)
            .collect()
    }

    /// The bulk change as a claim of a chunk that does not exist returns it.
    pub async fn claimed_bulk_change(&self) -> central::claim::ClaimedBulkChange {
        let ask = ClaimAsk {
            chunk: 9_999,
            ..self.ask()
        };
        claim(self.central(), &ask)
            .await
            .expect("a claim")
            .bulk_change
            .expect("the bulk change")
    }

    pub async fn finish(&self) -> central::finish::Finish {
        central::finish::finish(
            self.central(),
            self.bulk,
            0,
            &FinishSettings {
                notice_wanted: true,
                carrier_wanted: true,
            },
        )
        .await
        .expect("a finish")
    }

    /// The work row of a change.
    pub async fn work(&self, change: ChangeId) -> Work {
        let rows = self
            .base
            .sql
            .rows(
                "SELECT w.*, m.Status, m.StatusDetails, m.HasErrors, m.IsProcessed FROM dbo.DeviceChangeWork AS w \
                 INNER JOIN dbo.M2M_DeviceChange AS m ON m.id = w.ChangeId WHERE w.ChangeId = @P1;",
                &[&change.get()],
            )
            .await;
        Work::read(&rows[0])
    }

    pub async fn bulk_status(&self) -> String {
        let texts = self
            .base
            .sql
            .texts(
                "SELECT d.Status FROM dbo.DeviceBulkChange AS d WHERE d.id = @P1;",
                &[&self.bulk.get()],
            )
            .await;
        texts[0].clone().expect("a status")
    }

    /// Moves the embedded server's clock.
    pub fn later(&self, by: Duration) {
        self.base.server().database().clock().advance(by);
    }
}

/// What a test looks at of a row.
#[derive(Debug, PartialEq, Eq)]
pub struct Work {
    pub step: String,
    pub fence: i64,
    pub attempts: i32,
    pub unknowns: i32,
    pub intent: Option<String>,
    pub line: Option<i64>,
    pub leased: bool,
    pub review: bool,
    pub closed: bool,
    pub settle_after: bool,
    pub last_error: Option<String>,
    pub status: String,
    pub details: Option<String>,
}

impl Work {
    fn read(row: &Row) -> Self {
        let text = |column: &str| row.get::<&str, _>(column).map(str::to_owned);
        let set = |column: &str| row.get::<time::PrimitiveDateTime, _>(column).is_some();
        Self {
            step: text("Step").unwrap(),
            fence: row.get("Fence").unwrap(),
            attempts: row.get("Attempts").unwrap(),
            unknowns: row.get("Unknowns").unwrap(),
            intent: text("IntentReference"),
            line: row.get("RevServiceLineId"),
            leased: row.get::<Uuid, _>("LeaseOwner").is_some(),
            review: set("ReviewSince"),
            closed: set("ClosedAt"),
            settle_after: set("SettleAfter"),
            last_error: text("LastError"),
            status: text("Status").unwrap(),
            details: text("StatusDetails"),
        }
    }
}

pub fn rev_service() -> RevServiceOptions {
    RevServiceOptions {
        service_type_id: 11,
        provider_id: 22,
        billed: Billed::Products(vec![Product {
            product_id: 33,
            rate: Decimal::new(995, 2),
        }]),
        prorate: true,
        description: Some("Fleet".to_owned()),
        usage_plan_group_id: None,
        activated_date: Some(date!(2026 - 01 - 15)),
    }
}

pub fn customer_plan(world: &World) -> CustomerPlanOptions {
    CustomerPlanOptions {
        customer_rate_plan: world.plan,
        customer_rate_pool: Some(world.pool),
        data_allocation_mb: Some(Decimal::new(2505, 1)),
    }
}

pub async fn submitted(
    central: &Central,
    world: &World,
    request: &AssociateRequest,
) -> BulkChangeId {
    let checked = check(central, &world.actor(), request, None)
        .await
        .expect("a check");
    let plan = decide::plan(request, &checked.found).expect("a plan");
    let submission = Submission {
        request,
        plan: &plan,
        key: None,
        answer: "{}",
        budget: BUDGET,
        trace: None,
    };
    match submit(central, &world.actor(), &submission).await {
        Ok(Submitted::Accepted { bulk_change, .. }) => bulk_change,
        other => panic!("{other:?}"),
    }
}

pub fn line(id: i64) -> ServiceLineId {
    ServiceLineId::new(id).unwrap()
}

pub fn fact(row: &ClaimedChange, kind: FactKind) -> Fact {
    Fact {
        change: row.change,
        fence: row.fence,
        reference: Reference::of(row.change),
        kind,
    }
}

/// The record of a row that is to be assigned, and a log entry.
pub fn assignment(row: &ClaimedChange) -> (Record, LogEntry) {
    let request: ChangeRequest =
        serde_json::from_str(row.change_request.as_deref().unwrap()).unwrap();
    let number = |text: &Option<String>| text.as_deref().and_then(|text| text.parse().ok());
    let record = Record {
        change: row.change,
        fence: row.fence,
        ending: Ending::Assign,
        device: Some(request.device_id),
        account_number: Some(request.rev_customer_id.clone()),
        integration_authentication: Some(request.integration_authentication_id),
        site: Some(request.site_id),
        effective_date: Some(request.effective_date),
        plan: number(&request.customer_rate_plan).map(|id| CustomerPlan {
            id,
            pool: number(&request.customer_rate_pool),
            allocation_mb: request.customer_data_allocation_mb,
        }),
        service_line: row.service_line.map(|id| RecordedLine {
            id,
            number: request.number.clone(),
            activated_date: request.activated_date,
            description: request.description.clone(),
            prorate: request.prorate,
        }),
        api_details: row
            .service_line
            .map(|id| format!("{{\"ok\":true,\"id\":{id}}}")),
    };
    let log = LogEntry {
        change: row.change,
        description: "AMOP Customer Assignment".to_owned(),
        request: Some("fake".to_owned()),
        has_errors: false,
        response_status: "PROCESSED".to_owned(),
        response: Some("OK".to_owned()),
        error: None,
    };
    (record, log)
}

/// The record of a row that failed.
pub fn failure(row: &ClaimedChange) -> Record {
    Record {
        ending: Ending::Failed {
            status: FailedStatus::ApiFailed,
            reason: Reason::RevRefused,
            words: "Rev said no".to_owned(),
        },
        ..assignment(row).0
    }
}

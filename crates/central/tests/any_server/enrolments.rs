//! Taking over a bulk change of another producer: what an enrolment fixes for the rows that come later.

use crate::support::{Base, World, foreign};
use association::{foreign_rows::Enrolment, ids::BulkChangeId};
use central::enroll::{Enrolled, NamedBulkChange, enroll, read};
use serde_json::json;

/// The carrier rate plan of every world.
const CARRIER_PLAN: &str = "CARRIER-1GB";

/// A bulk change of the other producer, to which it adds rows at any time.
struct Foreign {
    base: Base,
    world: World,
    id: BulkChangeId,
}

impl Foreign {
    /// Two devices exist; the bulk change has no row yet.
    async fn without_rows() -> Self {
        let base = Base::start().await;
        let world = World::new(&base.sql).await;
        world.add_assignable(2).await;
        let id = foreign::bulk_change(&world).await;
        Self { base, world, id }
    }

    /// Adds a row for the n-th device that only assigns it, with a carrier plan or without.
    async fn add(&self, n: usize, carrier_plan: Option<&str>) {
        let more =
            json!({"AddCarrierRatePlan": carrier_plan.is_some(), "CarrierRatePlan": carrier_plan});
        foreign::add(&self.world, self.id, n, &more).await;
    }

    async fn read(&self) -> NamedBulkChange {
        read(&self.base.central, self.id).await.unwrap().unwrap()
    }

    async fn judged(&self, named: &NamedBulkChange) -> Enrolment {
        foreign::judged(&self.base.central, self.id, named).await
    }

    async fn write(&self, named: &NamedBulkChange) -> Option<Enrolled> {
        let enrolment = self.judged(named).await;
        enroll(&self.base.central, self.id, named, &enrolment, None)
            .await
            .unwrap()
    }

    /// Reads, judges and writes; answers how many were accepted and refused.
    async fn enrol(&self) -> (usize, usize) {
        let enrolled = self.write(&self.read().await).await.unwrap();
        (enrolled.accepted, enrolled.refused)
    }

    /// Customer, account and carrier plan as the finish and the lists read them.
    async fn stored(&self) -> String {
        let texts = self
            .base
            .sql
            .texts(
                "SELECT CONCAT(b.RevCustomerId, N' ', b.IntegrationAuthenticationId, N' ', COALESCE(JSON_VALUE(b.Options, '$.carrierPlan.carrierRatePlan'), N'-')) \
                 FROM dbo.BulkChangeWork AS b WHERE b.BulkChangeId = @P1;",
                &[&self.id.get()],
            )
            .await;
        texts[0].clone().unwrap()
    }
}

#[tokio::test]
async fn an_enrolment_that_accepts_nothing_fixes_nothing() {
    let foreign = Foreign::without_rows().await;
    let account = foreign.world.account;
    foreign.add(99, None).await;
    assert_eq!(foreign.enrol().await, (0, 1));
    // Whose it is stays known: those who may see the customer may see the bulk change.
    assert_eq!(foreign.stored().await, format!("1001 {account} -"));

    foreign.add(1, Some(CARRIER_PLAN)).await;
    assert_eq!(foreign.read().await.fixed, None);
    assert_eq!(foreign.enrol().await, (1, 0));
    assert_eq!(
        foreign.stored().await,
        format!("1001 {account} {CARRIER_PLAN}")
    );

    // That one did fix it: a row without the plan is another's.
    foreign.add(2, None).await;
    assert!(foreign.read().await.fixed.is_some());
    assert_eq!(foreign.enrol().await, (0, 1));
    assert_eq!(
        foreign.stored().await,
        format!("1001 {account} {CARRIER_PLAN}")
    );
}

#[tokio::test]
async fn rows_judged_before_another_enrolment_fixed_the_bulk_change_are_judged_again() {
    let foreign = Foreign::without_rows().await;
    foreign.add(2, None).await;
    let early = foreign.read().await;
    // Between its reading and its writing another is told to leave that row out, and accepts one with a plan.
    foreign.add(1, Some(CARRIER_PLAN)).await;
    let mut other = foreign.read().await;
    other.rows.remove(0);
    assert_eq!(foreign.write(&other).await.unwrap().accepted, 1);
    assert_eq!(foreign.write(&early).await, None, "nothing is written");
    assert_eq!(foreign.enrol().await, (0, 1));
    // Whoever comes late and finds all rows taken has nothing to judge again.
    assert_eq!(foreign.write(&early).await.unwrap().accepted, 0);
}

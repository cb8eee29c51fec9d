//! From a request to a recorded bulk change, as the intake does it.

use association::{
    decide,
    ids::BulkChangeId,
    plan::Plan,
    request::{AssociateRequest, RevServiceOptions},
    service_line::Billed,
};
use central::{
    Central, CentralError,
    budget::BudgetLimits,
    check::check,
    outbox::OutboxMessage,
    submit::{Key, Submission, Submitted, submit},
};

use super::World;

pub const BUDGET: BudgetLimits = BudgetLimits {
    calls_per_minute: 475,
    calls_per_day: 150_000,
    burst: 10,
    reserve_per_minute: 75,
};

/// Options for a line with a package.
pub fn rev_service() -> RevServiceOptions {
    RevServiceOptions {
        service_type_id: 1,
        provider_id: 2,
        billed: Billed::Package(5),
        prorate: false,
        description: Some("Fleet's \"line\" 🚚".to_owned()),
        usage_plan_group_id: None,
        activated_date: None,
    }
}

/// What the checks make of a request now.
pub async fn plan(central: &Central, world: &World, request: &AssociateRequest) -> Plan {
    let checked = check(central, &world.actor(), request, None)
        .await
        .expect("a check");
    decide::plan(request, &checked.found).expect("at least one device is accepted")
}

/// Submits a plan.
pub async fn submit_plan(
    central: &Central,
    world: &World,
    request: &AssociateRequest,
    plan: &Plan,
    key: Option<Key>,
) -> Result<Submitted, CentralError> {
    let submission = Submission {
        request,
        plan,
        key,
        answer: r#"{"success":true}"#,
        budget: BUDGET,
        trace: None,
    };
    submit(central, &world.actor(), &submission).await
}

/// Checks and submits; the devices must be free.
pub async fn accept(
    central: &Central,
    world: &World,
    request: &AssociateRequest,
) -> (BulkChangeId, Vec<OutboxMessage>) {
    let plan = plan(central, world, request).await;
    match submit_plan(central, world, request, &plan, None).await {
        Ok(Submitted::Accepted {
            bulk_change,
            outbox,
        }) => (bulk_change, outbox),
        other => panic!("{other:?}"),
    }
}

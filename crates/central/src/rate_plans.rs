//! Asks which rate plans and pools the devices of a Rev customer can take, in one round trip.

use association::{
    actor::Actor,
    ids::{IntegrationAuthenticationId, RevCustomerId, ServiceProviderId},
};
use rust_decimal::Decimal;

use crate::{Central, CentralError, decode::Fields, statement::Statement};

const RATE_PLANS: Statement = Statement::repeatable("rate_plans", include_str!("rate_plans.sql"));

/// What devices of a customer can take.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RatePlans {
    /// What the customer is charged.
    pub customer_plans: Vec<CustomerPlan>,
    /// What the carrier charges.
    pub carrier_plans: Vec<CarrierPlan>,
    /// Devices of a pool share their allocations.
    pub pools: Vec<Pool>,
}

/// A customer rate plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomerPlan {
    /// `JasperCustomerRatePlan.id`.
    pub id: i32,
    /// `RatePlanCode`.
    pub code: String,
    /// `RatePlanName`.
    pub name: String,
    /// `PlanMB`: the data allocation of a device unless the request gives one.
    pub plan_mb: Option<Decimal>,
    /// The tenant's service providers whose devices can take it.
    pub service_providers: Vec<i32>,
}

/// A carrier rate plan that is not retired.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CarrierPlan {
    /// `JasperCarrierRatePlan.RatePlanCode`.
    pub code: String,
    /// `FriendlyName`.
    pub name: Option<String>,
    /// Whose devices can take it.
    pub service_provider: i32,
}

/// A customer rate pool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pool {
    /// `CustomerRatePool.id`.
    pub id: i32,
    /// `Name`.
    pub name: String,
    /// The tenant's service providers whose devices can take it.
    pub service_providers: Vec<i32>,
}

/// The plans for devices of one service provider, or of all; none when the caller may use no such customer.
pub async fn rate_plans(
    central: &Central,
    actor: &Actor,
    customer: &RevCustomerId,
    integration_authentication: Option<IntegrationAuthenticationId>,
    service_provider: Option<ServiceProviderId>,
) -> Result<Option<RatePlans>, CentralError> {
    let mut answer = central
        .query(
            &RATE_PLANS,
            &[
                &actor.tenant().get(),
                &actor.user(),
                &actor.may_use_all_customers(),
                &customer.as_str(),
                &integration_authentication.map(IntegrationAuthenticationId::get),
                &service_provider.map(ServiceProviderId::get),
            ],
        )
        .await?;
    if !answer.one("customer", |row| row.get("Known"))? {
        return Ok(None);
    }
    let customer_plans = answer.rows("customer rate plans", customer_plan)?;
    let carrier_plans = answer.rows("carrier rate plans", carrier_plan)?;
    let pools = answer.rows("pools", pool)?;
    Ok(Some(RatePlans {
        customer_plans: gathered(
            customer_plans,
            |plan| plan.id,
            |plan| &mut plan.service_providers,
        ),
        carrier_plans,
        pools: gathered(pools, |pool| pool.id, |pool| &mut pool.service_providers),
    }))
}

/// Rows with one id, which follow each other, as one with the providers of all.
fn gathered<T>(
    rows: Vec<T>,
    id: impl Fn(&T) -> i32,
    providers: impl Fn(&mut T) -> &mut Vec<i32>,
) -> Vec<T> {
    let mut gathered: Vec<T> = Vec::new();
    for mut row in rows {
        match gathered.last_mut().filter(|last| id(last) == id(&row)) {
            Some(last) => providers(last).append(providers(&mut row)),
            None => gathered.push(row),
        }
    }
    gathered
}

fn customer_plan(row: &Fields<'_>) -> Result<CustomerPlan, CentralError> {
    Ok(CustomerPlan {
        id: row.get("id")?,
        code: row.text("RatePlanCode")?,
        name: row.text("RatePlanName")?,
        plan_mb: row.optional("PlanMB")?,
        service_providers: vec![row.get("ServiceProviderId")?],
    })
}

fn carrier_plan(row: &Fields<'_>) -> Result<CarrierPlan, CentralError> {
    Ok(CarrierPlan {
        code: row.text("RatePlanCode")?,
        name: row.optional_text("FriendlyName")?,
        service_provider: row.get("ServiceProviderId")?,
    })
}

fn pool(row: &Fields<'_>) -> Result<Pool, CentralError> {
    Ok(Pool {
        id: row.get("id")?,
        name: row.text("Name")?,
        service_providers: vec![row.get("ServiceProviderId")?],
    })
}

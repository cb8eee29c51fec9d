//! `GET /api/rate-plans/customer/{customerId}`: what devices of a Rev customer can take.

use association::ids::{IntegrationAuthenticationId, ServiceProviderId};
use axum::{
    Json,
    extract::{Path, Request, State},
    http::Uri,
};
use central::rate_plans::{self, RatePlans};
use rust_decimal::Decimal;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{Intake, ids, problem::Problem, query::Query, token::Permission, unavailable};

/// Plans and pools by name, of the service providers of the tenant or of the one asked about.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RatePlans)]
#[serde(rename_all = "camelCase")]
#[expect(
    clippy::struct_field_names,
    reason = "members are called as the contract calls them"
)]
pub struct Plans {
    customer_rate_plans: Vec<CustomerPlan>,
    carrier_rate_plans: Vec<CarrierPlan>,
    customer_rate_pools: Vec<Pool>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CustomerRatePlan)]
#[serde(rename_all = "camelCase")]
struct CustomerPlan {
    id: i32,
    code: String,
    name: String,
    /// The data allocation of a device unless a request gives one, in megabytes: a decimal number, written as text.
    #[schema(value_type = Option<String>)]
    plan_mb: Option<Decimal>,
    service_provider_ids: Vec<i32>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CarrierRatePlan)]
#[serde(rename_all = "camelCase")]
struct CarrierPlan {
    code: String,
    name: Option<String>,
    service_provider_id: i32,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CustomerRatePool)]
#[serde(rename_all = "camelCase")]
struct Pool {
    id: i32,
    name: String,
    service_provider_ids: Vec<i32>,
}

/// Answers everything at once: these are lists that a person picks from.
pub async fn show(
    State(intake): State<Intake>,
    Path(customer): Path<String>,
    request: Request,
) -> Result<Json<Plans>, Problem> {
    let caller = intake
        .verifier
        .caller(request.headers(), Permission::Read)
        .await?;
    let (provider, account) = question(request.uri())?;
    let customer = ids::customer(&customer)?;
    let found = rate_plans::rate_plans(
        &intake.central,
        caller.actor(),
        &customer,
        account,
        provider,
    )
    .await
    .map_err(|error| unavailable::reading(&error))?
    .ok_or_else(Problem::not_found)?;
    Ok(Json(Plans::of(found)))
}

type Question = (
    Option<ServiceProviderId>,
    Option<IntegrationAuthenticationId>,
);

fn question(uri: &Uri) -> Result<Question, Problem> {
    const PROVIDER: &str = "serviceProviderId";
    const ACCOUNT: &str = "integrationAuthenticationId";
    let mut query = Query::open(uri, &[&[PROVIDER, ACCOUNT]]);
    let provider = query.take(PROVIDER, |text| ids::asked(PROVIDER, text));
    let account = query.take(ACCOUNT, |text| ids::asked(ACCOUNT, text));
    query.finish((provider, account))
}

impl Plans {
    fn of(found: RatePlans) -> Self {
        Self {
            customer_rate_plans: found
                .customer_plans
                .into_iter()
                .map(|plan| CustomerPlan {
                    id: plan.id,
                    code: plan.code,
                    name: plan.name,
                    plan_mb: plan.plan_mb.map(|megabytes| megabytes.normalize()),
                    service_provider_ids: plan.service_providers,
                })
                .collect(),
            carrier_rate_plans: found
                .carrier_plans
                .into_iter()
                .map(|plan| CarrierPlan {
                    code: plan.code,
                    name: plan.name,
                    service_provider_id: plan.service_provider,
                })
                .collect(),
            customer_rate_pools: found
                .pools
                .into_iter()
                .map(|pool| Pool {
                    id: pool.id,
                    name: pool.name,
                    service_provider_ids: pool.service_providers,
                })
                .collect(),
        }
    }
}

//! `GET /api/devices/validate/{iccid}`: could this device be associated, and if not, why not? Two round trips at most; decided by the
//! code of a submit, so that it says what a submit would say.

use association::{check::Found, decide, ids::BulkChangeId, parse::MemberError, plan::Reason};
use axum::{
    Json,
    extract::{Path, Request, State},
    http::Uri,
};
use central::validate_device::{self, KnownDevice, Owner, Question};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    Intake,
    device::CurrentCustomer,
    ids,
    openapi::IccidText,
    problem::Problem,
    query::{self, Query},
    token::Permission,
    unavailable,
};

/// What is known about one device. Everything is null for one that does not exist.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DeviceValidation)]
#[serde(rename_all = "camelCase")]
pub struct Validation {
    #[schema(value_type = IccidText)]
    iccid: String,
    exists: bool,
    device_id: Option<i32>,
    archived: Option<bool>,
    status: Option<String>,
    status_allows_assignment: Option<bool>,
    service_provider_id: Option<i32>,
    /// Whose it is now.
    customer: Option<CurrentCustomer>,
    /// The bulk change that is not finished with it.
    unfinished_change: Option<i64>,
    /// A submit of this device would be accepted: to the customer asked about, or to any when none was.
    assignable: bool,
    /// Everything that speaks against it; a submit tells the first.
    reasons: Vec<Objection>,
}

#[derive(Debug, Serialize, ToSchema)]
struct Objection {
    /// Stable, for programs.
    #[schema(value_type = String)]
    code: Reason,
    /// For people.
    message: String,
}

/// Answers for one ICCID.
pub async fn show(
    State(intake): State<Intake>,
    Path(iccid): Path<String>,
    request: Request,
) -> Result<Json<Validation>, Problem> {
    let caller = intake
        .verifier
        .caller(request.headers(), Permission::Read)
        .await?;
    let question = question(&iccid, request.uri())?;
    let known = validate_device::validate_device(&intake.central, caller.actor(), &question)
        .await
        .map_err(|error| unavailable::reading(&error))?;
    Validation::of(&question, known).map(Json)
}

fn question(iccid: &str, uri: &Uri) -> Result<Question, Problem> {
    const PROVIDER: &str = "serviceProviderId";
    const CUSTOMER: &str = "revCustomerId";
    const ACCOUNT: &str = "integrationAuthenticationId";
    let iccid = ids::iccid(iccid)?;
    let mut query = Query::open(uri, &[&[PROVIDER, CUSTOMER, ACCOUNT]]);
    let question = Question {
        iccid,
        service_provider: query.take(PROVIDER, |text| ids::asked(PROVIDER, text)),
        customer: query.take(CUSTOMER, |text| ids::asked_customer(CUSTOMER, text)),
        integration_authentication: query.take(ACCOUNT, |text| ids::asked(ACCOUNT, text)),
    };
    query.finish(question)
}

/// Faults of the customer that was named point to the parameter that named it.
fn customer_faults(errors: Vec<MemberError>) -> Problem {
    query::invalid(
        errors
            .into_iter()
            .map(|error| MemberError {
                pointer: error.pointer.replacen('/', "?", 1),
                ..error
            })
            .collect(),
    )
}

impl Validation {
    fn of(question: &Question, known: Option<KnownDevice>) -> Result<Self, Problem> {
        let nothing = Found::default();
        let (request, found) = known.as_ref().map_or((None, &nothing), |known| {
            (known.request.as_ref(), &known.found)
        });
        let reasons = decide::objections(request, found).map_err(customer_faults)?;
        let row = found.devices.first();
        Ok(Self {
            iccid: question.iccid.as_str().to_owned(),
            exists: row.is_some(),
            device_id: row.map(|row| row.device.get()),
            archived: row.map(|row| row.archived),
            status: row.and_then(|row| row.status.clone()),
            status_allows_assignment: row.map(|row| row.status_allows),
            unfinished_change: row.and_then(|row| row.unfinished).map(BulkChangeId::get),
            service_provider_id: known.as_ref().map(|known| known.service_provider.get()),
            customer: known.and_then(|known| known.customer).map(current_customer),
            assignable: reasons.is_empty(),
            reasons: reasons
                .into_iter()
                .map(|(code, message)| Objection { code, message })
                .collect(),
        })
    }
}

fn current_customer(owner: Owner) -> CurrentCustomer {
    let (site_id, site) = owner.site.map(|(id, name)| (id.get(), name)).unzip();
    CurrentCustomer {
        rev_customer_id: owner.account_number,
        name: owner.name,
        site_id,
        site,
    }
}

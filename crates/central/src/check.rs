//! Asks everything that the checks of a request need to know, in one round trip. The checks themselves are in `association`.

use association::{
    actor::Actor,
    check::{Assignment, CustomerPlanRow, CustomerRow, DeviceRow, Found},
    ids::{BulkChangeId, DeviceId, Iccid, IntegrationAuthenticationId, ServiceProviderId, SiteId},
    request::{AssociateRequest, Effective, Options},
};
use uuid::Uuid;

use crate::{
    Central, CentralError,
    account::{self, Account},
    decode::{Answer, Fields},
    driver::json,
    statement::Statement,
    stored_answer::{self, StoredAnswer},
};

const CHECK: Statement = Statement::repeatable("check", include_str!("check.sql"));

/// What the database knows about a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// The answer that was given under the same Idempotency-Key, if any.
    pub stored: Option<StoredAnswer>,
    /// What the checks are decided from.
    pub found: Found,
    /// The billing account of the customer: what it may be asked, and what waits for it.
    pub account: Account,
}

/// Reads what a request's checks need; `key` is the SHA-256 of tenant, user, route and Idempotency-Key.
pub async fn check(
    central: &Central,
    actor: &Actor,
    request: &AssociateRequest,
    key: Option<&[u8; 32]>,
) -> Result<Checked, CentralError> {
    let mut answer = ask(central, actor, &Question::of(request), key, None).await?;
    Ok(Checked {
        found: found(&mut answer)?,
        stored: answer.row("stored answer", stored_answer::read)?,
        account: account::read(&mut answer)?,
    })
}

/// The same for rows of a bulk change that another producer wrote: its own rows do not count as unfinished, and what
/// RevService shows of a line is left to the look-up.
pub async fn check_rows_of(
    central: &Central,
    actor: &Actor,
    bulk_change: BulkChangeId,
    question: &AssociateRequest,
) -> Result<Found, CentralError> {
    let question = Question::of(question);
    found(&mut ask(central, actor, &question, None, Some(bulk_change)).await?)
}

/// The same for one device that nobody is to get yet: every customer is another one than the one meant.
pub(crate) async fn check_device(
    central: &Central,
    actor: &Actor,
    service_provider: ServiceProviderId,
    device: &Iccid,
) -> Result<Found, CentralError> {
    let question = Question {
        devices: std::slice::from_ref(device),
        service_provider,
        customer: "",
        integration_authentication: None,
        effective: Effective::SubmitDay,
        options: &Options::default(),
    };
    found(&mut ask(central, actor, &question, None, None).await?)
}

/// What is asked about.
struct Question<'a> {
    devices: &'a [Iccid],
    service_provider: ServiceProviderId,
    /// An account number, or empty, which none is.
    customer: &'a str,
    integration_authentication: Option<IntegrationAuthenticationId>,
    effective: Effective,
    options: &'a Options,
}

impl<'a> Question<'a> {
    fn of(request: &'a AssociateRequest) -> Self {
        Self {
            devices: &request.devices,
            service_provider: request.service_provider,
            customer: request.rev_customer.as_str(),
            integration_authentication: request.integration_authentication,
            effective: request.effective,
            options: &request.options,
        }
    }
}

async fn ask(
    central: &Central,
    actor: &Actor,
    question: &Question<'_>,
    key: Option<&[u8; 32]>,
    bulk_change: Option<BulkChangeId>,
) -> Result<Answer, CentralError> {
    let options = question.options;
    let devices = json(&CHECK, question.devices)?;
    let customer_plan = options.customer_plan.as_ref();
    central
        .query(
            &CHECK,
            &[
                &actor.tenant().get(),
                &actor.user(),
                &actor.may_use_all_customers(),
                &question.service_provider.get(),
                &question.customer,
                &devices.as_str(),
                &customer_plan.map(|plan| plan.customer_rate_plan),
                &customer_plan.and_then(|plan| plan.customer_rate_pool),
                &options
                    .carrier_plan
                    .as_ref()
                    .map(|plan| plan.carrier_rate_plan.as_str()),
                &key.map(<[u8; 32]>::as_slice),
                &question
                    .integration_authentication
                    .map(IntegrationAuthenticationId::get),
                &(question.effective == Effective::CarrierActivation),
                &bulk_change.map(BulkChangeId::get),
            ],
        )
        .await
}

fn found(answer: &mut Answer) -> Result<Found, CentralError> {
    let mut found = answer.one("request", |row| {
        Ok(Found {
            today: Some(row.get("Today")?),
            service_provider: row.get("ServiceProvider")?,
            customer_pool: row.get("CustomerPool")?,
            carrier_plan: row.get("CarrierPlan")?,
            ..Found::default()
        })
    })?;
    found.customers = answer.rows("customers", customer)?;
    found.customer_plan = answer.row("customer rate plan", |row| {
        Ok(CustomerPlanRow {
            id: row.get("id")?,
            name: row.text("RatePlanName")?,
            plan_mb: row.optional("PlanMB")?,
        })
    })?;
    found.devices = answer.rows("devices", device)?;
    Ok(found)
}

fn customer(row: &Fields<'_>) -> Result<CustomerRow, CentralError> {
    let site = row.optional_parsed("SiteId", SiteId::new)?;
    let site_name = row.optional_text("SiteName")?;
    Ok(CustomerRow {
        id: row.get::<Uuid>("Id")?,
        name: row.text("CustomerName")?,
        active: row.get("Active")?,
        integration_authentication: row.optional_parsed(
            "IntegrationAuthenticationId",
            IntegrationAuthenticationId::new,
        )?,
        site: site.zip(site_name),
        allowed: row.get("Allowed")?,
    })
}

fn device(row: &Fields<'_>) -> Result<DeviceRow, CentralError> {
    let assigned = row.optional::<i32>("DeviceTenantId")?.is_some();
    let assignment = Assignment {
        account: row.optional_text("AccountNumber")?,
        integration_authentication: row.optional("AccountNumberIntegrationAuthenticationId")?,
        site: row.optional("SiteId")?,
        customer_rate_plan: row.optional("CustomerRatePlanId")?,
        customer_rate_pool: row.optional("CustomerRatePoolId")?,
        data_allocation_mb: row.optional("CustomerDataAllocationMB")?,
    };
    Ok(DeviceRow {
        iccid: row.parsed("Iccid", Iccid::parse)?,
        device: row.parsed("DeviceId", DeviceId::new)?,
        archived: row.get("Archived")?,
        msisdn: row.optional_text("Msisdn")?,
        status: row.optional_text("DeviceStatus")?,
        status_allows: row.get("StatusAllows")?,
        assignment: assigned.then_some(assignment),
        other_customer: row.get("OtherCustomer")?,
        unfinished: row.optional_parsed("Unfinished", BulkChangeId::new)?,
        active_service_line: row.get("ActiveServiceLine")?,
        activation_date: row.optional("ActivationDate")?,
    })
}

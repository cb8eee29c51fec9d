//! Asks what is known about one device that somebody thinks of assigning, in one round trip or two: which device it is, and, when the
//! caller may see one, everything that the checks of a submit ask.

use association::{
    actor::Actor,
    check::Found,
    ids::{DeviceId, Iccid, IntegrationAuthenticationId, RevCustomerId, ServiceProviderId, SiteId},
    request::{AssociateRequest, Effective, Options},
};

use crate::{
    Central, CentralError,
    check::{check, check_device},
    decode::Fields,
    statement::Statement,
};

const VALIDATE_DEVICE: Statement =
    Statement::repeatable("validate_device", include_str!("validate_device.sql"));

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// The device.
    pub iccid: Iccid,
    /// Whose device; of several providers the newest when none is named.
    pub service_provider: Option<ServiceProviderId>,
    /// Who is to get it, if that is known already.
    pub customer: Option<RevCustomerId>,
    /// Which of two customers with that number.
    pub integration_authentication: Option<IntegrationAuthenticationId>,
}

/// A device that the caller may see, and what its checks are decided from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownDevice {
    /// `Device.id`.
    pub device: DeviceId,
    /// `Device.ServiceProviderId`.
    pub service_provider: ServiceProviderId,
    /// Whose it is now.
    pub customer: Option<Owner>,
    /// The smallest request for it; none when no customer was named.
    pub request: Option<AssociateRequest>,
    /// What the checks know. Without a customer every one is another.
    pub found: Found,
}

/// The customer that a device is assigned to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner {
    /// The account number.
    pub account_number: String,
    /// `RevCustomer.CustomerName`.
    pub name: Option<String>,
    /// `Sites.id` and `Sites.Name`.
    pub site: Option<(SiteId, String)>,
}

/// None when there is no such device, or none that the caller may see, or its service provider is retired.
pub async fn validate_device(
    central: &Central,
    actor: &Actor,
    question: &Question,
) -> Result<Option<KnownDevice>, CentralError> {
    let mut answer = central
        .query(
            &VALIDATE_DEVICE,
            &[
                &actor.tenant().get(),
                &actor.user(),
                &actor.may_use_all_customers(),
                &question.iccid.as_str(),
                &question.service_provider.map(ServiceProviderId::get),
            ],
        )
        .await?;
    let Some((device, service_provider, customer)) = answer.row("device", seen)? else {
        return Ok(None);
    };
    let request = question
        .customer
        .clone()
        .map(|rev_customer| AssociateRequest {
            devices: vec![question.iccid.clone()],
            duplicates: Vec::new(),
            service_provider,
            rev_customer,
            integration_authentication: question.integration_authentication,
            effective: Effective::SubmitDay,
            options: Options::default(),
        });
    let found = match &request {
        Some(request) => check(central, actor, request, None).await?.found,
        None => check_device(central, actor, service_provider, &question.iccid).await?,
    };
    // Another row with the ICCID may have come, or count there, which this caller does not see. And a submit takes no device of a
    // service provider that is retired.
    let same = found.devices.iter().any(|row| row.device == device);
    Ok((same && found.service_provider).then_some(KnownDevice {
        device,
        service_provider,
        customer,
        request,
        found,
    }))
}

fn seen(row: &Fields<'_>) -> Result<(DeviceId, ServiceProviderId, Option<Owner>), CentralError> {
    let site = row.optional_parsed("SiteId", SiteId::new)?;
    let site_name = row.optional_text("SiteName")?;
    let name = row.optional_text("CustomerName")?;
    let owner = row
        .optional_text("AccountNumber")?
        .map(|account_number| Owner {
            account_number,
            name,
            site: site.zip(site_name),
        });
    Ok((
        row.parsed("DeviceId", DeviceId::new)?,
        row.parsed("ServiceProviderId", ServiceProviderId::new)?,
        owner,
    ))
}

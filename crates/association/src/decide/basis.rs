//! The checks of a request as a whole: they hold for all of its devices, and are run once.

use time::Date;

use crate::{
    check::{CustomerRow, Found},
    ids::{IntegrationAuthenticationId, RevCustomerId, SiteId},
    members::MemberError,
    request::AssociateRequest,
};

/// The customer that is billed, with everything that a change needs of it.
pub(super) struct Customer<'a> {
    pub(super) row: &'a CustomerRow,
    pub(super) site: SiteId,
    pub(super) site_name: &'a str,
    pub(super) integration_authentication: IntegrationAuthenticationId,
}

/// What the checks of a whole request have made sure of: the same for all of its devices.
pub struct Basis<'a> {
    pub(super) found: &'a Found,
    pub(super) rev_customer: &'a RevCustomerId,
    pub(super) customer: Customer<'a>,
    pub(super) today: Date,
}

impl<'a> Basis<'a> {
    /// Runs the checks that do not depend on a device. Every fault is told; there may be none when the database told no day.
    pub fn of(request: &'a AssociateRequest, found: &'a Found) -> Result<Self, Vec<MemberError>> {
        let mut errors = Vec::new();
        if !found.service_provider {
            errors.push(MemberError::new(
                "/serviceProviderId",
                "service-provider-not-found",
                "there is no such service provider",
            ));
        }
        let customer = customer(request, found)
            .map_err(|error| errors.push(error))
            .ok();
        errors.extend(plans(request, found));
        match (customer, found.today) {
            (Some(customer), Some(today)) if errors.is_empty() => Ok(Self {
                found,
                rev_customer: &request.rev_customer,
                customer,
                today,
            }),
            _ => Err(errors),
        }
    }

    /// The customer's Site.
    #[must_use]
    pub fn site(&self) -> SiteId {
        self.customer.site
    }

    /// The billing account.
    #[must_use]
    pub fn integration_authentication(&self) -> IntegrationAuthenticationId {
        self.customer.integration_authentication
    }
}

/// Check b. A customer that the caller may not use answers like one that does not exist.
fn customer<'a>(request: &AssociateRequest, found: &'a Found) -> Result<Customer<'a>, MemberError> {
    const AT: &str = "/revCustomerId";
    let usable: Vec<&CustomerRow> = found
        .customers
        .iter()
        .filter(|row| row.allowed)
        .filter(|row| {
            request
                .integration_authentication
                .is_none_or(|wanted| row.integration_authentication == Some(wanted))
        })
        .collect();
    let active: Vec<&CustomerRow> = usable.iter().copied().filter(|row| row.active).collect();
    let row = match (usable.as_slice(), active.as_slice()) {
        ([], _) => {
            return Err(MemberError::new(
                AT,
                "customer-not-found",
                "there is no such Rev customer",
            ));
        }
        (_, []) => {
            return Err(MemberError::new(
                AT,
                "customer-inactive",
                "the Rev customer is not active",
            ));
        }
        (_, [row]) => *row,
        _ => {
            let accounts: Vec<String> = active
                .iter()
                .filter_map(|row| row.integration_authentication)
                .map(|account| account.to_string())
                .collect();
            return Err(MemberError::new(
                AT,
                "customer-ambiguous",
                format!(
                    "several billing integrations have this customer number: give integrationAuthenticationId, one of {}",
                    accounts.join(", ")
                ),
            ));
        }
    };
    let Some(integration_authentication) = row.integration_authentication else {
        return Err(MemberError::new(
            AT,
            "customer-without-billing",
            "the Rev customer belongs to no billing integration",
        ));
    };
    let Some((site, site_name)) = &row.site else {
        return Err(MemberError::new(
            AT,
            "customer-without-site",
            "the Rev customer has no active Site: make one first",
        ));
    };
    Ok(Customer {
        row,
        site: *site,
        site_name,
        integration_authentication,
    })
}

/// The plans and the pool that are asked for exist for the provider.
fn plans(request: &AssociateRequest, found: &Found) -> Vec<MemberError> {
    let mut errors = Vec::new();
    if request.options.carrier_plan.is_some() && !found.carrier_plan {
        errors.push(MemberError::new(
            "/carrierRatePlan",
            "carrier-rate-plan-not-found",
            "the service provider has no such carrier rate plan in use",
        ));
    }
    if let Some(options) = &request.options.customer_plan {
        if found.customer_plan.is_none() {
            errors.push(MemberError::new(
                "/customerRatePlan",
                "customer-rate-plan-not-found",
                "there is no such customer rate plan for the service provider",
            ));
        }
        if options.customer_rate_pool.is_some() && !found.customer_pool {
            errors.push(MemberError::new(
                "/customerRatePool",
                "customer-rate-pool-not-found",
                "there is no such customer rate pool for the service provider",
            ));
        }
    }
    errors
}

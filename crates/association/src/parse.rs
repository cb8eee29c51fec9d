//! Reads the body of `POST /M2M/AssociateCustomer`: JSON in, a well-formed request or every fault out.

use std::collections::HashSet;

use serde_json::Value;

use crate::{
    billed::{amount_limit, billed},
    ids::{Iccid, IntegrationAuthenticationId, RevCustomerId, ServiceProviderId},
    limits::{LONGEST_DESCRIPTION, LONGEST_PLAN_NAME, MOST_DEVICES},
    members::{Members, required},
    request::{
        AssociateRequest, CarrierPlanOptions, CustomerPlanOptions, Effective, Options,
        RevServiceOptions,
    },
};

pub use crate::members::MemberError;

/// At most this many faults are told; the last one then says how many more there are.
const MOST_FAULTS: usize = 100;

/// Why a body is not a request.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Invalid {
    /// It is not JSON.
    #[error("the body is not JSON: {detail}")]
    NotJson {
        /// Line and column of the first fault.
        detail: String,
    },
    /// Members are missing, unknown or wrong; never empty.
    #[error("{} members of the request are not as they must be", .0.len())]
    Members(Vec<MemberError>),
}

/// Reads a request. All faults are collected before the answer is given.
pub fn parse(body: &[u8]) -> Result<AssociateRequest, Invalid> {
    let value: Value = serde_json::from_slice(body).map_err(|error| Invalid::NotJson {
        detail: error.to_string(),
    })?;
    let Value::Object(object) = &value else {
        return Err(Invalid::Members(vec![MemberError::new(
            "",
            "wrong-type",
            "the body must be a JSON object",
        )]));
    };
    let mut members = Members::of(object, "");
    let devices = devices(&mut members);
    let service_provider = required(&mut members, "serviceProviderId", Members::id)
        .and_then(|id| ServiceProviderId::new(id).ok());
    let rev_customer = rev_customer(&mut members);
    let integration_authentication = members
        .id("integrationAuthenticationId")
        .and_then(|id| IntegrationAuthenticationId::new(id).ok());
    let effective = effective(&mut members);
    let rev_service = rev_service(&mut members);
    let carrier_plan = carrier_plan(&mut members);
    let customer_plan = customer_plan(&mut members);
    let mut errors = members.end();
    if errors.is_empty() {
        if let (Some((devices, duplicates)), Some(service_provider), Some(rev_customer)) =
            (devices, service_provider, rev_customer)
        {
            let options = Options {
                rev_service,
                carrier_plan,
                customer_plan,
            };
            return Ok(AssociateRequest {
                devices,
                duplicates,
                service_provider,
                rev_customer,
                integration_authentication,
                effective,
                options,
            });
        }
        errors.push(MemberError::new(
            "",
            "incomplete",
            "the request is incomplete",
        ));
    }
    Err(Invalid::Members(shortened(errors)))
}

fn shortened(mut errors: Vec<MemberError>) -> Vec<MemberError> {
    if errors.len() > MOST_FAULTS {
        let more = errors.len() - MOST_FAULTS;
        errors.truncate(MOST_FAULTS);
        errors.push(MemberError::new(
            "",
            "more-faults",
            format!("{more} more faults are not listed"),
        ));
    }
    errors
}

fn devices(members: &mut Members<'_>) -> Option<(Vec<Iccid>, Vec<Iccid>)> {
    let values = required(members, "devices", Members::list)?;
    if values.is_empty() {
        members.fault(
            "devices",
            "empty",
            "must name at least one device by its ICCID",
        );
        return None;
    }
    if values.len() > MOST_DEVICES {
        members.fault(
            "devices",
            "too-many-devices",
            format!(
                "names {} devices; one request takes at most {MOST_DEVICES}: split it",
                values.len()
            ),
        );
        return None;
    }
    let mut errors = Vec::new();
    let (mut seen, mut repeated) = (HashSet::with_capacity(values.len()), HashSet::new());
    let (mut devices, mut duplicates) = (Vec::with_capacity(values.len()), Vec::new());
    for (index, value) in values.iter().enumerate() {
        match value.as_str().map(Iccid::parse) {
            Some(Ok(iccid)) => {
                if seen.insert(iccid.clone()) {
                    devices.push(iccid);
                } else if repeated.insert(iccid.clone()) {
                    duplicates.push(iccid);
                }
            }
            Some(Err(error)) => errors.push(MemberError::new(
                format!("/devices/{index}"),
                "not-an-iccid",
                error.to_string(),
            )),
            None => errors.push(MemberError::new(
                format!("/devices/{index}"),
                "wrong-type",
                "must be a text: an ICCID has 18 to 22 digits",
            )),
        }
    }
    let good = errors.is_empty();
    members.faults(errors);
    good.then_some((devices, duplicates))
}

fn rev_customer(members: &mut Members<'_>) -> Option<RevCustomerId> {
    let value = required(members, "revCustomerId", Members::take)?;
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => String::new(),
    };
    match RevCustomerId::parse(&text) {
        Ok(id) => Some(id),
        Err(error) => {
            members.fault("revCustomerId", "not-a-customer-number", error.to_string());
            None
        }
    }
}

fn effective(members: &mut Members<'_>) -> Effective {
    let day = members.day("effectiveDate");
    let carrier = members.boolean("useCarrierActivationDate");
    match (day, carrier) {
        (Some(_), true) => {
            members.fault(
                "useCarrierActivationDate",
                "conflict",
                "cannot be true beside effectiveDate: give one of the two",
            );
            Effective::CarrierActivation
        }
        (None, true) => Effective::CarrierActivation,
        (Some(day), false) => Effective::On(day),
        (None, false) => Effective::SubmitDay,
    }
}

/// Members of an option that is not chosen: harmless when empty (the existing portal posts its whole form), a fault otherwise.
fn unused(members: &mut Members<'_>, option: &str, names: &[&str]) {
    for name in names {
        let given = members.take(name).is_some_and(|value| match value {
            Value::Bool(flag) => *flag,
            Value::String(text) => !text.trim().is_empty(),
            Value::Array(values) => !values.is_empty(),
            Value::Number(number) => number.as_f64() != Some(0.0),
            _ => true,
        });
        if given {
            members.fault(
                name,
                "option-not-chosen",
                format!("has a meaning only with \"{option}\": true"),
            );
        }
    }
}

fn rev_service(members: &mut Members<'_>) -> Option<RevServiceOptions> {
    if !members.boolean("createRevService") {
        unused(
            members,
            "createRevService",
            &[
                "serviceTypeId",
                "providerId",
                "revPackageId",
                "products",
                "revProductIdList",
                "rateList",
                "prorate",
                "description",
                "usagePlanGroupId",
                "activatedDate",
            ],
        );
        return None;
    }
    let service_type_id = required(members, "serviceTypeId", Members::id);
    let provider_id = required(members, "providerId", Members::id);
    let billed = billed(members);
    let prorate = members.boolean("prorate");
    let description = members.text("description", LONGEST_DESCRIPTION);
    let usage_plan_group_id = members.id("usagePlanGroupId");
    let activated_date = members.day("activatedDate");
    Some(RevServiceOptions {
        service_type_id: service_type_id?,
        provider_id: provider_id?,
        billed: billed?,
        prorate,
        description,
        usage_plan_group_id,
        activated_date,
    })
}

fn carrier_plan(members: &mut Members<'_>) -> Option<CarrierPlanOptions> {
    if !members.boolean("addCarrierRatePlan") {
        unused(
            members,
            "addCarrierRatePlan",
            &["carrierRatePlan", "commPlan"],
        );
        return None;
    }
    let carrier_rate_plan = required(members, "carrierRatePlan", |members, name| {
        members.text(name, LONGEST_PLAN_NAME)
    });
    let comm_plan = members.text("commPlan", LONGEST_PLAN_NAME);
    Some(CarrierPlanOptions {
        carrier_rate_plan: carrier_rate_plan?,
        comm_plan,
    })
}

fn customer_plan(members: &mut Members<'_>) -> Option<CustomerPlanOptions> {
    if !members.boolean("addCustomerRatePlan") {
        unused(
            members,
            "addCustomerRatePlan",
            &[
                "customerRatePlan",
                "customerRatePool",
                "customerDataAllocationMB",
            ],
        );
        return None;
    }
    let customer_rate_plan = required(members, "customerRatePlan", Members::id);
    let customer_rate_pool = members.id("customerRatePool");
    let data_allocation_mb = members.amount("customerDataAllocationMB", amount_limit());
    Some(CustomerPlanOptions {
        customer_rate_plan: customer_rate_plan?,
        customer_rate_pool,
        data_allocation_mb,
    })
}

#[cfg(test)]
#[path = "parse_tests.rs"]
mod tests;

//! Decides what becomes of a request: which devices are accepted, and why the others are not.
//!
//! All checks run for all devices, so that one answer names every fault.

mod basis;

use std::collections::HashMap;

use time::Date;

pub use basis::Basis;

use crate::{
    change_request::ChangeRequest,
    check::{Assignment, CustomerPlanRow, DeviceRow, Found},
    ids::Iccid,
    members::MemberError,
    plan::{Plan, PlannedChange, Reason, Rejection},
    request::{AssociateRequest, Effective, Options},
    service_line::Billed,
};

/// A request of which nothing is recorded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no device of the request can be associated")]
pub struct Refused {
    /// Faults of the request as a whole; the devices were not looked at when there are any.
    pub errors: Vec<MemberError>,
    /// Every device with its reason.
    pub rejected: Vec<Rejection>,
}

/// What is asked for one device.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// What is to be done.
    pub options: &'a Options,
    /// From when.
    pub effective: Effective,
    /// Whether a device that stands already as wanted is taken all the same. The old portal assigns within its web request
    /// and sends the change afterwards; to refuse that would call its success a failure.
    pub even_if_assigned: bool,
}

impl Basis<'_> {
    /// Checks one device and fixes everything about its change; `row` is its row, if it has one.
    pub fn device(
        &self,
        wanted: &Wanted<'_>,
        row: Option<&DeviceRow>,
    ) -> Result<PlannedChange, (Reason, String)> {
        device(self, wanted, row)
    }
}

/// Runs the checks. At least one device is accepted, or the request is refused.
pub fn plan(request: &AssociateRequest, found: &Found) -> Result<Plan, Refused> {
    let basis = Basis::of(request, found).map_err(|errors| Refused {
        errors,
        rejected: Vec::new(),
    })?;
    let wanted = Wanted {
        options: &request.options,
        effective: request.effective,
        even_if_assigned: false,
    };
    let rows: HashMap<&Iccid, &DeviceRow> =
        found.devices.iter().map(|row| (&row.iccid, row)).collect();
    let (mut accepted, mut rejected) = (Vec::with_capacity(request.devices.len()), Vec::new());
    for iccid in &request.devices {
        let row = rows.get(iccid).copied();
        match basis.device(&wanted, row) {
            Ok(change) => accepted.push(change),
            Err((code, reason)) => rejected.push(Rejection {
                iccid: iccid.clone(),
                code,
                reason,
                device_id: row.map(|row| row.device),
                unfinished: row
                    .and_then(|row| row.unfinished)
                    .filter(|_| code == Reason::UnfinishedChange),
            }),
        }
    }
    if accepted.is_empty() {
        return Err(Refused {
            errors: Vec::new(),
            rejected,
        });
    }
    let customer = basis.customer;
    Ok(Plan {
        customer: customer.row.id,
        customer_name: customer.row.name.clone(),
        site: customer.site,
        site_name: customer.site_name.to_owned(),
        integration_authentication: customer.integration_authentication,
        accepted,
        rejected,
    })
}

/// Everything that speaks against a device whatever is asked for it (checks a, c and d, and an unfinished change), in the order of
/// the checks: at least one reason, of which a submit tells the first.
pub fn standing(row: Option<&DeviceRow>) -> Result<&DeviceRow, Vec<(Reason, String)>> {
    let Some(row) = row else {
        return Err(vec![(
            Reason::DeviceNotFound,
            "the service provider has no such device".to_owned(),
        )]);
    };
    let mut against = Vec::new();
    if row.archived {
        against.push((Reason::DeviceArchived, "the device is archived".to_owned()));
    }
    if row.other_customer {
        against.push((
            Reason::AssignedToOtherCustomer,
            "the device is assigned to another customer".to_owned(),
        ));
    }
    if !row.status_allows {
        let status = row.status.as_deref().unwrap_or("unknown");
        against.push((
            Reason::DeviceStatus,
            format!("the device's status ({status}) does not allow assignment"),
        ));
    }
    if let Some(unfinished) = row.unfinished {
        against.push((
            Reason::UnfinishedChange,
            format!("bulk change {unfinished} is not finished with the device"),
        ));
    }
    if against.is_empty() {
        Ok(row)
    } else {
        Err(against)
    }
}

/// Everything that speaks against the one device that was looked for; nothing: it can be associated. With a request (for that
/// device) it is what a submit would decide, and its faults as a whole come first; without one nobody is to get the device yet.
pub fn objections(
    request: Option<&AssociateRequest>,
    found: &Found,
) -> Result<Vec<(Reason, String)>, Vec<MemberError>> {
    let row = found.devices.first();
    let basis = request
        .map(|request| Basis::of(request, found).map(|basis| (request, basis)))
        .transpose()?;
    let against = match (standing(row), basis) {
        (Err(against), _) => against,
        (Ok(_), None) => Vec::new(),
        (Ok(_), Some((request, basis))) => {
            let wanted = Wanted {
                options: &request.options,
                effective: request.effective,
                even_if_assigned: false,
            };
            basis.device(&wanted, row).err().into_iter().collect()
        }
    };
    Ok(against)
}

/// Checks a, c and d and those beyond the list, for one device.
fn device(
    basis: &Basis<'_>,
    wanted: &Wanted<'_>,
    row: Option<&DeviceRow>,
) -> Result<PlannedChange, (Reason, String)> {
    let refuse = |reason: Reason, words: &str| Err((reason, words.to_owned()));
    let row = standing(row).map_err(|mut against| against.swap_remove(0))?;
    if wanted.options.rev_service.is_some() && row.active_service_line {
        return refuse(
            Reason::ActiveServiceLine,
            "the device has an active service line with this customer",
        );
    }
    let effective = match wanted.effective {
        Effective::SubmitDay => basis.today,
        Effective::On(day) => day,
        Effective::CarrierActivation => match row.activation_date {
            Some(day) => day,
            None => {
                return refuse(
                    Reason::NoActivationDate,
                    "the carrier has told no activation date of the device",
                );
            }
        },
    };
    if !wanted.even_if_assigned && nothing_changes(basis, wanted.options, effective, row) {
        return refuse(
            Reason::AlreadyAssigned,
            "the device is assigned to this customer already, and nothing of the request would change it",
        );
    }
    Ok(PlannedChange {
        iccid: row.iccid.clone(),
        device: row.device,
        msisdn: row.msisdn.clone(),
        change: change(basis, wanted.options, effective, row),
    })
}

/// Whether the device stands already as the request wants it.
fn nothing_changes(basis: &Basis<'_>, options: &Options, effective: Date, row: &DeviceRow) -> bool {
    if options.rev_service.is_some() || options.carrier_plan.is_some() {
        return false;
    }
    let Some(assignment) = &row.assignment else {
        return false;
    };
    let customer = &basis.customer;
    let same_customer = assignment.account.as_deref() == Some(basis.rev_customer.as_str())
        && assignment.integration_authentication == Some(customer.integration_authentication.get())
        && assignment.site == Some(customer.site.get());
    let same_plan = options.customer_plan.is_none()
        || (effective <= basis.today && has_plan(options, basis.found, assignment));
    same_customer && same_plan
}

fn has_plan(options: &Options, found: &Found, assignment: &Assignment) -> bool {
    options.customer_plan.as_ref().is_some_and(|wanted| {
        let allocation = wanted
            .data_allocation_mb
            .or_else(|| found.customer_plan.as_ref().and_then(|plan| plan.plan_mb));
        assignment.customer_rate_plan == Some(wanted.customer_rate_plan)
            && wanted
                .customer_rate_pool
                .is_none_or(|pool| assignment.customer_rate_pool == Some(pool))
            && assignment.data_allocation_mb == allocation
    })
}

/// Fixes everything about the change of one device, "today" included.
fn change(basis: &Basis<'_>, options: &Options, effective: Date, row: &DeviceRow) -> ChangeRequest {
    let customer = &basis.customer;
    let rev = options.rev_service.as_ref();
    let (package, products) = match rev.map(|rev| &rev.billed) {
        None => (None, [].as_slice()),
        Some(Billed::Package(package)) => (Some(*package), [].as_slice()),
        Some(Billed::Products(products)) => (None, products.as_slice()),
    };
    let carrier = options.carrier_plan.as_ref();
    let plan = options.customer_plan.as_ref();
    let plan_mb = basis
        .found
        .customer_plan
        .as_ref()
        .and_then(|CustomerPlanRow { plan_mb, .. }| *plan_mb);
    ChangeRequest {
        number: row
            .msisdn
            .as_deref()
            .map(str::trim)
            .filter(|number| !number.is_empty())
            .unwrap_or(row.iccid.as_str())
            .to_owned(),
        iccid: row.iccid.clone(),
        rev_customer_id: basis.rev_customer.clone(),
        device_id: row.device,
        create_rev_service: rev.is_some(),
        service_type_id: rev.map_or(0, |rev| rev.service_type_id),
        rev_package_id: package,
        rev_product_id_list: products.iter().map(|product| product.product_id).collect(),
        rate_list: products.iter().map(|product| product.rate).collect(),
        prorate: rev.is_some_and(|rev| rev.prorate),
        description: rev.and_then(|rev| rev.description.clone()),
        effective_date: effective,
        add_carrier_rate_plan: carrier.is_some(),
        carrier_rate_plan: carrier.map(|carrier| carrier.carrier_rate_plan.clone()),
        comm_plan: carrier.and_then(|carrier| carrier.comm_plan.clone()),
        integration_authentication_id: customer.integration_authentication,
        site_id: customer.site,
        activated_date: rev.and_then(|rev| rev.activated_date).unwrap_or(effective),
        provider_id: rev.map(|rev| rev.provider_id),
        usage_plan_group_id: rev.and_then(|rev| rev.usage_plan_group_id),
        add_customer_rate_plan: plan.is_some(),
        customer_rate_plan: plan.map(|plan| plan.customer_rate_plan.to_string()),
        customer_rate_pool: plan
            .and_then(|plan| plan.customer_rate_pool)
            .map(|pool| pool.to_string()),
        customer_data_allocation_mb: plan.and_then(|plan| plan.data_allocation_mb.or(plan_mb)),
    }
}

#[cfg(test)]
#[path = "decide_tests.rs"]
mod tests;

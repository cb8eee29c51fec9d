//! What becomes of each row: decided from the answer to the question of its group.

use std::collections::{HashMap, HashSet};

use super::{AcceptedRow, Enrolment, Group, RefusedRow, Row};
use crate::{
    check::{DeviceRow, Found},
    decide::{Basis, Wanted},
    ids::{Iccid, IntegrationAuthenticationId},
    members::MemberError,
    plan::Reason,
    request::Options,
    service_line::Billed,
};

impl Enrolment {
    /// Ends every row of a group.
    fn refuse(&mut self, group: &Group, reason: Reason, words: &str) {
        let rows = group.rows.iter().map(|row| RefusedRow {
            change: row.change,
            reason,
            words: words.to_owned(),
            device: None,
        });
        self.refused.extend(rows);
    }
}

/// Decides the rows of one group from the answer to its question.
pub(super) fn judge(
    group: &Group,
    account_is_fixed: bool,
    found: &Found,
    taken: &mut Vec<(AcceptedRow, Options)>,
    enrolment: &mut Enrolment,
) {
    let mut question = group.question.clone();
    let in_use = |account: &IntegrationAuthenticationId| {
        found
            .customers
            .iter()
            .any(|row| row.integration_authentication == Some(*account))
    };
    if let Some(account) = question.integration_authentication.filter(|id| !in_use(id)) {
        // Lines may be open there already: another account of the customer is no substitute.
        if account_is_fixed {
            let words = format!(
                "the bulk change is for billing account {account}, and the customer has none of that number in use"
            );
            return enrolment.refuse(group, Reason::CustomerNotUsable, &words);
        }
        // An account that no customer with this number has is a row's own fault; it does not hide the customer from the others.
        question.integration_authentication = None;
    }
    let basis = match Basis::of(&question, found) {
        Ok(basis) => basis,
        Err(errors) => {
            let (reason, words) = fault_of_all(&errors);
            return enrolment.refuse(group, reason, &words);
        }
    };
    enrolment.customer = Some((
        question.rev_customer.clone(),
        basis.integration_authentication(),
    ));
    let devices: HashMap<&Iccid, &DeviceRow> =
        found.devices.iter().map(|row| (&row.iccid, row)).collect();
    for row in &group.rows {
        let device = devices.get(&row.iccid).copied();
        let wanted = Wanted {
            options: &row.asks.options,
            effective: row.asks.effective,
            even_if_assigned: true,
        };
        let decided = match disagreement(row, &basis, device) {
            Some(words) => Err((Reason::MalformedChange, words)),
            None => basis.device(&wanted, device),
        };
        match decided {
            Ok(planned) => taken.push((
                AcceptedRow {
                    change: row.change,
                    device: planned.device,
                    request: planned.change,
                },
                row.asks.options.clone(),
            )),
            Err((reason, words)) => enrolment.refused.push(RefusedRow {
                change: row.change,
                reason,
                words,
                device: device.map(|device| device.device),
            }),
        }
    }
}

/// What a row says of the tables that they do not say.
fn disagreement(row: &Row, basis: &Basis<'_>, device: Option<&DeviceRow>) -> Option<String> {
    let differs = |name: &str, said: Option<i32>, known: i32| {
        said.filter(|said| *said != known)
            .map(|said| format!("{name} is {said}, and the tables say {known}"))
    };
    let account = basis.integration_authentication().get();
    differs(
        "IntegrationAuthenticationId",
        row.asks.integration_authentication,
        account,
    )
    .or_else(|| differs("SiteId", row.asks.site, basis.site().get()))
    .or_else(|| {
        let known = device?.device.get();
        differs("DeviceId", row.asks.device, known)
            .or_else(|| differs("DeviceId of the row", row.device, known))
    })
}

/// A fault of the request as a whole ends each of its rows.
fn fault_of_all(errors: &[MemberError]) -> (Reason, String) {
    let words: Vec<&str> = errors.iter().map(|error| error.detail.as_str()).collect();
    let at = |pointer: &str| errors.iter().any(|error| error.pointer == pointer);
    let reason = if at("/serviceProviderId") {
        Reason::DeviceNotFound
    } else if at("/revCustomerId") {
        Reason::CustomerNotUsable
    } else {
        Reason::RatePlanNotFound
    };
    (reason, words.join("; "))
}

/// One value for what rows ask for that may differ.
pub(super) fn shared_options<'a>(rows: impl Iterator<Item = &'a Options> + Clone) -> Options {
    let mut options = rows.clone().next().cloned().unwrap_or_default();
    let mut services = rows.filter_map(|options| options.rev_service.as_ref());
    options.rev_service = services.next().cloned();
    if let Some(first) = &mut options.rev_service {
        for service in services {
            let of_all: HashSet<i32> = match &service.billed {
                Billed::Products(products) => {
                    products.iter().map(|product| product.product_id).collect()
                }
                Billed::Package(_) => HashSet::new(),
            };
            if let Billed::Products(products) = &mut first.billed {
                products.retain(|product| of_all.contains(&product.product_id));
            }
        }
    }
    options
}

//! The rows of the sample data, made from nothing but their numbers: every run lays down the same.

use serde::Serialize;

use super::{Options, groups::Group};

/// Statuses that do not allow assignment, per tenant's carrier.
const REFUSED: [&[&str]; 2] = [
    &[
        "ACTIVATION_READY",
        "TEST_READY",
        "DEACTIVATED",
        "RETIRED",
        "PURGED",
    ],
    &["pending activation", "suspend", "deactive"],
];
const ACTIVE: [&str; 2] = ["ACTIVATED", "active"];
const INVENTORY: [&str; 2] = ["INVENTORY", "inventory"];
const CARRIER_PLANS: [[&str; 2]; 2] = [
    ["JASPER-10MB", "JASPER-1GB"],
    ["THINGSPACE-5MB", "THINGSPACE-500MB"],
];

/// A row of devices.sql.
#[derive(Debug, Serialize)]
pub(super) struct Device {
    pub(super) tenant: i32,
    pub(super) iccid: String,
    pub(super) msisdn: Option<String>,
    pub(super) status: &'static str,
    pub(super) plan: &'static str,
    pub(super) usage: u32,
    pub(super) activated: Option<String>,
    pub(super) archived: bool,
}

/// A row of assignments.sql.
#[derive(Debug, Serialize)]
pub(super) struct Assignment {
    pub(super) iccid: String,
    pub(super) tenant: i32,
    pub(super) account: String,
    pub(super) line: Option<u32>,
    pub(super) disconnected: Option<&'static str>,
}

/// Every device with its tenant, group and number.
fn all(options: &Options) -> impl Iterator<Item = (i32, Group, u32)> + '_ {
    [1, 2].into_iter().flat_map(move |tenant| {
        Group::ALL.into_iter().flat_map(move |group| {
            let size = if group == Group::Assignable {
                options.assignable_per_tenant
            } else {
                group.size()
            };
            (1..=size).map(move |number| (tenant, group, number))
        })
    })
}

pub(super) fn devices(options: &Options) -> Vec<Device> {
    all(options)
        .map(|(tenant, group, number)| {
            let carrier = usize::from(tenant == 2);
            let refused = REFUSED[carrier];
            Device {
                tenant,
                iccid: group.digits_of(tenant, number),
                msisdn: (group != Group::WithoutNumber)
                    .then(|| format!("1555{tenant}{:02}{number:06}", group.digits())),
                status: match group {
                    Group::StatusRefused => refused[number as usize % refused.len()],
                    Group::AllowedByPolicy => INVENTORY[carrier],
                    _ => ACTIVE[carrier],
                },
                plan: CARRIER_PLANS[carrier][number as usize % 2],
                usage: number * 7_919 % 100_003,
                activated: (group != Group::WithoutActivation)
                    .then(|| format!("2026-{:02}-{:02}T00:00:00", number % 9 + 1, number % 28 + 1)),
                archived: group == Group::Archived,
            }
        })
        .collect()
}

pub(super) fn assignments(options: &Options) -> Vec<Assignment> {
    all(options)
        .filter_map(|(tenant, group, number)| {
            // Customers 1001 to 1003 are the first tenant's, 1004 to 1006 the second's.
            let first = 998 + 3 * tenant;
            let (by, account) = match group {
                Group::OfOtherCustomer => (tenant, first + 1),
                Group::OfFirstCustomer | Group::WithLine | Group::WithDisconnectedLine => {
                    (tenant, first)
                }
                Group::OfOtherTenant => (3 - tenant, 998 + 3 * (3 - tenant)),
                _ => return None,
            };
            let line = match group {
                Group::WithLine => Some(900_000 + number),
                Group::WithDisconnectedLine => Some(910_000 + number),
                _ => None,
            };
            Some(Assignment {
                iccid: group.digits_of(tenant, number),
                tenant: by,
                account: account.to_string(),
                line,
                disconnected: (group == Group::WithDisconnectedLine).then_some("2026-06-30"),
            })
        })
        .collect()
}

//! Which devices the sample data has, and what an association of each kind is answered.
//!
//! An ICCID reads `8900 TT GG NNNNNNNNNNNN`: tenant (01 or 02), group (below), number from 1.
//!
//! | group | per tenant | what it is | check's answer |
//! | --- | --- | --- | --- |
//! | 10 | 1,500 | activated, with a number, assigned to nobody | accepted |
//! | 11 | 200 | the same without a number: Rev knows it by its ICCID | accepted |
//! | 12 | 50 | in inventory, which DeviceStatusPolicy allows | accepted |
//! | 20 | 200 | every status that does not allow assignment, in turn | `device-status` |
//! | 30 | 100 | archived | `device-archived` |
//! | 40 | 100 | assigned to the tenant's second customer | `assigned-to-other-customer` |
//! | 41 | 100 | assigned to the tenant's first customer, without a line | `already-assigned`, unless the request changes something |
//! | 42 | 100 | assigned to the first customer, with a live line | `active-service-line` when a line is asked for |
//! | 43 | 50 | assigned to the first customer, its line disconnected | accepted when a line is asked for |
//! | 44 | 50 | assigned by the other tenant | `assigned-to-other-customer` |
//! | 50 | 50 | activated, but the carrier told no day | `no-activation-date` when that day is asked for |
//! | 99 | 0 | does not exist | `device-not-found` |

use association::ids::Iccid;

/// What a device of the sample data is like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// Activated, with a number, assigned to nobody.
    Assignable,
    /// The same without a number.
    WithoutNumber,
    /// In inventory, allowed by DeviceStatusPolicy.
    AllowedByPolicy,
    /// In a status that does not allow assignment.
    StatusRefused,
    /// Archived.
    Archived,
    /// Assigned to the tenant's second customer.
    OfOtherCustomer,
    /// Assigned to the tenant's first customer, without a line.
    OfFirstCustomer,
    /// Assigned to the first customer, with a live line.
    WithLine,
    /// Assigned to the first customer, its line disconnected.
    WithDisconnectedLine,
    /// Assigned by the other tenant.
    OfOtherTenant,
    /// The carrier told no activation day.
    WithoutActivation,
    /// No such device.
    Unknown,
}

impl Group {
    /// Every group that has devices.
    pub const ALL: [Self; 11] = [
        Self::Assignable,
        Self::WithoutNumber,
        Self::AllowedByPolicy,
        Self::StatusRefused,
        Self::Archived,
        Self::OfOtherCustomer,
        Self::OfFirstCustomer,
        Self::WithLine,
        Self::WithDisconnectedLine,
        Self::OfOtherTenant,
        Self::WithoutActivation,
    ];

    /// Digits 7 and 8 of the ICCID.
    #[must_use]
    pub fn digits(self) -> u8 {
        match self {
            Self::Assignable => 10,
            Self::WithoutNumber => 11,
            Self::AllowedByPolicy => 12,
            Self::StatusRefused => 20,
            Self::Archived => 30,
            Self::OfOtherCustomer => 40,
            Self::OfFirstCustomer => 41,
            Self::WithLine => 42,
            Self::WithDisconnectedLine => 43,
            Self::OfOtherTenant => 44,
            Self::WithoutActivation => 50,
            Self::Unknown => 99,
        }
    }

    /// How many a tenant has when nothing else is asked for.
    #[must_use]
    pub fn size(self) -> u32 {
        match self {
            Self::Assignable => 1_500,
            Self::WithoutNumber | Self::StatusRefused => 200,
            Self::Archived | Self::OfOtherCustomer | Self::OfFirstCustomer | Self::WithLine => 100,
            Self::AllowedByPolicy
            | Self::WithDisconnectedLine
            | Self::OfOtherTenant
            | Self::WithoutActivation => 50,
            Self::Unknown => 0,
        }
    }

    /// The ICCID of the `number`-th device (from 1) of a tenant (1 or 2).
    pub(super) fn digits_of(self, tenant: i32, number: u32) -> String {
        format!("8900{tenant:02}{:02}{number:012}", self.digits())
    }

    /// The first `count` devices of a tenant (1 or 2), for a request.
    #[must_use]
    pub fn iccids(self, tenant: i32, count: u32) -> Vec<Iccid> {
        (1..=count)
            .filter_map(|number| Iccid::parse(&self.digits_of(tenant, number)).ok())
            .collect()
    }

    /// The group and tenant of a device of the sample data.
    #[must_use]
    pub fn of(iccid: &str) -> Option<(Self, i32)> {
        let tenant = iccid.strip_prefix("8900")?.get(..2)?.parse().ok()?;
        let digits: u8 = iccid.get(6..8)?.parse().ok()?;
        Self::ALL
            .into_iter()
            .chain([Self::Unknown])
            .find(|group| group.digits() == digits)
            .map(|group| (group, tenant))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sample_data_has_5000_devices() {
        let per_tenant: u32 = Group::ALL.iter().map(|group| group.size()).sum();
        assert_eq!(2 * per_tenant, 5_000);
    }

    #[test]
    fn an_iccid_tells_its_group_and_tenant() {
        for group in Group::ALL {
            for tenant in [1, 2] {
                for iccid in group.iccids(tenant, 3) {
                    assert_eq!(Group::of(iccid.as_str()), Some((group, tenant)));
                }
            }
        }
        assert_eq!(Group::Unknown.iccids(1, 2).len(), 2);
    }
}

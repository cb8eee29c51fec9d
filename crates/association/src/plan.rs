//! What becomes of a request after its checks: the changes to record and the devices to refuse.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    change_request::ChangeRequest,
    ids::{BulkChangeId, DeviceId, Iccid, IntegrationAuthenticationId, SiteId},
};

/// How many devices travel in one message.
pub const CHUNK: usize = 100;

/// The result of the checks: at least one device is accepted.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// `RevCustomer.id`.
    pub customer: Uuid,
    /// `RevCustomer.CustomerName`.
    pub customer_name: String,
    /// The customer's Site in the tenant.
    pub site: SiteId,
    /// `Sites.Name`.
    pub site_name: String,
    /// The billing account.
    pub integration_authentication: IntegrationAuthenticationId,
    /// In the order of the request.
    pub accepted: Vec<PlannedChange>,
    /// In the order of the request.
    pub rejected: Vec<Rejection>,
}

/// One change to record.
#[derive(Debug, Clone, PartialEq)]
pub struct PlannedChange {
    /// Its ICCID.
    pub iccid: Iccid,
    /// `Device.id`.
    pub device: DeviceId,
    /// Written beside the ICCID.
    pub msisdn: Option<String>,
    /// `M2M_DeviceChange.ChangeRequest`, as JSON.
    pub change: ChangeRequest,
}

/// One device that is refused; recorded as a row in status ERROR.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Rejection {
    /// The ICCID as asked for.
    #[serde(rename = "device")]
    pub iccid: Iccid,
    /// Stable, for programs.
    pub code: Reason,
    /// For people.
    pub reason: String,
    /// Its row, when it exists within the tenant.
    #[serde(skip)]
    pub device_id: Option<DeviceId>,
    /// The bulk change that holds the device, for `unfinished-change`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unfinished: Option<BulkChangeId>,
}

/// Why a device could not be associated: stable codes, kept at the head of `StatusDetails`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// Check a: it does not exist within provider and tenant.
    DeviceNotFound,
    /// Check a: it is archived.
    DeviceArchived,
    /// Check d.
    DeviceStatus,
    /// Check c.
    AssignedToOtherCustomer,
    /// It waits for the end of another change.
    UnfinishedChange,
    /// Nothing of the request would change anything.
    AlreadyAssigned,
    /// A live line of this customer exists.
    ActiveServiceLine,
    /// `useCarrierActivationDate`, and there is none.
    NoActivationDate,
    /// Rev refused the line; the reason is Rev's.
    RevRefused,
    /// Rev could not be reached, again and again.
    RevUnreachable,
    /// Another line has the number.
    NumberInUse,
    /// Rev does not know the customer, or it is not active there.
    RevCustomer,
    /// Rev does not offer a product to the customer.
    RevProduct,
    /// Whether a line was opened could not be found out: a person decides.
    BillingOutcomeUnknown,
    /// The customer cannot be billed: unknown, inactive, ambiguous, without billing account or Site (rows of another producer;
    /// the intake refuses such a request).
    CustomerNotUsable,
    /// The rate plan or pool does not exist for the service provider (the same).
    RatePlanNotFound,
    /// The bulk change names the device twice; its other row counts.
    DuplicateDevice,
    /// The stored change cannot be read.
    MalformedChange,
    /// The database refuses this row for good.
    Unrecordable,
}

impl Reason {
    /// Every reason.
    pub const ALL: [Self; 19] = [
        Self::DeviceNotFound,
        Self::DeviceArchived,
        Self::DeviceStatus,
        Self::AssignedToOtherCustomer,
        Self::UnfinishedChange,
        Self::AlreadyAssigned,
        Self::ActiveServiceLine,
        Self::NoActivationDate,
        Self::RevRefused,
        Self::RevUnreachable,
        Self::NumberInUse,
        Self::RevCustomer,
        Self::RevProduct,
        Self::BillingOutcomeUnknown,
        Self::CustomerNotUsable,
        Self::RatePlanNotFound,
        Self::DuplicateDevice,
        Self::MalformedChange,
        Self::Unrecordable,
    ];

    /// The stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::DeviceNotFound => "device-not-found",
            Self::DeviceArchived => "device-archived",
            Self::DeviceStatus => "device-status",
            Self::AssignedToOtherCustomer => "assigned-to-other-customer",
            Self::UnfinishedChange => "unfinished-change",
            Self::AlreadyAssigned => "already-assigned",
            Self::ActiveServiceLine => "active-service-line",
            Self::NoActivationDate => "no-activation-date",
            Self::RevRefused => "rev-refused",
            Self::RevUnreachable => "rev-unreachable",
            Self::NumberInUse => "number-in-use",
            Self::RevCustomer => "rev-customer",
            Self::RevProduct => "rev-product",
            Self::BillingOutcomeUnknown => "billing-outcome-unknown",
            Self::CustomerNotUsable => "customer-not-usable",
            Self::RatePlanNotFound => "rate-plan-not-found",
            Self::DuplicateDevice => "duplicate-device",
            Self::MalformedChange => "malformed-change",
            Self::Unrecordable => "unrecordable",
        }
    }

    /// What stands in `StatusDetails`: the code, then the words.
    #[must_use]
    pub fn details(self, words: &str) -> String {
        format!("{}: {words}", self.code())
    }

    /// Reads `StatusDetails` back: code and words, or the words alone when another system wrote them.
    #[must_use]
    pub fn read_details(details: &str) -> (Option<Self>, &str) {
        let known = details.split_once(": ").and_then(|(code, words)| {
            Some((
                Self::ALL.into_iter().find(|reason| reason.code() == code)?,
                words,
            ))
        });
        known.map_or((None, details), |(reason, words)| (Some(reason), words))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_reads_back_from_the_details_it_writes() {
        for reason in Reason::ALL {
            assert_eq!(
                Reason::read_details(&reason.details("a: b")),
                (Some(reason), "a: b")
            );
            assert_eq!(serde_json::to_value(reason).unwrap(), reason.code());
        }
        assert_eq!(Reason::read_details("OK: fine"), (None, "OK: fine"));
    }
}

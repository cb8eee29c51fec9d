//! The answers of the API, as far as the demo reads them.

use serde::Deserialize;
use serde_json::Value;

/// 202 of `POST /M2M/AssociateCustomer`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Answer {
    pub change_id: i64,
    pub accepted: usize,
    pub rejected: Vec<Rejected>,
}

/// A device that was not accepted.
#[derive(Debug, Deserialize)]
pub(super) struct Rejected {
    pub device: String,
    pub code: String,
    pub reason: String,
}

/// 200 of `GET /M2M/BulkChangeStatus/{id}`.
#[derive(Debug, Deserialize)]
pub(super) struct Progress {
    pub status: String,
    pub counts: Counts,
    pub items: Vec<Item>,
}

/// How many devices stand where.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Counts {
    pub total: u64,
    pub waiting: u64,
    pub in_work: u64,
    pub processed: u64,
    pub failed: u64,
}

impl Counts {
    /// Every device is in a final state.
    pub(super) fn finished(&self) -> bool {
        self.processed + self.failed == self.total
    }
}

/// One device.
#[derive(Debug, Deserialize)]
pub(super) struct Item {
    pub status: String,
    /// Name and value of each success indicator; null where it was not asked for.
    pub indicators: serde_json::Map<String, Value>,
}

impl Item {
    /// Every success indicator is there and true; the demo asks for all that a request can ask for.
    pub(super) fn complete(&self) -> bool {
        !self.indicators.is_empty() && self.indicators.values().all(|value| value == true)
    }
}

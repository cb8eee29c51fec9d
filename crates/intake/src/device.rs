//! What can be asked about one device: `GET /M2M/DeviceDetails/{deviceId}`, `GET /api/devices/{deviceId}/history` and
//! `GET /api/devices/validate/{iccid}`. A device of another tenant, or of a customer that the caller may not use, answers like one
//! that does not exist.

mod details;
mod history;
mod validate;

use serde::Serialize;
use utoipa::ToSchema;

pub use details::{Details, show as details};
pub use history::{Change, list as history};
pub use validate::{Validation, show as validate};

/// Whose a device is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CurrentCustomer {
    /// The account number.
    pub rev_customer_id: String,
    /// None when no Rev customer has the number any more.
    pub name: Option<String>,
    /// The Site that the device is assigned to.
    pub site_id: Option<i32>,
    /// Its name.
    pub site: Option<String>,
}

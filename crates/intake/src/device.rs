//! What can be asked about one device: `GET /M2M/DeviceDetails/{deviceId}`, `GET /api/devices/{deviceId}/history` and
//! `GET /api/devices/validate/{iccid}`. A device of another tenant, or of a customer that the caller may not use, answers like one
//! that does not exist.

mod history;
mod validate;

pub use history::{Change, list as history};
pub use validate::{Validation, show as validate};

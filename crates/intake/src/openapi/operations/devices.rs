//! Devices.

use portal::Page;

use super::{json, page_or};
use crate::{
    openapi::{
        operation::{Described, Tag},
        parameters,
    },
    problem::Kind,
    token::Permission,
};

const VALIDATE: &str = "\
Decided by the same rules as a submit. Without `revCustomerId` it is what speaks against any customer; what a submit's options change \
(`already-assigned`, `active-service-line`) is decided there.";

pub(super) fn operations() -> Vec<Described> {
    vec![
        Described::get(
            Page::DeviceDetails.route(),
            "deviceDetails",
            Tag::Devices,
            "One device: its assignment, its plans, its newest changes and history",
        )
        .needs(Permission::Read)
        .takes([parameters::id_in_path("deviceId", "The device.", 1)])
        .answers(200, page_or("What is known.", "DeviceDetails"))
        .fails(&[Kind::NotFound, Kind::InvalidRequest])
        .asks_the_database(),
        Described::get(
            "/api/devices/validate/{iccid}",
            "validateDevice",
            Tag::Devices,
            "Whether a device can be associated, and why not",
        )
        .about(VALIDATE)
        .needs(Permission::Read)
        .takes([
            parameters::iccid_in_path(),
            parameters::id(
                "serviceProviderId",
                "The carrier account, when several have the device.",
            ),
            parameters::id("revCustomerId", "To which customer, by its account number."),
            parameters::id(
                "integrationAuthenticationId",
                "Decides, when two billing integrations share the customer's number.",
            ),
        ])
        .answers(200, json("What is known.", "DeviceValidation", &[]))
        .fails(&[Kind::InvalidRequest])
        .asks_the_database(),
        Described::get(
            "/api/devices/{deviceId}/history",
            "deviceHistory",
            Tag::Devices,
            "What happened to a device, newest first",
        )
        .needs(Permission::Read)
        .takes([parameters::id_in_path("deviceId", "The device.", 1)])
        .takes(parameters::paging())
        .answers(200, json("One page.", "DeviceHistoryRowList", &[]))
        .fails(&[Kind::NotFound, Kind::InvalidRequest])
        .asks_the_database(),
    ]
}

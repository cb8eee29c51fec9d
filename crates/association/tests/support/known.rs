//! What a database knows where every check passes: the unit tests, the pure tests and the fuzz crate change what they are about.

#![allow(dead_code, reason = "each of those who share it uses a part")]

use association::{
    check::{CustomerPlanRow, CustomerRow, DeviceRow, Found},
    ids::{DeviceId, Iccid, IntegrationAuthenticationId, SiteId},
};
use time::macros::date;

/// Customer 1001, who is billed by account 9 and has site 5.
pub fn customer() -> CustomerRow {
    CustomerRow {
        id: uuid::Uuid::from_u128(1),
        name: "Example One".to_owned(),
        active: true,
        integration_authentication: IntegrationAuthenticationId::new(9).ok(),
        site: Some((SiteId::new(5).unwrap(), "Site One".to_owned())),
        allowed: true,
    }
}

/// A device that nobody has, and of which nothing else is known.
pub fn device(iccid: Iccid, id: i32) -> DeviceRow {
    DeviceRow {
        iccid,
        device: DeviceId::new(id).unwrap(),
        archived: false,
        msisdn: None,
        status: None,
        status_allows: true,
        assignment: None,
        other_customer: false,
        unfinished: None,
        active_service_line: false,
        activation_date: None,
    }
}

/// [`device`] with the number and the status that most have.
pub fn device_with_number(iccid: Iccid, id: i32, n: usize) -> DeviceRow {
    DeviceRow {
        msisdn: Some(format!("1555{n:07}")),
        status: Some("ACTIVATED".to_owned()),
        ..device(iccid, id)
    }
}

/// These devices, [`customer`], and every plan that a request may name, on 2026-03-01.
pub fn found(devices: impl IntoIterator<Item = DeviceRow>) -> Found {
    Found {
        today: Some(date!(2026 - 03 - 01)),
        service_provider: true,
        customers: vec![customer()],
        customer_plan: Some(CustomerPlanRow {
            id: 7,
            name: "Gold".to_owned(),
            plan_mb: Some(500.into()),
        }),
        customer_pool: true,
        carrier_plan: true,
        devices: devices.into_iter().collect(),
    }
}

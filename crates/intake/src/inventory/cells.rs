//! The columns of an export: the same whatever file they stand in.

use central::inventory::{Device, Named};
use time::PrimitiveDateTime;

/// One value of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Cell {
    /// Not known.
    Empty,
    Text(String),
    Number(i64),
    /// UTC.
    Moment(PrimitiveDateTime),
}

/// The first row, and how wide a person wants each column, in characters.
pub(super) const COLUMNS: [(&str, u8); 19] = [
    ("ICCID", 22),
    ("MSISDN", 16),
    ("EID", 34),
    ("IMEI", 17),
    ("Status", 14),
    ("Service Provider", 20),
    ("Customer", 30),
    ("Account Number", 16),
    ("Site", 30),
    ("Carrier Rate Plan", 24),
    ("Customer Rate Plan", 24),
    ("Customer Pool", 20),
    ("Usage (bytes)", 16),
    ("SMS", 8),
    ("Last Usage (UTC)", 19),
    ("Activated (UTC)", 19),
    ("Added (UTC)", 19),
    ("Billing Cycle End (UTC)", 22),
    ("Archived", 9),
];

/// A device's row.
pub(super) fn row(device: Device) -> [Cell; COLUMNS.len()] {
    let (account, customer, site) = device.customer.map_or((None, None, None), |customer| {
        (Some(customer.account_number), customer.name, customer.site)
    });
    let name = |named: Option<Named>| text(named.map(|named| named.name));
    let number = |number: Option<i64>| number.map_or(Cell::Empty, Cell::Number);
    let moment = |moment: Option<PrimitiveDateTime>| moment.map_or(Cell::Empty, Cell::Moment);
    [
        Cell::Text(device.iccid),
        text(device.msisdn),
        text(device.eid),
        text(device.imei),
        text(device.status),
        Cell::Text(device.service_provider_name),
        text(customer),
        text(account),
        name(site),
        text(device.carrier_rate_plan),
        name(device.customer_rate_plan),
        name(device.customer_rate_pool),
        number(device.usage_bytes),
        number(device.sms_usage),
        moment(device.last_usage),
        moment(device.activated),
        moment(device.added),
        moment(device.billing_cycle_end),
        Cell::Text(if device.archived { "yes" } else { "no" }.to_owned()),
    ]
}

fn text(text: Option<String>) -> Cell {
    text.map_or(Cell::Empty, Cell::Text)
}

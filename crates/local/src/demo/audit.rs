//! Checks what the API said against the database, and the database against the Rev.io stand-in.

use std::collections::HashMap;

use serde_json::Value;

use super::{
    answers::{Answer, Item},
    books::{Books, column},
    scene::{CUSTOMER_RATE_PLAN, Scene},
};
use crate::rev::Line;

const COUNTS: &str = include_str!("audit_counts.sql");
const LINES: &str = include_str!("audit_lines.sql");

/// One thing that was looked at.
#[derive(Debug)]
pub(super) struct Finding {
    what: &'static str,
    expected: String,
    found: String,
}

impl Finding {
    fn count(what: &'static str, expected: usize, found: usize) -> Self {
        Self {
            what,
            expected: expected.to_string(),
            found: found.to_string(),
        }
    }

    /// Whether it is as it should be.
    pub(super) fn good(&self) -> bool {
        self.expected == self.found
    }
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mark = if self.good() { "ok   " } else { "WRONG" };
        write!(f, "  {mark} {:<66} {:>9}", self.what, self.found)?;
        if !self.good() {
            write!(f, "   expected {}", self.expected)?;
        }
        Ok(())
    }
}

/// The 202 answer: accepted as many as can be, and every other device with its own reason.
pub(super) fn of_the_answer(scene: &Scene, answer: &Answer) -> Vec<Finding> {
    let codes: HashMap<&str, &str> = answer
        .rejected
        .iter()
        .map(|rejected| (rejected.device.as_str(), rejected.code.as_str()))
        .collect();
    let right = scene
        .devices
        .iter()
        .filter(|device| codes.get(device.iccid.as_str()).copied() == device.rejection)
        .count();
    vec![
        Finding::count("devices accepted", scene.expected(), answer.accepted),
        Finding::count(
            "devices accepted or rejected for the reason that they have",
            scene.devices.len(),
            right,
        ),
    ]
}

/// The status answer: every accepted device processed with all its indicators.
pub(super) fn of_the_status(scene: &Scene, items: &[Item]) -> Vec<Finding> {
    let processed: Vec<&Item> = items
        .iter()
        .filter(|item| item.status == "PROCESSED")
        .collect();
    let complete = processed.iter().filter(|item| item.complete()).count();
    vec![
        Finding::count(
            "devices in the status answer",
            scene.devices.len(),
            items.len(),
        ),
        Finding::count("devices PROCESSED", scene.expected(), processed.len()),
        Finding::count(
            "devices with every success indicator",
            scene.expected(),
            complete,
        ),
    ]
}

/// The tables of AltaworxCentral.
pub(super) async fn of_the_database(
    scene: &Scene,
    bulk_change: i64,
    books: &mut Books,
) -> anyhow::Result<Vec<Finding>> {
    let row = books
        .row(
            COUNTS,
            &[&bulk_change, &scene.customer, &CUSTOMER_RATE_PLAN],
        )
        .await?;
    let expected = scene.expected();
    let mut findings = vec![Finding {
        what: "DeviceBulkChange.Status",
        expected: "PROCESSED".to_owned(),
        found: column::<&str>(&row, "Status")?.to_owned(),
    }];
    for (what, name, expected) in [
        ("M2M_DeviceChange rows PROCESSED", "Processed", expected),
        (
            "M2M_DeviceChange rows ERROR, for the rejected devices",
            "Rejected",
            scene.devices.len() - expected,
        ),
        ("DeviceChangeWork rows still open", "OpenWork", 0),
        (
            "devices in the linked carrier rate plan change",
            "Linked",
            expected,
        ),
        (
            "Device_Tenant rows with customer, Site, service and rate plan",
            "Assigned",
            expected,
        ),
        (
            "devices in DeviceActionHistory",
            "WithActionHistory",
            expected,
        ),
        (
            "devices in DeviceHistory, with the new customer",
            "WithHistory",
            expected,
        ),
        (
            "devices in DeviceBulkChangeLog, without errors",
            "WithLog",
            expected,
        ),
    ] {
        let found: i32 = column(&row, name)?;
        findings.push(Finding::count(what, expected, usize::try_from(found)?));
    }
    Ok(findings)
}

/// The Rev.io stand-in: one line for each accepted device, the one that the database names, and no other.
pub(super) async fn of_the_service_lines(
    scene: &Scene,
    bulk_change: i64,
    books: &mut Books,
    lines: &[Line],
) -> anyhow::Result<Vec<Finding>> {
    let rows = books.rows(LINES, &[&bulk_change]).await?;
    let mut exactly_one = 0;
    for row in &rows {
        let iccid: &str = column(row, "ICCID")?;
        let named: i64 = column(row, "LineId")?;
        let mut held = lines
            .iter()
            .filter(|line| line.number2 == iccid || line.number == iccid);
        if held.next().is_some_and(|line| line.id == named) && held.next().is_none() {
            exactly_one += 1;
        }
    }
    Ok(vec![
        Finding::count(
            "service lines at the Rev.io stand-in",
            scene.expected(),
            lines.len(),
        ),
        Finding::count(
            "devices with exactly one line there, the one that is recorded here",
            scene.expected(),
            exactly_one,
        ),
    ])
}

/// AMOP 2.0: told, with the key that it knows.
pub(super) fn of_the_notice(notices: &[Value]) -> Finding {
    let told = notices
        .iter()
        .filter(|notice| notice["data"]["key_name"] == "m2m_inventory_live_sync")
        .count();
    Finding::count("notices to AMOP 2.0", 1, told)
}

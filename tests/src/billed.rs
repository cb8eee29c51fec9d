//! G1 and G2 seen from outside: what Rev bills for the devices of a bulk change, and what the tables say of it.

use std::collections::{HashMap, HashSet};

use local::rev::Line;

use crate::{World, truth::Change};

/// What the work row of a change says in the end.
#[derive(Clone, Copy)]
struct Work {
    line: Option<i64>,
    reviewed: bool,
    closed: bool,
}

/// What Device_Tenant says of a device, and whether the log of its change says anything.
#[derive(Debug, PartialEq, Eq)]
struct Owned {
    by_the_customer: bool,
    /// Rev's id of the line that stands in RevService.
    line: Option<i64>,
    is_told: bool,
}

impl World {
    /// G1 and G2 for a bulk change that asked for service lines: every change is in one final state; exactly one line with its
    /// reference and a number of its device is at Rev for each that was processed, and its id is the stored one; none is there
    /// for one that was refused; and no other line at Rev has a number of these devices. Changes in review are returned: whether
    /// they have a line is what a person has to find out, and more than one they never have.
    pub async fn assert_billed_once(&self, bulk_change: i64) -> Vec<Change> {
        self.assert_billed_once_beside(bulk_change, &[]).await
    }

    /// The same where the test itself put lines at Rev that have numbers of these devices: their ids.
    pub async fn assert_billed_once_beside(&self, bulk_change: i64, put: &[i64]) -> Vec<Change> {
        self.assert_billed(bulk_change, put, &[]).await
    }

    /// The same where the old system has opened the lines of some of these devices: the ids of its lines, which bear no
    /// reference. Each is the one line of its device, and the stored one.
    pub async fn assert_billed_once_or_before(
        &self,
        bulk_change: i64,
        by_them: &[i64],
    ) -> Vec<Change> {
        self.assert_billed(bulk_change, &[], by_them).await
    }

    async fn assert_billed(&self, bulk_change: i64, put: &[i64], by_them: &[i64]) -> Vec<Change> {
        let numbers = self.numbers(bulk_change).await;
        let work = self.work(bulk_change).await;
        let owned = self.owned(bulk_change).await;
        let mut lines = self.lines_of(&numbers);
        let mut reviews = Vec::new();
        for change in self.changes(bulk_change).await {
            assert!(change.processed, "not in a final state: {change:?}");
            let reference = format!("AMOP-{}", change.id);
            let (held, others) = lines.into_iter().partition(|line| {
                let is_theirs =
                    by_them.contains(&line.id) && numbers[&change.id].contains(&line.number);
                is_theirs || line.reference.as_deref() == Some(&reference)
            });
            lines = others;
            let held: Vec<Line> = held;
            assert!(held.len() <= 1, "billed {} times: {change:?}", held.len());
            for line in &held {
                assert!(
                    numbers[&change.id].contains(&line.number),
                    "the line of another device: {line:?} of {change:?}"
                );
            }
            let Some(Work {
                line,
                reviewed,
                closed,
            }) = work.get(&change.id).copied()
            else {
                assert_eq!(
                    (change.status.as_str(), held.len()),
                    ("ERROR", 0),
                    "{change:?}"
                );
                continue;
            };
            assert_eq!(closed, !reviewed, "{change:?}");
            match change.status.as_str() {
                "PROCESSED" => {
                    assert_eq!(held.len(), 1, "processed and not billed: {change:?}");
                    assert_eq!(line, Some(held[0].id), "{change:?}");
                    assert_eq!(
                        owned.get(&change.id),
                        Some(&vec![Owned {
                            by_the_customer: true,
                            line: Some(held[0].id),
                            is_told: true,
                        }]),
                        "processed, and not the customer's with this line: {change:?}"
                    );
                }
                "API_FAILED" | "ERROR" if reviewed => reviews.push(change),
                "API_FAILED" | "ERROR" => {
                    assert!(held.is_empty(), "billed and refused: {change:?}");
                }
                other => panic!("{other} is no final state: {change:?}"),
            }
        }
        lines.retain(|line| !put.contains(&line.id));
        assert!(
            lines.is_empty(),
            "lines of nobody for these devices: {lines:?}"
        );
        reviews
    }

    /// For a bulk change that asked for no service lines: every change is in one final state, no line is stored, and Rev holds
    /// none for its devices. The device of each that was processed is the customer's.
    pub async fn assert_never_billed(&self, bulk_change: i64) {
        let owned = self.owned(bulk_change).await;
        for change in self.changes(bulk_change).await {
            assert!(change.processed, "not in a final state: {change:?}");
            if change.status == "PROCESSED" {
                assert_eq!(
                    owned.get(&change.id),
                    Some(&vec![Owned {
                        by_the_customer: true,
                        line: None,
                        is_told: true,
                    }]),
                    "processed, and not the customer's: {change:?}"
                );
            }
        }
        let stored = self.work(bulk_change).await;
        assert!(
            stored.values().all(|work| work.line.is_none()),
            "a stored line"
        );
        let lines = self.lines_of(&self.numbers(bulk_change).await);
        assert!(lines.is_empty(), "{lines:?}");
    }

    /// Lines at Rev with one of these numbers or, whatever their number, with the reference of one of these changes.
    fn lines_of(&self, numbers: &HashMap<i64, HashSet<String>>) -> Vec<Line> {
        let all: HashSet<&String> = numbers.values().flatten().collect();
        let references: HashSet<String> = numbers.keys().map(|id| format!("AMOP-{id}")).collect();
        let mut lines = self.rev.lines();
        lines.retain(|line| {
            let ours = line
                .reference
                .as_ref()
                .is_some_and(|it| references.contains(it));
            ours || all.contains(&line.number) || all.contains(&line.number2)
        });
        lines
    }

    /// What Rev may know the device of each change by: its ICCID and its MSISDN.
    async fn numbers(&self, bulk_change: i64) -> HashMap<i64, HashSet<String>> {
        let query = format!(
            "SELECT m.id, m.ICCID, d.MSISDN FROM dbo.M2M_DeviceChange AS m \
             INNER JOIN dbo.DeviceBulkChange AS b ON b.id = m.BulkChangeId \
             LEFT JOIN dbo.Device AS d ON d.ICCID = m.ICCID AND d.ServiceProviderId = b.ServiceProviderId WHERE m.BulkChangeId = {bulk_change}"
        );
        let mut numbers: HashMap<i64, HashSet<String>> = HashMap::new();
        for row in self.sql().await.rows(&query).await {
            let known = numbers.entry(row.get(0).unwrap()).or_default();
            for column in [1, 2] {
                let number = row.get::<&str, _>(column).unwrap_or_default();
                if !number.is_empty() {
                    known.insert(number.to_owned());
                }
            }
        }
        assert!(!numbers.is_empty(), "bulk change {bulk_change} has no rows");
        numbers
    }

    /// Who has the device of each change that was processed, as the tables show it: one row for each assignment in force.
    async fn owned(&self, bulk_change: i64) -> HashMap<i64, Vec<Owned>> {
        let query = format!(
            "SELECT m.id AS Id, CAST(IIF(t.AccountNumber = bw.RevCustomerId, 1, 0) AS bit) AS ByTheCustomer, CAST(s.RevServiceId AS bigint) AS Line, \
                 (SELECT COUNT_BIG(*) FROM dbo.DeviceBulkChangeLog AS l WHERE l.M2MDeviceChangeId = m.id) AS Told \
             FROM dbo.M2M_DeviceChange AS m \
             INNER JOIN dbo.DeviceBulkChange AS b ON b.id = m.BulkChangeId \
             INNER JOIN dbo.BulkChangeWork AS bw ON bw.BulkChangeId = b.id \
             INNER JOIN dbo.Device_Tenant AS t ON t.DeviceId = m.DeviceId AND t.TenantId = b.TenantId AND t.IsActive = 1 AND t.IsDeleted = 0 \
             LEFT JOIN dbo.RevService AS s ON s.id = t.RevServiceId \
             WHERE m.BulkChangeId = {bulk_change} AND m.Status = N'PROCESSED'"
        );
        let mut owned: HashMap<i64, Vec<Owned>> = HashMap::new();
        for row in self.sql().await.rows(&query).await {
            owned
                .entry(row.get("Id").unwrap())
                .or_default()
                .push(Owned {
                    by_the_customer: row.get("ByTheCustomer").unwrap(),
                    line: row.get("Line"),
                    is_told: row.get::<i64, _>("Told").unwrap() > 0,
                });
        }
        owned
    }

    async fn work(&self, bulk_change: i64) -> HashMap<i64, Work> {
        let query = format!(
            "SELECT ChangeId, RevServiceLineId, ReviewSince, ClosedAt FROM dbo.DeviceChangeWork WHERE BulkChangeId = {bulk_change}"
        );
        let rows = self.sql().await.rows(&query).await;
        rows.iter()
            .map(|row| {
                let is_set = |column| row.get::<time::PrimitiveDateTime, _>(column).is_some();
                let work = Work {
                    line: row.get("RevServiceLineId"),
                    reviewed: is_set("ReviewSince"),
                    closed: is_set("ClosedAt"),
                };
                (row.get("ChangeId").unwrap(), work)
            })
            .collect()
    }
}

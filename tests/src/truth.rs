//! What is true in the end, seen from outside: what Rev holds, and what the tables say.

use std::collections::{BTreeMap, HashMap};

use crate::World;

/// One change as the tables show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Its id.
    pub id: i64,
    /// Its device's ICCID.
    pub iccid: String,
    /// PENDING, PROCESSING, PROCESSED, ERROR or API_FAILED.
    pub status: String,
    /// Reason code and words.
    pub details: String,
    /// Processed, whichever way.
    pub processed: bool,
}

impl World {
    /// The changes of a bulk change, by id.
    pub async fn changes(&self, bulk_change: i64) -> Vec<Change> {
        let mut sql = self.sql().await;
        let query = format!(
            "SELECT id AS id, ICCID AS ICCID, Status AS Status, StatusDetails AS StatusDetails, IsProcessed AS IsProcessed FROM dbo.M2M_DeviceChange WHERE BulkChangeId = {bulk_change} ORDER BY id"
        );
        sql.rows(&query)
            .await
            .iter()
            .map(|row| Change {
                id: row.get("id").unwrap(),
                iccid: row.get::<&str, _>("ICCID").unwrap().to_owned(),
                status: row.get::<&str, _>("Status").unwrap().to_owned(),
                details: row
                    .get::<&str, _>("StatusDetails")
                    .unwrap_or_default()
                    .to_owned(),
                processed: row.get("IsProcessed").unwrap(),
            })
            .collect()
    }

    /// How many changes of a bulk change ended in each status.
    pub async fn statuses(&self, bulk_change: i64) -> BTreeMap<String, usize> {
        let mut counts = BTreeMap::new();
        for change in self.changes(bulk_change).await {
            *counts.entry(change.status).or_default() += 1;
        }
        counts
    }

    /// Bulk changes of the tenant that are not finished, and messages of them that are not sent.
    pub async fn unfinished(&self) -> i64 {
        let mut sql = self.sql().await;
        let ours = format!(
            "SELECT b.BulkChangeId FROM dbo.BulkChangeWork AS b WHERE b.TenantId = {}",
            self.tenant
        );
        sql.number(&format!("SELECT COUNT_BIG(*) FROM dbo.BulkChangeWork AS w WHERE w.FinishedAt IS NULL AND w.BulkChangeId IN ({ours})")).await
            + sql.number(&format!("SELECT COUNT_BIG(*) FROM dbo.BulkChangeOutbox AS o WHERE o.SentAt IS NULL AND o.BulkChangeId IN ({ours})")).await
    }

    /// What is open, for the message of a failed test.
    pub async fn left_over(&self) -> String {
        let mut sql = self.sql().await;
        let rows = sql
            .rows("SELECT TOP (20) ChangeId, Step, Attempts, Unknowns, LastError FROM dbo.DeviceChangeWork WHERE ClosedAt IS NULL ORDER BY ChangeId")
            .await;
        rows.iter()
            .map(|row| {
                format!(
                    "\n  change {} at {}, {} attempts, {} unknown, {}",
                    row.get::<i64, _>("ChangeId").unwrap(),
                    row.get::<&str, _>("Step").unwrap(),
                    row.get::<i32, _>("Attempts").unwrap(),
                    row.get::<i32, _>("Unknowns").unwrap(),
                    row.get::<&str, _>("LastError").unwrap_or_default(),
                )
            })
            .collect::<Vec<_>>()
            .concat()
    }

    /// What stands in Device_Tenant for the devices of a bulk change: (ICCID, account number, local service id, plan).
    pub async fn assignments(
        &self,
        bulk_change: i64,
    ) -> HashMap<String, (String, Option<i32>, Option<i32>)> {
        let mut sql = self.sql().await;
        let query = format!(
            "SELECT m.ICCID, t.AccountNumber, t.RevServiceId, t.CustomerRatePlanId FROM dbo.M2M_DeviceChange AS m \
             INNER JOIN dbo.Device_Tenant AS t ON t.DeviceId = m.DeviceId AND t.IsActive = 1 AND t.IsDeleted = 0 \
             INNER JOIN dbo.DeviceBulkChange AS b ON b.id = m.BulkChangeId AND b.TenantId = t.TenantId WHERE m.BulkChangeId = {bulk_change}"
        );
        sql.rows(&query)
            .await
            .iter()
            .map(|row| {
                let account = row
                    .get::<&str, _>("AccountNumber")
                    .unwrap_or_default()
                    .to_owned();
                (
                    row.get::<&str, _>("ICCID").unwrap().to_owned(),
                    (
                        account,
                        row.get("RevServiceId"),
                        row.get("CustomerRatePlanId"),
                    ),
                )
            })
            .collect()
    }
}

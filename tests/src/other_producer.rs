//! The other producers: AMOP 2.0 and the old portal write bulk changes themselves and send a message that names one.

use local::rev::Line;
use queue::{
    Outgoing, Queue,
    message::{ADDITION_BULK_CHANGE_ID, BULK_CHANGE_ID, NOT_USED},
};
use serde_json::{Value, json};

use crate::{World, world::CUSTOMER};

/// One row of a bulk change as it is written.
#[derive(Debug, Clone)]
pub struct ForeignRow {
    /// Which device it names.
    pub iccid: String,
    /// The number that the producer knows it by.
    pub msisdn: Option<String>,
    /// `ChangeRequest`, readable or not.
    pub text: String,
}

/// Ids of the tenant that the old portal writes into each row.
struct Ids {
    account: i32,
    site: i32,
    devices: std::collections::HashMap<String, i32>,
}

impl World {
    /// Rows that open a line for the n-th devices and put them on the plan: odd ones as the old portal writes them, even ones
    /// as AMOP 2.0 does.
    pub async fn foreign_rows(&self, numbers: impl IntoIterator<Item = usize>) -> Vec<ForeignRow> {
        let ids = self.ids().await;
        numbers
            .into_iter()
            .map(|n| {
                let iccid = self.iccid(n);
                let msisdn = self.msisdn(n);
                let json = if n % 2 == 1 {
                    self.as_the_portal_writes(&ids, &iccid, &msisdn)
                } else {
                    self.as_the_newer_system_writes(&iccid)
                };
                ForeignRow {
                    msisdn: (n % 2 == 1).then_some(msisdn),
                    text: json.to_string(),
                    iccid,
                }
            })
            .collect()
    }

    fn as_the_portal_writes(&self, ids: &Ids, iccid: &str, msisdn: &str) -> Value {
        json!({
            "Number": msisdn, "ICCID": iccid, "RevCustomerId": CUSTOMER, "DeviceId": ids.devices.get(iccid), "CreateRevService": true,
            "ServiceTypeId": 1, "RevPackageId": null, "RevProductIdList": [11], "RateList": [4.5], "Prorate": false, "Description": "Fleet",
            "EffectiveDate": "2026-03-01T00:00:00", "AddCarrierRatePlan": false, "CarrierRatePlan": null, "CommPlan": null,
            "IntegrationAuthenticationId": ids.account, "JasperDeviceID": "fake-jasper-id", "SiteId": ids.site,
            "ActivatedDate": "2026-03-01T00:00:00", "ProviderId": 1, "UsagePlanGroupId": null, "AddCustomerRatePlan": true,
            "CustomerRatePlan": self.plan.to_string(), "CustomerRatePool": "", "RevProductId": null, "Rate": null,
        })
    }

    fn as_the_newer_system_writes(&self, iccid: &str) -> Value {
        json!({
            "Number": iccid, "ICCID": iccid, "RevCustomerId": 1001, "DeviceId": null, "CreateRevService": "true", "ServiceTypeId": "1",
            "RevPackageId": 0, "RevProductIdList": 11, "RateList": "4.50", "Prorate": null, "Description": "", "EffectiveDate": null,
            "AddCarrierRatePlan": null, "IntegrationAuthenticationId": 0, "SiteId": null, "ActivatedDate": null, "ProviderId": "1",
            "AddCustomerRatePlan": null, "CustomerRatePlan": self.plan, "ServiceProviderId": self.provider, "ChangeType": "Assign Customer",
        })
    }

    async fn ids(&self) -> Ids {
        let mut sql = self.sql().await;
        let account = format!(
            "SELECT MIN(a.id) FROM dbo.Integration_Authentication AS a WHERE a.TenantId = {}",
            self.tenant
        );
        let site = format!(
            "SELECT MIN(s.id) FROM dbo.Sites AS s WHERE s.TenantId = {}",
            self.tenant
        );
        let devices = format!(
            "SELECT d.ICCID, d.id FROM dbo.Device AS d WHERE d.ServiceProviderId = {}",
            self.provider
        );
        Ids {
            account: sql.rows(&account).await[0].get(0).unwrap(),
            site: sql.rows(&site).await[0].get(0).unwrap(),
            devices: sql
                .rows(&devices)
                .await
                .iter()
                .map(|row| {
                    (
                        row.get::<&str, _>(0).unwrap().to_owned(),
                        row.get(1).unwrap(),
                    )
                })
                .collect(),
        }
    }

    /// Writes a bulk change of a type, as the other producer does it before it sends the message.
    pub async fn write_foreign(&self, change_type: i32, rows: &[ForeignRow]) -> i64 {
        let mut sql = self.sql().await;
        let rows: Vec<Value> = rows
            .iter()
            .map(|row| json!({"iccid": row.iccid, "msisdn": row.msisdn, "text": row.text}))
            .collect();
        let rows = Value::from(rows).to_string();
        let written = sql
            .query(
                "SET XACT_ABORT ON; SET NOCOUNT ON; DECLARE @id bigint; BEGIN TRANSACTION; \
                 INSERT INTO dbo.DeviceBulkChange (ChangeRequestTypeId, ServiceProviderId, TenantId, Status, CreatedBy) VALUES (@P1, @P2, @P3, N'NEW', N'fake.user'); \
                 SET @id = CAST(SCOPE_IDENTITY() AS bigint); \
                 INSERT INTO dbo.M2M_DeviceChange (BulkChangeId, ICCID, MSISDN, ChangeRequest, Status, CreatedBy) \
                 SELECT @id, r.Iccid, r.Msisdn, r.Body, N'PROCESSING', N'fake.user' \
                 FROM OPENJSON(@P4) WITH (Iccid nvarchar(50) '$.iccid', Msisdn nvarchar(50) '$.msisdn', Body nvarchar(max) '$.text') AS r; \
                 COMMIT TRANSACTION; SELECT @id AS Id;",
                &[&change_type, &self.provider, &self.tenant, &rows.as_str()],
            )
            .await;
        written[0].get("Id").unwrap()
    }

    /// Writes a customer assignment.
    pub async fn write_assignment(&self, rows: &[ForeignRow]) -> i64 {
        self.write_foreign(4, rows).await
    }

    /// Sends the message that names a bulk change, as AMOP 2.0 does.
    pub async fn announce(&self, bulk_change: i64) {
        let message = Outgoing {
            body: NOT_USED.to_owned(),
            attributes: vec![
                (ADDITION_BULK_CHANGE_ID.to_owned(), "0".to_owned()),
                (BULK_CHANGE_ID.to_owned(), bulk_change.to_string()),
            ],
            group: None,
            delay: std::time::Duration::ZERO,
        };
        for result in self.queue.send(&[message]).await {
            result.unwrap();
        }
    }

    /// What the producer does after it has sent the message, however late.
    pub async fn overwrite_status(&self, bulk_change: i64) {
        let statement = format!(
            "UPDATE dbo.DeviceBulkChange SET Status = N'PROCESSING', ProcessedBy = N'fake.user' WHERE id = {bulk_change}"
        );
        self.sql().await.query(&statement, &[]).await;
    }

    /// The status of a bulk change as the table has it.
    pub async fn bulk_status(&self, bulk_change: i64) -> String {
        let query =
            format!("SELECT b.Status FROM dbo.DeviceBulkChange AS b WHERE b.id = {bulk_change}");
        self.sql().await.rows(&query).await[0]
            .get::<&str, _>(0)
            .unwrap()
            .to_owned()
    }

    /// A line that somebody else opened `age` ago for the customer: the system before this one, without a reference.
    pub fn put_line(&self, number: &str, age: time::Duration) {
        let created = self.rev.now() - age;
        self.rev.put_line(Line {
            id: 0,
            account: "fake-client-1".to_owned(),
            number: number.to_owned(),
            number2: String::new(),
            customer_id: 1001,
            description: "Fleet".to_owned(),
            reference: None,
            created,
            shown_from: created,
            status: "ACTIVE".to_owned(),
        });
    }
}

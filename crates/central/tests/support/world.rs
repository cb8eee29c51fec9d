//! A tenant of a test's own.

use association::{
    actor::Actor,
    ids::{
        DeviceId, Iccid, IntegrationAuthenticationId, RevCustomerId, ServiceProviderId, SiteId,
        TenantId,
    },
    request::{AssociateRequest, Effective, Options},
};
use serde::Serialize;
use uuid::Uuid;

use super::Sql;

/// The customer that requests of a test name, and another one of the same tenant.
pub const CUSTOMER: &str = "1001";
pub const OTHER_CUSTOMER: &str = "1002";
/// May use [`CUSTOMER`] by User_Role_Site.
pub const USER: i64 = 7;

/// Ids of everything that an association needs; user 7 may use customer 1001 only.
#[derive(Clone)]
pub struct World {
    pub sql: Sql,
    pub tenant: TenantId,
    pub provider: ServiceProviderId,
    pub account: IntegrationAuthenticationId,
    pub customer: Uuid,
    pub other_customer: Uuid,
    pub site: SiteId,
    pub other_site: SiteId,
    pub plan: i32,
    pub pool: i32,
}

/// A device to lay down.
#[derive(Debug, Clone, Serialize)]
pub struct Device {
    pub iccid: String,
    pub msisdn: Option<String>,
    pub status: Option<String>,
    pub activated: Option<String>,
    pub archived: bool,
}

impl World {
    /// A fresh tenant.
    pub async fn new(sql: &Sql) -> Self {
        let name = format!("Test {}", Uuid::new_v4());
        // Tests that share a server race for the rows that all worlds share.
        let mut rows = None;
        while rows.is_none() {
            rows = sql
                .try_rows(
                    include_str!("world.sql"),
                    &[&name, &"http://127.0.0.1:9/fake-rev"],
                    &[2627, 2601, 1205],
                )
                .await;
        }
        let rows = rows.expect("the loop ends with rows");
        let row = &rows[0];
        let number = |column: &str| row.get::<i32, _>(column).expect("an id");
        Self {
            sql: sql.clone(),
            tenant: TenantId::new(number("TenantId")).unwrap(),
            provider: ServiceProviderId::new(number("ServiceProviderId")).unwrap(),
            account: IntegrationAuthenticationId::new(number("IntegrationAuthenticationId"))
                .unwrap(),
            customer: row.get("CustomerId").expect("an id"),
            other_customer: row.get("SecondCustomerId").expect("an id"),
            site: SiteId::new(number("SiteId")).unwrap(),
            other_site: SiteId::new(number("SecondSiteId")).unwrap(),
            plan: number("PlanId"),
            pool: number("PoolId"),
        }
    }

    /// The n-th ICCID of this world; no other world has it.
    pub fn iccid(&self, n: usize) -> Iccid {
        Iccid::parse(&format!("8900{:08}{n:08}", self.provider.get())).unwrap()
    }

    /// The n-th device as it is when nothing speaks against it: activated, with a number, assigned to nobody.
    pub fn device(&self, n: usize) -> Device {
        let iccid = self.iccid(n);
        Device {
            msisdn: Some(format!("1555{:05}{n:06}", self.provider.get())),
            iccid: iccid.as_str().to_owned(),
            status: Some("ACTIVATED".to_owned()),
            activated: Some("2026-01-15T00:00:00".to_owned()),
            archived: false,
        }
    }

    /// Lays devices down.
    pub async fn add(&self, devices: &[Device]) {
        let devices = serde_json::to_string(devices).unwrap();
        self.sql
            .run(
                include_str!("devices.sql"),
                &[&self.provider.get(), &devices.as_str()],
            )
            .await;
    }

    /// Devices 1 to `count`, assignable.
    pub async fn add_assignable(&self, count: usize) -> Vec<Iccid> {
        let devices: Vec<Device> = (1..=count).map(|n| self.device(n)).collect();
        self.add(&devices).await;
        (1..=count).map(|n| self.iccid(n)).collect()
    }

    /// The id of the n-th device.
    pub async fn device_id(&self, n: usize) -> DeviceId {
        let rows = self
            .sql
            .rows(
                "SELECT d.id FROM dbo.Device AS d WHERE d.ICCID = @P1 AND d.ServiceProviderId = @P2",
                &[&self.iccid(n).as_str(), &self.provider.get()],
            )
            .await;
        DeviceId::new(rows[0].get(0).unwrap()).unwrap()
    }

    /// Assigns the n-th device to an account of this world.
    pub async fn assign(&self, n: usize, account: &str) {
        self.sql
            .run(
                "INSERT INTO dbo.Device_Tenant (DeviceId, TenantId, AccountNumber, SiteId, AccountNumberIntegrationAuthenticationId, CreatedBy) \
                 VALUES (@P1, @P2, @P3, @P4, @P5, N'test');",
                &[
                    &self.device_id(n).await.get(),
                    &self.tenant.get(),
                    &account,
                    &self.site.get(),
                    &self.account.get(),
                ],
            )
            .await;
    }

    /// A user with a verified token who may use every customer.
    pub fn actor(&self) -> Actor {
        Actor::from_verified_token(self.tenant, USER, "test.user", true)
    }

    /// The same user, limited to the customers of User_Role_Site.
    pub fn limited_actor(&self) -> Actor {
        Actor::from_verified_token(self.tenant, USER, "test.user", false)
    }

    /// A request for devices, with no option set.
    pub fn request(&self, devices: Vec<Iccid>) -> AssociateRequest {
        AssociateRequest {
            devices,
            duplicates: Vec::new(),
            service_provider: self.provider,
            rev_customer: RevCustomerId::parse(CUSTOMER).unwrap(),
            integration_authentication: None,
            effective: Effective::SubmitDay,
            options: Options::default(),
        }
    }
}

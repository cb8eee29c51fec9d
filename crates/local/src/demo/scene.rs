//! What the demo asks for: which customer, which devices, taken from the sample data.

use anyhow::ensure;
use serde_json::{Value, json};

use super::books::{Books, column};

const CUSTOMER: &str = include_str!("scene_customer.sql");
const DEVICES: &str = include_str!("scene_devices.sql");

/// Devices in the request, of each kind.
const FREE: i32 = 470;
const UNKNOWN: i32 = 10;
const ARCHIVED: i32 = 10;
const OF_ANOTHER_CUSTOMER: i32 = 10;

/// On whose behalf the demo asks, and what for.
#[derive(Debug)]
pub(super) struct Scene {
    pub user: i64,
    pub tenant: i32,
    pub tenant_name: String,
    pub customer: String,
    pub customer_name: String,
    pub provider: i32,
    pub provider_name: String,
    pub rate_plan: i32,
    pub rate_plan_name: String,
    pub devices: Vec<Device>,
}

/// One device of the request, with what must become of it.
#[derive(Debug)]
pub(super) struct Device {
    pub iccid: String,
    /// The code of its rejection; `None` when it must be accepted.
    pub rejection: Option<&'static str>,
}

impl Scene {
    /// Looks the sample data over.
    pub(super) async fn find(books: &mut Books) -> anyhow::Result<Self> {
        let row = books.row(CUSTOMER, &[]).await?;
        let text = |name: &str| column::<&str>(&row, name).map(str::to_owned);
        let mut scene = Self {
            user: column(&row, "UserId")?,
            tenant: column(&row, "TenantId")?,
            tenant_name: text("TenantName")?,
            customer: text("RevCustomerId")?,
            customer_name: text("CustomerName")?,
            provider: column(&row, "ServiceProviderId")?,
            provider_name: text("ServiceProviderName")?,
            rate_plan: column(&row, "CustomerRatePlanId")?,
            rate_plan_name: text("RatePlanName")?,
            devices: Vec::new(),
        };
        let rows = books
            .rows(
                DEVICES,
                &[
                    &scene.provider,
                    &scene.tenant,
                    &scene.customer.as_str(),
                    &FREE,
                    &ARCHIVED,
                    &OF_ANOTHER_CUSTOMER,
                ],
            )
            .await?;
        for row in &rows {
            let rejection = match column::<&str>(row, "Kind")? {
                "free" => None,
                "archived" => Some("device-archived"),
                _ => Some("assigned-to-other-customer"),
            };
            scene.devices.push(Device {
                iccid: column::<&str>(row, "ICCID")?.to_owned(),
                rejection,
            });
        }
        // 8999 is no country's prefix that the sample data uses, so nobody has these.
        scene.devices.extend((0..UNKNOWN).map(|number| Device {
            iccid: format!("8999{number:016}"),
            rejection: Some("device-not-found"),
        }));
        let expected = usize::try_from(FREE + UNKNOWN + ARCHIVED + OF_ANOTHER_CUSTOMER)?;
        ensure!(
            scene.devices.len() == expected,
            "the sample data has {} devices for the demo, and it needs {expected}",
            scene.devices.len()
        );
        Ok(scene)
    }

    /// How many devices must be accepted.
    pub(super) fn expected(&self) -> usize {
        self.devices
            .iter()
            .filter(|device| device.rejection.is_none())
            .count()
    }

    /// The body of the request.
    pub(super) fn request(&self) -> Value {
        let devices: Vec<&str> = self
            .devices
            .iter()
            .map(|device| device.iccid.as_str())
            .collect();
        json!({
            "devices": devices,
            "serviceProviderId": self.provider,
            "revCustomerId": self.customer,
            "createRevService": true,
            "serviceTypeId": 1,
            "providerId": 1,
            "products": [{ "productId": 11, "rate": 4.99 }],
            "description": "make demo",
            "addCustomerRatePlan": true,
            "customerRatePlan": self.rate_plan,
        })
    }
}

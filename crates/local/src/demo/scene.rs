//! What the demo asks for: which customer and which devices of the sample data.

use serde_json::{Value, json};

use crate::sample::{self, Group};

/// Tenant of the sample data on whose behalf the demo asks.
pub(super) const TENANT: i32 = 1;
/// A user of it who may use all its customers.
pub(super) const USER: i64 = 1;
/// The tenant's service provider.
const SERVICE_PROVIDER: i32 = 1;
/// The rate plan that the devices get (Fleet 100 MB), and the pool they share it in.
pub(super) const CUSTOMER_RATE_PLAN: i32 = 1;
const CUSTOMER_RATE_POOL: i32 = 1;
/// The plan that a linked bulk change will ask the carrier for.
const CARRIER_RATE_PLAN: &str = "JASPER-1GB";

/// What the request is made of: how many devices of which kind, and the code that the others are rejected with.
const PARTS: [(Group, u32, Option<&str>); 5] = [
    (Group::Assignable, 430, None),
    (Group::WithoutNumber, 40, None),
    (Group::Unknown, 10, Some("device-not-found")),
    (Group::Archived, 10, Some("device-archived")),
    (
        Group::OfOtherCustomer,
        10,
        Some("assigned-to-other-customer"),
    ),
];

/// One device of the request, with what must become of it.
#[derive(Debug)]
pub(super) struct Device {
    pub iccid: String,
    /// The code of its rejection; `None` when it must be accepted.
    pub rejection: Option<&'static str>,
}

/// The devices of the request and their customer.
#[derive(Debug)]
pub(super) struct Scene {
    /// Account number.
    pub customer: &'static str,
    pub devices: Vec<Device>,
}

impl Scene {
    /// The scene of the sample data.
    pub(super) fn of_the_sample() -> Self {
        let devices = PARTS
            .into_iter()
            .flat_map(|(group, count, rejection)| {
                let device = move |iccid: association::ids::Iccid| Device {
                    iccid: iccid.as_str().to_owned(),
                    rejection,
                };
                group.iccids(TENANT, count).into_iter().map(device)
            })
            .collect();
        Self {
            customer: sample::customers(TENANT)[0],
            devices,
        }
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
            "serviceProviderId": SERVICE_PROVIDER,
            "revCustomerId": self.customer,
            "createRevService": true,
            "serviceTypeId": 1,
            "providerId": 1,
            "products": [{ "productId": sample::PRODUCTS[0], "rate": 4.99 }],
            "description": "make demo",
            "addCarrierRatePlan": true,
            "carrierRatePlan": CARRIER_RATE_PLAN,
            "addCustomerRatePlan": true,
            "customerRatePlan": CUSTOMER_RATE_PLAN,
            "customerRatePool": CUSTOMER_RATE_POOL,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Scene;

    #[test]
    fn the_request_names_500_devices_each_once() {
        let scene = Scene::of_the_sample();
        let mut iccids: Vec<&str> = scene
            .devices
            .iter()
            .map(|device| device.iccid.as_str())
            .collect();
        iccids.sort_unstable();
        iccids.dedup();
        assert_eq!((iccids.len(), scene.expected()), (500, 470));
    }
}

//! The change of one device as JSON, in the names that the existing portal and AMOP 2.0 use
//! (`M2M_DeviceChange.ChangeRequest`, class `BulkChangeAssociateCustomer`).

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use time::Date;

use crate::{
    ids::{ChangeId, DeviceId, Iccid, IntegrationAuthenticationId, RevCustomerId, SiteId},
    service_line::{Billed, Product, Reference, ServiceLineOrder},
};

/// One device's change. Everything that depends on the day of the submit is fixed in it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ChangeRequest {
    /// MSISDN, else ICCID: the number at Rev.
    pub number: String,
    /// The device.
    #[serde(rename = "ICCID")]
    pub iccid: Iccid,
    /// Account number.
    pub rev_customer_id: RevCustomerId,
    /// `Device.id`.
    pub device_id: DeviceId,
    /// Open a service line.
    pub create_rev_service: bool,
    /// 0 without a service line, as the old portal wrote it.
    pub service_type_id: i32,
    /// Package, or else products.
    pub rev_package_id: Option<i32>,
    /// In step with `rate_list`.
    pub rev_product_id_list: Vec<i32>,
    /// Monthly rates.
    pub rate_list: Vec<Decimal>,
    /// Bill the first month in part.
    pub prorate: bool,
    /// The user's text.
    pub description: Option<String>,
    /// When the customer rate plan takes effect, and from when a prorated line is billed.
    #[serde(with = "day")]
    pub effective_date: Date,
    /// A linked change follows.
    pub add_carrier_rate_plan: bool,
    /// Its plan.
    pub carrier_rate_plan: Option<String>,
    /// Its communication plan.
    pub comm_plan: Option<String>,
    /// The billing account.
    pub integration_authentication_id: IntegrationAuthenticationId,
    /// The customer's Site.
    pub site_id: SiteId,
    /// The day the service counts as active.
    #[serde(with = "day")]
    pub activated_date: Date,
    /// Rev's provider.
    pub provider_id: Option<i32>,
    /// Rev's usage plan group.
    pub usage_plan_group_id: Option<i32>,
    /// Give the device a customer rate plan.
    pub add_customer_rate_plan: bool,
    /// An id, as text: so the portal writes it.
    pub customer_rate_plan: Option<String>,
    /// An id, as text.
    pub customer_rate_pool: Option<String>,
    /// Megabytes; ours alone, the old system never set it.
    #[serde(rename = "CustomerDataAllocationMB")]
    pub customer_data_allocation_mb: Option<Decimal>,
}

/// Dates travel as `yyyy-MM-dd`.
mod day {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};
    use time::{Date, format_description::BorrowedFormatItem, macros::format_description};

    const FORMAT: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]");

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
    pub(super) fn serialize<S: Serializer>(day: &Date, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&day.format(FORMAT).map_err(serde::ser::Error::custom)?)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Date, D::Error> {
        let text = String::deserialize(deserializer)?;
        Date::parse(text.get(..10).unwrap_or(&text), FORMAT).map_err(D::Error::custom)
    }
}

/// A change asks for a service line and does not say what with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Incomplete {
    /// No change of ours is without; another producer's may be.
    #[error("ProviderId is missing: Rev.io opens no service line without it")]
    Provider,
    /// Neither package nor products, or product and rate lists of different length.
    #[error("neither RevPackageId nor RevProductIdList with a RateList of the same length")]
    Billed,
}

impl ChangeRequest {
    /// The line to open for this change; none when no line is asked for.
    pub fn order(&self, change: ChangeId) -> Result<Option<ServiceLineOrder>, Incomplete> {
        if !self.create_rev_service {
            return Ok(None);
        }
        let billed = match self.rev_package_id {
            Some(package) => Billed::Package(package),
            None if !self.rev_product_id_list.is_empty()
                && self.rev_product_id_list.len() == self.rate_list.len() =>
            {
                Billed::Products(
                    self.rev_product_id_list
                        .iter()
                        .zip(&self.rate_list)
                        .map(|(&product_id, &rate)| Product { product_id, rate })
                        .collect(),
                )
            }
            None => return Err(Incomplete::Billed),
        };
        let reference = Reference::of(change);
        Ok(Some(ServiceLineOrder {
            customer: self.rev_customer_id.clone(),
            number: self.number.clone(),
            number2: self.iccid.as_str().to_owned(),
            service_type_id: self.service_type_id,
            provider_id: self.provider_id.ok_or(Incomplete::Provider)?,
            billed,
            usage_plan_group_id: self.usage_plan_group_id,
            effective_date: self.prorate.then_some(self.effective_date),
            activated_date: self.activated_date,
            prorate: self.prorate,
            description: reference.describe(self.description.as_deref()),
            reference,
        }))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use time::macros::date;

    use super::*;

    fn change(members: Value) -> ChangeRequest {
        let mut change = json!({
            "Number": "15550000001", "ICCID": "8900000000000000001", "RevCustomerId": "1001", "DeviceId": 1,
            "CreateRevService": true, "ServiceTypeId": 3, "RevPackageId": null, "RevProductIdList": [11, 12],
            "RateList": [12.5, 3], "Prorate": true, "Description": "Fleet", "EffectiveDate": "2026-03-01",
            "AddCarrierRatePlan": false, "CarrierRatePlan": null, "CommPlan": null, "IntegrationAuthenticationId": 9,
            "SiteId": 5, "ActivatedDate": "2026-03-02", "ProviderId": 4, "UsagePlanGroupId": 6,
            "AddCustomerRatePlan": false, "CustomerRatePlan": null, "CustomerRatePool": null,
            "CustomerDataAllocationMB": null,
        });
        let Value::Object(members) = members else {
            panic!("{members}")
        };
        change.as_object_mut().unwrap().extend(members);
        serde_json::from_value(change).unwrap()
    }

    fn order(members: Value) -> Result<Option<ServiceLineOrder>, Incomplete> {
        change(members).order(ChangeId::new(7).unwrap())
    }

    #[test]
    fn a_line_is_ordered_with_everything_that_the_change_says() {
        let product = |product_id, rate: &str| Product {
            product_id,
            rate: rate.parse().unwrap(),
        };
        let reference = Reference::of(ChangeId::new(7).unwrap());
        assert_eq!(
            order(json!({})),
            Ok(Some(ServiceLineOrder {
                customer: RevCustomerId::parse("1001").unwrap(),
                number: "15550000001".to_owned(),
                number2: "8900000000000000001".to_owned(),
                service_type_id: 3,
                provider_id: 4,
                billed: Billed::Products(vec![product(11, "12.5"), product(12, "3")]),
                usage_plan_group_id: Some(6),
                effective_date: Some(date!(2026 - 03 - 01)),
                activated_date: date!(2026 - 03 - 02),
                prorate: true,
                description: "Fleet AMOP-7".to_owned(),
                reference,
            }))
        );
    }

    #[test]
    fn no_line_is_ordered_that_was_not_asked_for() {
        assert_eq!(order(json!({"CreateRevService": false})), Ok(None));
    }

    #[test]
    fn a_package_is_billed_instead_of_products() {
        let order = order(json!({"RevPackageId": 77})).unwrap().unwrap();
        assert_eq!(order.billed, Billed::Package(77));
    }

    #[test]
    fn a_line_that_is_not_prorated_has_no_day_that_billing_begins() {
        let order = order(json!({"Prorate": false})).unwrap().unwrap();
        assert_eq!((order.prorate, order.effective_date), (false, None));
    }

    #[test]
    fn nothing_is_ordered_that_nobody_knows_the_price_of() {
        for lists in [
            json!({"RevProductIdList": [], "RateList": []}),
            json!({"RevProductIdList": [], "RateList": [1]}),
            json!({"RateList": [12.5]}),
            json!({"RateList": [12.5, 3, 4]}),
        ] {
            assert_eq!(order(lists.clone()), Err(Incomplete::Billed), "{lists}");
        }
    }

    #[test]
    fn nothing_is_ordered_without_rev_s_provider() {
        assert_eq!(
            order(json!({"ProviderId": null})),
            Err(Incomplete::Provider)
        );
    }

    #[test]
    fn days_are_written_as_days_and_read_with_a_time_behind_them() {
        let change = change(json!({"EffectiveDate": "2026-03-01T00:00:00"}));
        assert_eq!(change.effective_date, date!(2026 - 03 - 01));
        let written = serde_json::to_value(&change).unwrap();
        assert_eq!(written["EffectiveDate"], "2026-03-01");
        assert_eq!(written["ActivatedDate"], "2026-03-02");
    }
}

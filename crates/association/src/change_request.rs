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

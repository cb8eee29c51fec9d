//! Reads the change of one device as AMOP 2.0 and the old portal write it: the same names as [`crate::change_request`], with
//! numbers as text and text as numbers, lists that are one bare number, dates with a time, and members that mean nothing here.
//!
//! What cannot be meant otherwise is read; what is wrong is told in words that are fit for `StatusDetails`.

use std::collections::HashMap;

use serde_json::Value;

use crate::{
    foreign_values::{Read, day, decimal, flag, text, whole},
    ids::{Iccid, RevCustomerId},
    limits::{LONGEST_PLAN_NAME, MOST_PRODUCTS},
    request::{CarrierPlanOptions, CustomerPlanOptions, Effective, Options, RevServiceOptions},
    service_line::{Billed, Product},
};

/// What a row of the other producer asks for, and what it says of things that the tables know better.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForeignChange {
    /// Who is billed from now on.
    pub rev_customer: RevCustomerId,
    /// From when; a missing `EffectiveDate` means each device's activation day at the carrier.
    pub effective: Effective,
    /// What else is to be done.
    pub options: Options,
    /// `ICCID`, where it is said.
    pub iccid: Option<Iccid>,
    /// `DeviceId`, where it is said (0 is not).
    pub device: Option<i32>,
    /// `SiteId`, likewise.
    pub site: Option<i32>,
    /// `IntegrationAuthenticationId`, likewise.
    pub integration_authentication: Option<i32>,
}

/// Why a stored change cannot be worked on; fit for `StatusDetails`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Malformed(pub(crate) String);

impl Malformed {
    pub(crate) fn new(words: impl Into<String>) -> Self {
        Self(words.into())
    }
}

/// Reads a stored change. Whatever the text is, it is read or told what is wrong with it.
pub fn read(text: &str) -> Result<ForeignChange, Malformed> {
    let value: Value = serde_json::from_str(text).map_err(|error| {
        // Not the error's own words: they quote the text.
        Malformed(format!(
            "the stored change is not JSON (line {}, column {})",
            error.line(),
            error.column()
        ))
    })?;
    let Value::Object(object) = &value else {
        return Err(Malformed::new("the stored change is not a JSON object"));
    };
    let members = Members::of(object);
    let rev_customer = members.rev_customer()?;
    Ok(ForeignChange {
        rev_customer,
        effective: members
            .day("EffectiveDate")?
            .map_or(Effective::CarrierActivation, Effective::On),
        options: Options {
            rev_service: members.rev_service()?,
            carrier_plan: members.carrier_plan()?,
            customer_plan: members.customer_plan()?,
        },
        iccid: members
            .text("ICCID", 50)?
            .map(|iccid| Iccid::parse(&iccid))
            .transpose()
            .map_err(|_| Malformed::new("ICCID is not one: 18 to 22 digits"))?,
        device: members.id("DeviceId")?,
        site: members.id("SiteId")?,
        integration_authentication: members.id("IntegrationAuthenticationId")?,
    })
}

/// The members by name; case does not count, as it does not for the reader of the old system.
struct Members<'a>(HashMap<String, &'a Value>);

impl<'a> Members<'a> {
    fn of(object: &'a serde_json::Map<String, Value>) -> Self {
        let mut members = HashMap::with_capacity(object.len());
        for (name, value) in object.iter().filter(|(_, value)| !value.is_null()) {
            members.entry(name.to_ascii_lowercase()).or_insert(value);
        }
        // Of two spellings the one of the old system counts.
        for (name, value) in object.iter().filter(|(_, value)| !value.is_null()) {
            if name.starts_with(|first: char| first.is_ascii_uppercase()) {
                members.insert(name.to_ascii_lowercase(), value);
            }
        }
        Self(members)
    }

    fn get(&self, name: &str) -> Option<&'a Value> {
        self.0.get(&name.to_ascii_lowercase()).copied()
    }

    fn flag(&self, name: &str) -> Result<Option<bool>, Malformed> {
        match self.get(name).map_or(Read::NotSaid, flag) {
            Read::NotSaid => Ok(None),
            Read::Said(said) => Ok(Some(said)),
            Read::Wrong => Err(Malformed(format!("{name} is neither true nor false"))),
        }
    }

    /// A positive number; 0 and empty count as not said.
    fn id(&self, name: &str) -> Result<Option<i32>, Malformed> {
        match self.get(name).map_or(Read::NotSaid, whole) {
            Read::NotSaid => Ok(None),
            Read::Said(number) => Ok(Some(number)),
            Read::Wrong => Err(Malformed(format!("{name} is not a whole number"))),
        }
    }

    fn day(&self, name: &str) -> Result<Option<time::Date>, Malformed> {
        match self.get(name).map_or(Read::NotSaid, day) {
            Read::NotSaid => Ok(None),
            Read::Said(day) => Ok(Some(day)),
            Read::Wrong => Err(Malformed(format!(
                "{name} is not a day from 2000 to 2099, written yyyy-MM-dd"
            ))),
        }
    }

    /// Text, or a number as text; empty counts as not said.
    fn text(&self, name: &str, longest: usize) -> Result<Option<String>, Malformed> {
        let Some(value) = self.get(name) else {
            return Ok(None);
        };
        let text = text(value).ok_or_else(|| Malformed(format!("{name} is not a text")))?;
        if text.chars().count() > longest {
            return Err(Malformed(format!(
                "{name} has more than {longest} characters"
            )));
        }
        if text.contains('\0') {
            return Err(Malformed(format!("{name} contains the character U+0000")));
        }
        Ok(Some(text).filter(|text| !text.is_empty()))
    }

    fn rev_customer(&self) -> Result<RevCustomerId, Malformed> {
        let said = self.text("RevCustomerId", 50)?.ok_or_else(|| {
            Malformed::new(
                "RevCustomerId is missing: a change that is not billed by Rev is not worked on here",
            )
        })?;
        RevCustomerId::parse(&said)
            .map_err(|_| Malformed::new("RevCustomerId is not a Rev customer number"))
    }

    fn rev_service(&self) -> Result<Option<RevServiceOptions>, Malformed> {
        if self.flag("CreateRevService")? != Some(true) {
            return Ok(None);
        }
        let required = |name: &str| {
            self.id(name)?.ok_or_else(|| {
                Malformed(format!(
                    "{name} is missing: Rev.io opens no service line without it"
                ))
            })
        };
        let (service_type_id, provider_id) = (required("ServiceTypeId")?, required("ProviderId")?);
        Ok(Some(RevServiceOptions {
            service_type_id,
            provider_id,
            billed: self.billed()?,
            prorate: self.flag("Prorate")?.unwrap_or(false),
            description: self.text("Description", usize::MAX)?,
            usage_plan_group_id: self.id("UsagePlanGroupId")?,
            activated_date: self.day("ActivatedDate")?,
        }))
    }

    /// A package, else the lists, else the single product: the old system asks in this order.
    fn billed(&self) -> Result<Billed, Malformed> {
        if let Some(package) = self.id("RevPackageId")? {
            return Ok(Billed::Package(package));
        }
        let mut products = self.products("RevProductIdList", "RateList")?;
        if products.is_empty() {
            products = self.products("RevProductId", "Rate")?;
        }
        if products.is_empty() {
            return Err(Malformed::new(
                "neither RevPackageId nor RevProductIdList says what the service line is billed with",
            ));
        }
        if products.len() > MOST_PRODUCTS {
            return Err(Malformed(format!(
                "RevProductIdList has more than {MOST_PRODUCTS} products"
            )));
        }
        Ok(Billed::Products(products))
    }

    /// Products in step with their rates. A place without a product is passed over, with its rate.
    fn products(&self, ids: &str, rates: &str) -> Result<Vec<Product>, Malformed> {
        let rate_values = self.get(rates).map(listed).unwrap_or_default();
        let mut products: Vec<Product> = Vec::new();
        for (place, id) in self
            .get(ids)
            .map(listed)
            .unwrap_or_default()
            .into_iter()
            .enumerate()
        {
            let product_id = match whole(id) {
                Read::NotSaid => continue,
                Read::Said(product_id) => product_id,
                Read::Wrong => {
                    return Err(Malformed(format!(
                        "{ids} holds something that is not a whole number"
                    )));
                }
            };
            let rate = match rate_values
                .get(place)
                .map_or(Read::NotSaid, |rate| decimal(rate))
            {
                Read::Said(rate) => rate,
                Read::NotSaid => {
                    return Err(Malformed(format!(
                        "{rates} has no rate for product {product_id}"
                    )));
                }
                Read::Wrong => {
                    return Err(Malformed(format!(
                        "the rate of product {product_id} in {rates} is not an amount with at most 4 digits after the point"
                    )));
                }
            };
            if products.iter().any(|known| known.product_id == product_id) {
                return Err(Malformed(format!("{ids} names product {product_id} twice")));
            }
            products.push(Product { product_id, rate });
        }
        Ok(products)
    }

    fn carrier_plan(&self) -> Result<Option<CarrierPlanOptions>, Malformed> {
        if self.flag("AddCarrierRatePlan")? != Some(true) {
            return Ok(None);
        }
        let carrier_rate_plan = self
            .text("CarrierRatePlan", LONGEST_PLAN_NAME)?
            .ok_or_else(|| {
                Malformed::new("AddCarrierRatePlan is true and CarrierRatePlan is missing")
            })?;
        Ok(Some(CarrierPlanOptions {
            carrier_rate_plan,
            comm_plan: self.text("CommPlan", LONGEST_PLAN_NAME)?,
        }))
    }

    /// The flag decides where it is said. Where it is not, a plan that is given counts, as it did for the old system, which
    /// did not look at the flag and passed over what is not a number.
    fn customer_plan(&self) -> Result<Option<CustomerPlanOptions>, Malformed> {
        let plan = match self.flag("AddCustomerRatePlan")? {
            Some(false) => return Ok(None),
            Some(true) => self.id("CustomerRatePlan")?,
            None => self.id("CustomerRatePlan").unwrap_or_default(),
        };
        let customer_rate_pool = self.id("CustomerRatePool")?;
        match (plan, customer_rate_pool) {
            (Some(customer_rate_plan), customer_rate_pool) => Ok(Some(CustomerPlanOptions {
                customer_rate_plan,
                customer_rate_pool,
                data_allocation_mb: match self
                    .get("CustomerDataAllocationMB")
                    .map_or(Read::NotSaid, decimal)
                {
                    Read::NotSaid => None,
                    Read::Said(allocation) => Some(allocation),
                    Read::Wrong => {
                        return Err(Malformed::new("CustomerDataAllocationMB is not an amount"));
                    }
                },
            })),
            (None, Some(_)) => Err(Malformed::new(
                "CustomerRatePool is given without CustomerRatePlan",
            )),
            (None, None) if self.flag("AddCustomerRatePlan")? == Some(true) => Err(Malformed::new(
                "AddCustomerRatePlan is true and CustomerRatePlan is missing",
            )),
            (None, None) => Ok(None),
        }
    }
}

/// A list, or one value in place of a list of one.
fn listed(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(values) => values.iter().collect(),
        value => vec![value],
    }
}

#[cfg(test)]
#[path = "foreign_tests.rs"]
mod tests;

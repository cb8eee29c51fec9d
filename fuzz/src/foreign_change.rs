//! The stored change of one device: as another producer writes it, and in our own form.

use association::{
    change_request::ChangeRequest,
    foreign::{ForeignChange, read},
    ids::ChangeId,
    request::Effective,
    service_line::Billed,
};
use rust_decimal::Decimal;
use serde_json::Value;

use crate::told::assert_fit;

/// Members that hold an id, a flag or a list of ids or rates: there a number and its text mean the same.
const NUMBERS: [&str; 21] = [
    "RevCustomerId",
    "ICCID",
    "DeviceId",
    "SiteId",
    "IntegrationAuthenticationId",
    "CreateRevService",
    "ServiceTypeId",
    "ProviderId",
    "RevPackageId",
    "RevProductIdList",
    "RateList",
    "RevProductId",
    "Rate",
    "Prorate",
    "UsagePlanGroupId",
    "AddCarrierRatePlan",
    "AddCustomerRatePlan",
    "CustomerRatePlan",
    "CustomerRatePool",
    "CustomerDataAllocationMB",
    "EffectiveDate",
];

/// Any text is read or told what is wrong with it; what is read keeps to its limits, and numbers read like their text.
pub fn foreign_change(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let change = read(text);
    assert_eq!(change, read(text), "the same text is read in two ways");
    match &change {
        Ok(change) => assert_within_limits(change),
        Err(malformed) => assert_fit(&malformed.to_string(), 200),
    }
    if let Ok(value @ Value::Object(_)) = serde_json::from_str(text) {
        if let Ok(change) = &change {
            assert_rates_as_written(&value, change);
        }
        let as_text = numbers_as_text(&value).to_string();
        assert_eq!(
            read(&as_text).ok(),
            change.ok(),
            "numbers as text read differently: {as_text}"
        );
    }
    if let Ok(own) = serde_json::from_str::<ChangeRequest>(text) {
        assert_own_form(&own);
    }
}

fn assert_within_limits(change: &ForeignChange) {
    assert!(change.rev_customer.as_number() > 0);
    if let Effective::On(day) = change.effective {
        assert!((2000..2100).contains(&day.year()), "{day}");
    }
    assert!(
        change.effective != Effective::SubmitDay,
        "nobody submits a stored change"
    );
    let is_id = |id: Option<i32>| assert!(id.is_none_or(|id| id > 0), "{id:?}");
    let is_amount = |amount: Decimal| {
        assert!(amount >= Decimal::ZERO && amount.scale() <= 4, "{amount}");
    };
    is_id(change.device);
    is_id(change.site);
    is_id(change.integration_authentication);
    let options = &change.options;
    if let Some(service) = &options.rev_service {
        is_id(Some(service.service_type_id));
        is_id(Some(service.provider_id));
        is_id(service.usage_plan_group_id);
        match &service.billed {
            Billed::Package(package) => is_id(Some(*package)),
            Billed::Products(products) => {
                assert!(
                    (1..=50).contains(&products.len()),
                    "{} products",
                    products.len()
                );
                for (place, product) in products.iter().enumerate() {
                    is_id(Some(product.product_id));
                    is_amount(product.rate);
                    let before = products.iter().take(place);
                    assert!(
                        before
                            .into_iter()
                            .all(|other| other.product_id != product.product_id)
                    );
                }
            }
        }
    }
    if let Some(plan) = &options.carrier_plan {
        assert!((1..=255).contains(&plan.carrier_rate_plan.chars().count()));
    }
    if let Some(plan) = &options.customer_plan {
        is_id(Some(plan.customer_rate_plan));
        is_id(plan.customer_rate_pool);
        plan.data_allocation_mb.into_iter().for_each(is_amount);
    }
}

/// A rate that is billed was written as a number that people write: digits, a point, an exponent.
fn assert_rates_as_written(value: &Value, change: &ForeignChange) {
    let billed = change
        .options
        .rev_service
        .as_ref()
        .map(|service| &service.billed);
    let Some(Billed::Products(products)) = billed else {
        return;
    };
    let texts = |name: &str| match value.get(name) {
        Some(Value::Array(values)) => values.clone(),
        Some(value) => vec![value.clone()],
        None => Vec::new(),
    };
    let written: Vec<Value> = texts("RateList").into_iter().chain(texts("Rate")).collect();
    // In another spelling of its name a rate is not looked for.
    let shaped = |text: &str| text.bytes().all(|byte| b"0123456789.+-eE".contains(&byte));
    if written.len() == products.len() {
        for text in written.iter().filter_map(Value::as_str) {
            assert!(shaped(text.trim()), "a rate was read from {text:?}");
        }
    }
}

/// The same change with whole numbers and truths written as text, where they stand for an id, a flag or an amount.
fn numbers_as_text(value: &Value) -> Value {
    let as_text = |value: &Value| match value {
        Value::Number(number) if number.is_i64() || number.is_u64() => number.to_string().into(),
        Value::Bool(said) => said.to_string().into(),
        other => other.clone(),
    };
    let mut change = value.clone();
    for (name, value) in change.as_object_mut().into_iter().flatten() {
        let known = NUMBERS.iter().any(|known| known.eq_ignore_ascii_case(name));
        // An amount that is a truth is wrong, and so is a day that is a number or a truth; their texts are as wrong.
        match value {
            Value::Array(values) if known => {
                for value in values {
                    *value = as_text(value);
                }
            }
            value if known => *value = as_text(value),
            _ => {}
        }
    }
    change
}

/// Our own form is written and read back the same, and orders at most one line, marked as the change's.
fn assert_own_form(own: &ChangeRequest) {
    let written = serde_json::to_string(own).unwrap_or_default();
    let back = serde_json::from_str::<ChangeRequest>(&written);
    assert_eq!(
        back.ok().as_ref(),
        Some(own),
        "our own form does not read back: {written}"
    );
    let Ok(change) = ChangeId::new(7) else { return };
    match own.order(change) {
        Ok(None) => assert!(!own.create_rev_service),
        Ok(Some(order)) => {
            assert!(own.create_rev_service);
            assert!(order.description.chars().count() <= 1000);
            assert!(
                order.reference.ends(&order.description),
                "{:?}",
                order.description
            );
            assert_eq!(order.effective_date.is_some(), own.prorate);
            let body = rev::body(&order);
            assert_eq!(body["number2"], own.iccid.as_str());
            assert_eq!(
                body.get("package_id").is_some(),
                body.get("products").is_none()
            );
        }
        Err(incomplete) => assert_fit(&incomplete.to_string(), 200),
    }
}

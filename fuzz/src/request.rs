//! The body of `POST /M2M/AssociateCustomer`.

use std::collections::HashSet;

use association::{
    ids::{Iccid, IntegrationAuthenticationId},
    limits::{
        AMOUNT_BELOW, AMOUNT_DIGITS, FIRST_YEAR, LAST_YEAR, LONGEST_DESCRIPTION, LONGEST_PLAN_NAME,
        MOST_DEVICES, MOST_PRODUCTS,
    },
    parse::{Invalid, MemberError, parse},
    request::{AssociateRequest, Effective},
    service_line::Billed,
};
use rust_decimal::Decimal;
use serde_json::{Map, Value, json};
use time::Date;

use crate::told::{assert_code, assert_fit};

/// The names that a request knows, as design and API description have them.
const NAMES: [&str; 22] = [
    "devices",
    "serviceProviderId",
    "revCustomerId",
    "integrationAuthenticationId",
    "effectiveDate",
    "useCarrierActivationDate",
    "createRevService",
    "serviceTypeId",
    "providerId",
    "revPackageId",
    "products",
    "revProductIdList",
    "rateList",
    "prorate",
    "description",
    "usagePlanGroupId",
    "activatedDate",
    "addCarrierRatePlan",
    "carrierRatePlan",
    "commPlan",
    "addCustomerRatePlan",
    "customerRatePlan",
];
/// The same, of the customer rate plan.
const MORE_NAMES: [&str; 2] = ["customerRatePool", "customerDataAllocationMB"];

/// Any body is read or refused: what is read keeps to its limits and reads back the same, and each fault of what is refused says
/// where it stands and what it is.
pub fn request(body: &[u8]) {
    let read = parse(body);
    assert_eq!(read, parse(body), "the same body is read in two ways");
    match read {
        Ok(request) => {
            let raw: Value = serde_json::from_slice(body).unwrap_or_default();
            assert!(raw.is_object(), "what is no object was read");
            assert_within_limits(&request);
            assert_nothing_ignored(&raw);
            assert_devices(&raw, &request);
            assert_dates_as_written(&raw);
            assert_reads_back(&request);
        }
        Err(Invalid::NotJson { detail }) => {
            assert!(
                serde_json::from_slice::<Value>(body).is_err(),
                "JSON is said to be none"
            );
            assert_fit(&detail, 120);
        }
        Err(Invalid::Members(errors)) => assert_refusal(body, &errors),
    }
}

fn assert_within_limits(request: &AssociateRequest) {
    let (devices, options) = (&request.devices, &request.options);
    assert!((1..=MOST_DEVICES).contains(&devices.len()));
    for device in devices {
        let digits = device.as_str();
        assert!((18..=22).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()));
    }
    assert!(request.service_provider.get() > 0 && request.rev_customer.as_number() > 0);
    assert!(request.rev_customer.as_number() <= i64::from(i32::MAX));
    if let Effective::On(day) = request.effective {
        assert_day(day);
    }
    let is_id = |id: Option<i32>| assert!(id.is_none_or(|id| id > 0));
    if let Some(service) = &options.rev_service {
        is_id(Some(service.service_type_id));
        is_id(Some(service.provider_id));
        is_id(service.usage_plan_group_id);
        assert_text(service.description.as_deref(), LONGEST_DESCRIPTION);
        service.activated_date.into_iter().for_each(assert_day);
        match &service.billed {
            Billed::Package(package) => is_id(Some(*package)),
            Billed::Products(products) => {
                assert!((1..=MOST_PRODUCTS).contains(&products.len()));
                let distinct: HashSet<i32> = products.iter().map(|one| one.product_id).collect();
                assert_eq!(distinct.len(), products.len(), "a product twice");
                for product in products {
                    is_id(Some(product.product_id));
                    assert_amount(product.rate);
                }
            }
        }
    }
    if let Some(plan) = &options.carrier_plan {
        assert!(!plan.carrier_rate_plan.is_empty());
        assert_text(Some(&plan.carrier_rate_plan), LONGEST_PLAN_NAME);
        assert_text(plan.comm_plan.as_deref(), LONGEST_PLAN_NAME);
    }
    if let Some(plan) = &options.customer_plan {
        is_id(Some(plan.customer_rate_plan));
        is_id(plan.customer_rate_pool);
        plan.data_allocation_mb.into_iter().for_each(assert_amount);
    }
}

fn assert_day(day: Date) {
    assert!((FIRST_YEAR..=LAST_YEAR).contains(&day.year()), "{day}");
}

fn assert_amount(amount: Decimal) {
    assert!(amount >= Decimal::ZERO && amount < Decimal::from(AMOUNT_BELOW));
    assert!(amount.normalize().scale() <= AMOUNT_DIGITS, "{amount}");
}

fn assert_text(text: Option<&str>, longest: usize) {
    if let Some(text) = text {
        assert!(!text.is_empty() && text == text.trim() && !text.contains('\0'));
        assert!(text.chars().count() <= longest);
    }
}

/// Every member of a body that was read is one of the request, in one of its two spellings, once.
fn assert_nothing_ignored(raw: &Value) {
    let mut seen = HashSet::new();
    for name in raw.as_object().into_iter().flat_map(Map::keys) {
        let known = NAMES
            .iter()
            .chain(&MORE_NAMES)
            .find(|known| **known == name || pascal(known) == *name);
        assert!(known.is_some(), "{name:?} was passed over");
        assert!(seen.insert(known), "{name:?} stands there twice");
    }
}

/// Each device of the body once and in its order; those that came again, once each, in the order in which they did.
fn assert_devices(raw: &Value, request: &AssociateRequest) {
    let (mut once, mut again) = (Vec::new(), Vec::new());
    for device in member(raw, "devices")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        let device = device.as_str().unwrap_or_default().trim();
        if !once.contains(&device) {
            once.push(device);
        } else if !again.contains(&device) {
            again.push(device);
        }
        // The search above is slow, and 10,000 devices are for the property tests.
        if once.len() > 300 {
            return;
        }
    }
    let digits = |devices: &[Iccid]| devices.iter().map(|one| one.as_str().to_owned()).collect();
    let (devices, duplicates): (Vec<String>, Vec<String>) =
        (digits(&request.devices), digits(&request.duplicates));
    assert_eq!(devices, once, "not each device once, in the order given");
    assert_eq!(duplicates, again, "not each repeated device once");
}

/// A day that counts is written `yyyy-MM-dd`, with nothing but a midnight behind it.
fn assert_dates_as_written(raw: &Value) {
    for name in ["effectiveDate", "activatedDate"] {
        let Some(text) = member(raw, name).and_then(Value::as_str) else {
            continue;
        };
        let text = text.trim();
        // Of an option that is not chosen an empty text is harmless.
        if text.is_empty() {
            continue;
        }
        let day = text.split('T').next().unwrap_or_default();
        let shape: String = day
            .chars()
            .map(|letter| if letter.is_ascii_digit() { '9' } else { letter })
            .collect();
        assert_eq!(shape, "9999-99-99", "{name} was read from {text:?}");
    }
}

/// What was read, written in the form of the API, is read the same.
fn assert_reads_back(request: &AssociateRequest) {
    let back = parse(body_of(request).to_string().as_bytes());
    let expected = AssociateRequest {
        duplicates: Vec::new(),
        ..request.clone()
    };
    assert_eq!(
        back.as_ref(),
        Ok(&expected),
        "what was read does not read back"
    );
}

/// A request in the form of the API.
#[must_use]
pub fn body_of(request: &AssociateRequest) -> Value {
    let mut body = json!({
        "devices": request.devices,
        "serviceProviderId": request.service_provider.get(),
        "revCustomerId": request.rev_customer.as_str(),
        "integrationAuthenticationId": request.integration_authentication.map(IntegrationAuthenticationId::get),
    });
    match request.effective {
        Effective::SubmitDay => {}
        Effective::On(day) => body["effectiveDate"] = json!(day.to_string()),
        Effective::CarrierActivation => body["useCarrierActivationDate"] = json!(true),
    }
    if let Some(service) = &request.options.rev_service {
        body["createRevService"] = json!(true);
        body["serviceTypeId"] = json!(service.service_type_id);
        body["providerId"] = json!(service.provider_id);
        body["prorate"] = json!(service.prorate);
        body["description"] = json!(service.description);
        body["usagePlanGroupId"] = json!(service.usage_plan_group_id);
        body["activatedDate"] = json!(service.activated_date.map(|day| day.to_string()));
        match &service.billed {
            Billed::Package(package) => body["revPackageId"] = json!(package),
            Billed::Products(products) => {
                let products = products.iter();
                body["products"] = products
                    .map(|one| json!({"productId": one.product_id, "rate": number(one.rate)}))
                    .collect();
            }
        }
    }
    if let Some(plan) = &request.options.carrier_plan {
        body["addCarrierRatePlan"] = json!(true);
        body["carrierRatePlan"] = json!(plan.carrier_rate_plan);
        body["commPlan"] = json!(plan.comm_plan);
    }
    if let Some(plan) = &request.options.customer_plan {
        body["addCustomerRatePlan"] = json!(true);
        body["customerRatePlan"] = json!(plan.customer_rate_plan);
        body["customerRatePool"] = json!(plan.customer_rate_pool);
        body["customerDataAllocationMB"] = json!(plan.data_allocation_mb.map(number));
    }
    body
}

/// An amount as a JSON number.
fn number(amount: Decimal) -> Value {
    serde_json::from_str(&amount.normalize().to_string()).unwrap_or_default()
}

fn assert_refusal(body: &[u8], errors: &[MemberError]) {
    assert!((1..=101).contains(&errors.len()), "{} faults", errors.len());
    let raw: Value = serde_json::from_slice(body).unwrap_or_default();
    let mut told = 0;
    for error in errors {
        let MemberError {
            pointer,
            code,
            detail,
        } = error;
        assert_code(code);
        assert_fit(detail, 200);
        assert!(
            pointer.is_empty() || pointer.starts_with('/'),
            "{pointer:?}"
        );
        assert!(
            matches!(*code, "missing" | "conflict" | "length") || leads_somewhere(&raw, pointer),
            "{code}: nothing stands at {pointer:?}"
        );
        told += pointer.len();
    }
    // A pointer repeats the names on its way, and nothing else of the body; in a name ~ and / take two bytes each.
    assert!(
        told <= 2 * body.len() + 64 * errors.len(),
        "{told} bytes of pointers"
    );
}

/// Whether a pointer leads to a member, in either spelling of its names.
fn leads_somewhere(raw: &Value, pointer: &str) -> bool {
    let mut at = raw;
    for name in pointer.split('/').skip(1) {
        let name = name.replace("~1", "/").replace("~0", "~");
        let found = match at {
            Value::Array(values) => name
                .parse::<usize>()
                .ok()
                .and_then(|place| values.get(place)),
            other => member(other, &name),
        };
        let Some(found) = found else { return false };
        at = found;
    }
    true
}

fn member<'a>(object: &'a Value, name: &str) -> Option<&'a Value> {
    object
        .get(name)
        .filter(|value| !value.is_null())
        .or_else(|| object.get(pascal(name)))
        .or_else(|| object.get(name))
}

fn pascal(name: &str) -> String {
    let mut letters = name.chars();
    let first = letters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}

//! What a body must be like, and that every fault is named where it stands.

use association::{
    ids::Iccid,
    parse::{Invalid, parse},
    request::Effective,
    service_line::Billed,
};
use proptest::prelude::*;
use serde_json::{Value, json};

const DEVICE: &str = "8900000000000000001";

fn plain() -> Value {
    json!({"devices": [DEVICE], "serviceProviderId": 1, "revCustomerId": "1001"})
}

fn with(members: Value) -> Value {
    let mut body = plain();
    for (name, value) in members.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}

fn faults(body: &Value) -> Vec<(String, &'static str)> {
    match parse(body.to_string().as_bytes()) {
        Err(Invalid::Members(errors)) => errors
            .into_iter()
            .map(|error| (error.pointer, error.code))
            .collect(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_smallest_request_is_read() {
    let request = parse(plain().to_string().as_bytes()).unwrap();
    assert_eq!(request.devices, [Iccid::parse(DEVICE).unwrap()]);
    assert_eq!(request.effective, Effective::SubmitDay);
    assert!(request.options.rev_service.is_none());
}

#[test]
fn the_names_of_the_existing_portal_are_read_and_its_empty_members_are_harmless() {
    let body = json!({
        "Devices": [format!(" {DEVICE} "), DEVICE], "ServiceProviderId": "1", "RevCustomerId": 1001,
        "CreateRevService": false, "ServiceTypeId": 0, "RevProductIdList": [], "RateList": [], "Prorate": false, "Description": "",
        "AddCustomerRatePlan": true, "CustomerRatePlan": "7", "CustomerRatePool": null, "CustomerDataAllocationMB": 12.5,
    });
    let request = parse(body.to_string().as_bytes()).unwrap();
    assert_eq!(request.duplicates, [Iccid::parse(DEVICE).unwrap()]);
    let plan = request.options.customer_plan.unwrap();
    assert_eq!(
        (
            plan.customer_rate_plan,
            plan.data_allocation_mb.unwrap().to_string()
        ),
        (7, "12.5".to_owned())
    );
}

#[test]
fn products_are_read_in_both_forms() {
    let service = json!({"createRevService": true, "serviceTypeId": 3, "providerId": 4});
    let mut one = with(service.clone());
    one["products"] = json!([{"productId": 11, "rate": 1.10}, {"productId": 12, "rate": 0}]);
    let mut other = with(service);
    other["revProductIdList"] = json!([11, 12]);
    other["rateList"] = json!([1.1, 0]);
    let read = |body: &Value| {
        parse(body.to_string().as_bytes())
            .unwrap()
            .options
            .rev_service
            .unwrap()
            .billed
    };
    assert_eq!(read(&one), read(&other));
    assert!(matches!(read(&one), Billed::Products(products) if products.len() == 2));
}

#[test]
fn each_fault_is_named_by_the_pointer_of_its_member() {
    let service = |members: Value| {
        let mut body = with(
            json!({"createRevService": true, "serviceTypeId": 3, "providerId": 4, "revPackageId": 5}),
        );
        for (name, value) in members.as_object().unwrap() {
            body[name] = value.clone();
        }
        body
    };
    let cases: Vec<(Value, &str, &str)> = vec![
        (with(json!({"devices": []})), "/devices", "empty"),
        (with(json!({"devices": "x"})), "/devices", "wrong-type"),
        (with(json!({"devices": null})), "/devices", "missing"),
        (
            with(json!({"devices": [DEVICE, 5]})),
            "/devices/1",
            "wrong-type",
        ),
        (
            with(json!({"devices": ["1".repeat(40)]})),
            "/devices/0",
            "not-an-iccid",
        ),
        (
            with(json!({"devices": ["😀'; DROP TABLE Device --"]})),
            "/devices/0",
            "not-an-iccid",
        ),
        (
            with(json!({"devices": vec![DEVICE; 10_001]})),
            "/devices",
            "too-many-devices",
        ),
        (
            with(json!({"revCustomerId": "1 OR 1=1"})),
            "/revCustomerId",
            "not-a-customer-number",
        ),
        (
            with(json!({"revCustomerId": true})),
            "/revCustomerId",
            "not-a-customer-number",
        ),
        (
            with(json!({"serviceProviderId": "😀"})),
            "/serviceProviderId",
            "not-an-id",
        ),
        (
            with(json!({"serviceProviderId": 0})),
            "/serviceProviderId",
            "not-an-id",
        ),
        (
            with(json!({"serviceProviderId": 1.5})),
            "/serviceProviderId",
            "not-an-id",
        ),
        (
            with(json!({"serviceProviderId": null})),
            "/serviceProviderId",
            "missing",
        ),
        (
            with(json!({"effectiveDate": "2025-02-30"})),
            "/effectiveDate",
            "not-a-date",
        ),
        (
            with(json!({"effectiveDate": "1999-12-31"})),
            "/effectiveDate",
            "out-of-range",
        ),
        (
            with(json!({"effectiveDate": 20_250_101})),
            "/effectiveDate",
            "not-a-date",
        ),
        (
            with(json!({"effectiveDate": "2025-01-01", "useCarrierActivationDate": true})),
            "/useCarrierActivationDate",
            "conflict",
        ),
        (with(json!({"colour": 1})), "/colour", "unknown-member"),
        (with(json!({"a/b~c": 1})), "/a~1b~0c", "unknown-member"),
        (
            with(json!({"Devices": [DEVICE]})),
            "/devices",
            "duplicate-member",
        ),
        (
            with(json!({"createRevService": "yes"})),
            "/createRevService",
            "wrong-type",
        ),
        (
            with(json!({"serviceTypeId": 3})),
            "/serviceTypeId",
            "option-not-chosen",
        ),
        (
            with(json!({"createRevService": true})),
            "/serviceTypeId",
            "missing",
        ),
        (
            service(json!({"revPackageId": null})),
            "/products",
            "missing",
        ),
        (
            service(json!({"products": [{"productId": 1, "rate": 1}]})),
            "/products",
            "conflict",
        ),
        (
            service(json!({"revPackageId": null, "products": [{"productId": 1, "rate": -1}]})),
            "/products/0/rate",
            "not-an-amount",
        ),
        (
            service(json!({"revPackageId": null, "products": [{"productId": 1, "rate": 1.00001}]})),
            "/products/0/rate",
            "not-an-amount",
        ),
        (
            service(
                json!({"revPackageId": null, "products": [{"productId": 1, "rate": 1, "x": 1}]}),
            ),
            "/products/0/x",
            "unknown-member",
        ),
        (
            service(json!({"revPackageId": null, "revProductIdList": [1, 2], "rateList": [1]})),
            "/rateList",
            "length",
        ),
        (
            service(json!({"revPackageId": null, "revProductIdList": [1, 1], "rateList": [1, 2]})),
            "/revProductIdList",
            "duplicate-product",
        ),
        (
            service(json!({"description": "x".repeat(1001)})),
            "/description",
            "too-long",
        ),
        (
            with(json!({"addCarrierRatePlan": true})),
            "/carrierRatePlan",
            "missing",
        ),
        (
            with(json!({"addCarrierRatePlan": true, "carrierRatePlan": "x".repeat(256)})),
            "/carrierRatePlan",
            "too-long",
        ),
        (
            with(json!({"addCustomerRatePlan": true})),
            "/customerRatePlan",
            "missing",
        ),
        (
            with(json!({"addCustomerRatePlan": true, "customerRatePlan": "gold"})),
            "/customerRatePlan",
            "not-an-id",
        ),
    ];
    for (body, pointer, code) in cases {
        let found = faults(&body);
        assert!(
            found.contains(&(pointer.to_owned(), code)),
            "{pointer} {code} not among {found:?}"
        );
    }
}

#[test]
fn free_text_is_text() {
    let body = with(json!({
        "createRevService": true, "serviceTypeId": 3, "providerId": 4, "revPackageId": 5, "description": "'; DROP TABLE Device -- 😀",
    }));
    let request = parse(body.to_string().as_bytes()).unwrap();
    assert_eq!(
        request.options.rev_service.unwrap().description.unwrap(),
        "'; DROP TABLE Device -- 😀"
    );
}

#[test]
fn all_faults_are_told_at_once_and_not_without_end() {
    assert!(
        faults(&json!({"devices": ["x"], "revCustomerId": "x", "serviceProviderId": "x", "y": 1}))
            .len()
            >= 4
    );
    assert_eq!(
        faults(&with(json!({"devices": vec!["x"; 10_000]}))).len(),
        101
    );
}

#[test]
fn ten_thousand_devices_are_accepted() {
    let devices: Vec<String> = (0..10_000).map(|n| format!("89{n:017}")).collect();
    assert_eq!(
        parse(with(json!({"devices": devices})).to_string().as_bytes())
            .unwrap()
            .devices
            .len(),
        10_000
    );
}

#[test]
fn what_is_not_json_is_told_with_its_place() {
    assert!(
        matches!(parse(b"{\"devices\": ["), Err(Invalid::NotJson { detail }) if detail.contains("line 1"))
    );
    assert!(matches!(parse(b"[]"), Err(Invalid::Members(_))));
}

proptest! {
    #[test]
    fn no_input_makes_the_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = parse(&bytes);
    }

    #[test]
    fn no_json_value_in_any_member_makes_the_reader_panic(name in "[a-zA-Z]{1,12}", text in ".{0,30}", number in any::<f64>()) {
        for member in ["devices", "revCustomerId", "effectiveDate", "products", "rateList", "customerRatePlan", &name] {
            for value in [json!(text), json!(number), json!([text, number]), json!({"a": text})] {
                let _ = parse(with(json!({member: value, "createRevService": true, "addCustomerRatePlan": true})).to_string().as_bytes());
            }
        }
    }
}

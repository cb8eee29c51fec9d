//! How much a request may say, to the last character, and that what is wrong is told once.

use serde_json::json;
use time::macros::date;

use super::*;
use crate::{limits::MOST_PRODUCTS, service_line::Billed};

const DEVICE: &str = "8900000000000000001";

fn plain(members: Value) -> Value {
    let mut body = json!({"devices": [DEVICE], "serviceProviderId": 1, "revCustomerId": "1001"});
    let Value::Object(members) = members else {
        panic!("{members}")
    };
    body.as_object_mut().unwrap().extend(members);
    body
}

/// With a service line, billed with a package unless `members` say otherwise.
fn service(members: Value) -> Value {
    let mut body = plain(
        json!({"createRevService": true, "serviceTypeId": 3, "providerId": 4, "revPackageId": 5}),
    );
    let Value::Object(members) = members else {
        panic!("{members}")
    };
    body.as_object_mut().unwrap().extend(members);
    body
}

fn read(body: &Value) -> Result<AssociateRequest, Vec<(String, &'static str)>> {
    match parse(body.to_string().as_bytes()) {
        Ok(request) => Ok(request),
        Err(Invalid::Members(errors)) => Err(errors
            .into_iter()
            .map(|error| (error.pointer, error.code))
            .collect()),
        Err(other) => panic!("{other:?}"),
    }
}

fn told(body: &Value) -> Vec<(String, &'static str)> {
    read(body).expect_err("it should have been refused")
}

fn one(pointer: &str, code: &'static str) -> Vec<(String, &'static str)> {
    vec![(pointer.to_owned(), code)]
}

fn products(count: usize) -> Value {
    (0..count)
        .map(|n| json!({"productId": n + 1, "rate": 1}))
        .collect()
}

#[test]
fn what_is_wrong_is_told_once_and_not_as_missing_too() {
    for (body, pointer, code) in [
        (
            service(json!({"revPackageId": "x"})),
            "/revPackageId",
            "not-an-id",
        ),
        (
            service(json!({"revPackageId": null, "products": [{"productId": "x", "rate": 1}]})),
            "/products/0/productId",
            "not-an-id",
        ),
        (
            service(json!({"revPackageId": null, "products": [7]})),
            "/products/0",
            "wrong-type",
        ),
        (
            service(
                json!({"revPackageId": null, "revProductIdList": [1, "x"], "rateList": [1, 2]}),
            ),
            "/revProductIdList/1",
            "not-an-id",
        ),
        (
            service(
                json!({"revPackageId": null, "revProductIdList": [1, 2], "rateList": [1, "x"]}),
            ),
            "/rateList/1",
            "not-an-amount",
        ),
        (
            service(json!({"serviceTypeId": "x"})),
            "/serviceTypeId",
            "not-an-id",
        ),
        (
            plain(json!({"revCustomerId": "x"})),
            "/revCustomerId",
            "not-a-customer-number",
        ),
        (plain(json!({"devices": "x"})), "/devices", "wrong-type"),
        (
            plain(json!({"addCarrierRatePlan": true, "carrierRatePlan": 7})),
            "/carrierRatePlan",
            "wrong-type",
        ),
        (
            plain(json!({"addCarrierRatePlan": true, "carrierRatePlan": "a\u{0}b"})),
            "/carrierRatePlan",
            "control-character",
        ),
        (
            plain(
                json!({"addCustomerRatePlan": true, "customerRatePlan": 7, "customerDataAllocationMB": "many"}),
            ),
            "/customerDataAllocationMB",
            "not-an-amount",
        ),
    ] {
        assert_eq!(told(&body), one(pointer, code), "{body}");
    }
}

#[test]
fn what_is_empty_is_missing_and_not_wrong() {
    for (body, pointer) in [
        (
            plain(json!({"serviceProviderId": " "})),
            "/serviceProviderId",
        ),
        (service(json!({"providerId": ""})), "/providerId"),
        (
            plain(json!({"addCarrierRatePlan": true, "carrierRatePlan": "  "})),
            "/carrierRatePlan",
        ),
        (
            service(json!({"revPackageId": null, "products": []})),
            "/products",
        ),
    ] {
        assert_eq!(told(&body), one(pointer, "missing"), "{body}");
    }
}

#[test]
fn a_line_has_fifty_products_at_most() {
    let with = |count| service(json!({"revPackageId": null, "products": products(count)}));
    let request = read(&with(MOST_PRODUCTS)).unwrap();
    assert!(
        matches!(request.options.rev_service.unwrap().billed, Billed::Products(products) if products.len() == 50)
    );
    assert_eq!(told(&with(51)), one("/products", "too-many-products"));
}

#[test]
fn a_text_is_as_long_as_its_column_and_no_longer() {
    let description = |letters| service(json!({"description": "é".repeat(letters)}));
    let kept = read(&description(1000)).unwrap();
    assert_eq!(
        kept.options.rev_service.unwrap().description,
        Some("é".repeat(1000))
    );
    assert_eq!(told(&description(1001)), one("/description", "too-long"));
    let plan = |letters| {
        plain(
            json!({"addCarrierRatePlan": true, "carrierRatePlan": format!(" {} ", "é".repeat(letters))}),
        )
    };
    let kept = read(&plan(255)).unwrap().options.carrier_plan.unwrap();
    assert_eq!(kept.carrier_rate_plan, "é".repeat(255));
    assert_eq!(told(&plan(256)), one("/carrierRatePlan", "too-long"));
}

#[test]
fn an_id_is_a_whole_number_from_1_to_2147483647() {
    let id = |value: Value| plain(json!({"serviceProviderId": value}));
    for (value, number) in [
        (json!(1), 1),
        (json!(2_147_483_647), i32::MAX),
        (json!(" 2147483647 "), i32::MAX),
    ] {
        assert_eq!(
            read(&id(value)).map(|request| request.service_provider.get()),
            Ok(number)
        );
    }
    for value in [
        json!(0),
        json!(-1),
        json!(2_147_483_648_i64),
        json!("2147483648"),
        json!("99999999999999999999"),
        json!("+5"),
        json!("5.0"),
        json!([5]),
        json!(true),
    ] {
        assert_eq!(
            told(&id(value.clone())),
            one("/serviceProviderId", "not-an-id"),
            "{value}"
        );
    }
}

#[test]
fn an_amount_is_from_0_to_below_a_million_millions_with_four_digits_at_most() {
    let rate = |text: &str| {
        let products =
            json!([{"productId": 1, "rate": serde_json::from_str::<Value>(text).unwrap()}]);
        read(&service(
            json!({"revPackageId": null, "products": products}),
        ))
        .map(
            |request| match request.options.rev_service.unwrap().billed {
                Billed::Products(products) => products[0].rate.to_string(),
                Billed::Package(package) => panic!("{package}"),
            },
        )
    };
    for (written, amount) in [
        ("0", "0"),
        ("-0.0", "0"),
        ("12.50", "12.5"),
        ("0.0001", "0.0001"),
        ("1.5e1", "15"),
        ("999999999999.9", "999999999999.9"),
    ] {
        assert_eq!(rate(written), Ok(amount.to_owned()), "{written}");
    }
    for written in [
        "-0.0001",
        "0.00001",
        "1000000000000",
        "1e12",
        "1e300",
        "\"1\"",
    ] {
        assert_eq!(
            rate(written),
            Err(one("/products/0/rate", "not-an-amount")),
            "{written}"
        );
    }
}

#[test]
fn a_day_lies_between_2000_and_2099_and_may_be_written_with_midnight() {
    let day =
        |text: &str| read(&plain(json!({"effectiveDate": text}))).map(|request| request.effective);
    for (written, meant) in [
        ("2000-01-01", date!(2000 - 01 - 01)),
        ("2099-12-31", date!(2099 - 12 - 31)),
        (" 2026-03-01T00:00:00 ", date!(2026 - 03 - 01)),
        ("2026-03-01T00:00:00Z", date!(2026 - 03 - 01)),
    ] {
        assert_eq!(day(written), Ok(Effective::On(meant)), "{written}");
    }
    for (written, code) in [
        ("1999-12-31", "out-of-range"),
        ("2100-01-01", "out-of-range"),
        ("2026-03-01T00:00:01Z", "not-a-date"),
        ("", "not-a-date"),
    ] {
        assert_eq!(day(written), Err(one("/effectiveDate", code)), "{written}");
    }
}

#[test]
fn the_carrier_s_activation_day_is_taken_only_where_it_is_asked_for() {
    for (asked, effective) in [
        (true, Effective::CarrierActivation),
        (false, Effective::SubmitDay),
    ] {
        let body = plain(json!({"useCarrierActivationDate": asked}));
        assert_eq!(read(&body).map(|request| request.effective), Ok(effective));
    }
}

#[test]
fn what_an_option_brings_is_empty_where_the_option_is_not_chosen() {
    for (name, empty, given) in [
        ("serviceTypeId", json!(0), json!(3)),
        ("description", json!(" "), json!("x")),
        ("products", json!([]), json!([7])),
        ("prorate", json!(false), json!(true)),
        ("commPlan", json!(null), json!({})),
        ("customerDataAllocationMB", json!(0.0), json!(0.5)),
    ] {
        let with = |value: &Value| plain(json!({name: value}));
        assert!(read(&with(&empty)).is_ok(), "{name}");
        assert_eq!(
            told(&with(&given)),
            one(&format!("/{name}"), "option-not-chosen")
        );
    }
}

#[test]
fn the_first_hundred_faults_are_told_and_the_others_counted() {
    let wrong = |count: usize| plain(json!({"devices": vec!["x"; count]}));
    assert_eq!(told(&wrong(100)).len(), 100);
    let Err(Invalid::Members(errors)) = parse(wrong(103).to_string().as_bytes()) else {
        panic!()
    };
    assert_eq!(errors.len(), 101);
    assert_eq!(
        (errors[100].code, errors[100].detail.as_str()),
        ("more-faults", "3 more faults are not listed")
    );
}

#[test]
fn a_device_named_three_times_is_taken_once_and_told_once() {
    let other = "8900000000000000002";
    let request = read(&plain(json!({"devices": [DEVICE, other, DEVICE, DEVICE]}))).unwrap();
    let text = |ids: &[Iccid]| {
        ids.iter()
            .map(|id| id.as_str().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(text(&request.devices), [DEVICE, other]);
    assert_eq!(text(&request.duplicates), [DEVICE]);
}

//! What AMOP 2.0 and the old portal write is read, what is wrong is told, and nothing makes the reading fall over.

use association::{
    check::{CustomerRow, DeviceRow, Found},
    decide::plan,
    foreign::read,
    foreign_rows::{Enrolment, Fixed, ForeignRow, sort},
    ids::{ChangeId, Iccid, IntegrationAuthenticationId, RevCustomerId, ServiceProviderId},
    parse::parse,
    plan::Reason,
    request::{CarrierPlanOptions, Effective},
    service_line::{Billed, Product},
};
use proptest::prelude::*;
use serde_json::{Value, json};
use time::macros::date;

use crate::known;

fn iccid(n: i32) -> Iccid {
    Iccid::parse(&format!("89{n:017}")).unwrap()
}

/// As the old portal writes it (Newtonsoft, nulls written).
fn portal(n: i32) -> Value {
    json!({
        "Number": format!("1555{n:07}"), "ICCID": iccid(n).as_str(), "RevCustomerId": "1001", "DeviceId": n, "CreateRevService": true,
        "ServiceTypeId": 3, "RevPackageId": null, "RevProductIdList": [11, null, 12], "RateList": [4.5, null, 0.25], "Prorate": true,
        "Description": "Fleet", "EffectiveDate": "2026-03-01T00:00:00", "AddCarrierRatePlan": false, "CarrierRatePlan": null,
        "CommPlan": null, "IntegrationAuthenticationId": 9, "JasperDeviceID": "x", "SiteId": 5, "ActivatedDate": "2026-03-02T00:00:00",
        "ProviderId": 4, "UsagePlanGroupId": null, "AddCustomerRatePlan": true, "CustomerRatePlan": "7", "CustomerRatePool": "",
        "RevProductId": null, "Rate": null,
    })
}

/// As AMOP 2.0 writes it.
fn newer(n: i32) -> Value {
    json!({
        "Number": iccid(n).as_str(), "ICCID": iccid(n).as_str(), "RevCustomerId": 1001, "DeviceId": n.to_string(), "CreateRevService": "true",
        "ServiceTypeId": "3", "RevPackageId": 0, "RevProductIdList": 11, "RateList": "4.50", "Prorate": null, "Description": "",
        "EffectiveDate": null, "AddCarrierRatePlan": null, "IntegrationAuthenticationId": 0, "SiteId": null, "ActivatedDate": null,
        "ProviderId": "4", "AddCustomerRatePlan": null, "CustomerRatePlan": 7, "ServiceProviderId": 1, "ChangeType": "Assign Customer",
    })
}

#[test]
fn both_producers_say_the_same_in_their_own_ways() {
    let portal = read(&portal(1).to_string()).unwrap();
    let newer = read(&newer(1).to_string()).unwrap();
    assert_eq!(portal.rev_customer, newer.rev_customer);
    assert_eq!(portal.effective, Effective::On(date!(2026 - 03 - 01)));
    assert_eq!(newer.effective, Effective::CarrierActivation);
    assert_eq!((portal.device, newer.device), (Some(1), Some(1)));
    assert_eq!(
        (
            portal.integration_authentication,
            newer.integration_authentication
        ),
        (Some(9), None)
    );
    assert_eq!((portal.site, newer.site), (Some(5), None));
    let (portal_line, newer_line) = (
        portal.options.rev_service.unwrap(),
        newer.options.rev_service.unwrap(),
    );
    assert_eq!(
        (portal_line.service_type_id, portal_line.provider_id),
        (newer_line.service_type_id, newer_line.provider_id)
    );
    assert_eq!((portal_line.prorate, newer_line.prorate), (true, false));
    assert_eq!(
        (portal_line.description.as_deref(), newer_line.description),
        (Some("Fleet"), None)
    );
    assert_eq!(
        (portal_line.activated_date, newer_line.activated_date),
        (Some(date!(2026 - 03 - 02)), None)
    );
    let product = |product_id, cents| Product {
        product_id,
        rate: rust_decimal(cents),
    };
    assert_eq!(
        portal_line.billed,
        Billed::Products(vec![product(11, 450), product(12, 25)])
    );
    assert_eq!(newer_line.billed, Billed::Products(vec![product(11, 450)]));
    for plan in [portal.options.customer_plan, newer.options.customer_plan] {
        let plan = plan.unwrap();
        assert_eq!(
            (plan.customer_rate_plan, plan.customer_rate_pool),
            (7, None)
        );
    }
}

fn rust_decimal(cents: i64) -> rust_decimal::Decimal {
    rust_decimal::Decimal::new(cents, 2).normalize()
}

fn with(changes: &Value) -> String {
    let mut value = portal(1);
    for (name, changed) in changes.as_object().unwrap() {
        value[name] = changed.clone();
    }
    value.to_string()
}

#[test]
fn a_package_wins_over_products_and_a_single_product_stands_in_for_a_list() {
    let billed = |changes: Value| {
        read(&with(&changes))
            .unwrap()
            .options
            .rev_service
            .unwrap()
            .billed
    };
    assert_eq!(billed(json!({"RevPackageId": "6"})), Billed::Package(6));
    assert_eq!(
        billed(json!({"RevProductIdList": [null], "RateList": [], "RevProductId": 13, "Rate": 1})),
        Billed::Products(vec![Product {
            product_id: 13,
            rate: 1.into()
        }])
    );
}

#[test]
fn the_flag_of_the_customer_plan_decides_where_it_is_said() {
    let plan =
        |changes: Value| read(&with(&changes)).map(|change| change.options.customer_plan.is_some());
    assert_eq!(plan(json!({"AddCustomerRatePlan": false})), Ok(false));
    assert_eq!(plan(json!({"AddCustomerRatePlan": null})), Ok(true));
    assert_eq!(
        plan(json!({"AddCustomerRatePlan": null, "CustomerRatePlan": "none"})),
        Ok(false)
    );
    assert!(plan(json!({"AddCustomerRatePlan": true, "CustomerRatePlan": ""})).is_err());
    assert!(plan(json!({"CustomerRatePlan": null, "CustomerRatePool": "3"})).is_err());
}

#[test]
fn what_is_wrong_is_said_by_name() {
    for (changes, word) in [
        (json!({"RevCustomerId": null}), "RevCustomerId is missing"),
        (json!({"RevCustomerId": "  "}), "RevCustomerId is missing"),
        (json!({"RevCustomerId": "abc"}), "RevCustomerId is not"),
        (json!({"EffectiveDate": "soon"}), "EffectiveDate"),
        (json!({"CreateRevService": "perhaps"}), "CreateRevService"),
        (json!({"ServiceTypeId": 0}), "ServiceTypeId is missing"),
        (json!({"ProviderId": null}), "ProviderId is missing"),
        (json!({"RevProductIdList": []}), "neither RevPackageId"),
        (json!({"RateList": [4.5]}), "no rate for product 12"),
        (
            json!({"RevProductIdList": [11, 11], "RateList": [1, 2]}),
            "product 11 twice",
        ),
        (json!({"RateList": [-1, null, 1]}), "rate of product 11"),
        (
            json!({"AddCarrierRatePlan": true}),
            "CarrierRatePlan is missing",
        ),
        (json!({"DeviceId": {}}), "DeviceId"),
        (json!({"ICCID": "12"}), "ICCID"),
    ] {
        let told = read(&with(&changes)).unwrap_err().to_string();
        assert!(told.contains(word), "{changes}: {told}");
    }
    for text in [
        "",
        "{",
        "[]",
        "null",
        "7",
        "{\"RevCustomerId\": \"1001\"",
        "\u{feff}{}",
    ] {
        assert!(read(text).is_err(), "{text}");
    }
    let not_rev =
        json!({"Devices": [iccid(1).as_str()], "ServiceProviderId": 1, "TenantId": 1, "SiteId": 2});
    assert!(
        read(&not_rev.to_string())
            .unwrap_err()
            .to_string()
            .contains("not billed by Rev")
    );
}

fn found(devices: std::ops::RangeInclusive<i32>) -> Found {
    let rows = devices.map(|n| DeviceRow {
        activation_date: Some(date!(2025 - 12 - 24)),
        ..known::device_with_number(iccid(n), n, usize::try_from(n).unwrap())
    });
    Found {
        today: Some(date!(2026 - 03 - 05)),
        ..known::found(rows)
    }
}

fn row(n: i32, json: &Value) -> ForeignRow {
    ForeignRow {
        change: ChangeId::new(i64::from(n) + 100).unwrap(),
        iccid: iccid(n).as_str().to_owned(),
        device: None,
        text: Some(json.to_string()),
    }
}

fn enrol(rows: &[ForeignRow], fixed: Option<&Fixed>, found: &Found) -> Enrolment {
    let sorted = sort(rows, ServiceProviderId::new(1).unwrap(), fixed);
    let answers = vec![found.clone(); sorted.questions().count()];
    sorted.judge(&answers)
}

fn refusals(enrolment: &Enrolment) -> Vec<(i64, Reason, String)> {
    enrolment
        .refused
        .iter()
        .map(|row| (row.change.get() - 100, row.reason, row.words.clone()))
        .collect()
}

#[test]
fn each_row_is_fixed_by_its_own_dates_and_products() {
    let rows = [row(1, &portal(1)), row(2, &newer(2))];
    let enrolment = enrol(&rows, None, &found(1..=2));
    assert!(enrolment.refused.is_empty(), "{:?}", enrolment.refused);
    let dates: Vec<_> = enrolment
        .accepted
        .iter()
        .map(|row| (row.request.effective_date, row.request.activated_date))
        .collect();
    let (march, second, carrier) = (
        date!(2026 - 03 - 01),
        date!(2026 - 03 - 02),
        date!(2025 - 12 - 24),
    );
    assert_eq!(dates, [(march, second), (carrier, carrier)]);
    assert_eq!(enrolment.accepted[0].request.rev_product_id_list, [11, 12]);
    // Rev is asked once for what every line is billed with.
    let Some(Billed::Products(shared)) =
        enrolment.options.rev_service.map(|service| service.billed)
    else {
        panic!()
    };
    assert_eq!(
        shared
            .iter()
            .map(|product| product.product_id)
            .collect::<Vec<_>>(),
        [11]
    );
    assert_eq!(enrolment.customer.unwrap().1.get(), 9);
}

#[test]
fn rows_are_asked_about_once_for_each_plan() {
    let mut other_plan = portal(3);
    other_plan["CustomerRatePlan"] = json!("8");
    let rows = [row(1, &portal(1)), row(2, &newer(2)), row(3, &other_plan)];
    let sorted = sort(&rows, ServiceProviderId::new(1).unwrap(), None);
    let asked: Vec<(usize, bool)> = sorted
        .questions()
        .map(|question| {
            (
                question.devices.len(),
                question.effective == Effective::CarrierActivation,
            )
        })
        .collect();
    assert_eq!(asked, [(2, true), (1, false)]);
}

#[test]
fn a_row_that_disagrees_is_refused_with_what_disagrees() {
    let spoil = |n: i32, name: &str, value: Value| {
        let mut json = portal(n);
        json[name] = value;
        row(n, &json)
    };
    let mut carrier = portal(6);
    carrier["AddCarrierRatePlan"] = json!(true);
    carrier["CarrierRatePlan"] = json!("C");
    let rows = [
        row(1, &portal(1)),
        spoil(2, "RevCustomerId", json!("1002")),
        spoil(3, "IntegrationAuthenticationId", json!(8)),
        spoil(4, "SiteId", json!(6)),
        spoil(5, "DeviceId", json!(77)),
        row(6, &carrier),
        ForeignRow {
            device: Some(78),
            ..row(7, &portal(7))
        },
        spoil(8, "ICCID", json!(iccid(1).as_str())),
        ForeignRow {
            change: ChangeId::new(109).unwrap(),
            ..row(1, &portal(1))
        },
        ForeignRow {
            iccid: "no-iccid".to_owned(),
            ..row(10, &newer(10))
        },
        ForeignRow {
            text: None,
            ..row(11, &newer(11))
        },
        row(12, &portal(12)),
    ];
    let enrolment = enrol(&rows, None, &found(1..=11));
    assert_eq!(
        enrolment
            .accepted
            .iter()
            .map(|row| row.device.get())
            .collect::<Vec<_>>(),
        [1]
    );
    let mut told = refusals(&enrolment);
    told.sort_by_key(|(n, ..)| *n);
    let expected = [
        (2, Reason::MalformedChange, "RevCustomerId is 1002"),
        (
            3,
            Reason::MalformedChange,
            "IntegrationAuthenticationId is 8, and the tables say 9",
        ),
        (
            4,
            Reason::MalformedChange,
            "SiteId is 6, and the tables say 5",
        ),
        (
            5,
            Reason::MalformedChange,
            "DeviceId is 77, and the tables say 5",
        ),
        (6, Reason::MalformedChange, "CarrierRatePlan or CommPlan"),
        (7, Reason::MalformedChange, "DeviceId of the row is 78"),
        (8, Reason::MalformedChange, "ICCID names another"),
        (9, Reason::DuplicateDevice, "change 101 counts"),
        (10, Reason::DeviceNotFound, "18 to 22 digits"),
        (11, Reason::MalformedChange, "no stored change"),
        (12, Reason::DeviceNotFound, "no such device"),
    ];
    assert_eq!(told.len(), expected.len(), "{told:?}");
    for ((n, reason, words), (wanted_n, wanted, part)) in told.iter().zip(expected) {
        assert_eq!((*n, *reason), (wanted_n, wanted), "{words}");
        assert!(words.contains(part), "{words}");
    }
}

#[test]
fn an_account_that_no_customer_has_does_not_hide_the_customer_from_the_other_rows() {
    let mut wrong = portal(1);
    wrong["IntegrationAuthenticationId"] = json!(8);
    let enrolment = enrol(&[row(1, &wrong), row(2, &newer(2))], None, &found(1..=2));
    assert_eq!(refusals(&enrolment).len(), 1);
    assert_eq!(enrolment.accepted.len(), 1);
}

#[test]
fn a_fault_of_the_whole_ends_each_row_with_a_reason_of_its_own() {
    type Spoil = fn(&mut Found);
    let cases: [(Spoil, Reason); 4] = [
        (|found| found.customers.clear(), Reason::CustomerNotUsable),
        (
            |found| found.customers[0].site = None,
            Reason::CustomerNotUsable,
        ),
        (|found| found.customer_plan = None, Reason::RatePlanNotFound),
        (
            |found| found.service_provider = false,
            Reason::DeviceNotFound,
        ),
    ];
    for (spoil, reason) in cases {
        let mut found = found(1..=2);
        spoil(&mut found);
        let enrolment = enrol(&[row(1, &portal(1)), row(2, &portal(2))], None, &found);
        assert!(enrolment.accepted.is_empty() && enrolment.customer.is_none());
        assert!(
            enrolment.refused.len() == 2
                && enrolment.refused.iter().all(|row| row.reason == reason),
            "{reason:?}"
        );
    }
}

#[test]
fn what_an_earlier_enrolment_fixed_holds_for_later_rows() {
    let fixed = Fixed {
        rev_customer: RevCustomerId::parse("1002").unwrap(),
        integration_authentication: IntegrationAuthenticationId::new(9).unwrap(),
        carrier_plan: Some(CarrierPlanOptions {
            carrier_rate_plan: "C".to_owned(),
            comm_plan: None,
        }),
    };
    let enrolment = enrol(&[row(1, &portal(1))], Some(&fixed), &found(1..=1));
    assert_eq!(refusals(&enrolment)[0].1, Reason::MalformedChange);
}

/// What an earlier enrolment fixed: customer 1001, billed by account 9.
fn fixed() -> Fixed {
    Fixed {
        rev_customer: RevCustomerId::parse("1001").unwrap(),
        integration_authentication: IntegrationAuthenticationId::new(9).unwrap(),
        carrier_plan: None,
    }
}

#[test]
fn a_bulk_change_whose_account_was_deactivated_goes_to_no_other_account_of_the_customer() {
    let mut found = found(1..=2);
    let of_another_account = CustomerRow {
        id: uuid::Uuid::from_u128(2),
        integration_authentication: IntegrationAuthenticationId::new(10).ok(),
        ..found.customers[0].clone()
    };
    // The account is not in use any more, and the customer of that time may be gone with it.
    found.customers[0].integration_authentication = None;
    for gone in [true, false] {
        found.customers[0].active = !gone;
        found.customers.truncate(1);
        found.customers.push(of_another_account.clone());
        let rows = [row(1, &newer(1)), row(2, &portal(2))];
        let enrolment = enrol(&rows, Some(&fixed()), &found);
        assert!(enrolment.accepted.is_empty(), "{:?}", enrolment.accepted);
        assert_eq!(enrolment.customer, None);
        let told = refusals(&enrolment);
        assert_eq!(told.len(), 2);
        for (_, reason, words) in told {
            assert_eq!(reason, Reason::CustomerNotUsable);
            assert!(words.contains("billing account 9"), "{words}");
        }
    }
    found.customers[0].active = true;
    found.customers[0].integration_authentication = IntegrationAuthenticationId::new(9).ok();
    let enrolment = enrol(&[row(1, &newer(1))], Some(&fixed()), &found);
    assert_eq!(
        enrolment.customer.unwrap().1.get(),
        9,
        "of both the fixed one"
    );
}

#[test]
fn what_the_old_portal_has_assigned_already_is_no_failure() {
    let mut json = portal(1);
    json["CreateRevService"] = json!(false);
    json["AddCustomerRatePlan"] = json!(false);
    let mut found = found(1..=1);
    found.devices[0].assignment = Some(association::check::Assignment {
        account: Some("1001".to_owned()),
        integration_authentication: Some(9),
        site: Some(5),
        ..Default::default()
    });
    assert_eq!(enrol(&[row(1, &json)], None, &found).accepted.len(), 1);
}

proptest! {
    #[test]
    fn no_text_makes_reading_fall_over(text: String) {
        let _ = read(&text);
    }

    #[test]
    fn no_value_of_any_member_makes_reading_fall_over(
        name in prop::sample::select(portal(1).as_object().unwrap().keys().cloned().collect::<Vec<_>>()),
        value in any_json(),
    ) {
        let mut json = portal(1);
        json[name] = value;
        let _ = read(&json.to_string());
    }

    #[test]
    fn what_our_own_change_says_reads_back(
        service: bool, prorate: bool, package in proptest::option::of(1_i32..9), rates in prop::collection::vec(0_u32..1_000_000, 1..4),
        carrier: bool, customer_plan: bool, pool in proptest::option::of(1_i32..9), day in 1_u8..28, description in "[A-Za-z][ -~]{0,20}[a-z]",
    ) {
        let mut body = json!({"devices": [iccid(1).as_str()], "serviceProviderId": 1, "revCustomerId": "1001", "effectiveDate": format!("2026-05-{day:02}")});
        if service {
            let products: Vec<Value> = (11..).zip(&rates).map(|(id, rate)| json!({"productId": id, "rate": f64::from(*rate) / 10_000.0})).collect();
            let line = json!({"createRevService": true, "serviceTypeId": 3, "providerId": 4, "prorate": prorate, "description": description, "activatedDate": "2026-04-30"});
            body.as_object_mut().unwrap().extend(line.as_object().unwrap().clone());
            match package {
                Some(package) => body["revPackageId"] = json!(package),
                None => body["products"] = json!(products),
            }
        }
        if carrier {
            body["addCarrierRatePlan"] = json!(true);
            body["carrierRatePlan"] = json!("C 1");
        }
        if customer_plan {
            body["addCustomerRatePlan"] = json!(true);
            body["customerRatePlan"] = json!(7);
            body["customerDataAllocationMB"] = json!(12.5);
            if let Some(pool) = pool {
                body["customerRatePool"] = json!(pool);
            }
        }
        let asked = parse(body.to_string().as_bytes()).unwrap();
        let plan = plan(&asked, &found(1..=1)).unwrap();
        let back = read(&serde_json::to_string(&plan.accepted[0].change).unwrap()).unwrap();
        prop_assert_eq!(back.rev_customer, asked.rev_customer);
        prop_assert_eq!(back.effective, asked.effective);
        prop_assert_eq!(back.options, asked.options);
        prop_assert_eq!((back.device, back.site, back.integration_authentication), (Some(1), Some(5), Some(9)));
    }
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(|number| json!(number)),
        any::<String>().prop_map(Value::from),
        "[0-9eE+.,: TZ-]{0,30}".prop_map(Value::from),
    ];
    leaf.prop_recursive(2, 8, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::hash_map("[a-z]{1,3}", inner, 0..3)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

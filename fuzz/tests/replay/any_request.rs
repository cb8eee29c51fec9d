//! Requests and stored changes made by structure: far more of them are read to their end than of any bytes.

use association::{
    check::{DeviceRow, Found},
    decide::{Refused, plan},
    ids::Iccid,
    parse::{Invalid, parse},
    request::{AssociateRequest, Effective},
};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::known;

fn iccid(n: usize) -> String {
    format!("89{n:017}")
}

/// An entry of `devices`: few numbers, so that some come again, with blanks of all kinds; sometimes no number at all.
fn entry() -> impl Strategy<Value = Value> {
    let blank = || prop::sample::select(vec!["", "", "", " ", "\t", "\u{a0}", "\u{2003} \n"]);
    prop_oneof![
        40 => (0_usize..20, blank(), blank()).prop_map(|(n, before, after)| json!(format!("{before}{}{after}", iccid(n)))),
        1 => prop::sample::select(vec![
            json!(null), json!(""), json!("  "), json!(8_900_000_000_000_000_001_u64), json!(["8900000000000000001"]),
            json!("12345678901234567"), json!("12345678901234567890123"), json!("89000000000000000O1"),
            json!("８９０００００００００００００００００１"), json!("8900000000 000000001"), json!("+8900000000000000001"),
        ]),
        1 => ".{0,30}".prop_map(Value::from),
    ]
}

/// The digits of an entry, as the design has them: 18 to 22, blanks around them do not count.
fn digits(entry: &Value) -> Option<&str> {
    let text = entry.as_str()?.trim();
    ((18..=22).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())).then_some(text)
}

/// Members of the three options, each chosen or not, with text of any alphabet.
fn options() -> impl Strategy<Value = Value> {
    let text = || {
        prop_oneof!["[ -~]{1,20}", "\\PC{1,12}"]
            .prop_filter("blank", |text| !text.trim().is_empty())
    };
    let amount = || {
        (0_i64..1_000_000_000, 0_u32..5).prop_map(|(units, scale)| {
            serde_json::from_str::<Value>(
                &rust_decimal::Decimal::new(units, scale)
                    .normalize()
                    .to_string(),
            )
            .unwrap()
        })
    };
    let id = || {
        prop_oneof![
            (1..=i32::MAX).prop_map(Value::from),
            (1..=i32::MAX).prop_map(|id| json!(id.to_string()))
        ]
    };
    let products = prop::collection::btree_map(1..=i32::MAX, amount(), 1..5).prop_map(|products| {
        products
            .into_iter()
            .map(|(id, rate)| json!({"productId": id, "rate": rate}))
            .collect::<Vec<_>>()
    });
    let service = (id(), id(), prop::option::of(id()), products, any::<bool>(), prop::option::of(text())).prop_map(
        |(kind, provider, package, products, prorate, description)| {
            let mut service = json!({"createRevService": true, "serviceTypeId": kind, "providerId": provider, "prorate": prorate, "description": description});
            match package {
                Some(package) => service["revPackageId"] = package,
                None => service["products"] = json!(products),
            }
            service
        },
    );
    let carrier = (text(), prop::option::of(text()))
        .prop_map(|(plan, comm)| json!({"addCarrierRatePlan": true, "carrierRatePlan": plan, "commPlan": comm}));
    let customer = (prop::option::of(id()), prop::option::of(amount()))
        .prop_map(|(pool, mb)| json!({"addCustomerRatePlan": true, "customerRatePlan": 7, "customerRatePool": pool, "customerDataAllocationMB": mb}));
    let day = prop::option::of(
        (2000..2100_i32, 1..13_u8, 1..29_u8)
            .prop_map(|(y, m, d)| json!(format!("{y:04}-{m:02}-{d:02}"))),
    );
    (
        prop::option::of(service),
        prop::option::of(carrier),
        prop::option::of(customer),
        day,
    )
        .prop_map(|(service, carrier, customer, day)| {
            let mut all = Map::new();
            for part in [service, carrier, customer].into_iter().flatten() {
                all.extend(part.as_object().unwrap().clone());
            }
            if let Some(day) = day {
                all.insert("effectiveDate".to_owned(), day);
            }
            Value::Object(all)
        })
}

fn body(devices: &[Value], options: &Value, pascal: bool) -> Vec<u8> {
    let mut body = json!({"devices": devices, "serviceProviderId": 1, "revCustomerId": "1001"});
    body.as_object_mut()
        .unwrap()
        .extend(options.as_object().unwrap().clone());
    if pascal {
        let members = body.as_object().unwrap().iter();
        body = members
            .map(|(name, value)| {
                (
                    format!("{}{}", name[..1].to_ascii_uppercase(), &name[1..]),
                    value.clone(),
                )
            })
            .collect();
    }
    body.to_string().into_bytes()
}

/// What a database knows: every second device may be associated, the third of three is archived, the others are not there.
fn found(request: &AssociateRequest) -> Found {
    let devices = request
        .devices
        .iter()
        .enumerate()
        .filter(|(place, _)| place % 4 != 3);
    let rows = devices.map(|(place, iccid)| DeviceRow {
        archived: place % 3 == 2,
        ..known::device(iccid.clone(), i32::try_from(place).unwrap() + 1)
    });
    let mut found = known::found(rows);
    // A change takes the plan's allocation where it names none, and would not read back as it was asked for.
    found.customer_plan.as_mut().unwrap().plan_mb = None;
    found
}

fn texts<'a>(iccids: impl IntoIterator<Item = &'a Iccid>) -> Vec<&'a str> {
    iccids.into_iter().map(Iccid::as_str).collect()
}

/// Accepted and refused devices, each in their order.
fn outcome(request: &AssociateRequest) -> (Vec<Iccid>, Vec<Iccid>) {
    let iccids = |rejected: &[association::plan::Rejection]| {
        rejected.iter().map(|one| one.iccid.clone()).collect()
    };
    let once = match plan(request, &found(request)) {
        Ok(plan) => (
            plan.accepted.iter().map(|one| one.iccid.clone()).collect(),
            iccids(&plan.rejected),
        ),
        Err(Refused { errors, rejected }) => {
            assert!(errors.is_empty(), "{errors:?}");
            (Vec::new(), iccids(&rejected))
        }
    };
    assert_eq!(
        plan(request, &found(request)),
        plan(request, &found(request)),
        "decided in two ways"
    );
    once
}

proptest! {
    #[test]
    fn each_identifier_is_accepted_refused_or_a_duplicate(
        entries in prop::collection::vec(entry(), 0..60), options in options(), pascal: bool,
    ) {
        let body = body(&entries, &options, pascal);
        fuzz::request(&body);
        let bad: Vec<usize> = (0..entries.len()).filter(|place| digits(&entries[*place]).is_none()).collect();
        match parse(&body) {
            Ok(request) => {
                prop_assert!(bad.is_empty() && !entries.is_empty());
                let mut once: Vec<&str> = Vec::new();
                let mut again: Vec<&str> = Vec::new();
                for device in entries.iter().filter_map(digits) {
                    let list = if once.contains(&device) { &mut again } else { &mut once };
                    if !list.contains(&device) {
                        list.push(device);
                    }
                }
                let (accepted, refused) = outcome(&request);
                let (accepted, refused) = (texts(&accepted), texts(&refused));
                prop_assert_eq!(texts(&request.duplicates), again);
                for list in [&accepted, &refused] {
                    let in_order: Vec<&str> = once.iter().copied().filter(|one| list.contains(one)).collect();
                    prop_assert_eq!(list, &in_order, "not in the order of the request, or twice");
                }
                prop_assert_eq!(accepted.len() + refused.len(), once.len());
                prop_assert!(!accepted.iter().any(|one| refused.contains(one)));
            }
            Err(Invalid::Members(errors)) => {
                let told: Vec<String> = errors.iter().map(|error| error.pointer.clone()).filter(|pointer| pointer.starts_with("/devices/")).collect();
                let expected: Vec<String> = bad.iter().map(|place| format!("/devices/{place}")).collect();
                prop_assert_eq!(told, expected);
                prop_assert!(!bad.is_empty() || entries.is_empty(), "{:?}", errors);
            }
            Err(other) => prop_assert!(false, "{:?}", other),
        }
    }

    #[test]
    fn a_change_that_is_recorded_reads_back(options in options()) {
        let request = parse(&body(&[json!(iccid(1))], &options, false)).unwrap();
        let plan = plan(&request, &found(&request)).unwrap();
        for change in plan.accepted {
            let written = serde_json::to_string(&change.change).unwrap();
            fuzz::foreign_change(written.as_bytes());
            let read = association::foreign::read(&written).unwrap();
            // Dates are fixed when a change is recorded: the service counts as active from the effective day.
            let mut expected = request.options.clone();
            if let (Some(service), Effective::On(day)) = (&mut expected.rev_service, read.effective) {
                service.activated_date.get_or_insert(day);
            }
            prop_assert_eq!(&read.options, &expected);
            prop_assert_eq!(read.iccid, Some(change.iccid));
        }
    }

    #[test]
    fn a_stored_change_reads_the_same_with_numbers_as_text(
        members in prop::collection::btree_map(
            prop::sample::select(vec![
                "RevCustomerId", "ICCID", "DeviceId", "SiteId", "CreateRevService", "ServiceTypeId", "ProviderId", "RevPackageId",
                "RevProductIdList", "RateList", "RevProductId", "Rate", "Prorate", "Description", "EffectiveDate", "ActivatedDate",
                "AddCarrierRatePlan", "CarrierRatePlan", "AddCustomerRatePlan", "CustomerRatePlan", "CustomerRatePool", "CustomerDataAllocationMB",
            ]),
            value(),
            0..22,
        ),
    ) {
        let mut change = json!({"RevCustomerId": 1001, "CreateRevService": true, "ServiceTypeId": 3, "ProviderId": 4, "RevPackageId": 5});
        for (name, value) in members {
            change[name] = value;
        }
        fuzz::foreign_change(change.to_string().as_bytes());
    }
}

/// What stands in a member of another producer.
fn value() -> impl Strategy<Value = Value> {
    let number = || {
        prop_oneof![
            (0..30_i64).prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            (0..100_000_i32).prop_map(|units| json!(f64::from(units) / 100.0)),
        ]
    };
    let one = || {
        prop_oneof![
            3 => number(),
            2 => number().prop_map(|number| json!(number.to_string())),
            1 => Just(Value::Null),
            1 => any::<bool>().prop_map(Value::from),
            1 => "[0-9_eE+., -]{0,12}".prop_map(Value::from),
            1 => "20[0-9]{2}-[01][0-9]-[0-3][0-9](T00:00:00)?".prop_map(Value::from),
        ]
    };
    prop_oneof![3 => one(), 1 => prop::collection::vec(one(), 0..5).prop_map(Value::from)]
}

#[test]
fn a_request_takes_ten_thousand_devices_and_not_one_more() {
    for count in [0, 1, 9_999, 10_000, 10_001] {
        for distinct in [count.max(1), 7] {
            let devices: Vec<Value> = (0..count).map(|n| json!(iccid(n % distinct))).collect();
            let body = body(&devices, &json!({}), false);
            fuzz::request(&body);
            let codes = |errors: Vec<association::parse::MemberError>| {
                errors.iter().map(|error| error.code).collect::<Vec<_>>()
            };
            match parse(&body) {
                Ok(request) => {
                    assert!((1..=10_000).contains(&count), "{count} were taken");
                    let (accepted, refused) = outcome(&request);
                    assert_eq!(accepted.len() + refused.len(), distinct.min(count));
                    assert_eq!(
                        request.duplicates.len(),
                        distinct.min(count.saturating_sub(distinct))
                    );
                }
                Err(Invalid::Members(errors)) if count == 0 => assert_eq!(codes(errors), ["empty"]),
                Err(Invalid::Members(errors)) => {
                    assert_eq!((count, codes(errors)), (10_001, vec!["too-many-devices"]));
                }
                Err(other) => panic!("{other}"),
            }
        }
    }
}

//! Which devices are accepted, and the reason of each that is not.

use association::{
    change_request::ChangeRequest,
    check::{Assignment, CustomerRow, DeviceRow, Found},
    decide::{Refused, plan},
    ids::{BulkChangeId, ChangeId, Iccid, IntegrationAuthenticationId},
    parse::parse,
    plan::Reason,
    request::AssociateRequest,
};
use proptest::prelude::*;
use serde_json::{Value, json};
use time::{Date, Month, macros::date};

use crate::known::{self, customer};

fn iccid(n: usize) -> Iccid {
    Iccid::parse(&format!("89{n:017}")).unwrap()
}

fn request(devices: usize, members: &Value) -> AssociateRequest {
    let devices: Vec<String> = (0..devices).map(|n| iccid(n).as_str().to_owned()).collect();
    let mut body = json!({"devices": devices, "serviceProviderId": 1, "revCustomerId": "1001"});
    for (name, value) in members.as_object().unwrap() {
        body[name] = value.clone();
    }
    parse(body.to_string().as_bytes()).unwrap()
}

fn row(n: usize) -> DeviceRow {
    known::device_with_number(iccid(n), i32::try_from(n).unwrap() + 1, n)
}

fn found(devices: usize) -> Found {
    known::found((0..devices).map(row))
}

fn with_service() -> Value {
    json!({"createRevService": true, "serviceTypeId": 3, "providerId": 4, "revPackageId": 5})
}

#[test]
fn each_check_has_its_reason() {
    type Spoil = fn(&mut DeviceRow);
    let cases: Vec<(Value, Spoil, Reason)> = vec![
        (
            json!({}),
            |row| row.iccid = iccid(999),
            Reason::DeviceNotFound,
        ),
        (json!({}), |row| row.archived = true, Reason::DeviceArchived),
        (
            json!({}),
            |row| row.status_allows = false,
            Reason::DeviceStatus,
        ),
        (
            json!({}),
            |row| row.other_customer = true,
            Reason::AssignedToOtherCustomer,
        ),
        (
            json!({}),
            |row| row.unfinished = BulkChangeId::new(3).ok(),
            Reason::UnfinishedChange,
        ),
        (
            with_service(),
            |row| row.active_service_line = true,
            Reason::ActiveServiceLine,
        ),
        (
            json!({"useCarrierActivationDate": true}),
            |row| row.activation_date = None,
            Reason::NoActivationDate,
        ),
        (
            json!({}),
            |row| row.assignment = Some(assigned()),
            Reason::AlreadyAssigned,
        ),
    ];
    for (members, spoil, reason) in cases {
        let mut found = found(2);
        found.devices[1].activation_date = Some(date!(2025 - 12 - 24));
        spoil(&mut found.devices[0]);
        let plan = plan(&request(2, &members), &found).unwrap();
        assert_eq!(plan.accepted.len(), 1, "{reason:?}");
        assert_eq!(
            (plan.rejected[0].iccid.clone(), plan.rejected[0].code),
            (iccid(0), reason)
        );
    }
}

fn assigned() -> Assignment {
    Assignment {
        account: Some("1001".to_owned()),
        integration_authentication: Some(9),
        site: Some(5),
        ..Assignment::default()
    }
}

#[test]
fn an_assigned_device_is_taken_when_something_would_change() {
    let mut found = found(1);
    found.devices[0].assignment = Some(assigned());
    for members in [
        with_service(),
        json!({"addCarrierRatePlan": true, "carrierRatePlan": "C"}),
        json!({"addCustomerRatePlan": true, "customerRatePlan": 7}),
    ] {
        assert_eq!(
            plan(&request(1, &members), &found).unwrap().accepted.len(),
            1,
            "{members}"
        );
    }
    found.devices[0].assignment = Some(Assignment {
        customer_rate_plan: Some(7),
        data_allocation_mb: Some(500.into()),
        ..assigned()
    });
    let same = json!({"addCustomerRatePlan": true, "customerRatePlan": 7});
    assert!(plan(&request(1, &same), &found).is_err());
    let later =
        json!({"addCustomerRatePlan": true, "customerRatePlan": 7, "effectiveDate": "2026-04-01"});
    assert!(plan(&request(1, &later), &found).is_ok());
}

#[test]
fn a_request_level_fault_names_its_member() {
    type Spoil = fn(&mut Found);
    let cases: Vec<(Value, Spoil, &str, &str)> = vec![
        (
            json!({}),
            |found| found.service_provider = false,
            "/serviceProviderId",
            "service-provider-not-found",
        ),
        (
            json!({}),
            |found| found.customers.clear(),
            "/revCustomerId",
            "customer-not-found",
        ),
        (
            json!({}),
            |found| found.customers[0].allowed = false,
            "/revCustomerId",
            "customer-not-found",
        ),
        (
            json!({}),
            |found| found.customers[0].active = false,
            "/revCustomerId",
            "customer-inactive",
        ),
        (
            json!({}),
            |found| found.customers[0].site = None,
            "/revCustomerId",
            "customer-without-site",
        ),
        (
            json!({}),
            |found| found.customers[0].integration_authentication = None,
            "/revCustomerId",
            "customer-without-billing",
        ),
        (
            json!({}),
            |found| found.customers.push(customer()),
            "/revCustomerId",
            "customer-ambiguous",
        ),
        (
            json!({"integrationAuthenticationId": 8}),
            |_| (),
            "/revCustomerId",
            "customer-not-found",
        ),
        (
            json!({"addCarrierRatePlan": true, "carrierRatePlan": "C"}),
            |found| found.carrier_plan = false,
            "/carrierRatePlan",
            "carrier-rate-plan-not-found",
        ),
        (
            json!({"addCustomerRatePlan": true, "customerRatePlan": 7}),
            |found| found.customer_plan = None,
            "/customerRatePlan",
            "customer-rate-plan-not-found",
        ),
        (
            json!({"addCustomerRatePlan": true, "customerRatePlan": 7, "customerRatePool": 2}),
            |found| found.customer_pool = false,
            "/customerRatePool",
            "customer-rate-pool-not-found",
        ),
    ];
    for (members, spoil, pointer, code) in cases {
        let mut found = found(1);
        spoil(&mut found);
        let Err(Refused { errors, rejected }) = plan(&request(1, &members), &found) else {
            panic!("{code}")
        };
        assert_eq!(
            errors
                .iter()
                .map(|error| (error.pointer.as_str(), error.code))
                .collect::<Vec<_>>(),
            [(pointer, code)]
        );
        assert!(rejected.is_empty());
    }
}

#[test]
fn an_ambiguous_customer_is_decided_by_its_integration() {
    let mut found = found(1);
    found.customers.push(CustomerRow {
        integration_authentication: IntegrationAuthenticationId::new(8).ok(),
        ..customer()
    });
    let plan = plan(
        &request(1, &json!({"integrationAuthenticationId": 8})),
        &found,
    )
    .unwrap();
    assert_eq!(plan.integration_authentication.get(), 8);
}

#[test]
fn when_no_device_passes_every_device_has_its_reason() {
    let Err(refused) = plan(&request(3, &json!({})), &found(0)) else {
        panic!()
    };
    assert_eq!(refused.rejected.len(), 3);
}

#[test]
fn everything_that_depends_on_the_day_is_fixed_in_the_change() {
    let mut members = with_service();
    members["prorate"] = json!(true);
    members["description"] = json!("Fleet");
    members["addCustomerRatePlan"] = json!(true);
    members["customerRatePlan"] = json!(7);
    let plan = plan(&request(1, &members), &found(1)).unwrap();
    let change = &plan.accepted[0].change;
    assert_eq!(
        (change.effective_date, change.activated_date),
        (date!(2026 - 03 - 01), date!(2026 - 03 - 01))
    );
    assert_eq!(change.customer_data_allocation_mb, Some(500.into()));
    let order = change.order(ChangeId::new(42).unwrap()).unwrap().unwrap();
    assert_eq!(
        (order.number.as_str(), order.description.as_str()),
        ("15550000000", "Fleet AMOP-42")
    );
    assert_eq!(order.effective_date, Some(date!(2026 - 03 - 01)));
}

#[test]
fn a_device_without_msisdn_is_billed_under_its_iccid() {
    let mut found = found(1);
    found.devices[0].msisdn = Some("  ".to_owned());
    let plan = plan(&request(1, &with_service()), &found).unwrap();
    assert_eq!(plan.accepted[0].change.number, iccid(0).as_str());
}

prop_compose! {
    fn any_row(n: usize)(archived: bool, status_allows: bool, other_customer: bool, unfinished in proptest::option::of(1_i64..9), line: bool,
            day in proptest::option::of(1_u8..28)) -> DeviceRow {
        DeviceRow {
            archived, status_allows, other_customer, active_service_line: line,
            unfinished: unfinished.and_then(|id| BulkChangeId::new(id).ok()),
            activation_date: day.and_then(|day| Date::from_calendar_date(2026, Month::January, day).ok()),
            ..row(n)
        }
    }
}

proptest! {
    #[test]
    fn every_device_is_accepted_or_refused_exactly_once(
        rows in (0_usize..30).prop_flat_map(|n| (0..n).map(any_row).collect::<Vec<_>>()), asked in 1_usize..40, service: bool, carrier: bool,
    ) {
        let mut members = if service { with_service() } else { json!({}) };
        members["useCarrierActivationDate"] = json!(carrier);
        let request = request(asked, &members);
        let found = Found { devices: rows, ..found(0) };
        let (accepted, rejected) = match plan(&request, &found) {
            Ok(plan) => {
                prop_assert!(!plan.accepted.is_empty());
                (plan.accepted.into_iter().map(|change| change.iccid).collect(), plan.rejected)
            }
            Err(refused) => {
                prop_assert!(refused.errors.is_empty());
                (Vec::new(), refused.rejected)
            }
        };
        let mut all: Vec<Iccid> = accepted;
        all.extend(rejected.into_iter().map(|rejection| rejection.iccid));
        all.sort();
        let mut wanted = request.devices.clone();
        wanted.sort();
        prop_assert_eq!(all, wanted);
    }

    #[test]
    fn a_change_reads_back_from_its_json_as_it_was(service: bool, plan_asked: bool, day in 1_u8..28) {
        let mut members = if service { with_service() } else { json!({}) };
        members["addCustomerRatePlan"] = json!(plan_asked);
        if plan_asked {
            members["customerRatePlan"] = json!(7);
        }
        members["effectiveDate"] = json!(format!("2026-05-{day:02}"));
        let plan = plan(&request(1, &members), &found(1)).unwrap();
        let text = serde_json::to_string(&plan.accepted[0].change).unwrap();
        prop_assert_eq!(&serde_json::from_str::<ChangeRequest>(&text).unwrap(), &plan.accepted[0].change);
    }
}

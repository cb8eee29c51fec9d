//! What becomes of a device, at the edges: what is no change, which bulk change holds it, and what a single look says of it.

use serde_json::{Value, json};

use super::*;
use crate::{
    ids::{BulkChangeId, DeviceId},
    parse::parse,
};

#[path = "../tests/support/known.rs"]
mod known;

const ICCID: &str = "8900000000000000001";

fn request(members: &Value) -> AssociateRequest {
    let mut body = json!({"devices": [ICCID], "serviceProviderId": 1, "revCustomerId": "1001"});
    body.as_object_mut()
        .unwrap()
        .extend(members.as_object().unwrap().clone());
    parse(body.to_string().as_bytes()).unwrap()
}

fn device_row() -> DeviceRow {
    known::device(Iccid::parse(ICCID).unwrap(), 1)
}

fn found(row: DeviceRow) -> Found {
    known::found([row])
}

/// Stands already as [`request`] with a plan wants it.
fn assigned() -> Assignment {
    Assignment {
        account: Some("1001".to_owned()),
        integration_authentication: Some(9),
        site: Some(5),
        customer_rate_plan: Some(7),
        customer_rate_pool: Some(2),
        data_allocation_mb: Some(500.into()),
    }
}

fn is_taken(members: &Value, assignment: Assignment) -> bool {
    let row = DeviceRow {
        assignment: Some(assignment),
        ..device_row()
    };
    match plan(&request(members), &found(row)) {
        Ok(_) => true,
        Err(refused) => {
            assert_eq!(refused.rejected[0].code, Reason::AlreadyAssigned);
            false
        }
    }
}

#[test]
fn a_device_is_assigned_already_only_when_account_billing_and_site_are_all_the_same() {
    let asked = json!({});
    assert!(!is_taken(&asked, assigned()));
    for other in [
        Assignment {
            account: Some("1002".to_owned()),
            ..assigned()
        },
        Assignment {
            account: None,
            ..assigned()
        },
        Assignment {
            integration_authentication: Some(8),
            ..assigned()
        },
        Assignment {
            site: Some(6),
            ..assigned()
        },
    ] {
        assert!(is_taken(&asked, other.clone()), "{other:?}");
    }
}

#[test]
fn a_device_has_its_plan_already_only_when_plan_pool_and_allocation_are_all_the_same() {
    let asked = json!({"addCustomerRatePlan": true, "customerRatePlan": 7, "customerRatePool": 2});
    assert!(!is_taken(&asked, assigned()));
    for other in [
        Assignment {
            customer_rate_plan: Some(8),
            ..assigned()
        },
        Assignment {
            customer_rate_pool: Some(3),
            ..assigned()
        },
        Assignment {
            data_allocation_mb: Some(501.into()),
            ..assigned()
        },
        Assignment {
            data_allocation_mb: None,
            ..assigned()
        },
    ] {
        assert!(is_taken(&asked, other.clone()), "{other:?}");
    }
    let no_pool = json!({"addCustomerRatePlan": true, "customerRatePlan": 7});
    assert!(
        !is_taken(&no_pool, assigned()),
        "a pool that is not asked for is kept"
    );
    let own_allocation = json!({"addCustomerRatePlan": true, "customerRatePlan": 7, "customerDataAllocationMB": 501});
    assert!(is_taken(&own_allocation, assigned()));
}

#[test]
fn a_plan_that_takes_effect_later_is_taken_though_the_device_has_it_today() {
    let from = |day: &str| json!({"addCustomerRatePlan": true, "customerRatePlan": 7, "effectiveDate": day});
    assert!(!is_taken(&from("2026-03-01"), assigned()));
    assert!(is_taken(&from("2026-03-02"), assigned()));
}

#[test]
fn a_refused_device_names_the_bulk_change_that_holds_it_and_only_then() {
    let held = DeviceRow {
        unfinished: BulkChangeId::new(3).ok(),
        ..device_row()
    };
    let archived = DeviceRow {
        archived: true,
        ..held.clone()
    };
    for (row, code, holder) in [
        (held, Reason::UnfinishedChange, BulkChangeId::new(3).ok()),
        (archived, Reason::DeviceArchived, None),
    ] {
        let refused = plan(&request(&json!({})), &found(row)).unwrap_err();
        let [rejection] = refused.rejected.as_slice() else {
            panic!("{refused:?}")
        };
        assert_eq!((rejection.code, rejection.unfinished), (code, holder));
        assert_eq!(rejection.device_id, DeviceId::new(1).ok());
    }
}

#[test]
fn looking_at_a_device_says_what_a_submit_would_decide() {
    let line = DeviceRow {
        active_service_line: true,
        ..device_row()
    };
    let service = request(
        &json!({"createRevService": true, "serviceTypeId": 3, "providerId": 4, "revPackageId": 5}),
    );
    let told = objections(Some(&service), &found(line.clone())).unwrap();
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].0, Reason::ActiveServiceLine);
    assert_eq!(
        objections(Some(&service), &found(device_row())),
        Ok(Vec::new())
    );
    assert_eq!(
        objections(None, &found(line)),
        Ok(Vec::new()),
        "without a request nothing is asked of Rev"
    );
}

#[test]
fn looking_at_a_device_says_everything_that_speaks_against_it() {
    let row = DeviceRow {
        archived: true,
        other_customer: true,
        status_allows: false,
        status: Some("RETIRED".to_owned()),
        unfinished: BulkChangeId::new(3).ok(),
        ..device_row()
    };
    for asked in [None, Some(request(&json!({})))] {
        let told = objections(asked.as_ref(), &found(row.clone())).unwrap();
        let reasons: Vec<Reason> = told.iter().map(|(reason, _)| *reason).collect();
        assert_eq!(
            reasons,
            [
                Reason::DeviceArchived,
                Reason::AssignedToOtherCustomer,
                Reason::DeviceStatus,
                Reason::UnfinishedChange
            ]
        );
        assert!(told[2].1.contains("RETIRED"), "{told:?}");
    }
    let nowhere = Found {
        devices: Vec::new(),
        ..found(row)
    };
    let told = objections(None, &nowhere).unwrap();
    assert_eq!(told[0].0, Reason::DeviceNotFound);
}

#[test]
fn a_fault_of_the_whole_request_comes_before_what_speaks_against_the_device() {
    let nobody = Found {
        customers: Vec::new(),
        ..found(device_row())
    };
    let errors = objections(Some(&request(&json!({}))), &nobody).unwrap_err();
    assert_eq!(errors[0].code, "customer-not-found");
}

#[test]
fn nothing_is_decided_without_a_day() {
    let dayless = Found {
        today: None,
        ..found(device_row())
    };
    assert!(plan(&request(&json!({})), &dayless).is_err());
}

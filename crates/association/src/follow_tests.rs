//! Each turn of the work on a change: what is stored decides it, and the words that a person reads tell why.

use serde_json::json;

use super::*;

fn request(members: &serde_json::Value) -> ChangeRequest {
    let mut request = json!({
        "Number": "15550000001", "ICCID": "8900000000000000001", "RevCustomerId": "1001", "DeviceId": 1,
        "CreateRevService": true, "ServiceTypeId": 1, "RevPackageId": 5, "RevProductIdList": [], "RateList": [],
        "Prorate": false, "Description": null, "EffectiveDate": "2026-03-01", "AddCarrierRatePlan": false,
        "CarrierRatePlan": null, "CommPlan": null, "IntegrationAuthenticationId": 1, "SiteId": 1,
        "ActivatedDate": "2026-03-01", "ProviderId": 1, "UsagePlanGroupId": null, "AddCustomerRatePlan": false,
        "CustomerRatePlan": null, "CustomerRatePool": null, "CustomerDataAllocationMB": null,
    });
    request
        .as_object_mut()
        .unwrap()
        .extend(members.as_object().unwrap().clone());
    serde_json::from_value(request).unwrap()
}

fn line(id: i64) -> ServiceLineId {
    ServiceLineId::new(id).unwrap()
}

fn standing(step: Step, request: Option<&ChangeRequest>) -> Standing<'_> {
    Standing {
        change: ChangeId::new(7).unwrap(),
        step,
        request,
        earlier_intent: false,
        service_line: None,
        blocked: None,
        refused: None,
    }
}

#[test]
fn a_line_that_is_known_is_never_opened_again() {
    let request = request(&json!({}));
    let known = Standing {
        service_line: Some(line(5)),
        ..standing(Step::OpenLine, Some(&request))
    };
    for earlier_intent in [true, false] {
        let known = Standing {
            earlier_intent,
            ..known
        };
        assert_eq!(turn(&known), Turn::Assign);
    }
}

#[test]
fn a_change_without_a_service_line_is_assigned_at_once() {
    let request = request(&json!({"CreateRevService": false}));
    assert_eq!(
        turn(&standing(Step::OpenLine, Some(&request))),
        Turn::Assign
    );
}

#[test]
fn a_change_that_cannot_be_read_is_neither_billed_nor_assigned() {
    for step in [Step::OpenLine, Step::Assign] {
        let unread = "the stored change cannot be read".to_owned();
        assert_eq!(
            turn(&standing(step, None)),
            Turn::End(Ending::Error(Reason::MalformedChange, unread))
        );
    }
    let without_price = request(&json!({"RevPackageId": null}));
    assert!(matches!(
        turn(&standing(Step::OpenLine, Some(&without_price))),
        Turn::End(Ending::Error(Reason::MalformedChange, words)) if words.contains("RevPackageId")
    ));
    let open = Standing {
        service_line: Some(line(5)),
        ..standing(Step::Assign, None)
    };
    assert!(matches!(
        turn(&open),
        Turn::End(Ending::Review(Reason::MalformedChange, words)) if words.contains("service line 5 is open")
    ));
}

#[test]
fn what_happened_to_the_device_since_the_request_is_said() {
    let request = request(&json!({}));
    for (reason, words) in [
        (Reason::DeviceNotFound, "does not exist any more"),
        (Reason::DeviceArchived, "archived since"),
        (Reason::AssignedToOtherCustomer, "another customer since"),
        (Reason::ActiveServiceLine, "active service line"),
        (
            Reason::DeviceStatus,
            "the device cannot be associated any more",
        ),
    ] {
        for step in [Step::OpenLine, Step::Assign] {
            let blocked = Standing {
                blocked: Some(reason),
                ..standing(step, Some(&request))
            };
            assert!(
                matches!(turn(&blocked), Turn::End(Ending::Error(told, said)) if told == reason && said.contains(words)),
                "{reason:?} at {step:?}"
            );
        }
    }
}

fn not_sent(account: bool, attempts: i32) -> Next {
    let opened = Opened::NotSent {
        error: "no route".to_owned(),
        again_in: Duration::from_secs(9),
        account,
    };
    after_opening(
        opened,
        Before {
            attempts,
            unknowns: 0,
        },
    )
}

#[test]
fn a_change_whose_calls_reach_nobody_is_given_up_after_twenty_of_them() {
    let handed_back = Next::HandBack {
        error: "no route".to_owned(),
        again_in: Duration::from_secs(9),
    };
    assert_eq!(not_sent(false, 19), handed_back);
    let given_up = Ending::ApiFailed(
        Reason::RevUnreachable,
        "Rev could not be reached: no route".to_owned(),
    );
    assert_eq!(not_sent(false, 20), Next::End(given_up));
    assert_eq!(
        not_sent(true, 20),
        handed_back,
        "an account that is stopped fails no device"
    );
}

#[test]
fn waits_double_from_five_seconds_to_a_quarter_of_an_hour() {
    let waits: Vec<u64> = (0..10).map(|tries| backoff(tries).as_secs()).collect();
    assert_eq!(waits, [5, 10, 20, 40, 80, 160, 320, 640, 900, 900]);
    assert_eq!(backoff(-1).as_secs(), 5);
    assert_eq!(backoff(i32::MAX).as_secs(), 900);
}

#[test]
fn two_lines_with_our_reference_go_to_review_with_both_ids_however_early_they_are_found() {
    let several = LookedUp::SeveralOurs(vec![line(5), line(6)]);
    for (counts, absent_before) in [(false, None), (true, None), (true, Some(true))] {
        let settling = Settling {
            counts,
            absent_before,
            unknowns: 1,
            attempts: 0,
        };
        let words = "Rev holds 2 service lines with this change's reference: 5, 6".to_owned();
        assert_eq!(
            after_look_up(&several, settling),
            Settled::End(Ending::Review(Reason::BillingOutcomeUnknown, words))
        );
    }
}

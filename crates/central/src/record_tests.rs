//! What goes to the statement of a record: each ending by its name, and nothing of the line or the plan lost on the way.

use serde_json::{Value, json};
use time::macros::date;

use super::*;

fn record_of(ending: Ending) -> Record {
    Record {
        change: ChangeId::new(7).unwrap(),
        fence: 3,
        ending,
        device: DeviceId::new(1).ok(),
        account_number: RevCustomerId::parse("1001").ok(),
        integration_authentication: IntegrationAuthenticationId::new(9).ok(),
        site: SiteId::new(5).ok(),
        effective_date: Some(date!(2026 - 03 - 01)),
        plan: Some(CustomerPlan {
            id: 7,
            pool: Some(2),
            allocation_mb: Some(500.into()),
        }),
        service_line: Some(RecordedLine {
            id: ServiceLineId::new(55).unwrap(),
            number: "15550000001".to_owned(),
            activated_date: date!(2026 - 12 - 24),
            description: Some("Fleet".to_owned()),
            prorate: true,
        }),
        api_details: Some("opened".to_owned()),
    }
}

fn sent(ending: Ending) -> Value {
    serde_json::to_value(row(&record_of(ending))).unwrap()
}

#[test]
fn a_device_is_recorded_with_customer_plan_and_line() {
    assert_eq!(
        sent(Ending::Assign),
        json!({
            "change": 7, "fence": 3, "ending": "assign", "status": null, "details": null, "device": 1, "accountNumber": "1001",
            "account": 9, "site": 5, "effectiveDate": "2026-03-01", "plan": 7, "pool": 2, "allocationMb": "500", "line": 55,
            "lineNumber": "15550000001", "lineActivated": "2026-12-24", "lineDescription": "Fleet", "lineProrate": true,
            "apiDetails": "opened",
        })
    );
}

#[test]
fn a_failure_says_whose_word_it_is_and_a_review_that_a_person_decides() {
    let words = || "no such provider".to_owned();
    let failed = |status| Ending::Failed {
        status,
        reason: Reason::RevRefused,
        words: words(),
    };
    let review = Ending::Review {
        reason: Reason::RevRefused,
        words: words(),
    };
    for (ending, name, status) in [
        (failed(FailedStatus::Error), "failed", json!("ERROR")),
        (
            failed(FailedStatus::ApiFailed),
            "failed",
            json!("API_FAILED"),
        ),
        (review, "review", Value::Null),
    ] {
        let row = sent(ending);
        assert_eq!((&row["ending"], &row["status"]), (&json!(name), &status));
        assert_eq!(row["details"], "rev-refused: no such provider");
    }
}

#[test]
fn an_outcome_that_nobody_knows_is_an_error_and_no_recorded_device() {
    for (text, outcome) in [
        ("assigned", Recorded::Assigned),
        ("failed", Recorded::Failed),
        ("review", Recorded::Review),
        ("assigned-to-other", Recorded::AssignedToOther),
        ("stale", Recorded::Stale),
    ] {
        assert_eq!(Recorded::read(text), Ok(outcome));
    }
    for text in ["", "Assigned", "done"] {
        assert!(Recorded::read(text).is_err(), "{text}");
    }
}

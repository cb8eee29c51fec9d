//! Spellings that the readers of dates and numbers behind ours would take, and no caller means. Each was found by a fuzz target.

use association::{
    foreign::read,
    parse::{Invalid, parse},
};
use serde_json::json;

#[test]
fn a_day_has_no_sign() {
    for (day, good) in [
        ("2026-03-01", true),
        ("+2026-03-01", false),
        ("-2026-03-01", false),
    ] {
        let body = json!({"devices": ["8900000000000000001"], "serviceProviderId": 1, "revCustomerId": "1001", "effectiveDate": day});
        let faults = match parse(body.to_string().as_bytes()) {
            Ok(_) => Vec::new(),
            Err(Invalid::Members(errors)) => errors.into_iter().map(|error| error.code).collect(),
            Err(other) => panic!("{other}"),
        };
        let expected: &[&str] = if good { &[] } else { &["not-a-date"] };
        assert_eq!(faults, expected, "{day}");
    }
}

#[test]
fn a_rate_is_the_one_that_is_written() {
    for (rate, good) in [
        ("4.5", true),
        ("4.5000", true),
        ("1_0", false),
        ("4.50000000000000000000000000000000001", false),
    ] {
        let change = json!({
            "RevCustomerId": "1001", "CreateRevService": true, "ServiceTypeId": 3, "ProviderId": 4, "RevProductIdList": [11], "RateList": [rate],
        });
        assert_eq!(read(&change.to_string()).is_ok(), good, "{rate}");
    }
}

//! What each file of events/ is answered.

use std::sync::LazyLock;

use serde_json::{Value, json};

use crate::likeness::holds;

/// Runs last, when nothing waits.
pub(crate) const SWEEP: &str = "scheduled-sweep";

/// What must hold of an answer.
pub(crate) enum Expected {
    /// Of an HTTP answer with JSON: its status, and members of its body.
    Json(u16, Value),
    /// Of any other: its status, the beginning of its type, and a part of its text.
    Text(u16, &'static str, &'static str),
    /// Of a batch: exactly these messages failed.
    Failed(&'static [&'static str]),
}

impl Expected {
    pub(crate) fn hold(&self, name: &str, answer: &Value) {
        match self {
            Self::Json(status, members) => {
                assert_eq!(answer["statusCode"], *status, "{name}: {answer}");
                let body: Value = serde_json::from_str(answer["body"].as_str().unwrap()).unwrap();
                assert!(
                    holds(&body, members),
                    "{name}: {members} does not hold of {body}"
                );
            }
            Self::Text(status, kind, part) => {
                assert_eq!(answer["statusCode"], *status, "{name}: {answer}");
                let found = answer["headers"]["content-type"]
                    .as_str()
                    .unwrap_or_default();
                assert!(found.starts_with(kind), "{name}: {found}");
                let location = answer["headers"]["location"].as_str().unwrap_or_default();
                let body = answer["body"].as_str().unwrap_or_default();
                assert!(
                    body.contains(part) || location.contains(part),
                    "{name}: {answer}"
                );
            }
            Self::Failed(ids) => {
                let failures: Vec<Value> =
                    ids.iter().map(|id| json!({"itemIdentifier": id})).collect();
                assert_eq!(*answer, json!({"batchItemFailures": failures}), "{name}");
            }
        }
    }
}

const UNKNOWN: &str = "89000199000000000001";
const FIRST: &str = "89000110000000000001";

fn page(title: &'static str) -> Expected {
    Expected::Text(200, "text/html", title)
}

/// Name of the file and what holds of its answer, in the order in which they are called.
pub(crate) static TABLE: LazyLock<Vec<(&str, Expected)>> = LazyLock::new(|| {
    use Expected::{Failed, Json, Text};
    vec![
        ("http-health", Json(200, json!({"status": "ok"}))),
        ("http-health-ready", Json(200, json!({"status": "ready"}))),
        ("http-openapi", Json(200, json!({"openapi": "3.1.0"}))),
        ("http-home", Text(302, "", "/M2M/Index")),
        ("http-inventory-page", page("js/pages/index.js")),
        (
            "http-associate-customer-page",
            page("js/pages/associate_customer.js"),
        ),
        ("http-bulk-changes-page", page("js/pages/bulk_changes.js")),
        (
            "http-device-details-page",
            page("js/pages/device_details.js"),
        ),
        ("http-sign-in-page", page("js/pages/sign_in.js")),
        ("http-asset", Text(200, "image/svg+xml", "<svg")),
        (
            "http-without-token",
            Json(401, json!({"type": "/problems/unauthenticated"})),
        ),
        (
            "http-inventory",
            Json(
                200,
                json!({"page": 1, "pageSize": 2, "items": [{"iccid": FIRST}, {"iccid": "89000110000000000002"}]}),
            ),
        ),
        ("http-inventory-export", Text(200, "text/csv", FIRST)),
        (
            "http-associate-customer",
            Json(
                202,
                json!({"changeId": 1, "accepted": 3, "rejected": [{"device": UNKNOWN, "code": "device-not-found"}]}),
            ),
        ),
        (
            "http-associate-customer-check",
            Json(
                200,
                json!({"validateOnly": true, "rejected": [{"device": UNKNOWN, "code": "device-not-found"}]}),
            ),
        ),
        (
            "http-bulk-changes",
            Json(200, json!({"page": 1, "total": 1})),
        ),
        (
            "http-bulk-change-status",
            Json(
                200,
                json!({"id": 1, "counts": {"total": 4, "processed": 3, "failed": 1}, "percent": 100}),
            ),
        ),
        ("http-device-log", Json(200, json!({}))),
        (
            "http-device-details",
            Json(
                200,
                json!({"device": {"iccid": FIRST}, "changes": [{"bulkChangeId": 1}]}),
            ),
        ),
        (
            "http-rev-customers",
            Json(
                200,
                json!({"total": 3, "items": [{"revCustomerId": "1001"}, {"revCustomerId": "1002"}, {"revCustomerId": "1003"}]}),
            ),
        ),
        (
            "http-customer-sites",
            Json(200, json!({"items": [{"id": 7}, {"id": 1}]})),
        ),
        (
            "http-customer-rate-plans",
            Json(
                200,
                json!({"customerRatePlans": [{"code": "NW-1000"}, {"code": "NW-100"}]}),
            ),
        ),
        (
            "http-validate-device",
            Json(
                200,
                json!({"exists": true, "archived": true, "assignable": false}),
            ),
        ),
        ("http-device-history", Json(200, json!({}))),
        // What the chunk offers was done long ago; an offer too many does nothing and fails nothing.
        ("sqs-good", Failed(&[])),
        ("sqs-mixed", Failed(&["poison"])),
        ("sqs-poison", Failed(&["poison"])),
        ("sqs-other-producer", Failed(&[])),
        ("sqs-other-type", Failed(&[])),
    ]
});

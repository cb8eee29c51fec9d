//! Every row of the class table.

use std::time::{Duration, SystemTime};

use ::http::header::{HeaderMap, RETRY_AFTER};
use association::ids::ServiceLineId;

use super::{Call, Class, Received, classify};
use crate::contract::line_id;

const HTML: &str = "<html><body>Not here</body></html>";
const NO: &str = r#"{"ok":false,"error":"no such provider"}"#;

/// The class of an answer to `call`, by name.
fn class(call: Call, status: u16, body: &str) -> &'static str {
    of(call, status, &HeaderMap::new(), body, true).name()
}

fn of(call: Call, status: u16, headers: &HeaderMap, body: &str, complete: bool) -> Class<i64> {
    let received = Received {
        status,
        headers,
        body: body.as_bytes(),
        complete,
        now: SystemTime::UNIX_EPOCH,
    };
    classify(call, &received, |body| {
        line_id(body).map(ServiceLineId::get)
    })
}

#[test]
fn created_is_200_or_201_with_an_id() {
    for status in [200, 201] {
        for body in [
            r#"{"ok":true,"id":5}"#,
            r#"{"id":5}"#,
            r#"{"ok":true,"id":"5"}"#,
        ] {
            assert_eq!(
                of(Call::OpenLine, status, &HeaderMap::new(), body, true),
                Class::Done(5),
                "{status} {body}"
            );
        }
    }
}

#[test]
fn a_409_never_yields_an_id() {
    for body in ["", NO, r#"{"ok":true,"id":5}"#, HTML] {
        assert_eq!(class(Call::OpenLine, 409, body), "unknown", "{body}");
    }
}

#[test]
fn a_rejection_in_rev_s_envelope_is_refused_with_rev_s_words() {
    for status in [400, 404, 422] {
        assert_eq!(
            of(Call::OpenLine, status, &HeaderMap::new(), NO, true),
            Class::Refused {
                status,
                reason: "no such provider".into()
            }
        );
        let many = r#"[{"ok":false,"error":"a"},{"ok":false,"message":"b"}]"#;
        assert_eq!(
            of(Call::OpenLine, status, &HeaderMap::new(), many, true),
            Class::Refused {
                status,
                reason: "a; b".into()
            }
        );
    }
}

#[test]
fn a_rejection_outside_the_envelope_is_misconfigured() {
    for status in [400, 404, 422] {
        for body in [
            "",
            HTML,
            r#"{"statusCode":404,"message":"Resource not found"}"#,
        ] {
            assert_eq!(
                class(Call::OpenLine, status, body),
                "misconfigured",
                "{status} {body}"
            );
            assert_eq!(
                class(Call::Customer, status, body),
                "misconfigured",
                "{status} {body}"
            );
        }
    }
}

#[test]
fn a_rejection_that_contradicts_itself_or_broke_off_is_unknown() {
    for status in [400, 404, 422] {
        for body in [r#"{"ok":true}"#, r#"{"ok":false,"id":5}"#] {
            assert_eq!(
                class(Call::OpenLine, status, body),
                "unknown",
                "{status} {body}"
            );
        }
        let broken = of(
            Call::OpenLine,
            status,
            &HeaderMap::new(),
            r#"{"ok":fal"#,
            false,
        );
        assert_eq!(broken.name(), "unknown");
    }
}

#[test]
fn not_ok_in_a_2xx_without_an_id_is_refused() {
    for body in [
        NO,
        r#"{"ok":false,"id":null,"error":"x"}"#,
        r#"[{"ok":false}]"#,
    ] {
        assert_eq!(class(Call::OpenLine, 200, body), "refused", "{body}");
        assert_eq!(class(Call::OpenLine, 201, body), "refused", "{body}");
    }
}

#[test]
fn not_ok_with_an_id_is_unknown() {
    assert_eq!(
        class(Call::OpenLine, 200, r#"{"ok":false,"id":5}"#),
        "unknown"
    );
    assert_eq!(
        class(Call::OpenLine, 201, r#"[{"ok":false,"id":5}]"#),
        "unknown"
    );
}

#[test]
fn a_list_that_refuses_in_part_is_unknown() {
    for body in [
        r#"[{"ok":true},{"ok":false,"error":"x"}]"#,
        r#"[{"ok":false,"error":"x"},{"ok":true}]"#,
        r#"[{"ok":true,"id":5},{"ok":false,"error":"x"}]"#,
    ] {
        for status in [200, 201, 400, 404, 422] {
            assert_eq!(
                class(Call::OpenLine, status, body),
                "unknown",
                "{status} {body}"
            );
        }
    }
}

#[test]
fn a_2xx_that_cannot_be_read_is_unknown() {
    for body in [
        "",
        HTML,
        "null",
        r#"{"ok":true}"#,
        r#"{"ok":true,"id":0}"#,
        r#"{"ok":true,"id":-1}"#,
        r#"{"ok":true,"id":"x"}"#,
        r#"{"ok":"true","id":5}"#,
        r#"{"ok":true,"id":5"#,
        r#"[{"ok":true,"id":5}]"#,
    ] {
        assert_eq!(class(Call::OpenLine, 201, body), "unknown", "{body}");
    }
    assert_eq!(
        class(Call::OpenLine, 202, r#"{"ok":true,"id":5}"#),
        "unknown"
    );
    assert_eq!(class(Call::OpenLine, 204, ""), "unknown");
    let broken = of(
        Call::OpenLine,
        201,
        &HeaderMap::new(),
        r#"{"ok":true,"id":5}"#,
        false,
    );
    assert_eq!(broken.name(), "unknown");
}

#[test]
fn a_401_is_about_the_token_whatever_the_body() {
    for body in ["", NO, HTML] {
        assert_eq!(class(Call::OpenLine, 401, body), "token");
    }
}

#[test]
fn a_429_is_throttled_until_retry_after() {
    let after = |header: Option<&str>, body: &str| {
        let mut headers = HeaderMap::new();
        if let Some(value) = header {
            headers.insert(RETRY_AFTER, value.parse().unwrap());
        }
        match of(Call::OpenLine, 429, &headers, body, true) {
            Class::Throttled { retry_after } => retry_after,
            other => panic!("{other:?}"),
        }
    };
    let seconds = Duration::from_secs;
    assert_eq!(after(Some("7"), ""), seconds(7));
    assert_eq!(
        after(Some("Thu, 01 Jan 1970 00:00:30 GMT"), ""),
        seconds(30)
    );
    assert_eq!(
        after(
            None,
            r#"{"statusCode":429,"message":"Try again in 12 seconds."}"#
        ),
        seconds(13)
    );
    assert_eq!(after(None, ""), seconds(60));
    assert_eq!(after(Some("0"), ""), seconds(1));
    assert_eq!(after(Some("90000"), ""), seconds(86_400));
}

#[test]
fn a_403_is_throttled_when_it_speaks_of_quota_and_misconfigured_otherwise() {
    let quota = r#"{"message":"Out of call volume Quota. Quota will be replenished in 00:10:00."}"#;
    assert_eq!(
        of(Call::Lines, 403, &HeaderMap::new(), quota, true),
        Class::Throttled {
            retry_after: Duration::from_secs(601)
        }
    );
    for body in ["", NO, HTML, r#"{"message":"invalid subscription key"}"#] {
        assert_eq!(class(Call::OpenLine, 403, body), "misconfigured", "{body}");
    }
}

#[test]
fn a_redirect_or_an_answer_about_the_form_is_misconfigured() {
    for status in [300, 301, 302, 303, 304, 307, 308, 399, 405, 410, 413, 415] {
        for body in ["", NO, HTML] {
            assert_eq!(
                class(Call::OpenLine, status, body),
                "misconfigured",
                "{status}"
            );
        }
    }
}

#[test]
fn every_5xx_and_408_is_unknown() {
    for status in (500..=599).chain([408]) {
        for body in ["", NO, HTML, r#"{"ok":true,"id":5}"#] {
            assert_eq!(class(Call::OpenLine, status, body), "unknown", "{status}");
        }
    }
}

#[test]
fn a_status_without_a_meaning_is_unknown() {
    for status in [100, 101, 199, 418, 425, 499, 600, 999] {
        assert_eq!(class(Call::OpenLine, status, NO), "unknown", "{status}");
    }
}

#[test]
fn no_such_customer_is_a_404_in_the_envelope_for_that_call_alone() {
    assert_eq!(class(Call::Customer, 404, NO), "not_found");
    assert_eq!(class(Call::Customer, 400, NO), "refused");
    for call in [Call::OpenLine, Call::Products, Call::Lines, Call::Token] {
        assert_eq!(class(call, 404, NO), "refused", "{call:?}");
    }
}

#[test]
fn every_call_and_every_class_has_a_name_of_its_own() {
    // Alarms and dashboards count by these names.
    let calls = [
        Call::Token,
        Call::Customer,
        Call::Products,
        Call::OpenLine,
        Call::Lines,
    ];
    assert_eq!(
        calls.map(Call::name),
        ["token", "customer", "products", "open_line", "lines"]
    );
    let reason = || "no".to_owned();
    let classes: [(Class<i64>, &str); 8] = [
        (Class::Done(5), "done"),
        (
            Class::Refused {
                status: 400,
                reason: reason(),
            },
            "refused",
        ),
        (Class::Token, "token"),
        (
            Class::Throttled {
                retry_after: Duration::from_secs(7),
            },
            "throttled",
        ),
        (Class::Misconfigured { reason: reason() }, "misconfigured"),
        (Class::NotSent { reason: reason() }, "not_sent"),
        (Class::Unknown { reason: reason() }, "unknown"),
        (Class::NotFound, "not_found"),
    ];
    for (class, name) in classes {
        assert_eq!(class.name(), name);
        // Only what was done is turned into something else; what went wrong stays as it is.
        let turned = class.clone().map(|id| id + 1);
        match class {
            Class::Done(id) => assert_eq!(turned, Class::Done(id + 1)),
            other => assert_eq!(turned, other),
        }
    }
}

#[test]
fn a_read_goes_well_with_any_2xx_and_a_billing_call_only_with_200_or_201() {
    let body = r#"{"ok":true,"id":5}"#;
    for (status, opened) in [
        (200, "done"),
        (201, "done"),
        (202, "unknown"),
        (299, "unknown"),
    ] {
        assert_eq!(class(Call::OpenLine, status, body), opened, "{status}");
        for call in [Call::Customer, Call::Products, Call::Lines, Call::Token] {
            assert_eq!(class(call, status, body), "done", "{call:?} {status}");
        }
    }
}

//! Whether an answer holds what is expected of it.

use serde_json::Value;

/// Members that are expected must be there, and others may be; a list must hold as many elements as expected.
pub(crate) fn holds(answer: &Value, expected: &Value) -> bool {
    match (answer, expected) {
        (Value::Object(answer), Value::Object(expected)) => expected
            .iter()
            .all(|(name, value)| answer.get(name).is_some_and(|found| holds(found, value))),
        (Value::Array(answer), Value::Array(expected)) => {
            answer.len() == expected.len()
                && answer
                    .iter()
                    .zip(expected)
                    .all(|(one, other)| holds(one, other))
        }
        (answer, expected) => answer == expected,
    }
}

#[test]
fn what_is_missing_or_other_does_not_hold() {
    use serde_json::json;
    let answer = json!({"a": 1, "list": [{"b": 2, "c": 3}]});
    assert!(holds(&answer, &json!({"list": [{"b": 2}]})));
    for other in [
        json!({"a": 2}),
        json!({"d": null}),
        json!({"list": []}),
        json!({"list": [{"b": 3}]}),
    ] {
        assert!(!holds(&answer, &other), "{other}");
    }
}

//! Holds every answer that a test gets against the description of the API (docs/openapi.json): status, headers, kind of content, and
//! each member of the body. Stricter than a validator of JSON Schema: a member that the description does not name is a fault too.

use std::sync::LazyLock;

use axum::http::{HeaderMap, Method, StatusCode, header};
use intake::openapi;
use serde_json::{Map, Value};

/// The document as a caller has it.
pub static DOCUMENT: LazyLock<Value> = LazyLock::new(|| {
    let document = openapi::document(openapi::EXAMPLE_DISCOVERY);
    serde_json::from_str(&openapi::written(&document)).unwrap()
});

/// Headers that an answer may carry only where its description says so.
const TOLD: [&str; 8] = [
    "content-disposition",
    "etag",
    "idempotent-replayed",
    "location",
    "preference-applied",
    "retry-after",
    "www-authenticate",
    "x-request-id",
];

/// Fails when the answer is not one that the document describes. What has no operation (404, 405) has nothing to be held against.
pub fn assert_described(
    method: &Method,
    path: &str,
    status: StatusCode,
    headers: &HeaderMap,
    body: &str,
) {
    let Some(operation) = operation(method, path) else {
        return;
    };
    let route = format!("{method} {path} → {status}");
    let answer = &operation["responses"][status.as_str()];
    assert!(
        answer.is_object(),
        "{route} is not described. It says: {body}"
    );
    let documented: Vec<String> = members(answer, "headers")
        .map(|(name, _)| name.to_lowercase())
        .collect();
    for name in TOLD {
        assert!(
            !headers.contains_key(name) || documented.iter().any(|known| known == name),
            "{route}: the header {name} is not described"
        );
    }
    let kind = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next());
    let Some(kind) = kind else {
        assert!(body.is_empty(), "{route} has a body without a type: {body}");
        return;
    };
    let content = &answer["content"][kind];
    assert!(content.is_object(), "{route}: {kind} is not described");
    if kind.ends_with("json") {
        let value: Value = serde_json::from_str(body).unwrap();
        let faults = faults(&content["schema"], &value);
        assert!(
            faults.is_empty(),
            "{route}:\n  {}\n{body}",
            faults.join("\n  ")
        );
    }
}

/// The operation of a request; of several whose paths fit, the one with the most parts that are written out.
fn operation(method: &Method, path: &str) -> Option<&'static Value> {
    let asked: Vec<&str> = path.split('?').next()?.split('/').collect();
    let method = method.as_str().to_lowercase();
    members(&DOCUMENT, "paths")
        .filter_map(|(template, item)| {
            let parts: Vec<&str> = template.split('/').collect();
            let is_named = |part: &str| part.starts_with('{');
            let fits = parts.len() == asked.len()
                && parts
                    .iter()
                    .zip(&asked)
                    .all(|(part, asked)| is_named(part) || part == asked);
            let written_out = parts.iter().filter(|part| !is_named(part)).count();
            fits.then_some((written_out, item.get(&method)?))
        })
        .max_by_key(|(written_out, _)| *written_out)
        .map(|(_, operation)| operation)
}

/// What is wrong with a value, each with its place.
pub fn faults(schema: &Value, value: &Value) -> Vec<String> {
    let mut found = Vec::new();
    look(schema, value, "", true, &mut found);
    found
}

fn look(schema: &Value, value: &Value, at: &str, closed: bool, found: &mut Vec<String>) {
    let schema = resolved(schema);
    let mut fault = |what: String| found.push(format!("{at}: {what}"));
    if !has_type(&schema["type"], value) {
        fault(format!("{value} is not of type {}", schema["type"]));
        return;
    }
    if let Some(known) = schema["enum"].as_array()
        && !known.contains(value)
    {
        fault(format!("{value} is none of {known:?}"));
    }
    for (limit, holds) in [
        ("minimum", value.as_f64() >= schema["minimum"].as_f64()),
        ("maximum", value.as_f64() <= schema["maximum"].as_f64()),
    ] {
        if schema.get(limit).is_some() && value.is_number() && !holds {
            fault(format!("{value} is beyond the {limit}"));
        }
    }
    for name in schema["required"].as_array().into_iter().flatten() {
        if value.is_object() && value.get(name.as_str().unwrap()).is_none() {
            fault(format!("{name} is missing"));
        }
    }
    if let Some(object) = value.as_object() {
        let known = properties(schema);
        for (name, value) in object {
            match known.get(name) {
                Some(schema) => look(schema, value, &format!("{at}/{name}"), true, found),
                None if closed && !is_open(schema) => {
                    found.push(format!("{at}/{name} is not described"));
                }
                None => {}
            }
        }
    }
    if let (Some(values), Some(items)) = (value.as_array(), schema.get("items")) {
        for (index, value) in values.iter().enumerate() {
            look(items, value, &format!("{at}/{index}"), true, found);
        }
    }
    // The members of all parts were looked at together.
    for part in schema["allOf"].as_array().into_iter().flatten() {
        look(part, value, at, false, found);
    }
    for (name, most) in [("anyOf", usize::MAX), ("oneOf", 1)] {
        if let Some(forms) = schema[name].as_array() {
            let each: Vec<Vec<String>> = forms.iter().map(|form| faults(form, value)).collect();
            let fitting = each.iter().filter(|faults| faults.is_empty()).count();
            if fitting == 0 || fitting > most {
                found.push(format!("{at}: {fitting} forms of {name} fit: {each:?}"));
            }
        }
    }
}

fn resolved(schema: &Value) -> &Value {
    match schema["$ref"].as_str() {
        Some(place) => DOCUMENT.pointer(place.strip_prefix('#').unwrap()).unwrap(),
        None => schema,
    }
}

/// The members of an object and of all the parts that it is made of.
fn properties(schema: &Value) -> Map<String, Value> {
    let mut all: Map<String, Value> = members(schema, "properties")
        .map(|(name, schema)| (name.clone(), schema.clone()))
        .collect();
    for part in schema["allOf"].as_array().into_iter().flatten() {
        for (name, schema) in properties(resolved(part)) {
            // The first one is the whole form; later ones say more of single members, which is looked at part by part.
            all.entry(name).or_insert(schema);
        }
    }
    all
}

/// Anything may stand in it, or one of several forms, each of which is looked at by itself.
fn is_open(schema: &Value) -> bool {
    schema["additionalProperties"] == true
        || schema.get("oneOf").is_some()
        || schema.get("anyOf").is_some()
}

fn has_type(types: &Value, value: &Value) -> bool {
    let is = |name: &Value| match name.as_str().unwrap() {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("the type {other} is none"),
    };
    match types {
        Value::Null => true,
        Value::Array(types) => types.iter().any(is),
        one => is(one),
    }
}

fn members<'a>(value: &'a Value, name: &str) -> impl Iterator<Item = (&'a String, &'a Value)> {
    value[name].as_object().into_iter().flatten()
}

mod tests {
    use serde_json::json;

    use super::faults;

    #[test]
    fn what_the_description_does_not_say_is_a_fault() {
        let schema = json!({
            "type": "object",
            "required": ["a"],
            "properties": {
                "a": {"type": "integer", "minimum": 1},
                "b": {"oneOf": [{"type": "null"}, {"type": "array", "items": {"type": "string", "enum": ["x"]}}]},
            },
        });
        for good in [
            json!({"a": 1}),
            json!({"a": 1, "b": null}),
            json!({"a": 1, "b": ["x"]}),
        ] {
            assert_eq!(faults(&schema, &good), [""; 0], "{good}");
        }
        for bad in [
            json!([]),
            json!({}),
            json!({"a": "1"}),
            json!({"a": 0}),
            json!({"a": 1, "c": 1}),
            json!({"a": 1, "b": ["y"]}),
            json!({"a": 1, "b": {}}),
        ] {
            assert!(!faults(&schema, &bad).is_empty(), "{bad}");
        }
        let both =
            json!({"allOf": [schema, {"type": "object", "properties": {"c": {"type": "string"}}}]});
        assert!(faults(&both, &json!({"a": 1, "c": "x"})).is_empty());
        assert!(!faults(&both, &json!({"a": 1, "c": 2})).is_empty());
        assert!(!faults(&both, &json!({"a": 1, "d": 2})).is_empty());
    }
}

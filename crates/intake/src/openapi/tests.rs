//! The document is whole, is what the code says, and is what was committed.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::*;
use crate::{problem::Kind, routes};

const COMMITTED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/openapi.json");

fn made() -> (String, Value) {
    let text = written(&document(EXAMPLE_DISCOVERY));
    let value = serde_json::from_str(&text).unwrap();
    (text, value)
}

/// Every value in the document whose member has this name.
fn members<'a>(value: &'a Value, name: &str, found: &mut Vec<&'a Value>) {
    match value {
        Value::Object(object) => {
            found.extend(object.get(name));
            object
                .values()
                .for_each(|value| members(value, name, found));
        }
        Value::Array(values) => values.iter().for_each(|value| members(value, name, found)),
        _ => {}
    }
}

fn operations_of(document: &Value) -> BTreeMap<(String, String), &Value> {
    let paths = document["paths"].as_object().unwrap();
    paths
        .iter()
        .flat_map(|(path, item)| {
            item.as_object()
                .unwrap()
                .iter()
                .map(move |(method, operation)| ((path.clone(), method.to_uppercase()), operation))
        })
        .collect()
}

#[test]
fn the_committed_document_is_the_one_that_is_served() {
    let (text, _) = made();
    if std::env::var_os("UPDATE_OPENAPI").is_some() {
        std::fs::write(COMMITTED, &text).unwrap();
    }
    let committed = std::fs::read_to_string(COMMITTED).unwrap_or_default();
    assert!(
        committed == text,
        "docs/openapi.json is not what the code says; write it anew:\n  \
         UPDATE_OPENAPI=1 cargo test -p intake --lib openapi, and look at what changed"
    );
}

#[test]
fn the_document_has_the_structure_of_openapi_3_1() {
    let (text, value) = made();
    assert_eq!(value["openapi"], "3.1.0");
    let read: OpenApi = serde_json::from_str(&text).unwrap();
    assert_eq!(written(&read), text, "something in it is not of OpenAPI");
}

#[test]
fn every_route_has_an_operation_and_every_operation_a_route() {
    let (_, document) = made();
    let described: BTreeSet<(String, String)> = operations_of(&document).into_keys().collect();
    let routes: BTreeSet<(String, String)> = routes::names()
        .into_iter()
        // A path that takes the rest of an address is a part like any other in OpenAPI.
        .map(|(method, path)| (path.replace("{*", "{"), method.to_string()))
        .collect();
    assert_eq!(described, routes);
}

#[test]
fn every_part_of_a_path_is_a_parameter_and_the_other_way_round() {
    let (_, document) = made();
    for ((path, method), operation) in operations_of(&document) {
        let parts: BTreeSet<&str> = path.split(['{', '}']).skip(1).step_by(2).collect();
        let named: BTreeSet<&str> = operation["parameters"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|parameter| parameter["in"] == "path")
            .map(|parameter| parameter["name"].as_str().unwrap())
            .collect();
        assert_eq!(parts, named, "{method} {path}");
    }
}

#[test]
fn every_operation_has_a_name_of_its_own_and_says_who_may() {
    let (_, document) = made();
    let mut names = BTreeSet::new();
    for (route, operation) in operations_of(&document) {
        let name = operation["operationId"].as_str().unwrap();
        assert!(names.insert(name.to_owned()), "{name} is there twice");
        assert!(
            !operation["summary"].as_str().unwrap().is_empty(),
            "{route:?}"
        );
        let tag = operation["tags"][0].as_str().unwrap();
        assert!(operation::Tag::ALL.iter().any(|known| known.name() == tag));
        let guarded = operation["responses"].get("401").is_some();
        assert_eq!(guarded, operation.get("security").is_some(), "{route:?}");
    }
}

#[test]
fn every_reference_leads_somewhere_and_every_form_is_used() {
    let (_, document) = made();
    let mut references = Vec::new();
    members(&document, "$ref", &mut references);
    let used: BTreeSet<&str> = references
        .into_iter()
        .map(|reference| {
            let name = reference.as_str().unwrap();
            name.strip_prefix("#/components/schemas/").unwrap()
        })
        .collect();
    let known: BTreeSet<&str> = document["components"]["schemas"]
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    assert_eq!(used, known);
}

#[test]
fn two_types_never_share_a_name() {
    let mut known: BTreeMap<String, Value> = BTreeMap::new();
    for (name, form) in answers::forms() {
        let form = serde_json::to_value(&form).unwrap();
        if let Some(other) = known.insert(name.clone(), form.clone()) {
            assert_eq!(
                form, other,
                "{name} is two things: give one #[schema(as = …)]"
            );
        }
    }
}

#[test]
fn every_kind_of_problem_stands_in_the_document_with_an_example_of_it() {
    let (_, document) = made();
    for kind in Kind::ALL {
        // The answer to a method that has no operation.
        if kind == Kind::MethodNotAllowed {
            continue;
        }
        let (status, name, _) = kind.parts();
        let short = name.strip_prefix("/problems/").unwrap();
        let told = operations_of(&document).into_values().any(|operation| {
            let answer = &operation["responses"][status.as_str()];
            let example =
                &answer["content"]["application/problem+json"]["examples"][short]["value"];
            example["type"] == name && example["status"] == status.as_u16()
        });
        assert!(told, "{name} is documented nowhere");
    }
}

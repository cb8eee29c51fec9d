//! The description of the API: that it is served, that its examples work, and that its limits are those of the parser.

use std::{collections::BTreeMap, io::Read};

use association::parse::{Invalid, parse};
use axum::{
    body::{Body, to_bytes},
    http::{Request, StatusCode, header},
};
use embedded_sql_server::database::Storage;
use flate2::read::GzDecoder;
use intake::{
    Intake,
    token::{Issuer, Pace, TokenSettings, Verifier},
};
use local::{
    database::{self, LocalDatabase},
    sign_in::{self, Claims, SignIn},
};
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::app::{
    App, PATIENCE,
    described::{DOCUMENT, assert_described, faults},
};

const PATH: &str = "/openapi.json";

fn schema(name: &str) -> &'static Value {
    &DOCUMENT["components"]["schemas"][name]
}

#[tokio::test]
async fn the_document_is_served_without_a_token_and_names_the_issuer() {
    let app = App::start().await;
    let (answer, trips) = app.round_trips(app.get(PATH, None)).await;
    assert_eq!((answer.status, trips), (StatusCode::OK, 0));
    assert_eq!(answer.header("content-type"), "application/json");
    let mut served = answer.json();
    let discovery = &mut served["components"]["securitySchemes"]["signIn"]["openIdConnectUrl"];
    let expected = format!("{}/.well-known/openid-configuration", app.sign_in.issuer());
    assert_eq!(discovery.take(), expected);
    let mut committed = DOCUMENT.clone();
    committed["components"]["securitySchemes"]["signIn"]["openIdConnectUrl"].take();
    assert_eq!(served, committed);
}

#[tokio::test]
async fn the_document_may_be_kept_and_is_sent_again_only_when_it_is_another() {
    let app = App::start().await;
    let first = app.get(PATH, None).await;
    assert_eq!(first.header("cache-control"), "public, max-age=300");
    let again = Request::get(PATH).header(header::IF_NONE_MATCH, first.header("etag"));
    let again = app.call(again.body(Body::empty()).unwrap()).await;
    assert_eq!(
        (again.status, again.text.as_str()),
        (StatusCode::NOT_MODIFIED, "")
    );
    assert_eq!(again.header("etag"), first.header("etag"));
}

#[tokio::test]
async fn the_document_is_sent_compressed_to_who_takes_that() {
    let app = App::start().await;
    let plain = app.get(PATH, None).await;
    let request = Request::get(PATH).header(header::ACCEPT_ENCODING, "gzip");
    let response = app.router().oneshot(request.body(Body::empty()).unwrap());
    let response = response.await.unwrap();
    assert_eq!(response.headers()[header::CONTENT_ENCODING], "gzip");
    let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    assert!(bytes.len() < plain.text.len() / 4, "{}", bytes.len());
    let mut text = String::new();
    GzDecoder::new(&*bytes).read_to_string(&mut text).unwrap();
    assert_eq!(text, plain.text);
}

/// The router on the sample data, which the examples are made for.
struct Sample {
    router: axum::Router,
    token: String,
    /// Kept while the router uses them.
    _neighbours: (LocalDatabase, SignIn),
}

impl Sample {
    async fn start() -> Self {
        let database = LocalDatabase::start(database::Options {
            port: 0,
            storage: Storage::Memory,
            rev_url: "http://127.0.0.1:9".to_owned(),
        })
        .await
        .unwrap();
        let sign_in = SignIn::start(sign_in::Options::default()).await.unwrap();
        let settings =
            central::Settings::from_connection_string(database.connection_string()).unwrap();
        let verifier = Verifier::new(TokenSettings {
            issuer: Issuer::parse(sign_in.issuer(), None).unwrap(),
            audience: sign_in.audience().to_owned(),
            algorithms: vec![jsonwebtoken::Algorithm::RS256],
            pace: Pace::default(),
        });
        let router = intake::router(Intake {
            central: central::Central::connect(settings).await.unwrap(),
            queue: std::sync::Arc::new(queue::MemoryQueue::new()),
            verifier: std::sync::Arc::new(verifier.unwrap()),
            portal: None,
            budget: central::budget::BudgetLimits {
                calls_per_minute: 475,
                calls_per_day: 150_000,
                burst: 10,
                reserve_per_minute: 0,
            },
            patience: PATIENCE,
        });
        Self {
            router,
            token: sign_in.token(&Claims::of(1, 1).for_all_customers()),
            _neighbours: (database, sign_in),
        }
    }

    /// The answer, held against the document.
    async fn send(
        &self,
        request: axum::http::request::Builder,
        body: String,
    ) -> (StatusCode, String) {
        let request = request
            .header(header::AUTHORIZATION, format!("Bearer {}", self.token))
            .header(header::CONTENT_TYPE, "application/json")
            .body(Body::from(body))
            .unwrap();
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.unwrap();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        assert_described(&method, &path, parts.status, &parts.headers, &text);
        (parts.status, text)
    }
}

/// Name and body of each example of the request.
fn examples() -> BTreeMap<&'static String, &'static Value> {
    let post = &DOCUMENT["paths"]["/M2M/AssociateCustomer"]["post"];
    post["requestBody"]["content"]["application/json"]["examples"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, example)| (name, &example["value"]))
        .collect()
}

#[tokio::test]
async fn every_example_of_a_request_is_answered_as_described() {
    let sample = Sample::start().await;
    let examples = examples();
    assert!(examples.len() >= 4);
    for (name, body) in examples {
        assert_eq!(
            faults(schema("AssociationRequest"), body),
            [""; 0],
            "{name}"
        );
        for (query, expected) in [("?validateOnly=true", 200), ("", 202)] {
            let request = Request::post(format!("/M2M/AssociateCustomer{query}"));
            let (status, text) = sample.send(request, body.to_string()).await;
            assert_eq!(status, expected, "{name}{query}: {text}");
        }
    }
}

#[tokio::test]
async fn every_path_that_is_filled_with_its_examples_is_answered_as_described() {
    let sample = Sample::start().await;
    let mut asked = 0;
    for (template, item) in DOCUMENT["paths"].as_object().unwrap() {
        let Some(operation) = item.get("get") else {
            continue;
        };
        let parameters = operation["parameters"].as_array().into_iter().flatten();
        let path = parameters
            .filter(|parameter| parameter["in"] == "path")
            .fold(template.clone(), |path, parameter| {
                let example = &parameter["example"];
                let text = example.as_str().map_or(example.to_string(), str::to_owned);
                path.replace(
                    &format!("{{{}}}", parameter["name"].as_str().unwrap()),
                    &text,
                )
            });
        assert!(!path.contains('{'), "{path}: a part has no example");
        let (status, text) = sample.send(Request::get(&path), String::new()).await;
        // What was not made yet (a bulk change) and assets of another version are not there.
        let missing = ["/M2M/BulkChangeStatus/", "/api/bulk-changes/", "/assets/"];
        let missing = missing.iter().any(|start| path.starts_with(start));
        let good = status.is_success() || status.is_redirection();
        assert_eq!(good, !missing, "{path}: {status} {text}");
        asked += 1;
    }
    assert!(asked > 8);
}

/// A good request with one member changed; codes of the faults that the parser finds at it.
fn codes(member: &str, value: Value) -> Vec<&'static str> {
    let mut body = examples()[&"everything".to_owned()].clone();
    body[member] = value;
    match parse(body.to_string().as_bytes()) {
        Ok(_) => Vec::new(),
        Err(Invalid::Members(errors)) => errors
            .into_iter()
            .filter(|error| error.pointer.starts_with(&format!("/{member}")))
            .map(|error| error.code)
            .collect(),
        Err(Invalid::NotJson { detail }) => panic!("{detail}"),
    }
}

/// What the document says of a member.
fn said(member: &str) -> &'static Value {
    &schema("AssociationRequest")["properties"][member]
}

fn whole(limit: &Value) -> usize {
    usize::try_from(limit.as_u64().unwrap()).unwrap()
}

#[test]
fn the_parser_takes_as_many_devices_as_the_document_says_and_no_more() {
    let devices = |count| {
        let devices: Vec<String> = (0..count).map(|number| format!("89{number:017}")).collect();
        codes("devices", json!(devices))
    };
    let most = whole(&said("devices")["maxItems"]);
    assert_eq!(most, 10_000);
    assert_eq!(devices(most), [""; 0]);
    assert_eq!(devices(most + 1), ["too-many-devices"]);
    assert_eq!(whole(&said("devices")["minItems"]), 1);
    assert_eq!(devices(0), ["empty"]);
}

#[test]
fn the_parser_takes_iccids_as_long_as_the_document_says() {
    let pattern = schema("Iccid")["pattern"].as_str().unwrap();
    let limits = pattern
        .strip_prefix("^[0-9]{")
        .and_then(|rest| rest.strip_suffix("}$"))
        .unwrap();
    let (shortest, longest) = limits.split_once(',').unwrap();
    let (shortest, longest): (usize, usize) = (shortest.parse().unwrap(), longest.parse().unwrap());
    for length in 0..40 {
        let taken = codes("devices", json!(["8".repeat(length)])).is_empty();
        assert_eq!(taken, (shortest..=longest).contains(&length), "{length}");
    }
}

#[test]
fn the_parser_takes_texts_as_long_as_the_document_says() {
    let mut texts = 0;
    for (member, says) in schema("AssociationRequest")["properties"]
        .as_object()
        .unwrap()
    {
        let Some(longest) = says.get("maxLength") else {
            continue;
        };
        texts += 1;
        // Characters are counted, not bytes.
        let text = |length| codes(member, json!("é".repeat(length)));
        assert_eq!(text(whole(longest)), [""; 0], "{member}");
        assert_eq!(text(whole(longest) + 1), ["too-long"], "{member}");
    }
    assert_eq!(texts, 3);
}

#[test]
fn the_parser_takes_numbers_as_large_as_the_document_says() {
    let (mut ids, mut amounts) = (0, 0);
    for (member, says) in schema("AssociationRequest")["properties"]
        .as_object()
        .unwrap()
    {
        // Beside products there may be no package and no list of products.
        if ["revPackageId", "revProductIdList", "rateList"].contains(&member.as_str()) {
            continue;
        }
        let number = |number: Value| codes(member, number).is_empty();
        let forms = says["anyOf"].as_array().into_iter().flatten();
        for form in forms.filter(|form| form["type"] == "integer") {
            ids += 1;
            let (least, most) = (&form["minimum"], form["maximum"].as_i64().unwrap());
            assert!(number(least.clone()) && number(json!(most)), "{member}");
            assert!(!number(json!(0)) && !number(json!(most + 1)), "{member}");
            // Texts of numbers are taken where the document says so.
            assert!(number(json!(most.to_string())), "{member}");
        }
        if let Some(limit) = says["exclusiveMaximum"].as_f64() {
            amounts += 1;
            assert!(
                number(says["minimum"].clone()) && number(json!(limit - 1.0)),
                "{member}"
            );
            assert!(!number(json!(limit)) && !number(json!(-1)), "{member}");
        }
    }
    assert!(ids >= 7 && amounts >= 1, "{ids} ids, {amounts} amounts");
}

#[test]
fn the_parser_takes_as_many_products_as_the_document_says_and_no_more() {
    let products = |count: usize| {
        let products: Vec<Value> = (1..=count)
            .map(|id| json!({"productId": id, "rate": 1}))
            .collect();
        codes("products", json!(products))
    };
    let most = whole(&said("products")["maxItems"]);
    assert_eq!(products(most), [""; 0]);
    assert_eq!(products(most + 1), ["too-many-products"]);
}

#[test]
fn the_parser_knows_the_members_of_the_document_and_no_others() {
    let mut body = json!({});
    for (member, _) in schema("AssociationRequest")["properties"]
        .as_object()
        .unwrap()
    {
        body[member] = Value::Null;
    }
    let unknown = |body: &Value| match parse(body.to_string().as_bytes()) {
        Err(Invalid::Members(errors)) => errors
            .into_iter()
            .filter(|error| error.code == "unknown-member")
            .map(|error| error.pointer)
            .collect::<Vec<String>>(),
        other => panic!("{other:?}"),
    };
    assert_eq!(unknown(&body), [""; 0]);
    body["colour"] = json!(1);
    assert_eq!(unknown(&body), ["/colour"]);
    let missing = |member: &str| codes(member, Value::Null);
    for required in schema("AssociationRequest")["required"].as_array().unwrap() {
        assert_eq!(missing(required.as_str().unwrap()), ["missing"]);
    }
}

#[test]
fn the_years_of_the_document_are_those_of_the_parser() {
    let says = said("effectiveDate")["description"].as_str().unwrap();
    let days: Vec<&str> = says
        .split(' ')
        .filter(|word| word.starts_with("20"))
        .collect();
    let [first, last] = days[..] else {
        panic!("{says}")
    };
    let last = last.trim_end_matches(';');
    assert_eq!(
        (
            codes("effectiveDate", json!(first)),
            codes("effectiveDate", json!(last))
        ),
        (vec![], vec![])
    );
    assert_eq!(
        codes("effectiveDate", json!("1999-12-31")),
        ["out-of-range"]
    );
    assert_eq!(
        codes("effectiveDate", json!("2100-01-01")),
        ["out-of-range"]
    );
}

//! What a test or a person asks and tells over HTTP, all under `/admin`.
//!
//! | | |
//! | --- | --- |
//! | `GET /admin/state` | time, counts, limit, latency |
//! | `GET /admin/lines` | every line that it holds; `?reference=` or `?number=` for some |
//! | `GET /admin/calls` | every call that arrived, with its time |
//! | `GET`, `POST`, `DELETE /admin/faults` | the rules; one rule or a list; none, and nothing is held back |
//! | `POST /admin/clock` | `{"advance_seconds": 60}` |
//! | `POST /admin/settings` | `{"limit_per_minute": 500, "latency_ms": 20}`; a limit of 0 is none |
//! | `POST /admin/customers` | `{"id": 2001, "status": "ACTIVE"}` |
//! | `POST /admin/revoke-tokens` | every token is refused from now on |
//! | `POST /admin/reset` | as at the start |
//!
//! A rule is `{"call": "open_line", "kind": "drop_after", "times": 1, "number": …, "probability": …}`; in place of `kind` a
//! `fault` can be put together from its parts.

use std::{collections::HashMap, sync::Arc, time::Duration};

use axum::{
    Json, Router,
    body::Bytes,
    extract::{Query, State},
    http::StatusCode,
    routing::{get, post},
};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};
use time::format_description::well_known::Rfc3339;

use super::{
    books::{Books, most_in_a_minute},
    fault::Fault,
    rule::{Call, Rule},
    stand_in::Shared,
};

pub(super) fn routes() -> Router<Arc<Shared>> {
    Router::new()
        .route("/admin/state", get(state))
        .route("/admin/lines", get(lines))
        .route("/admin/calls", get(calls))
        .route(
            "/admin/faults",
            get(faults).post(add_faults).delete(clear_faults),
        )
        .route("/admin/clock", post(clock))
        .route("/admin/settings", post(settings))
        .route("/admin/customers", post(customers))
        .route("/admin/revoke-tokens", post(revoke_tokens))
        .route("/admin/reset", post(reset))
}

type Answer = Result<Json<Value>, (StatusCode, Json<Value>)>;
type Stand = State<Arc<Shared>>;

async fn state(State(shared): Stand) -> Json<Value> {
    Json(summary(&mut shared.books()))
}

fn summary(books: &mut Books) -> Value {
    let now = books.now();
    json!({
        "now": now.format(&Rfc3339).unwrap_or_default(),
        "lines": books.ledger.lines().len(),
        "still_to_come": books.ledger.still_to_come(),
        "calls": books.calls.len(),
        "calls_over_limit": books.calls.iter().filter(|call| call.over_limit).count(),
        "most_calls_in_a_minute": most_in_a_minute(&books.calls),
        "limit_per_minute": books.options.limit_per_minute,
        "latency_ms": u64::try_from(books.options.latency.as_millis()).unwrap_or(u64::MAX),
        "seed": books.options.seed,
        "customers": books.customers,
        "faults": books.faults.rules().count(),
    })
}

async fn lines(State(shared): Stand, Query(wanted): Query<HashMap<String, String>>) -> Json<Value> {
    let mut books = shared.books();
    books.now();
    let fits = |name: &str, value: &str| wanted.get(name).is_none_or(|wanted| wanted == value);
    let lines: Vec<_> = books
        .ledger
        .lines()
        .iter()
        .filter(|line| {
            fits("number", &line.number)
                && fits("reference", line.reference.as_deref().unwrap_or_default())
        })
        .collect();
    Json(json!({"count": lines.len(), "lines": lines}))
}

async fn calls(State(shared): Stand) -> Json<Value> {
    let books = shared.books();
    Json(json!({"count": books.calls.len(), "calls": books.calls}))
}

async fn faults(State(shared): Stand) -> Json<Value> {
    Json(listed(&shared.books()))
}

fn listed(books: &Books) -> Value {
    json!({"faults": books.faults.rules().collect::<Vec<_>>()})
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GivenRule {
    call: Call,
    #[serde(default)]
    kind: Option<String>,
    #[serde(default)]
    fault: Option<Fault>,
    #[serde(default)]
    number: Option<String>,
    #[serde(default)]
    probability: Option<f64>,
    #[serde(default)]
    times: Option<u32>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    Many(Vec<Value>),
    One(Value),
}

async fn add_faults(State(shared): Stand, body: Bytes) -> Answer {
    let given = match read(&body)? {
        OneOrMany::Many(rules) => rules,
        OneOrMany::One(rule) => vec![rule],
    };
    // All of them are read before the first is added.
    let rules = given.into_iter().map(rule).collect::<Result<Vec<_>, _>>()?;
    let mut books = shared.books();
    for rule in rules {
        books.faults.add(rule);
    }
    Ok(Json(listed(&books)))
}

fn rule(given: Value) -> Result<Rule, (StatusCode, Json<Value>)> {
    let given: GivenRule =
        serde_json::from_value(given).map_err(|error| bad(&error.to_string()))?;
    let fault = match (given.kind, given.fault) {
        (Some(kind), None) => {
            Fault::named(&kind).ok_or_else(|| bad(&format!("there is no kind {kind:?}")))?
        }
        (None, Some(fault)) => fault,
        _ => return Err(bad("either kind or fault")),
    };
    if given
        .probability
        .is_some_and(|share| !(0.0..=1.0).contains(&share))
    {
        return Err(bad("probability is 0 to 1"));
    }
    if given.times == Some(0) {
        return Err(bad("times is 1 or more"));
    }
    Ok(Rule {
        call: given.call,
        number: given.number,
        probability: given.probability,
        times: given.times,
        fault,
    })
}

async fn clear_faults(State(shared): Stand) -> Json<Value> {
    let mut books = shared.books();
    books.clear_faults();
    Json(listed(&books))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Move {
    advance_seconds: u32,
}

async fn clock(State(shared): Stand, body: Bytes) -> Answer {
    let Move { advance_seconds } = read(&body)?;
    let mut books = shared.books();
    books
        .clock
        .advance(Duration::from_secs(u64::from(advance_seconds)));
    Ok(Json(summary(&mut books)))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Changed {
    limit_per_minute: Option<usize>,
    latency_ms: Option<u64>,
}

async fn settings(State(shared): Stand, body: Bytes) -> Answer {
    let changed: Changed = read(&body)?;
    let mut books = shared.books();
    if let Some(limit) = changed.limit_per_minute {
        books.options.limit_per_minute = (limit > 0).then_some(limit);
    }
    if let Some(latency) = changed.latency_ms {
        books.options.latency = Duration::from_millis(latency);
    }
    Ok(Json(summary(&mut books)))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GivenCustomer {
    id: i64,
    #[serde(default)]
    status: Option<String>,
}

async fn customers(State(shared): Stand, body: Bytes) -> Answer {
    let GivenCustomer { id, status } = read(&body)?;
    let mut books = shared.books();
    let status = status.unwrap_or_else(|| "ACTIVE".to_owned());
    books.customers.insert(id, status);
    Ok(Json(summary(&mut books)))
}

async fn revoke_tokens(State(shared): Stand) -> Json<Value> {
    let mut books = shared.books();
    books.tokens.revoke();
    Json(summary(&mut books))
}

async fn reset(State(shared): Stand) -> Json<Value> {
    let mut books = shared.books();
    *books = Books::new(books.options.clone());
    Json(summary(&mut books))
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, (StatusCode, Json<Value>)> {
    serde_json::from_slice(body).map_err(|error| bad(&error.to_string()))
}

fn bad(reason: &str) -> (StatusCode, Json<Value>) {
    (StatusCode::BAD_REQUEST, Json(json!({"error": reason})))
}

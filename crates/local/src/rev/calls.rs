//! The five calls as HTTP takes them in; what they do is in [`Books`](super::books::Books).

use std::{collections::HashMap, sync::Arc};

use axum::{
    Router,
    body::Bytes,
    extract::{Path, Query, State},
    http::{HeaderMap, header},
    response::Response,
    routing::{get, post},
};
use serde_json::Value;

use super::{
    answer::{Answer, Planned},
    books::{Asked, Paging, Who, no},
    ledger::Order,
    rule::Call,
    stand_in::Shared,
};

pub(super) fn routes() -> Router<Arc<Shared>> {
    Router::new()
        .route("/v1/auth/token", post(token))
        .route("/v1/customers/{id}", get(customer))
        .route("/v1/service-products", get(products))
        .route("/v1/service-lines", post(open_line).get(lines))
}

type Search = Query<HashMap<String, String>>;

async fn token(State(shared): State<Arc<Shared>>, body: Bytes) -> Response {
    let given = serde_json::from_slice(&body).ok();
    let asked = Asked {
        call: Call::Token,
        who: Who::Credentials(given),
        subject: String::new(),
        reference: None,
    };
    let planned = shared.books().take(asked, |books, account, _, now| {
        Some(books.sign_in(account, now))
    });
    answer(planned).await
}

async fn customer(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    let asked = read(Call::Customer, &headers, &id);
    let planned = shared
        .books()
        .take(asked, |books, _, _, _| Some(books.customer(&id)));
    answer(planned).await
}

async fn products(
    State(shared): State<Arc<Shared>>,
    Query(search): Search,
    headers: HeaderMap,
) -> Response {
    let customer = given(&search, "search.customer_id");
    let asked = read(Call::Products, &headers, customer);
    let planned = shared.books().take(asked, |books, _, _, _| {
        let (status, body) = books.customer(customer);
        Some(if status == 200 {
            books.products(paging(&search))
        } else {
            (status, body)
        })
    });
    answer(planned).await
}

async fn lines(
    State(shared): State<Arc<Shared>>,
    Query(search): Search,
    headers: HeaderMap,
) -> Response {
    let number = given(&search, "search.number");
    let asked = read(Call::Lines, &headers, number);
    let planned = shared.books().take(asked, |books, account, _, now| {
        let customer = match search.get("search.customer_id").map(|id| id.parse()) {
            None => None,
            Some(Ok(id)) => Some(id),
            Some(Err(_)) => return Some(no(400, "search.customer_id is not a number")),
        };
        Some(books.lines(account, number, customer, paging(&search), now))
    });
    answer(planned).await
}

async fn open_line(State(shared): State<Arc<Shared>>, headers: HeaderMap, body: Bytes) -> Response {
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
    let reference = headers
        .get("idempotency-key")
        .and_then(|value| value.to_str().ok())
        .map(str::to_owned);
    let asked = Asked {
        reference: reference.clone(),
        ..read(Call::OpenLine, &headers, &text("number"))
    };
    let planned = shared.books().take(asked, |books, account, fault, now| {
        if !body.is_object() {
            return Some(no(400, "the body is not a JSON object"));
        }
        let order = Order {
            account: account.to_owned(),
            number: text("number"),
            number2: text("number2"),
            customer_id: body["customer_id"].as_i64().unwrap_or_default(),
            description: text("description"),
            reference,
        };
        books.open_line(order, &body, fault, now)
    });
    answer(planned).await
}

fn read(call: Call, headers: &HeaderMap, subject: &str) -> Asked {
    let bearer = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "))
        .map(str::to_owned);
    Asked {
        call,
        who: Who::Bearer(bearer),
        subject: subject.to_owned(),
        reference: None,
    }
}

fn given<'a>(search: &'a HashMap<String, String>, name: &str) -> &'a str {
    search.get(name).map(String::as_str).unwrap_or_default()
}

fn paging(search: &HashMap<String, String>) -> Paging {
    let number = |name, otherwise| match search.get(name) {
        None => otherwise,
        // What is no number becomes one that is refused.
        Some(text) => text.parse().unwrap_or(0),
    };
    Paging {
        page: number("search.page", 1),
        size: number("search.page_size", 10),
    }
}

async fn answer(planned: Planned) -> Response {
    let Planned {
        held,
        delay,
        answer,
    } = planned;
    if let Some(mut held) = held {
        // An error is a reset of the stand-in.
        let _ = held.changed().await;
    }
    if !delay.is_zero() {
        tokio::time::sleep(delay).await;
    }
    Answer::into_response(answer)
}

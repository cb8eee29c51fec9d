//! The form of Rev.io's API that is spoken: paths, authentication, bodies. Rev's older REST form would be one more module
//! like this one and nothing else.
//!
//! | call | request |
//! | --- | --- |
//! | sign in | `POST v1/auth/token` |
//! | customer | `GET v1/customers/{id}` |
//! | products | `GET v1/service-products` |
//! | open a line | `POST v1/service-lines` |
//! | look lines up | `GET v1/service-lines` |

use std::{str::FromStr, time::Duration};

use ::http::Method;
use association::{
    ids::{RevCustomerId, ServiceLineId},
    service_line::{Billed, ServiceLine, ServiceLineOrder},
};
use rust_decimal::Decimal;
use serde_json::{Map, Number, Value, json};
use time::{
    Date, OffsetDateTime, PrimitiveDateTime, Time, UtcOffset,
    format_description::BorrowedFormatItem, macros::format_description,
};
use url::Url;

use crate::{
    account::{Account, BaseUrl},
    reason::Envelope,
};

/// Records a page; Rev.io takes 1 to 500.
const PAGE_SIZE: u32 = 500;
const DATE: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]");

/// A call as it goes over the wire, without what authenticates it.
pub(crate) struct Request {
    pub verb: Method,
    pub url: Url,
    pub body: Option<Vec<u8>>,
    pub idempotency_key: Option<String>,
}

impl Request {
    fn get(url: Url) -> Self {
        Self {
            verb: Method::GET,
            url,
            body: None,
            idempotency_key: None,
        }
    }

    fn post(url: Url, body: &Value) -> Self {
        Self {
            verb: Method::POST,
            url,
            body: Some(body.to_string().into_bytes()),
            idempotency_key: None,
        }
    }
}

pub(crate) fn sign_in(account: &Account) -> Request {
    let credentials = &account.credentials;
    let body = json!({
        "client_code": credentials.client_code,
        "password": credentials.password,
        "username": credentials.user,
    });
    Request::post(account.base_url.at("v1/auth/token"), &body)
}

pub(crate) fn customer(base: &BaseUrl, id: &RevCustomerId) -> Request {
    Request::get(base.at(&format!("v1/customers/{id}")))
}

pub(crate) fn products(base: &BaseUrl, customer: &RevCustomerId, page: u32) -> Request {
    let mut url = base.at("v1/service-products");
    url.query_pairs_mut()
        .append_pair("search.customer_id", customer.as_str());
    paged(&mut url, page);
    Request::get(url)
}

pub(crate) fn open_line(base: &BaseUrl, order: &ServiceLineOrder) -> Request {
    Request {
        idempotency_key: Some(order.reference.as_str().to_owned()),
        ..Request::post(base.at("v1/service-lines"), &body(order))
    }
}

pub(crate) fn lines(
    base: &BaseUrl,
    number: &str,
    customer: Option<&RevCustomerId>,
    page: u32,
) -> Request {
    let mut url = base.at("v1/service-lines");
    url.query_pairs_mut().append_pair("search.number", number);
    if let Some(customer) = customer {
        url.query_pairs_mut()
            .append_pair("search.customer_id", customer.as_str());
    }
    paged(&mut url, page);
    Request::get(url)
}

fn paged(url: &mut Url, page: u32) {
    url.query_pairs_mut()
        .append_pair("search.page", &page.to_string())
        .append_pair("search.page_size", &PAGE_SIZE.to_string());
}

/// The body that a line is opened with. The same order always has the same bytes: members stand in the order of the alphabet,
/// which is also the order that `serde_json` gives them when it sorts.
#[must_use]
pub fn body(order: &ServiceLineOrder) -> Value {
    let mut body = Map::new();
    let mut put = |name: &str, value: Value| {
        body.insert(name.to_owned(), value);
    };
    put("activated_date", date(order.activated_date));
    put("customer_id", order.customer.as_number().into());
    put("description", order.description.clone().into());
    if let Some(day) = order.effective_date {
        put("effective_date", date(day));
    }
    put("number", order.number.clone().into());
    put("number2", order.number2.clone().into());
    if let Billed::Package(package) = order.billed {
        put("package_id", package.into());
    }
    if let Billed::Products(products) = &order.billed {
        let products = products.iter().map(|product| {
            json!({
                "generate_proration": order.prorate,
                "product_id": product.product_id,
                "rate": rate(product.rate),
            })
        });
        put("products", products.collect());
    }
    put("provider_id", order.provider_id.into());
    put("service_type_id", order.service_type_id.into());
    if let Some(group) = order.usage_plan_group_id {
        put("usage_plan_group_id", group.into());
    }
    Value::Object(body)
}

/// `yyyy-MM-dd`, without the stray `Z` of the system before this one.
fn date(day: Date) -> Value {
    // Formatting a date with a fixed description cannot fail; a failure would show as null, which Rev refuses.
    day.format(DATE).map_or(Value::Null, Value::String)
}

/// An amount as a JSON number, exactly. An amount with more digits than a JSON number carries safely goes as text, which Rev
/// refuses: better no line than a line with another rate.
fn rate(rate: Decimal) -> Value {
    let exact = rate.normalize().to_string();
    if let Ok(whole) = exact.parse::<i64>() {
        return whole.into();
    }
    exact
        .parse()
        .ok()
        .and_then(Number::from_f64)
        .filter(|number| Decimal::from_str(&number.to_string()).ok() == Some(rate))
        .map_or(Value::String(exact), Value::Number)
}

/// A Rev customer as Rev.io shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Customer {
    /// Rev's id.
    pub id: RevCustomerId,
    /// Name.
    pub name: String,
    /// Rev's word, for example `ACTIVE`.
    pub status: String,
}

/// One page of a list; the list is complete once a page says that there is no more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// What is on this page; a page with a record that cannot be read is not given at all.
    pub records: Vec<T>,
    /// Whether there is a page after this one.
    pub has_more: bool,
}

/// A product that a customer can be billed for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceProduct {
    /// Rev's product id.
    pub product_id: i32,
    /// Rev's words for it.
    pub description: String,
    /// What one costs a month, if Rev says so.
    pub rate: Option<Decimal>,
    /// Rev's word, for example `ACTIVE`.
    pub status: String,
}

/// The access token and how long it lasts.
#[must_use]
pub fn read_token(body: &Value) -> Option<(String, Duration)> {
    let token = body.get("access_token")?.as_str()?;
    let lasts = number(body.get("expires_in")?)?;
    let sendable = !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic());
    let lasts = Duration::from_secs(u64::try_from(lasts).ok()?);
    sendable.then(|| (token.to_owned(), lasts))
}

/// The customer that was asked for; another one is no answer.
#[must_use]
pub fn read_customer(body: &Value, asked: &RevCustomerId) -> Option<Customer> {
    let id = customer_id(body.get("customer_id").or_else(|| body.get("id"))?)?;
    (id == *asked).then(|| Customer {
        id,
        name: text(body, "name"),
        status: text(body, "status"),
    })
}

/// A page of a list, each record read with `read`.
pub fn read_page<T>(body: &Value, read: impl Fn(&Value) -> Option<T>) -> Option<Page<T>> {
    // A list without Rev's envelope, or without a word on further pages, is not taken for a complete one.
    Envelope::of(body)?;
    let records = body.get("records")?.as_array()?;
    if let Some(count) = body.get("record_count")
        && number(count) != i64::try_from(records.len()).ok()
    {
        return None;
    }
    Some(Page {
        records: records.iter().map(read).collect::<Option<_>>()?,
        has_more: body.get("has_more")?.as_bool()?,
    })
}

/// A record of the list of products.
#[must_use]
pub fn read_product(record: &Value) -> Option<ServiceProduct> {
    let rate = match record.get("rate") {
        None | Some(Value::Null) => None,
        Some(Value::Number(rate)) => Some(decimal(&rate.to_string())?),
        Some(Value::String(rate)) => Some(decimal(rate.trim())?),
        Some(_) => return None,
    };
    Some(ServiceProduct {
        product_id: i32::try_from(number(record.get("product_id")?)?).ok()?,
        description: text(record, "description"),
        rate,
        status: text(record, "status"),
    })
}

/// A record of the list of lines.
#[must_use]
pub fn read_line(record: &Value) -> Option<ServiceLine> {
    Some(ServiceLine {
        id: line_id(record)?,
        number: record.get("number")?.as_str()?.to_owned(),
        customer: number(record.get("customer_id")?)?.to_string(),
        description: text(record, "description"),
        created: record
            .get("created")
            .or_else(|| record.get("created_date"))
            .and_then(Value::as_str)
            .and_then(latest_moment),
        status: text(record, "status"),
    })
}

/// The id of a line: a positive whole number, also when written as text.
#[must_use]
pub fn line_id(body: &Value) -> Option<ServiceLineId> {
    ServiceLineId::new(number(body.get("id")?)?).ok()
}

fn customer_id(value: &Value) -> Option<RevCustomerId> {
    RevCustomerId::parse(&number(value)?.to_string()).ok()
}

fn number(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

fn decimal(text: &str) -> Option<Decimal> {
    Decimal::from_str(text)
        .or_else(|_| Decimal::from_scientific(text))
        .ok()
}

fn text(body: &Value, name: &str) -> String {
    body.get(name)
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned()
}

/// The latest moment that Rev's text can mean: a day alone is its end, a time without an offset is that of the last place on
/// earth to have it. A line is then never taken for older than it may be.
fn latest_moment(text: &str) -> Option<OffsetDateTime> {
    use time::format_description::well_known::Rfc3339;
    let text = text.trim();
    if let Ok(moment) = OffsetDateTime::parse(text, &Rfc3339) {
        return Some(moment);
    }
    let last = UtcOffset::from_hms(-12, 0, 0).ok()?;
    let written = text.trim_end_matches('Z');
    if let Ok(day) = Date::parse(written, DATE) {
        let end = Time::from_hms(23, 59, 59).ok()?;
        return Some(PrimitiveDateTime::new(day, end).assume_offset(last));
    }
    // Taken for UTC to be read, then moved to where it is latest.
    let moment = OffsetDateTime::parse(&format!("{written}Z"), &Rfc3339).ok()?;
    Some(moment.replace_offset(last))
}

#[cfg(test)]
#[path = "contract_tests.rs"]
mod tests;

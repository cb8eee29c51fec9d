//! The old way's call to Rev: one at a time, without a look whether it was made before.

use anyhow::{Context as _, ensure};
use end_to_end::World;
use serde_json::{Map, Value, json};

/// Where Rev is, and the token of a sign-in.
pub(super) struct Account {
    pub(super) url: String,
    pub(super) token: String,
}

/// A line that was opened, and what was said about it.
pub(super) struct Opened {
    pub(super) line: i32,
    pub(super) asked: String,
    pub(super) answered: String,
}

/// Signs in. The old system sent a password with every call instead; its stand-in here takes tokens, so one sign-in does for all.
pub(super) async fn sign_in(
    world: &World,
    url: String,
    credentials: [&str; 3],
) -> anyhow::Result<Account> {
    let [client_code, username, password] = credentials;
    let request = world
        .http()
        .post(format!("{url}/v1/auth/token"))
        .json(&json!({"client_code": client_code, "username": username, "password": password}));
    let answer: Value = request.send().await?.json().await?;
    let token = answer["access_token"]
        .as_str()
        .with_context(|| format!("no token: {answer}"))?
        .to_owned();
    Ok(Account { url, token })
}

/// Opens a line, with one call for line and products together; the old system made another call for each product.
pub(super) async fn open_line(
    world: &World,
    account: &Account,
    change: &Value,
) -> anyhow::Result<Opened> {
    let url = format!("{}/v1/service-lines", account.url);
    let body = body(change);
    let request = world
        .http()
        .post(&url)
        .bearer_auth(&account.token)
        .json(&body);
    let answer = request.send().await?;
    let status = answer.status().as_u16();
    let answered = answer.text().await?;
    ensure!(status == 201, "Rev answered {status}: {answered}");
    let line = serde_json::from_str::<Value>(&answered)?["id"]
        .as_i64()
        .with_context(|| format!("no id: {answered}"))?;
    Ok(Opened {
        line: line.try_into()?,
        asked: format!("POST {url}\n{body}"),
        answered,
    })
}

fn body(change: &Value) -> Value {
    let mut body = Map::new();
    let mut put = |name: &str, value: Value| {
        if !value.is_null() {
            body.insert(name.to_owned(), value);
        }
    };
    let customer = change["RevCustomerId"].as_str().unwrap_or_default();
    put("customer_id", customer.parse::<i64>().ok().into());
    put("number", change["Number"].clone());
    put("number2", change["ICCID"].clone());
    put("service_type_id", change["ServiceTypeId"].clone());
    put("provider_id", change["ProviderId"].clone());
    put("usage_plan_group_id", change["UsagePlanGroupId"].clone());
    put("description", change["Description"].clone());
    put("activated_date", change["ActivatedDate"].clone());
    put("products", products(change));
    body.into()
}

fn products(change: &Value) -> Value {
    let list = |name: &str| change[name].as_array().cloned().unwrap_or_default();
    let products = list("RevProductIdList")
        .into_iter()
        .zip(list("RateList"))
        .map(|(product, rate)| {
            // Amounts stand as text in the stored change, and Rev takes numbers.
            let rate = rate.as_str().and_then(|rate| rate.parse::<f64>().ok());
            json!({"product_id": product, "rate": rate, "generate_proration": change["Prorate"]})
        });
    products.collect()
}

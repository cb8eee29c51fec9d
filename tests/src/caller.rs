//! The caller of the API: requests over HTTP, with a token of somebody who may do everything within the tenant.

use local::sign_in::Claims;
use serde_json::Value;
use uuid::Uuid;

use crate::{World, world::USER};

/// An answer of the API.
#[derive(Debug)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// JSON, or null.
    pub body: Value,
    /// `Retry-After`.
    pub retry_after: Option<String>,
}

impl Answer {
    /// The bulk change of a 202; anything else fails the test.
    #[expect(
        clippy::must_use_candidate,
        reason = "the assertion alone is often what a test wants"
    )]
    pub fn bulk_change(&self) -> i64 {
        assert_eq!(self.status, 202, "{}", self.body);
        self.body["changeId"].as_i64().unwrap()
    }
}

impl World {
    /// Somebody who may do everything within the tenant.
    #[must_use]
    pub fn token(&self) -> String {
        self.sign_in
            .token(&Claims::of(i64::from(self.tenant), USER))
    }

    /// Speaks to another API than the router of this process from here on, through a client that finds it: a deployed one.
    pub fn speak_to(&mut self, api: String, http: reqwest::Client) {
        (self.api, self.http) = (api, http);
    }

    /// Submits.
    pub async fn post(&self, body: &Value) -> Answer {
        self.post_with(body, &Uuid::new_v4().to_string()).await
    }

    /// Submits with a key.
    pub async fn post_with(&self, body: &Value, key: &str) -> Answer {
        let request = self
            .http
            .post(format!("{}/M2M/AssociateCustomer", self.api))
            .header("Idempotency-Key", key)
            .json(body);
        answer(request.bearer_auth(self.token()).send().await.unwrap()).await
    }

    /// Submits these devices with a line for each: the bulk change.
    pub async fn submit_with_service(&self, numbers: impl IntoIterator<Item = usize>) -> i64 {
        let request = self.with_service(&self.iccids(numbers));
        self.post(&request).await.bulk_change()
    }

    /// Where a path of the API is.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.api)
    }

    /// For requests with headers of a test's own.
    #[must_use]
    pub fn http(&self) -> &reqwest::Client {
        &self.http
    }

    /// Asks for a path.
    pub async fn get(&self, path: &str) -> Answer {
        answer(
            self.http
                .get(format!("{}{path}", self.api))
                .bearer_auth(self.token())
                .send()
                .await
                .unwrap(),
        )
        .await
    }

    /// All items of a bulk change's status.
    pub async fn items(&self, bulk_change: i64) -> Vec<Value> {
        let mut items = Vec::new();
        for page in 1.. {
            let answer = self
                .get(&format!(
                    "/M2M/BulkChangeStatus/{bulk_change}?page={page}&pageSize=500"
                ))
                .await;
            assert_eq!(answer.status, 200, "{}", answer.body);
            let read = answer.body["items"].as_array().unwrap().clone();
            if read.is_empty() {
                break;
            }
            items.extend(read);
        }
        items
    }
}

async fn answer(response: reqwest::Response) -> Answer {
    let retry_after = response
        .headers()
        .get("retry-after")
        .map(|value| value.to_str().unwrap().to_owned());
    Answer {
        status: response.status().as_u16(),
        retry_after,
        body: response.json().await.unwrap_or(Value::Null),
    }
}

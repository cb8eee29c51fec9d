//! The portal with everything behind it, and somebody in front of it.

use std::{sync::Arc, time::Duration};

use end_to_end::{Wishes, World};
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use crate::driving::Browser;

/// Of the sample data: all customers of tenant 1 (`local::sign_in::people`).
pub const NORA: &str = "Nora North";

/// A browser at the portal of a world of sample data.
pub struct Portal {
    /// Everything behind it.
    pub world: Arc<World>,
    /// In front of it.
    pub browser: Browser,
    address: String,
}

impl Portal {
    /// Nobody is signed in yet. `devices` are the assignable ones of each tenant.
    pub async fn with(devices: usize) -> Self {
        Self::of(World::embedded(Wishes::sample(devices)).await).await
    }

    /// The same for a world that exists.
    pub async fn of(world: World) -> Self {
        let address = world.url("");
        Self {
            world: Arc::new(world),
            browser: Browser::start().await,
            address,
        }
    }

    /// The portal is reached here instead.
    pub fn reached_by(mut self, address: String) -> Self {
        self.address = address;
        self
    }

    /// The address of a page.
    pub fn at(&self, path: &str) -> String {
        format!("{}{path}", self.address)
    }

    /// Goes to a page.
    pub async fn opens(&self, path: &str) {
        self.browser.open(&self.at(path)).await;
    }

    /// Goes to a page, and signs in on the way as whoever comes first.
    pub async fn opens_as(&self, person: &str, path: &str) {
        self.opens(path).await;
        self.signs_in(person).await;
        self.is_at(path).await;
    }

    /// Chooses a person at the sign-in stand-in.
    pub async fn signs_in(&self, person: &str) {
        self.browser.press("button", person).await;
    }

    /// Waits until the browser is at a page, signed in.
    pub async fn is_at(&self, path: &str) {
        let script = "return location.pathname + location.search === arguments[0]
            && [...document.querySelectorAll('#tools button')].some((button) => button.textContent === 'Sign out')";
        self.browser
            .until(&format!("is at {path}"), script, vec![json!(path)])
            .await;
    }

    /// Submits for the sample's first customer without a browser; answers the id.
    pub async fn submitted(&self, devices: &[String]) -> i64 {
        self.submitted_with(devices, json!({})).await
    }

    /// The same with more members.
    pub async fn submitted_with(&self, devices: &[String], more: Value) -> i64 {
        let mut request = self.world.with_service(devices);
        request["addCustomerRatePlan"] = json!(true);
        request["customerRatePlan"] = json!(1);
        for (name, value) in more.as_object().unwrap() {
            request[name] = value.clone();
        }
        let token = self.world.sign_in.token(&local::sign_in::Claims::of(1, 1));
        let answer = self
            .world
            .http()
            .post(self.world.url("/M2M/AssociateCustomer"))
            .bearer_auth(token)
            .json(&request)
            .send()
            .await
            .unwrap();
        let status = answer.status();
        let body: Value = answer.json().await.unwrap();
        assert_eq!(status, 202, "{body}");
        body["changeId"].as_i64().unwrap()
    }

    /// The first devices of a bulk change, as the API tells them.
    pub async fn items(&self, id: i64) -> Vec<Value> {
        let token = self.world.sign_in.token(&local::sign_in::Claims::of(1, 1));
        let url = self.world.url(&format!("/M2M/BulkChangeStatus/{id}"));
        let answer = self.world.http().get(url).bearer_auth(token).send().await;
        let body: Value = answer.unwrap().json().await.unwrap();
        body["items"].as_array().cloned().unwrap()
    }

    /// Has the consumer work by itself until this is dropped.
    pub fn works(&self) -> Working {
        let world = Arc::clone(&self.world);
        Working(tokio::spawn(async move {
            loop {
                world.deliver(10, 2).await;
                world.sweep().await;
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }))
    }

    /// ICCIDs of a group of the sample data, for the first tenant.
    pub fn iccids(group: local::sample::Group, count: u32) -> Vec<String> {
        let iccids = group.iccids(1, count);
        iccids
            .iter()
            .map(|iccid| iccid.as_str().to_owned())
            .collect()
    }
}

/// The consumer at work.
pub struct Working(JoinHandle<()>);

impl Drop for Working {
    fn drop(&mut self) {
        self.0.abort();
    }
}

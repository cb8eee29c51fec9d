//! A stand-in, a client and an account at it.

#![expect(clippy::unwrap_used, reason = "test code outside of test functions")]

use std::time::Duration;

use association::{
    ids::{ChangeId, IntegrationAuthenticationId, RevCustomerId, ServiceLineId},
    service_line::{Billed, Reference, ServiceLineOrder},
};
use local::rev::{FAKE_ACCOUNTS, Options, RevStandIn};
use rev::{Account, Answer, Client, Credentials, Settings};
use time::macros::date;

pub struct Scene {
    pub stand_in: RevStandIn,
    pub client: Client,
    pub account: Account,
}

/// Short, for the tests that wait for it to pass.
pub const CALL_TIMEOUT: Duration = Duration::from_secs(1);

pub fn settings(call_timeout: Duration) -> Settings {
    Settings {
        call_timeout,
        allow_http_loopback: true,
        ..Settings::default()
    }
}

pub fn credentials() -> Credentials {
    let (client_code, user, password) = FAKE_ACCOUNTS[0];
    Credentials {
        client_code: client_code.into(),
        user: user.into(),
        password: password.into(),
    }
}

pub fn account_at(client: &Client, base_url: &str) -> Account {
    let id = IntegrationAuthenticationId::new(1).unwrap();
    client.account(id, base_url, credentials()).unwrap()
}

#[allow(dead_code, reason = "each test binary uses its part of the scene")]
impl Scene {
    pub async fn new() -> Self {
        Self::with(Options::default(), Duration::from_secs(20)).await
    }

    /// For calls that are given up.
    pub async fn impatient() -> Self {
        Self::with(Options::default(), CALL_TIMEOUT).await
    }

    pub async fn with(options: Options, call_timeout: Duration) -> Self {
        let stand_in = RevStandIn::start(options).await.unwrap();
        let client = Client::new(settings(call_timeout)).unwrap();
        let account = account_at(&client, &stand_in.url());
        Self {
            stand_in,
            client,
            account,
        }
    }

    pub async fn open(&self, change: i64) -> Answer<ServiceLineId> {
        self.client.open_line(&self.account, &order(change)).await
    }
}

pub fn order(change: i64) -> ServiceLineOrder {
    let reference = Reference::of(ChangeId::new(change).unwrap());
    ServiceLineOrder {
        customer: customer(),
        number: number(change),
        number2: format!("{:019}", 8_900_000_000_000_000_000 + i128::from(change)),
        service_type_id: 3,
        provider_id: 4,
        billed: Billed::Package(77),
        usage_plan_group_id: None,
        effective_date: None,
        activated_date: date!(2026 - 01 - 02),
        prorate: false,
        description: reference.describe(Some("Fleet A")),
        reference,
    }
}

pub fn number(change: i64) -> String {
    format!("{}", 15_550_000_000 + change)
}

pub fn customer() -> RevCustomerId {
    RevCustomerId::parse("1001").unwrap()
}

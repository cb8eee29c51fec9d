//! The five calls. Every method is one HTTP call, and a sign-in before it where there is no token.

use std::time::Instant;

use association::{
    ids::{IntegrationAuthenticationId, RevCustomerId, ServiceLineId},
    service_line::{ServiceLine, ServiceLineOrder},
};
use serde_json::Value;

use crate::{
    account::{Account, Credentials, Settings},
    class::{Call, Class},
    contract::{self, Customer, Page, Request, ServiceProduct},
    error::{BaseUrlRefused, ClientError},
    exchange::{Exchange, asked},
    http::{Http, Told},
    token::{NoToken, Tokens},
};

/// What a call came to.
#[derive(Debug, Clone)]
pub struct Answer<T> {
    /// Decides what follows.
    pub class: Class<T>,
    /// HTTP calls that were made, sign-ins included: what it took from the call budget.
    pub calls: u32,
    /// The last of them, for `DeviceBulkChangeLog`.
    pub exchange: Exchange,
}

/// Speaks to Rev.io for any number of accounts; made once, shared by reference.
///
/// The caller takes call slots: one for each method, and one more where [`Client::has_token`] says no. A 401 is answered with
/// one fresh token and one more try inside, so that [`Answer::calls`] may be two more than was reserved.
///
/// Whatever it takes, a method ends within [`Settings::call_timeout`], so that a lease that outlasts the time-out outlasts the
/// method.
///
/// A future of these methods that is dropped before it ends leaves its call in the air: for [`Client::open_line`] that is an
/// unknown outcome.
pub struct Client {
    settings: Settings,
    http: Http,
    tokens: Tokens,
}

impl Client {
    /// A client without any token yet.
    pub fn new(settings: Settings) -> Result<Self, ClientError> {
        let http = Http::new(&settings)?;
        Ok(Self {
            settings,
            tokens: Tokens::new(http.clone()),
            http,
        })
    }

    /// An account that this client may call: refused when its base URL is not allowed by the settings.
    pub fn account(
        &self,
        id: IntegrationAuthenticationId,
        base_url: &str,
        credentials: Credentials,
    ) -> Result<Account, BaseUrlRefused> {
        Account::new(id, base_url, credentials, &self.settings)
    }

    /// Whether the next call can begin without signing in first.
    #[must_use]
    pub fn has_token(&self, account: &Account) -> bool {
        self.tokens.has(account)
    }

    /// `POST v1/auth/token`: signs in whether or not there is a token, for a probe of a stopped account. Made once for all who
    /// ask at the same time; `calls` is 0 for those who waited for another.
    pub async fn token(&self, account: &Account) -> Answer<()> {
        let got = self.tokens.fetch(account, self.settings.call_timeout).await;
        let answer = match got.bearer {
            Ok(_) => Answer {
                class: Class::Done(()),
                calls: got.calls,
                exchange: got.exchange.unwrap_or_default(),
            },
            Err(NoToken { class, exchange }) => Answer {
                class,
                calls: got.calls,
                exchange,
            },
        };
        told(account, Call::Token, &answer);
        answer
    }

    /// `GET v1/customers/{id}`. [`Class::NotFound`] when Rev says that there is none.
    pub async fn customer(&self, account: &Account, id: &RevCustomerId) -> Answer<Customer> {
        let request = contract::customer(&account.base_url, id);
        self.call(account, Call::Customer, &request, |body| {
            contract::read_customer(body, id)
        })
        .await
    }

    /// `GET v1/service-products` of one customer; `page` counts from 1.
    pub async fn products(
        &self,
        account: &Account,
        customer: &RevCustomerId,
        page: u32,
    ) -> Answer<Page<ServiceProduct>> {
        let request = contract::products(&account.base_url, customer, page);
        self.call(account, Call::Products, &request, |body| {
            contract::read_page(body, contract::read_product)
        })
        .await
    }

    /// `POST v1/service-lines`: opens a billed line. Only under a live lease and with its intent recorded; after
    /// [`Class::Unknown`] never again before a look-up has settled what happened.
    pub async fn open_line(
        &self,
        account: &Account,
        order: &ServiceLineOrder,
    ) -> Answer<ServiceLineId> {
        let request = contract::open_line(&account.base_url, order);
        self.call(account, Call::OpenLine, &request, contract::line_id)
            .await
    }

    /// `GET v1/service-lines` by number, and by customer where one is given; `page` counts from 1. Rev decides what its search
    /// finds: [`crate::settle()`] compares again.
    pub async fn lines(
        &self,
        account: &Account,
        number: &str,
        customer: Option<&RevCustomerId>,
        page: u32,
    ) -> Answer<Page<ServiceLine>> {
        let request = contract::lines(&account.base_url, number, customer, page);
        self.call(account, Call::Lines, &request, |body| {
            contract::read_page(body, contract::read_line)
        })
        .await
    }

    async fn call<T>(
        &self,
        account: &Account,
        call: Call,
        request: &Request,
        read: impl Fn(&Value) -> Option<T>,
    ) -> Answer<T> {
        let begun = Instant::now();
        let left = || self.settings.call_timeout.saturating_sub(begun.elapsed());
        // Kept from the sign-in for the call itself, which is not begun with less.
        let least = self.settings.call_timeout / 4;
        let mut calls = 0;
        let mut again = true;
        let (class, exchange) = loop {
            let for_signing_in = left().saturating_sub(least);
            if for_signing_in.is_zero() {
                let reason = "no time is left for another try".to_owned();
                break (Class::NotSent { reason }, Exchange::default());
            }
            let got = self.tokens.get(account, for_signing_in).await;
            calls += got.calls;
            let bearer = match got.bearer {
                Ok(bearer) => bearer,
                Err(NoToken { class, exchange }) => break (without_token(class), exchange),
            };
            let told = Told {
                request: asked(request),
                secrets: &[&bearer.value, &account.credentials.password],
                keep_success: true,
            };
            let (class, exchange) = self
                .http
                .call(call, request, Some(&bearer.value), left(), told, &read)
                .await;
            calls += 1;
            if !matches!(class, Class::Token) {
                break (class, exchange);
            }
            // Rev refused the token before it looked at the rest, so the request may go once more, with a fresh one.
            self.tokens.reject(account, &bearer);
            if !std::mem::replace(&mut again, false) {
                break (class, exchange);
            }
        };
        let answer = Answer {
            class,
            calls,
            exchange,
        };
        told(account, call, &answer);
        answer
    }
}

/// The call itself was not made for want of a token, whatever became of the sign-in.
fn without_token<T>(class: Class<()>) -> Class<T> {
    match class {
        Class::Token | Class::Done(()) | Class::Refused { .. } | Class::NotFound => Class::Token,
        Class::Throttled { retry_after } => Class::Throttled { retry_after },
        Class::Misconfigured { reason } => Class::Misconfigured { reason },
        Class::NotSent { reason } | Class::Unknown { reason } => Class::NotSent {
            reason: format!("signing in: {reason}"),
        },
    }
}

/// Fields without anything of the request or the answer: both carry whole numbers.
fn told<T>(account: &Account, call: Call, answer: &Answer<T>) {
    tracing::debug!(
        integration_authentication_id = account.id.get(),
        call = call.name(),
        class = answer.class.name(),
        status = answer.exchange.status,
        calls = answer.calls,
        latency_ms = u64::try_from(answer.exchange.latency.as_millis()).unwrap_or(u64::MAX),
        "rev_call"
    );
}

//! The router with everything around it that is real on one machine: database, sign-in service, a queue in memory.
#![allow(dead_code, reason = "each test binary uses its own part of the module")]

#[path = "../../../central/tests/support/mod.rs"]
pub mod database;
#[path = "described.rs"]
pub mod described;

use std::{sync::Arc, time::Duration};

use association::ids::Iccid;
use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderMap, Request, StatusCode, header},
};
use central::{Central, Settings, budget::BudgetLimits};
use intake::{
    Intake,
    settings::PortalClient,
    status::Patience,
    token::{Issuer, Pace, TokenSettings, Verifier},
};
use jsonwebtoken::Algorithm;
use local::sign_in::{self, Claims, SignIn};
use queue::MemoryQueue;
use serde_json::{Value, json};
use tower::ServiceExt;

use self::database::{Base, World};

/// May use customer 1001 of its tenant by User_Role_Site, and no other.
pub const USER: i64 = 7;

/// Nobody waits long for what does not happen; what does happen is told long before.
pub const PATIENCE: Patience = Patience {
    longest: Duration::from_secs(2),
    every: Duration::from_millis(50),
};

/// What the tests of this crate start with.
pub struct App {
    pub base: Base,
    pub world: World,
    pub queue: MemoryQueue,
    pub sign_in: SignIn,
    pub central: Central,
    router: Router,
}

/// An answer, read to its end.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    pub fn header(&self, name: impl header::AsHeaderName) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    /// The id that a 202 tells.
    pub fn change_id(&self) -> i64 {
        assert_eq!(self.status, StatusCode::ACCEPTED, "{}", self.text);
        self.json()["changeId"].as_i64().unwrap()
    }

    /// The type of a problem, which is a whole problem document.
    pub fn problem(&self) -> String {
        assert_eq!(
            self.header(header::CONTENT_TYPE),
            "application/problem+json",
            "{}",
            self.text
        );
        let document = self.json();
        assert_eq!(document["status"], self.status.as_u16());
        assert_eq!(document["requestId"], self.header("x-request-id"));
        for member in ["title", "detail", "requestId"] {
            assert!(!document[member].as_str().unwrap().is_empty(), "{document}");
        }
        document["type"].as_str().unwrap().to_owned()
    }

    /// Pointer and code of each error, in order.
    pub fn errors(&self) -> Vec<(String, String)> {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        self.json()["errors"]
            .as_array()
            .map_or_else(Vec::new, |errors| {
                errors
                    .iter()
                    .map(|error| (text(&error["pointer"]), text(&error["code"])))
                    .collect()
            })
    }

    /// The answer without what differs from request to request.
    pub fn comparable(&self) -> Value {
        let mut document = self.json();
        document.as_object_mut().unwrap().remove("requestId");
        document
    }
}

/// One POST of an association, to be changed where a test is about something else.
pub struct Post<'a> {
    app: &'a App,
    body: Vec<u8>,
    token: Option<String>,
    key: Option<String>,
    content_type: Option<&'static str>,
    query: &'static str,
}

impl Post<'_> {
    pub fn token(self, token: impl Into<String>) -> Self {
        Self {
            token: Some(token.into()),
            ..self
        }
    }

    pub fn without_token(self) -> Self {
        Self {
            token: None,
            ..self
        }
    }

    pub fn key(self, key: &str) -> Self {
        Self {
            key: Some(key.to_owned()),
            ..self
        }
    }

    pub fn content_type(self, content_type: Option<&'static str>) -> Self {
        Self {
            content_type,
            ..self
        }
    }

    pub fn query(self, query: &'static str) -> Self {
        Self { query, ..self }
    }

    pub async fn send(self) -> Answer {
        let mut request = Request::post(format!("/M2M/AssociateCustomer{}", self.query));
        if let Some(token) = &self.token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        if let Some(key) = &self.key {
            request = request.header("Idempotency-Key", key);
        }
        if let Some(content_type) = self.content_type {
            request = request.header(header::CONTENT_TYPE, content_type);
        }
        self.app
            .call(request.body(Body::from(self.body)).unwrap())
            .await
    }
}

impl App {
    pub async fn start() -> Self {
        Self::on(Base::start().await, Pace::default()).await
    }

    /// On the embedded server, for tests that need its faults.
    pub async fn embedded() -> Self {
        Self::on(Base::embedded().await, Pace::default()).await
    }

    pub async fn with_pace(pace: Pace) -> Self {
        Self::on(Base::start().await, pace).await
    }

    async fn on(base: Base, pace: Pace) -> Self {
        let world = World::new(&base.sql).await;
        let settings = base.settings();
        Self::with_settings(base, world, settings, pace).await
    }

    /// With other time-outs than usual.
    pub async fn with_settings(base: Base, world: World, settings: Settings, pace: Pace) -> Self {
        Self::with_all(base, world, settings, pace, Some(portal_client())).await
    }

    /// With the portal as this client, or as none.
    pub async fn with_portal(portal: Option<PortalClient>) -> Self {
        let base = Base::start().await;
        let world = World::new(&base.sql).await;
        let settings = base.settings();
        Self::with_all(base, world, settings, Pace::default(), portal).await
    }

    async fn with_all(
        base: Base,
        world: World,
        settings: Settings,
        pace: Pace,
        portal: Option<PortalClient>,
    ) -> Self {
        let sign_in = SignIn::start(sign_in::Options::default()).await.unwrap();
        let verifier = Verifier::new(TokenSettings {
            issuer: Issuer::parse(sign_in.issuer(), None).unwrap(),
            audience: sign_in.audience().to_owned(),
            algorithms: vec![Algorithm::RS256, Algorithm::ES256],
            pace,
        })
        .unwrap();
        let central = Central::connect(settings).await.unwrap();
        let queue = MemoryQueue::new();
        let router = intake::router(Intake {
            central: central.clone(),
            queue: Arc::new(queue.clone()),
            verifier: Arc::new(verifier),
            portal,
            budget: BudgetLimits {
                calls_per_minute: 475,
                calls_per_day: 150_000,
                burst: 10,
                reserve_per_minute: 0,
            },
            patience: PATIENCE,
        });
        Self {
            base,
            world,
            queue,
            sign_in,
            central,
            router,
        }
    }

    /// What `main` puts behind API Gateway.
    pub fn router(&self) -> Router {
        self.router.clone()
    }

    /// Ends the sign-in service, and waits until nobody listens at its address.
    pub async fn sign_in_goes_away(&mut self) {
        let address = self.sign_in.issuer().replace("http://", "");
        self.sign_in = SignIn::start(sign_in::Options::default()).await.unwrap();
        while tokio::net::TcpStream::connect(&address).await.is_ok() {
            tokio::task::yield_now().await;
        }
    }

    /// Claims of a user who may use customer 1001.
    pub fn claims(&self) -> Claims {
        Claims::of(i64::from(self.world.tenant.get()), USER)
    }

    /// A good token of that user.
    pub fn token(&self) -> String {
        self.sign_in.token(&self.claims())
    }

    /// A good token of a user who may use every customer.
    pub fn token_for_all_customers(&self) -> String {
        self.sign_in.token(&self.claims().for_all_customers())
    }

    /// The smallest request: these devices to customer 1001.
    pub fn request(&self, devices: &[Iccid]) -> Value {
        let devices: Vec<&str> = devices.iter().map(Iccid::as_str).collect();
        json!({
            "devices": devices,
            "serviceProviderId": self.world.provider.get(),
            "revCustomerId": "1001",
        })
    }

    /// The same with a service line and a customer rate plan for each device.
    pub fn full_request(&self, devices: &[Iccid]) -> Value {
        let mut request = self.request(devices);
        let more = json!({
            "createRevService": true, "serviceTypeId": 3, "providerId": 4,
            "products": [{"productId": 11, "rate": 2.5}], "prorate": true, "description": "Fleet",
            "addCustomerRatePlan": true, "customerRatePlan": self.world.plan,
            "customerRatePool": self.world.pool,
        });
        for (name, value) in more.as_object().unwrap() {
            request[name] = value.clone();
        }
        request
    }

    /// A POST of these bytes with a good token.
    pub fn post(&self, body: impl Into<Vec<u8>>) -> Post<'_> {
        Post {
            app: self,
            body: body.into(),
            token: Some(self.token()),
            key: None,
            content_type: Some("application/json"),
            query: "",
        }
    }

    /// A POST of this request with a good token.
    pub fn posting(&self, request: &Value) -> Post<'_> {
        self.post(request.to_string())
    }

    pub async fn post_association(&self, request: &Value) -> Answer {
        self.posting(request).send().await
    }

    pub async fn get(&self, path: &str, token: Option<&str>) -> Answer {
        let mut request = Request::get(path);
        if let Some(token) = token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        self.call(request.body(Body::empty()).unwrap()).await
    }

    pub async fn status(&self, id: i64) -> Answer {
        self.status_page(id, "").await
    }

    pub async fn status_page(&self, id: i64, query: &str) -> Answer {
        let token = self.token();
        self.get(&format!("/M2M/BulkChangeStatus/{id}{query}"), Some(&token))
            .await
    }

    /// The answer, which must be one that the description of the API knows.
    pub async fn call(&self, request: Request<Body>) -> Answer {
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.unwrap();
        let answer = Answer {
            status: parts.status,
            headers: parts.headers,
            text: String::from_utf8(bytes.to_vec()).unwrap(),
        };
        described::assert_described(&method, &path, answer.status, &answer.headers, &answer.text);
        answer
    }

    /// Round trips that a piece of work takes.
    pub async fn round_trips<T>(&self, work: impl Future<Output = T>) -> (T, u64) {
        let before = self.central.round_trips();
        let result = work.await;
        (result, self.central.round_trips() - before)
    }

    /// Bulk changes of the tenant.
    pub async fn bulk_changes(&self) -> i64 {
        let text = "SELECT COUNT_BIG(*) FROM dbo.DeviceBulkChange AS b WHERE b.TenantId = @P1";
        self.count(text).await
    }

    /// Messages of the tenant that were not marked as sent.
    pub async fn unsent(&self) -> i64 {
        let text = "SELECT COUNT_BIG(*) FROM dbo.BulkChangeOutbox AS o \
             INNER JOIN dbo.DeviceBulkChange AS b ON b.id = o.BulkChangeId \
             WHERE b.TenantId = @P1 AND o.SentAt IS NULL";
        self.count(text).await
    }

    /// A count over the tenant's rows.
    pub async fn count(&self, text: &str) -> i64 {
        self.base.sql.count(text, &[&self.world.tenant.get()]).await
    }

    /// Fails when anything of the tenant was written, or anything sent.
    pub async fn assert_nothing_written(&self, case: &str) {
        for (table, text) in [
            (
                "DeviceBulkChange",
                "SELECT COUNT_BIG(*) FROM dbo.DeviceBulkChange AS b WHERE b.TenantId = @P1",
            ),
            (
                "M2M_DeviceChange",
                "SELECT COUNT_BIG(*) FROM dbo.M2M_DeviceChange AS m INNER JOIN dbo.DeviceBulkChange AS b ON b.id = m.BulkChangeId WHERE b.TenantId = @P1",
            ),
            (
                "DeviceChangeWork",
                "SELECT COUNT_BIG(*) FROM dbo.DeviceChangeWork AS w WHERE w.TenantId = @P1",
            ),
            (
                "BulkChangeWork",
                "SELECT COUNT_BIG(*) FROM dbo.BulkChangeWork AS w WHERE w.TenantId = @P1",
            ),
        ] {
            assert_eq!(self.count(text).await, 0, "{table} after {case}");
        }
        assert!(self.queue.sent().is_empty(), "queue after {case}");
    }
}

/// The portal as the sign-in stand-in takes it.
pub fn portal_client() -> PortalClient {
    PortalClient {
        id: "m2m-portal".to_owned(),
        scope: "openid".to_owned(),
    }
}

/// A document for a snapshot: members that differ from run to run show their name in place of a value.
pub fn steady(document: Value, differing: &[&str]) -> Value {
    match document {
        Value::Object(members) => members
            .into_iter()
            .map(|(name, value)| {
                let value = if differing.contains(&name.as_str()) && !value.is_null() {
                    format!("[{name}]").into()
                } else {
                    steady(value, differing)
                };
                (name, value)
            })
            .collect(),
        Value::Array(values) => values
            .into_iter()
            .map(|value| steady(value, differing))
            .collect(),
        other => other,
    }
}

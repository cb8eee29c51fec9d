//! One tenant with customers, plans and devices; a database, Rev, a sign-in service and a queue; both lambdas.

use std::{sync::Arc, time::Duration};

use central::{
    Central, Settings,
    budget::BudgetLimits,
    migrate::{self, Which},
};
use device_bulk_change::{Consumer, Limits, Notifier, OtherQueues};
use embedded_sql_server::{
    database::{Database, Storage},
    server::{Options, Server},
};
use intake::{
    Intake,
    status::Patience,
    token::{Issuer, Pace, TokenSettings, Verifier},
};
use jsonwebtoken::Algorithm;
use local::{
    rev::{self, FAKE_ACCOUNTS, RevStandIn},
    sample,
    sign_in::{self, SignIn},
};
use queue::MemoryQueue;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use uuid::Uuid;

use crate::{amop::Amop, existing, logins::Logins, prepared, sql::Sql};

/// The customer that requests name.
pub const CUSTOMER: &str = "1001";
/// Another customer of the same tenant.
pub const OTHER_CUSTOMER: &str = "1002";
/// May use [`CUSTOMER`] by User_Role_Site.
pub const USER: i64 = 7;

/// How a world is to be.
pub struct Wishes {
    /// Assignable devices: 1 to this number.
    pub devices: usize,
    /// Calls a minute of the budget.
    pub calls_per_minute: u32,
    /// Calls a day of the budget.
    pub calls_per_day: u32,
    /// How Rev behaves.
    pub rev: rev::Options,
    /// Limits of the consumer other than the budget.
    pub limits: Limits,
    /// Somebody else made the database before this system came to it (embedded server only).
    pub existing: bool,
    /// Queues beside the consumer's own.
    pub queues: OtherQueues,
    /// The sample data instead of a tenant of the test's own: its first tenant speaks, and `devices` are its assignable ones. The
    /// people who can sign in at the stand-in belong to it.
    pub sample: bool,
}

impl Wishes {
    /// Devices, and a budget with which nobody has to wait.
    #[must_use]
    pub fn devices(devices: usize) -> Self {
        Self {
            devices,
            calls_per_minute: 60_000,
            calls_per_day: 1_000_000,
            rev: rev::Options::default(),
            limits: Limits::default(),
            existing: false,
            queues: OtherQueues::default(),
            sample: false,
        }
    }

    /// The sample data with this many assignable devices for each of its tenants.
    #[must_use]
    pub fn sample(devices: usize) -> Self {
        Self {
            sample: true,
            ..Self::devices(devices)
        }
    }
}

/// Everything that one test works with.
pub struct World {
    server: Option<Server>,
    connection_string: String,
    /// What the lambdas log in with.
    pub logins: Logins,
    /// The pool of lambda 2.
    pub central: Central,
    /// The pool of lambda 1.
    pub intake: Central,
    /// Rev.io.
    pub rev: RevStandIn,
    /// Hands out tokens.
    pub sign_in: SignIn,
    /// Between the lambdas.
    pub queue: Arc<MemoryQueue>,
    /// Lambda 2.
    pub consumer: Arc<Consumer>,
    /// The receiver of notices.
    pub amop: Amop,
    pub(crate) api: String,
    pub(crate) http: reqwest::Client,
    /// `Tenant.id`.
    pub tenant: i32,
    /// `ServiceProvider.id`.
    pub provider: i32,
    /// `JasperCustomerRatePlan.id`.
    pub plan: i32,
    budget: BudgetLimits,
}

impl World {
    /// The embedded server, or the one that `CENTRAL_TEST_CONNECTION` names.
    pub async fn start(wishes: Wishes) -> Self {
        match std::env::var("CENTRAL_TEST_CONNECTION") {
            Ok(text) if !text.is_empty() => Self::on(None, text, wishes).await,
            _ => Self::embedded(wishes).await,
        }
    }

    /// The embedded server, for tests that need faults or its clock: files named `embedded_*.rs`.
    pub async fn embedded(wishes: Wishes) -> Self {
        let database = if wishes.existing {
            empty()
        } else {
            prepared::database().await
        };
        let server = Server::start(Options::new(database)).await.unwrap();
        let text = server.connection_string();
        Self::on(Some(server), text, wishes).await
    }

    async fn on(server: Option<Server>, connection_string: String, wishes: Wishes) -> Self {
        // What the lambdas log stands beside a failed test; a second world in the same process finds it started.
        let filter = tracing_subscriber::EnvFilter::try_from_env("LOG_LEVEL")
            // The driver warns of every connection without TLS; here all of them stay on this machine.
            .unwrap_or_else(|_| "warn,tiberius=error".into());
        let _ = tracing_subscriber::fmt()
            .with_env_filter(filter)
            .with_test_writer()
            .try_init();
        let settings = settings(&connection_string);
        if wishes.existing {
            let mut sql = Sql::connect(&connection_string).await;
            for batch in existing::batches() {
                sql.rows(&batch).await;
            }
            migrate::apply(settings, Which::Changes).await.unwrap();
        } else if server.is_none() {
            migrate::apply(settings, Which::Both).await.unwrap();
        }
        let logins = if wishes.existing || server.is_none() {
            Logins::lay(&connection_string).await
        } else {
            Logins::laid(&connection_string)
        };
        let rev = RevStandIn::start(wishes.rev).await.unwrap();
        let sign_in = sign_in::Options {
            keys_of_the_process: true,
            ..sign_in::Options::default()
        };
        let sign_in = SignIn::start(sign_in).await.unwrap();
        let amop = Amop::start().await;
        let central = Central::connect(self::settings(&logins.consumer))
            .await
            .unwrap();
        let intake = Central::connect(self::settings(&logins.intake))
            .await
            .unwrap();
        let queue = Arc::new(MemoryQueue::new());
        let budget = BudgetLimits {
            calls_per_minute: wishes.calls_per_minute,
            calls_per_day: wishes.calls_per_day,
            burst: 10,
            reserve_per_minute: 0,
        };
        let ids = if wishes.sample {
            sample(&connection_string, &rev.url(), wishes.devices).await
        } else {
            tenant(&connection_string, &rev.url(), wishes.devices).await
        };

        let consumer = consumer(&central, &queue, amop.url(), &wishes.limits, budget);
        Self {
            api: serve(&intake, &queue, &sign_in, budget).await,
            consumer: Arc::new(consumer.with_queues(wishes.queues)),
            // It speaks to this machine alone; reading the machine's certificates takes longer than many a test's requests.
            http: reqwest::Client::builder()
                .no_proxy()
                .tls_certs_only([])
                .build()
                .unwrap(),
            tenant: ids[0],
            provider: ids[1],
            plan: ids[2],
            server,
            connection_string,
            logins,
            central,
            intake,
            rev,
            sign_in,
            queue,
            amop,
            budget,
        }
    }

    /// The embedded server.
    #[must_use]
    pub fn server(&self) -> &Server {
        self.server
            .as_ref()
            .expect("this test needs the embedded server and belongs into a file embedded_*.rs")
    }

    /// Round trips of both lambdas so far.
    #[must_use]
    pub fn round_trips(&self) -> u64 {
        self.central.round_trips() + self.intake.round_trips()
    }

    /// Of the owner of the database, in ADO form.
    #[must_use]
    pub fn connection_string(&self) -> &str {
        &self.connection_string
    }

    /// A connection apart from the code under test.
    pub async fn sql(&self) -> Sql {
        Sql::connect(&self.connection_string).await
    }

    /// A second consumer with a pool and tokens of its own.
    pub async fn another_consumer(&self) -> Arc<Consumer> {
        let central = Central::connect(settings(&self.logins.consumer))
            .await
            .unwrap();
        Arc::new(consumer(
            &central,
            &self.queue,
            self.amop.url(),
            &Limits::default(),
            self.budget,
        ))
    }

    /// A second intake with a pool of its own: its address.
    pub async fn another_api(&self) -> String {
        let central = Central::connect(settings(&self.logins.intake))
            .await
            .unwrap();
        serve(&central, &self.queue, &self.sign_in, self.budget).await
    }

    /// Gives the consumer a pool that says within a second that the database is away, for tests in which it is away often.
    #[must_use]
    pub async fn without_patience(mut self) -> Self {
        let mut settings = settings(&self.logins.consumer);
        settings.checkout_timeout = Duration::from_secs(1);
        self.central = Central::connect(settings).await.unwrap();
        self.consumer = Arc::new(consumer(
            &self.central,
            &self.queue,
            self.amop.url(),
            &Limits::default(),
            self.budget,
        ));
        self
    }

    /// Gives the consumer queues beside its own.
    #[must_use]
    pub fn with_queues(mut self, queues: OtherQueues) -> Self {
        let consumer = consumer(
            &self.central,
            &self.queue,
            self.amop.url(),
            &Limits::default(),
            self.budget,
        );
        self.consumer = Arc::new(consumer.with_queues(queues));
        self
    }

    /// The n-th ICCID, from 1.
    #[must_use]
    pub fn iccid(&self, n: usize) -> String {
        iccid(self.provider, n)
    }

    /// The number of the n-th device, which Rev knows it by.
    #[must_use]
    pub fn msisdn(&self, n: usize) -> String {
        msisdn(self.provider, n)
    }

    /// Lays another tenant with devices of its own down, who speaks from here on. Its Rev account is the one of
    /// [`FAKE_ACCOUNTS`] with this place; every world begins with the first.
    pub async fn next_tenant(&mut self, devices: usize, rev_account: usize) {
        let ids = tenant(&self.connection_string, &self.rev.url(), devices).await;
        [self.tenant, self.provider, self.plan] = ids;
        let (code, user, password) = FAKE_ACCOUNTS[rev_account];
        self.sql()
            .await
            .query(
                "UPDATE dbo.Integration_Authentication SET OAuth2_ClientId = @P2, Username = @P3, Password = @P4 WHERE TenantId = @P1",
                &[&self.tenant, &code, &user, &password],
            )
            .await;
    }

    /// Lays more assignable devices down.
    pub async fn add_devices(&self, numbers: std::ops::RangeInclusive<usize>) {
        let mut sql = self.sql().await;
        devices(&mut sql, self.provider, numbers).await;
    }

    /// Marks the preflight of a bulk change as passed, so that the next claim takes rows.
    pub async fn pass_preflight(&self, bulk_change: i64) {
        let statement = format!(
            "UPDATE dbo.BulkChangeWork SET Preflight = 'passed' WHERE BulkChangeId = {bulk_change}"
        );
        self.sql().await.query(&statement, &[]).await;
    }

    /// ICCIDs of the assignable devices.
    pub fn iccids(&self, numbers: impl IntoIterator<Item = usize>) -> Vec<String> {
        numbers.into_iter().map(|n| self.iccid(n)).collect()
    }

    /// A request that opens a line for each device.
    #[must_use]
    pub fn with_service(&self, devices: &[String]) -> Value {
        json!({
            "devices": devices, "serviceProviderId": self.provider, "revCustomerId": CUSTOMER,
            "createRevService": true, "serviceTypeId": 1, "providerId": 1, "products": [{"productId": 11, "rate": 4.5}],
        })
    }

    /// A request that only assigns, with a plan.
    #[must_use]
    pub fn with_plan(&self, devices: &[String]) -> Value {
        json!({
            "devices": devices, "serviceProviderId": self.provider, "revCustomerId": CUSTOMER,
            "addCustomerRatePlan": true, "customerRatePlan": self.plan,
        })
    }

    /// Moves every clock on.
    pub fn pass(&self, time: Duration) {
        if let Some(server) = &self.server {
            server.database().clock().advance(time);
        }
        self.rev.advance(time);
        self.queue.advance(time);
    }
}

/// A database in memory, and nothing in it.
pub(crate) fn empty() -> Database {
    Database::open(&Storage::Memory, "AltaworxCentral").unwrap()
}

fn iccid(provider: i32, n: usize) -> String {
    format!("8900{provider:08}{n:08}")
}

fn msisdn(provider: i32, n: usize) -> String {
    format!("1555{provider:05}{n:06}")
}

pub(crate) fn settings(connection_string: &str) -> Settings {
    let mut settings = Settings::from_connection_string(connection_string).unwrap();
    settings.pool_size = 8;
    settings
}

/// Lays the tenant and its devices down, and lets Rev be found at its address. Answers tenant, provider and plan.
async fn tenant(connection_string: &str, rev: &str, devices: usize) -> [i32; 3] {
    let mut sql = Sql::connect(connection_string).await;
    let name = format!("Test {}", Uuid::new_v4());
    let rows = sql
        .query(
            include_str!("../../crates/central/tests/support/world.sql"),
            &[&name, &rev],
        )
        .await;
    let ids = ["TenantId", "ServiceProviderId", "PlanId"]
        .map(|column| rows[0].get::<i32, _>(column).unwrap());
    sql.query(
        "UPDATE dbo.Integration_Connection SET ProductionURL = @P1 WHERE IntegrationId = 3",
        &[&rev],
    )
    .await;
    self::devices(&mut sql, ids[1], 1..=devices).await;
    ids
}

/// Lays the sample data down, in an empty database. Answers tenant, provider and plan of its first tenant.
async fn sample(connection_string: &str, rev: &str, assignable: usize) -> [i32; 3] {
    let options = sample::Options {
        rev_url: rev.to_owned(),
        assignable_per_tenant: u32::try_from(assignable).unwrap(),
    };
    sample::lay_down(&settings(connection_string), &options)
        .await
        .unwrap();
    [1, 1, 1]
}

async fn devices(sql: &mut Sql, provider: i32, numbers: std::ops::RangeInclusive<usize>) {
    let devices: Vec<Value> = numbers
        .map(|n| {
            json!({
                "iccid": iccid(provider, n), "msisdn": msisdn(provider, n), "status": "ACTIVATED",
                "activated": "2026-01-15T00:00:00", "archived": false,
            })
        })
        .collect();
    let devices = Value::from(devices).to_string();
    let statement = include_str!("../../crates/central/tests/support/devices.sql");
    sql.query(statement, &[&provider, &devices.as_str()]).await;
}

async fn serve(
    central: &Central,
    queue: &Arc<MemoryQueue>,
    sign_in: &SignIn,
    budget: BudgetLimits,
) -> String {
    let router = router(
        central.clone(),
        Arc::<MemoryQueue>::clone(queue),
        sign_in.issuer(),
        budget,
    );
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    format!("http://{address}")
}

/// Lambda 1 behind its HTTP, without Lambda.
pub fn router(
    central: Central,
    queue: Arc<dyn queue::Queue>,
    issuer: &str,
    budget: BudgetLimits,
) -> axum::Router {
    let verifier = Verifier::new(TokenSettings {
        issuer: Issuer::parse(issuer, None).unwrap(),
        audience: sign_in::DEFAULT_AUDIENCE.to_owned(),
        algorithms: vec![Algorithm::RS256, Algorithm::ES256],
        pace: Pace::default(),
    })
    .unwrap();
    intake::router(Intake {
        central,
        queue,
        verifier: Arc::new(verifier),
        portal: Some(intake::settings::PortalClient {
            id: sign_in::DEFAULT_AUDIENCE.to_owned(),
            scope: "openid".to_owned(),
        }),
        budget,
        patience: Patience {
            longest: Duration::from_secs(10),
            every: Duration::from_millis(50),
        },
    })
}

fn consumer(
    central: &Central,
    queue: &Arc<MemoryQueue>,
    amop: &str,
    limits: &Limits,
    budget: BudgetLimits,
) -> Consumer {
    let rev_settings = ::rev::Settings {
        allow_http_loopback: true,
        call_timeout: limits.call_timeout,
        ..::rev::Settings::default()
    };
    let rev = ::rev::Client::new(rev_settings).unwrap();
    let notifier = Notifier::new(amop.parse().unwrap()).unwrap();
    let queue: Arc<dyn queue::Queue> = Arc::<MemoryQueue>::clone(queue);
    Consumer::new(
        central.clone(),
        rev,
        queue,
        Some(notifier),
        Limits {
            budget,
            ..limits.clone()
        },
    )
}

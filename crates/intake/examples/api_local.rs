//! The real router on the embedded database with the sample data, for `make fuzz-api` and for trying requests by hand.
//!
//! Prints one line of JSON, `{"address": …, "token": …}`, and serves until Ctrl-C or SIGTERM. Nothing works the bulk
//! changes off: what is submitted stays NEW.

use std::{io::Write, sync::Arc, time::Duration};

use anyhow::Context;
use central::{Central, budget::BudgetLimits};
use embedded_sql_server::database::Storage;
use intake::{
    Intake, router,
    status::Patience,
    token::{Issuer, Pace, TokenSettings, Verifier},
};
use jsonwebtoken::Algorithm;
use local::{
    database::{LocalDatabase, Options},
    sign_in::{self, Claims, SignIn},
};
use queue::MemoryQueue;
use tokio::{net::TcpListener, signal::unix::SignalKind};

/// Tenant and user of the sample data whose tokens are printed; the user may use every customer of the tenant.
const TENANT: i64 = 1;
const USER: i64 = 1;
/// Seconds that they are good for: longer than any run.
const LIFE: i64 = 86_400;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    tracing_subscriber::fmt()
        .with_env_filter("error")
        .with_writer(std::io::stderr)
        .init();
    let mut terminate = tokio::signal::unix::signal(SignalKind::terminate())?;
    let database = LocalDatabase::start(Options {
        port: 0,
        storage: Storage::Memory,
        // Nothing is billed here.
        rev_url: "http://127.0.0.1:9".to_owned(),
    })
    .await?;
    let sign_in = SignIn::start(sign_in::Options::default()).await?;
    let settings = central::Settings::from_connection_string(database.connection_string())?;
    let verifier = Verifier::new(TokenSettings {
        issuer: Issuer::parse(sign_in.issuer(), None)?,
        audience: sign_in.audience().to_owned(),
        algorithms: vec![Algorithm::RS256],
        pace: Pace::default(),
    })?;
    let intake = Intake {
        central: Central::connect(settings).await?,
        queue: Arc::new(MemoryQueue::new()),
        verifier: Arc::new(verifier),
        portal: None,
        budget: BudgetLimits::read(|_| None).context("the default budget")?,
        // Nothing moves here: a caller who waits would wait in vain.
        patience: Patience {
            longest: Duration::from_secs(1),
            every: Duration::from_millis(200),
        },
    };
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let claims = Claims {
        expires_in: LIFE,
        ..Claims::of(TENANT, USER)
    }
    .for_all_customers();
    let told = serde_json::json!({
        "address": format!("http://{}", listener.local_addr()?),
        "token": sign_in.token(&claims),
    });
    println!("{told}");
    std::io::stdout().flush()?;
    let ended = async move {
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
        }
    };
    axum::serve(listener, router(intake))
        .with_graceful_shutdown(ended)
        .await?;
    database.stop().await;
    Ok(())
}

//! `make dev`: both functions under `cargo lambda watch`, with everything that they need around them.
//!
//! In this process: the database with the sample data, Rev.io, the sign-in service, AMOP 2.0, and the [`bridge`] that does what the
//! event source mapping and the schedule do in AWS. Beside it ([`neighbours`]): the AWS stand-in, for queues and secrets, and
//! cargo lambda. Once the functions answer, the work that events/ names is laid down ([`laid_work`]).

mod both_loopbacks;
mod bridge;
mod functions;
mod laid_work;
mod neighbours;
mod settings;

use std::time::Duration;

use anyhow::{Context, bail};
use embedded_sql_server::database::Storage;

use self::{
    both_loopbacks::BothLoopbacks, bridge::Bridge, functions::Functions, laid_work::LaidWork,
    neighbours::Neighbours, settings::Settings,
};
use crate::{
    database::{self, LocalDatabase},
    demo::{amop::AmopListener, lock::Lock, signals::EndSignals},
    rev::{self, RevStandIn},
    sign_in::{self, Claims, SignIn, event_key, people::PEOPLE},
};

/// What an answer of the Rev.io stand-in takes.
const REV_LATENCY: Duration = Duration::from_millis(20);
/// How long the token is good for that the reader gets: a day.
const TOKEN_LIFE: i64 = 86_400;

/// Runs until Ctrl-C. When this returns, nothing that it started is left.
pub async fn run() -> anyhow::Result<()> {
    let mut end = EndSignals::listen()?;
    let settings = Settings::from_environment()?;
    std::fs::create_dir_all(&settings.folder)
        .with_context(|| format!("cannot create {}", settings.folder.display()))?;
    let lock = Lock::take(&settings.folder.join("lock"), "`make dev`")?;
    let aws_port = settings.free_ports()?;

    let mut stage = Stage::start(&settings, aws_port).await?;
    let outcome = tokio::select! {
        outcome = stage.play(&settings) => outcome,
        () = end.arrived() => Ok(()),
    };
    println!("\nEnding: the functions, the AWS stand-in, the database ...");
    stage.clear().await;
    drop(lock);
    outcome
}

/// What runs.
struct Stage {
    database: LocalDatabase,
    rev: RevStandIn,
    sign_in: SignIn,
    _amop: AmopListener,
    neighbours: Neighbours,
    _loopbacks: Option<BothLoopbacks>,
}

impl Stage {
    async fn start(settings: &Settings, aws_port: u16) -> anyhow::Result<Self> {
        let rev = RevStandIn::start(rev::Options {
            limit_per_minute: Some(500),
            latency: REV_LATENCY,
            ..rev::Options::default()
        })
        .await
        .context("the Rev.io stand-in does not start")?;
        let sign_in = SignIn::start(sign_in::Options {
            port: settings.sign_in_port,
            // The token in events/ names this issuer; on another port the samples still work.
            issuer: Some(event_key::ISSUER.to_owned()),
            with_event_key: true,
            ..sign_in::Options::default()
        })
        .await
        .context("the sign-in stand-in does not start")?;
        let amop = AmopListener::start().await?;
        let database = LocalDatabase::start(database::Options {
            port: 0,
            storage: Storage::Memory,
            rev_url: rev.url(),
        })
        .await?;
        let neighbours =
            Neighbours::start(settings, aws_port, &database, &sign_in, amop.url()).await?;
        Ok(Self {
            database,
            rev,
            sign_in,
            _amop: amop,
            neighbours,
            _loopbacks: BothLoopbacks::carry(settings.port).await,
        })
    }

    /// Everything after the start; returns when something has ended that must not.
    async fn play(&mut self, settings: &Settings) -> anyhow::Result<()> {
        let addresses = self.neighbours.started().await?;
        let functions = Functions::at(settings.port)?;
        println!("Waiting until cargo lambda has built and started the functions ...");
        let work = LaidWork::lay(&functions, self.database.connection_string());
        tokio::select! {
            laid = work => laid?,
            ended = self.neighbours.ended() => return ended,
        };
        self.tell(settings, &addresses.other);
        let bridge = Bridge::new(functions, &addresses);
        tokio::select! {
            () = bridge.carry() => bail!("the bridge between queue and function ended"),
            ended = self.neighbours.ended() => ended,
        }
    }

    fn tell(&self, settings: &Settings, other_queue: &str) {
        let person = &PEOPLE[0];
        let token = self.sign_in.token(&Claims {
            expires_in: TOKEN_LIFE,
            ..person.claims()
        });
        let address = format!("http://127.0.0.1:{}", settings.port);
        println!(
            "\nPortal     {address}/M2M/Index, sign in as {} (no password)\nAPI        {address}\nToken      {token}\n\
             Database   {}\nRev.io     {}, a stand-in\nSign-in    {}, a stand-in\nOther types go to {other_queue}\n\n\
             Try:\ncargo lambda invoke --invoke-port {} intake --data-file events/http-inventory.json\n\
             cargo lambda invoke --invoke-port {} device-bulk-change --data-file events/sqs-mixed.json\n\n\
             A change of the code is built with the next call. It stays up until Ctrl-C.",
            person.full_name,
            self.database.connection_string(),
            self.rev.url(),
            self.sign_in.address(),
            settings.port,
            settings.port,
        );
    }

    /// Ends everything, those first that use the others.
    async fn clear(self) {
        self.neighbours.end().await;
        self.database.stop().await;
    }
}

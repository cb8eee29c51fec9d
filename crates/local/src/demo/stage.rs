//! Everything that a demo starts, and that must be gone when it has ended.

use std::{collections::BTreeMap, time::Duration};

use anyhow::Context;
use embedded_sql_server::database::Storage;

use super::{amop::AmopListener, settings::Settings};
use crate::{
    aws_stand_in::{AwsStandIn, Place, Stack, architecture},
    database::{self, LocalDatabase},
    logins::{Login, without_login},
    rev::{self, RevStandIn},
    sign_in::{self, SignIn},
};

/// Calls a minute that the demo allows itself and the stand-in allows it; Rev.io allows 500.
pub(super) const CALLS_PER_MINUTE: u32 = 6_000;

/// Under which the sign-in stand-in knows the portal; it takes any name.
const PORTAL_CLIENT: &str = "m2m-portal";

/// What an answer of the Rev.io stand-in takes.
const REV_LATENCY: Duration = Duration::from_millis(20);

/// The parts, each from the moment it runs.
#[derive(Default)]
pub(super) struct Stage {
    pub database: Option<LocalDatabase>,
    pub rev: Option<RevStandIn>,
    pub sign_in: Option<SignIn>,
    pub amop: Option<AmopListener>,
    pub aws: Option<AwsStandIn>,
}

impl Stage {
    /// The database with its tables and sample data, which name the Rev.io stand-in; that one is started before.
    pub(super) async fn start_database(&mut self) -> anyhow::Result<&LocalDatabase> {
        let rev = self
            .rev
            .as_ref()
            .context("no Rev.io stand-in was started")?;
        let database = LocalDatabase::start(database::Options {
            port: 0,
            storage: Storage::Memory,
            rev_url: rev.url(),
        })
        .await?;
        Ok(self.database.insert(database))
    }

    /// What lies around the system.
    pub(super) async fn start_neighbours(
        &mut self,
    ) -> anyhow::Result<(&RevStandIn, &SignIn, &AmopListener)> {
        let rev = RevStandIn::start(rev::Options {
            limit_per_minute: usize::try_from(CALLS_PER_MINUTE).ok(),
            latency: REV_LATENCY,
            ..rev::Options::default()
        })
        .await
        .context("the Rev.io stand-in does not start")?;
        let sign_in = SignIn::start(sign_in::Options::default()).await?;
        let amop = AmopListener::start().await?;
        Ok((
            self.rev.insert(rev),
            self.sign_in.insert(sign_in),
            self.amop.insert(amop),
        ))
    }

    /// The AWS stand-in, with template.yaml deployed for what was started before; the id of the HTTP API.
    pub(super) async fn deploy(&mut self, settings: &Settings) -> anyhow::Result<String> {
        let database = self.database.as_ref().context("no database was started")?;
        let sign_in = self.sign_in.as_ref().context("no sign-in was started")?;
        let amop = self.amop.as_ref().context("no AMOP listener was started")?;
        let parameters = BTreeMap::from([
            ("Architecture", architecture()?.to_owned()),
            (
                "CentralConnectionString",
                without_login(database.connection_string()),
            ),
            ("OidcIssuer", sign_in.issuer().to_owned()),
            ("OidcAudience", sign_in.audience().to_owned()),
            ("PortalClientId", PORTAL_CLIENT.to_owned()),
            ("RevAllowedHosts", "127.0.0.1".to_owned()),
            ("RevAllowHttpLoopback", "true".to_owned()),
            ("RevCallsPerMinute", CALLS_PER_MINUTE.to_string()),
            ("AmopSyncUrl", amop.url().to_owned()),
        ]);
        let secrets = BTreeMap::from([
            ("IntakeLoginSecretArn", Login::Intake.secret()),
            ("ConsumerLoginSecretArn", Login::Consumer.secret()),
        ]);
        let folder = settings.folder();
        let aws = AwsStandIn::start(&Place {
            port: settings.port,
            folder: &folder,
            environments: &settings.target,
            checkout: &settings.checkout,
        })
        .await?;
        // Kept before it is waited for, so that an interruption in between ends it too.
        let aws = self.aws.insert(aws);
        let stack = Stack {
            name: "demo",
            template: settings.checkout.join("template.yaml"),
            functions: BTreeMap::from([
                ("Intake", settings.binaries.join("intake")),
                ("Consumer", settings.binaries.join("device-bulk-change")),
            ]),
            parameters,
            secrets,
        };
        let outputs = aws.deploy(&stack).await?;
        Ok(outputs.get("ApiId")?.to_owned())
    }

    /// Ends everything, those first that use the others.
    pub(super) async fn clear(&mut self) {
        if let Some(aws) = self.aws.take() {
            aws.end().await;
        }
        if let Some(database) = self.database.take() {
            database.stop().await;
        }
        *self = Self::default();
    }
}

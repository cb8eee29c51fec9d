//! The AWS stand-in of one test, and stacks on it.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use end_to_end::{
    World,
    function::Function,
    packages::{self, package},
};
use local::{
    aws_stand_in::{AwsStandIn, Place, Stack, architecture, free_port::FreePort, logs},
    logins::{Login, without_login},
    sign_in::DEFAULT_AUDIENCE,
};

use crate::site::Site;

/// A running stand-in. It ends with [`Self::end`], and otherwise with this process, however that ends.
pub struct Ground {
    aws: AwsStandIn,
    port: FreePort,
}

impl Ground {
    pub async fn start() -> Self {
        let port = FreePort::take().unwrap();
        let folder = folder(port.number());
        // Left by an earlier test at this port.
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).unwrap();
        let aws = AwsStandIn::start(&Place {
            port: port.number(),
            folder: &folder,
            environments: &environments(),
            checkout: checkout(),
        })
        .await
        .unwrap();
        Self { aws, port }
    }

    /// Deploys template.yaml as a stack with this name, for a world that is its database and its neighbours. The function names,
    /// the queue's name and the secrets are the stack's own.
    pub async fn deploy(&mut self, name: &str, world: World) -> Site {
        let parameters = [
            ("IntakeFunctionName", format!("{name}-intake")),
            ("ConsumerFunctionName", format!("{name}-consumer")),
            ("QueueName", format!("{name}-queue")),
            ("Architecture", architecture().unwrap().to_owned()),
            (
                "CentralConnectionString",
                without_login(world.connection_string()),
            ),
            ("OidcIssuer", world.sign_in.issuer().to_owned()),
            ("OidcAudience", DEFAULT_AUDIENCE.to_owned()),
            ("RevAllowedHosts", "127.0.0.1".to_owned()),
            ("RevAllowHttpLoopback", "true".to_owned()),
            ("RevCallsPerMinute", "60000".to_owned()),
            ("RevCallsPerDay", "1000000".to_owned()),
            ("AmopSyncUrl", world.amop.url().to_owned()),
        ];
        let stack = Stack {
            name,
            template: checkout().join("template.yaml"),
            functions: BTreeMap::from([
                ("Intake", binary(Function::Intake)),
                ("Consumer", binary(Function::Consumer)),
            ]),
            parameters: BTreeMap::from(parameters),
            secrets: BTreeMap::from([
                ("IntakeLoginSecretArn", Login::Intake.secret()),
                ("ConsumerLoginSecretArn", Login::Consumer.secret()),
            ]),
        };
        let outputs = self.aws.deploy(&stack).await.unwrap();
        Site::new(world, outputs, self.port.number())
    }

    /// Ends the stand-in and its functions.
    pub async fn end(self) {
        self.aws.end().await;
    }
}

/// What the functions complained about, told beside a failed test.
pub fn tell_complaints(port: u16) {
    let log = log(port);
    for complaint in logs::complaints(&log) {
        eprintln!("logged: {complaint}");
    }
    eprintln!("all that was logged: {}", log.display());
}

/// What the stand-in at a port and its functions log.
pub fn log(port: u16) -> PathBuf {
    Place::log(&folder(port))
}

fn folder(port: u16) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("aws-{port}"))
}

fn checkout() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// Cargo's target folder.
fn target() -> &'static Path {
    Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap()
}

/// A binary of this workspace, beside this one.
pub fn beside(name: &str) -> PathBuf {
    let path = target().join("debug").join(name);
    assert!(
        path.is_file(),
        "{} was not built: `make e2e` does that, or `cargo build --bins`",
        path.display()
    );
    path
}

fn environments() -> PathBuf {
    std::env::var_os("PYTHON_ENVIRONMENTS").map_or_else(|| target().to_owned(), PathBuf::from)
}

fn binary(function: Function) -> PathBuf {
    match std::env::var_os(packages::FOLDER) {
        Some(folder) => package(Path::new(&folder), function),
        None => beside(function.name()),
    }
}

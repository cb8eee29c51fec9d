//! What the environment says about a development run.

use std::{net::TcpListener, path::PathBuf};

use anyhow::{Context, bail, ensure};

use crate::{
    aws_stand_in::free_port::FIRST_EPHEMERAL_PORT,
    ports::{self, refuse_taken, variable},
};

/// Where the functions answer when nobody says otherwise; `cargo lambda invoke` calls there.
const DEFAULT_PORT: u16 = 9_000;
/// Where the sign-in stand-in listens, as the tokens say that it does ([`crate::sign_in::event_key::ISSUER`]).
const SIGN_IN_PORT: u16 = 9_400;

/// What a run needs to know before it starts.
#[derive(Debug)]
pub(super) struct Settings {
    /// `DEV_PORT`: where the functions answer, HTTP and `cargo lambda invoke`.
    pub port: u16,
    /// `DEV_SIGN_IN_PORT`: for tests. Nobody can sign in at the portal when it is another than 9400, because its tokens, the
    /// one in events/ among them, name that address as their issuer.
    pub sign_in_port: u16,
    /// `DEV_RELOAD=0`: a change of the code is not built.
    pub reload: bool,
    /// Folder of this checkout.
    pub checkout: PathBuf,
    /// Cargo's target folder.
    pub target: PathBuf,
    /// The lock and the logs of this run.
    pub folder: PathBuf,
    /// Holds demo-venv and build-venv (`PYTHON_ENVIRONMENTS`, else the target folder).
    pub environments: PathBuf,
}

impl Settings {
    pub(super) fn from_environment() -> anyhow::Result<Self> {
        let program = std::env::current_exe().context("where this program is, is not known")?;
        let target = program
            .parent()
            .and_then(|binaries| binaries.parent())
            .context("this program lies in no target folder")?
            .to_owned();
        let checkout = std::env::current_dir().context("the current folder is gone")?;
        ensure!(
            checkout.join("template.yaml").is_file(),
            "there is no template.yaml in {}: start this with `make dev` in the checkout",
            checkout.display()
        );
        let port = ports::port("DEV_PORT", variable("DEV_PORT")?, DEFAULT_PORT)?;
        Ok(Self {
            port,
            sign_in_port: ports::port(
                "DEV_SIGN_IN_PORT",
                variable("DEV_SIGN_IN_PORT")?,
                SIGN_IN_PORT,
            )?,
            reload: match variable("DEV_RELOAD")?.as_deref() {
                None | Some("1") => true,
                Some("0") => false,
                Some(other) => {
                    bail!("DEV_RELOAD is {other:?}: 0 builds no changes, 1 or nothing does")
                }
            },
            checkout,
            folder: variable("DEV_FOLDER")?.map_or_else(|| target.join("dev"), PathBuf::from),
            environments: variable("PYTHON_ENVIRONMENTS")?
                .map_or_else(|| target.clone(), PathBuf::from),
            target,
        })
    }

    /// Refuses ports that are taken, and finds one for the AWS stand-in above the functions'.
    pub(super) fn free_ports(&self) -> anyhow::Result<u16> {
        refuse_taken(
            self.port,
            "where the functions should answer",
            "`make dev DEV_PORT=9100`",
        )?;
        refuse_taken(
            self.sign_in_port,
            "where the sign-in stand-in should answer",
            "`make dev DEV_SIGN_IN_PORT=9500` (without signing in at the portal)",
        )?;
        (self.port + 1..FIRST_EPHEMERAL_PORT)
            .filter(|port| *port != self.sign_in_port)
            .find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok())
            .with_context(|| {
                format!(
                    "no port above {} is free for the AWS stand-in: choose a lower DEV_PORT",
                    self.port
                )
            })
    }
}

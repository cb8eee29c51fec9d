//! What the environment says about a demo.

use std::path::PathBuf;

use anyhow::{Context, bail, ensure};

use crate::{
    aws_stand_in::Place,
    ports::{self, variable},
};

/// Where the AWS stand-in listens when nobody says otherwise; the port that tools for it expect.
const DEFAULT_PORT: u16 = 4566;

/// What a demo needs to know before it starts.
#[derive(Debug)]
pub(super) struct Settings {
    /// Port of the AWS stand-in, and so of the API.
    pub port: u16,
    /// End when the bulk change is finished (`DEMO_EXIT=1`); otherwise stay until Ctrl-C.
    pub ends_by_itself: bool,
    /// Folder of this checkout, with template.yaml.
    pub checkout: PathBuf,
    /// Cargo's target folder: the demo keeps its Python environment, its lock and its logs there.
    pub target: PathBuf,
    /// Folder of the built binaries.
    pub binaries: PathBuf,
}

impl Settings {
    pub(super) fn from_environment() -> anyhow::Result<Self> {
        let port = ports::port("DEMO_PORT", variable("DEMO_PORT")?, DEFAULT_PORT)?;
        let ends_by_itself = match variable("DEMO_EXIT")?.as_deref() {
            None | Some("0") => false,
            Some("1") => true,
            Some(other) => {
                bail!("DEMO_EXIT is {other:?}: 1 ends the demo by itself, 0 or nothing keeps it up")
            }
        };
        let program = std::env::current_exe().context("where this program is, is not known")?;
        let binaries = program.parent().context("this program lies in no folder")?;
        let target = binaries
            .parent()
            .context("this program lies in no target folder")?;
        let checkout = std::env::current_dir().context("the current folder is gone")?;
        ensure!(
            checkout.join("template.yaml").is_file(),
            "there is no template.yaml in {}: start the demo with `make demo` in the checkout",
            checkout.display()
        );
        Ok(Self {
            port,
            ends_by_itself,
            target: target.to_owned(),
            binaries: binaries.to_owned(),
            checkout,
        })
    }
}

impl Settings {
    /// Where the lock, the logs and the AWS stand-in's files are.
    pub(super) fn folder(&self) -> PathBuf {
        self.target.join("demo")
    }

    /// What the AWS stand-in and the lambdas log.
    pub(super) fn log(&self) -> PathBuf {
        Place::log(&self.folder())
    }
}

/// Refuses the port of the API when another program listens there.
pub(super) fn refuse_taken_port(port: u16) -> anyhow::Result<()> {
    ports::refuse_taken(
        port,
        "where the API should answer",
        "`make demo DEMO_PORT=14566`",
    )
}

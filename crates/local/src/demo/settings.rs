//! What the environment says about a demo.

use std::{net::TcpListener, path::PathBuf};

use anyhow::{Context, bail, ensure};

use crate::aws_stand_in::{Place, free_port::FIRST_EPHEMERAL_PORT};

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
        let port = match variable("DEMO_PORT")? {
            None => DEFAULT_PORT,
            Some(text) => port(&text)?,
        };
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

pub(super) fn refuse_taken_port(port: u16) -> anyhow::Result<()> {
    match TcpListener::bind(("127.0.0.1", port)) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => bail!(
            "port {port} on 127.0.0.1, where the API should answer, is taken by another program: end that one, or choose \
             another port with `make demo DEMO_PORT=14566`"
        ),
        Err(error) => Err(error).with_context(|| format!("cannot listen on 127.0.0.1:{port}")),
    }
}

/// A variable's text; `None` when it is missing or empty.
fn variable(name: &str) -> anyhow::Result<Option<String>> {
    match std::env::var(name) {
        Ok(text) if text.is_empty() => Ok(None),
        Ok(text) => Ok(Some(text)),
        Err(std::env::VarError::NotPresent) => Ok(None),
        Err(std::env::VarError::NotUnicode(_)) => bail!("{name} is not text"),
    }
}

fn port(text: &str) -> anyhow::Result<u16> {
    text.parse()
        .ok()
        .filter(|port| (1_024..FIRST_EPHEMERAL_PORT).contains(port))
        .with_context(|| {
            format!(
                "DEMO_PORT is {text:?}: choose a number from 1024 to {} (below, only root may listen; above, the system hands \
                 ports out itself)",
                FIRST_EPHEMERAL_PORT - 1
            )
        })
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::{port, refuse_taken_port};

    #[test]
    fn a_taken_port_is_named_with_a_way_out() {
        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = taken.local_addr().unwrap().port();
        let said = refuse_taken_port(port).unwrap_err().to_string();
        assert!(
            said.contains(&port.to_string()) && said.contains("DEMO_PORT"),
            "{said}"
        );
    }

    #[test]
    fn a_port_outside_the_useful_range_is_refused_with_the_range() {
        assert_eq!(port("14566").unwrap(), 14_566);
        for wrong in ["80", "40000", "70000", "api", "-1"] {
            let said = port(wrong).unwrap_err().to_string();
            assert!(said.contains("DEMO_PORT") && said.contains(wrong), "{said}");
        }
    }
}

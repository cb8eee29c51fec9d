//! The AWS stand-in (ministack), with template.yaml deployed to it. infra/demo/aws_stand_in.py does the work.

use std::{
    collections::BTreeMap,
    net::TcpListener,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use anyhow::{Context, bail};
use serde::Deserialize;
use serde_json::json;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout, Command},
    time::timeout,
};

use super::settings::Settings;

/// How long the stand-in gets to end when it is asked to.
const END: Duration = Duration::from_secs(10);

/// What the stand-in writes, a JSON object a line.
#[derive(Debug, Deserialize)]
#[serde(tag = "event", rename_all = "lowercase")]
enum Event {
    Started,
    Deployed { outputs: BTreeMap<String, String> },
    Failed { reason: String },
}

/// The running stand-in, its functions included, in a process group of its own.
///
/// It ends when its incoming pipe closes, so it ends with this process even when this process is killed.
#[derive(Debug)]
pub(super) struct AwsStandIn {
    process: Child,
    orders: Option<ChildStdin>,
    /// What it complains about, beside its events.
    log: PathBuf,
    events: Lines<BufReader<ChildStdout>>,
}

impl AwsStandIn {
    /// Starts the program and tells it what to deploy, with parameters as they are and those that are the ARN of a secret with this
    /// text. Wait for the end of that with [`Self::deployed`].
    pub(super) async fn start(
        settings: &Settings,
        parameters: &BTreeMap<&str, String>,
        secrets: &BTreeMap<&str, String>,
    ) -> anyhow::Result<Self> {
        let folder = settings.folder();
        let log = folder.join("aws-stand-in.log");
        let errors = std::fs::File::create(&log)
            .with_context(|| format!("cannot write {}", log.display()))?;
        let mut process = Command::new(settings.target.join("demo-venv/bin/python"))
            .arg(settings.checkout.join("infra/demo/aws_stand_in.py"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(errors)
            .process_group(0)
            .spawn()
            .context(
                "the AWS stand-in does not start: `make demo` installs it, start the demo that way",
            )?;
        let order = json!({
            "port": settings.port,
            "folder": folder,
            "template": settings.checkout.join("template.yaml"),
            "stack": "demo",
            "parameters": parameters,
            "secrets": secrets,
            "functions": {
                "Intake": binary(&settings.binaries, "intake")?,
                "Consumer": binary(&settings.binaries, "device-bulk-change")?,
            },
        });
        let mut orders = process
            .stdin
            .take()
            .context("the AWS stand-in has no input")?;
        let events = process
            .stdout
            .take()
            .context("the AWS stand-in has no output")?;
        orders.write_all(format!("{order}\n").as_bytes()).await?;
        Ok(Self {
            process,
            orders: Some(orders),
            log,
            events: BufReader::new(events).lines(),
        })
    }

    /// Waits until template.yaml is deployed; the id of its HTTP API, which is the first part of its host name.
    pub(super) async fn deployed(&mut self) -> anyhow::Result<String> {
        loop {
            let line = self.events.next_line().await?.with_context(|| {
                format!("the AWS stand-in ended; {} says why", self.log.display())
            })?;
            let event = serde_json::from_str(&line).with_context(|| {
                format!("the AWS stand-in wrote something else than an event: {line}")
            })?;
            match event {
                Event::Started => {}
                Event::Failed { reason } => bail!("the AWS stand-in: {reason}"),
                Event::Deployed { mut outputs } => {
                    return outputs
                        .remove("ApiId")
                        .context("template.yaml has no output ApiId");
                }
            }
        }
    }

    /// Ends the stand-in and its functions, and returns when they are gone.
    pub(super) async fn end(mut self) {
        drop(self.orders.take());
        if timeout(END, self.process.wait()).await.is_err() {
            // The pipe is what it listens to; a stand-in that does not is ended without its consent.
            let _ = self.process.kill().await;
        }
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

fn binary(folder: &Path, name: &str) -> anyhow::Result<String> {
    let path = folder.join(name);
    if !path.is_file() {
        bail!(
            "{} was not built: start the demo with `make demo`",
            path.display()
        );
    }
    Ok(path.display().to_string())
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::refuse_taken_port;

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
}

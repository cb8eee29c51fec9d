//! The Rev.io stand-in as a program: `rev-local --port 9300 --limit-per-minute 500 --latency-ms 20 --seed 1`.

use std::{io, process::ExitCode, time::Duration};

use anyhow::{Context, bail};
use local::rev::{Options, RevStandIn};
use tokio::signal::unix::{SignalKind, signal};

const USAGE: &str = "\
A stand-in for Rev.io, on this machine only.

Usage: rev-local [--port N] [--limit-per-minute N] [--latency-ms N] [--seed N] [--customer ID]...

  --port N              TCP port; 0 takes a free one (default 9300)
  --limit-per-minute N  calls of an account in any 60 s; 0 is no limit (default 500, like Rev.io)
  --latency-ms N        time that every answer takes (default 0)
  --seed N              of all chance (default 1)
  --customer ID         a customer beside 1001 to 1006; may be repeated";

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.iter().any(|a| a == "--help" || a == "-h") {
        println!("{USAGE}");
        return ExitCode::SUCCESS;
    }
    let options = match options(&arguments) {
        Ok(options) => options,
        Err(error) => {
            eprintln!("rev-local: {error}\n\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    match run(options).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("rev-local: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(options: Options) -> anyhow::Result<()> {
    // Asked for before anything is printed: whoever reads the address may end this at once.
    let mut interrupted = signal(SignalKind::interrupt()).context("listening for Ctrl-C")?;
    let mut terminated = signal(SignalKind::terminate()).context("listening for SIGTERM")?;
    let port = options.port;
    let stand_in = match RevStandIn::start(options).await {
        Ok(stand_in) => stand_in,
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
            bail!("port {port} is in use; choose another one with --port")
        }
        Err(error) => return Err(error).with_context(|| format!("port {port}")),
    };
    println!("rev-local listens on {}", stand_in.url());
    tokio::select! {
        _ = interrupted.recv() => {}
        _ = terminated.recv() => {}
    }
    Ok(())
}

fn options(arguments: &[String]) -> anyhow::Result<Options> {
    let mut options = Options {
        port: 9300,
        limit_per_minute: Some(500),
        ..Options::default()
    };
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        let (name, joined) = match argument.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (argument.as_str(), None),
        };
        let mut value = || {
            joined
                .or_else(|| arguments.next().map(String::as_str))
                .with_context(|| format!("{name} needs a number"))
        };
        match name {
            "--port" => options.port = number(name, value()?)?,
            "--limit-per-minute" => {
                let limit: usize = number(name, value()?)?;
                options.limit_per_minute = (limit > 0).then_some(limit);
            }
            "--latency-ms" => options.latency = Duration::from_millis(number(name, value()?)?),
            "--seed" => options.seed = number(name, value()?)?,
            "--customer" => options.customers.push(number(name, value()?)?),
            _ => bail!("unknown argument {argument:?}"),
        }
    }
    Ok(options)
}

fn number<T: std::str::FromStr>(name: &str, text: &str) -> anyhow::Result<T> {
    text.parse()
        .ok()
        .with_context(|| format!("{name} needs a number, not {text:?}"))
}

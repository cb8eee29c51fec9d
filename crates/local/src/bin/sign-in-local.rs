//! The sign-in stand-in as a program: prints its address and serves until Ctrl-C or SIGTERM.

use std::{io::Write, process::ExitCode};

use anyhow::{Context, bail};
use lexopt::prelude::{Long, Short, ValueExt};
use local::sign_in::{DEFAULT_AUDIENCE, Options, SignIn};
use tokio::signal::unix::{SignalKind, signal};

const USAGE: &str = "\
sign-in-local: an issuer of access tokens for local runs. Listens on 127.0.0.1 and hands a token to whoever asks.

  --port N        listen on port N (default 9400; 0 takes a free one)
  --audience A    the audience of tokens that name none (default m2m-portal)

  curl -s -X POST http://127.0.0.1:9400/token -H 'content-type: application/json' \\
    -d '{\"tenant_id\": 1, \"user_id\": 1, \"permissions\": [\"m2m:read\", \"m2m:create\"]}'";

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("sign-in-local: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> anyhow::Result<()> {
    let Some(options) = options()? else {
        println!("{USAGE}");
        return Ok(());
    };
    let mut terminate = signal(SignalKind::terminate()).context("cannot wait for SIGTERM")?;
    let sign_in = SignIn::start(options).await?;
    println!("sign-in-local listens on {}", sign_in.issuer());
    std::io::stdout().flush()?;
    tokio::select! {
        ctrl_c = tokio::signal::ctrl_c() => ctrl_c.context("cannot wait for Ctrl-C"),
        _ = terminate.recv() => Ok(()),
    }
}

/// What the command line asks for; `None` when it asks for help.
fn options() -> anyhow::Result<Option<Options>> {
    let mut options = Options {
        port: 9400,
        audience: DEFAULT_AUDIENCE.to_owned(),
        ..Options::default()
    };
    let mut arguments = lexopt::Parser::from_env();
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("port") => {
                options.port = arguments
                    .value()?
                    .parse()
                    .context("--port takes a number from 0 to 65535")?;
            }
            Long("audience") => options.audience = arguments.value()?.string()?,
            Long("help") | Short('h') => return Ok(None),
            other => bail!("{} (--help lists the options)", other.unexpected()),
        }
    }
    Ok(Some(options))
}

//! AltaworxCentral as a program: tables, procedures and sample data, until Ctrl-C or SIGTERM.

use std::{io::Write, path::PathBuf, process::ExitCode};

use anyhow::{Context, bail};
use embedded_sql_server::database::Storage;
use lexopt::prelude::{Long, Short, ValueExt};
use local::database::{LocalDatabase, Options};
use tokio::signal::unix::{SignalKind, signal};

const USAGE: &str = "\
database-local: AltaworxCentral for local runs, with sample data, on 127.0.0.1.

  --port N     listen on port N (default 1433; 0 takes a free one)
  --rev URL    where the sample data says that Rev.io is (default http://127.0.0.1:9300, rev-local's)
  --file F     keep the data in file F; without it, it is in memory and gone at the end
  --certificate F   write the certificate (DER) of its TLS to file F, for clients that check it";

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("database-local: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> anyhow::Result<()> {
    let Some((options, certificate)) = options()? else {
        println!("{USAGE}");
        return Ok(());
    };
    let mut terminate = signal(SignalKind::terminate()).context("cannot wait for SIGTERM")?;
    let database = LocalDatabase::start(options).await?;
    if let Some(file) = certificate {
        std::fs::write(&file, database.certificate())
            .with_context(|| format!("the certificate cannot be written to {}", file.display()))?;
    }
    println!("database-local listens on {}", database.address());
    println!("{}", database.connection_string());
    std::io::stdout().flush()?;
    let ended = tokio::select! {
        ctrl_c = tokio::signal::ctrl_c() => ctrl_c.context("cannot wait for Ctrl-C"),
        _ = terminate.recv() => Ok(()),
    };
    database.stop().await;
    ended
}

/// What the command line asks for, and where the certificate is to be written; `None` when it asks for help.
fn options() -> anyhow::Result<Option<(Options, Option<PathBuf>)>> {
    let mut options = Options {
        port: 1433,
        storage: Storage::Memory,
        rev_url: "http://127.0.0.1:9300".to_owned(),
    };
    let mut certificate = None;
    let mut arguments = lexopt::Parser::from_env();
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("port") => {
                options.port = arguments
                    .value()?
                    .parse()
                    .context("--port takes a number from 0 to 65535")?;
            }
            Long("rev") => options.rev_url = arguments.value()?.string()?,
            Long("file") => options.storage = Storage::File(arguments.value()?.into()),
            Long("certificate") => certificate = Some(arguments.value()?.into()),
            Long("help") | Short('h') => return Ok(None),
            other => bail!("{} (--help lists the options)", other.unexpected()),
        }
    }
    Ok(Some((options, certificate)))
}

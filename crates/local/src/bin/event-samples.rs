//! `make events`: writes events/ anew. The token stays as it is; `--new-token` makes another one with another key.

use std::{path::Path, process::ExitCode};

use anyhow::{Context, bail, ensure};
use lexopt::prelude::{Long, Short};
use local::{
    event_samples::{caller, committed_token, samples, write},
    sign_in::event_key,
};

const USAGE: &str = "\
event-samples: writes events/*.json, in the checkout that is the current folder.

  --new-token   with a fresh token, whose key's public half goes into the sign-in stand-in";

const KEY: &str = "crates/local/src/sign_in/event_key.json";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("event-samples: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> anyhow::Result<()> {
    let mut wants_new = false;
    let mut arguments = lexopt::Parser::from_env();
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("new-token") => wants_new = true,
            Long("help") | Short('h') => {
                println!("{USAGE}");
                return Ok(());
            }
            other => bail!("{} (--help lists the options)", other.unexpected()),
        }
    }
    let folder = Path::new("events");
    ensure!(
        folder.is_dir() && Path::new(KEY).is_file(),
        "there is no folder events here: start this with `make events` in the checkout"
    );
    let kept = committed_token().filter(|_| !wants_new);
    let token = match kept {
        Some(token) => token,
        None => new_token()?,
    };
    let samples = samples(&token);
    write(&samples, folder).context("events/ cannot be written")?;
    println!("{} files in events/", samples.len());
    Ok(())
}

/// A token of a key that nobody has any more; the key's public half is kept.
fn new_token() -> anyhow::Result<String> {
    let (token, key) = event_key::mint(caller())?;
    std::fs::write(KEY, format!("{key:#}\n"))
        .with_context(|| format!("{KEY} cannot be written"))?;
    Ok(token)
}

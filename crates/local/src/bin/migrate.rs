//! Sets a database up: `CENTRAL_CONNECTION_STRING='Server=…' migrate [central|changes|both|rights] [--sample REV_URL]`.

use std::{path::Path, process::ExitCode};

use anyhow::{Context, bail};
use central::{
    Settings,
    migrate::{self, Which},
};
use local::sample::{self, Loaded};

const USAGE: &str = "\
Applies infra/sql to the database that CENTRAL_CONNECTION_STRING names (ADO form), each file once. CENTRAL_CA_FILE: PEM file with
the certificate authorities of the database, where the system does not know them (Amazon RDS).

Usage: migrate [central|changes|both|rights] [--sample REV_URL] [--devices N]

  central           the tables of AltaworxCentral: for a fresh database
  changes           what this system adds: for an AltaworxCentral that exists (default)
  both              one after the other
  rights            the roles that the lambdas and `ops` log in with, each time anew; after the tables
  --sample REV_URL  lays sample data down afterwards; REV_URL is where the Rev.io stand-in listens
  --devices N       assignable devices per tenant in the sample data (default 1500)";

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.iter().any(|a| a == "--help" || a == "-h") {
        println!("{USAGE}");
        return ExitCode::SUCCESS;
    }
    let asked = match asked(&arguments) {
        Ok(asked) => asked,
        Err(error) => {
            eprintln!("migrate: {error}\n\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    match run(asked).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("migrate: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// What is laid down.
enum Part {
    Files(Which),
    Rights,
}

struct Asked {
    part: Part,
    sample: Option<sample::Options>,
}

fn asked(arguments: &[String]) -> anyhow::Result<Asked> {
    let mut asked = Asked {
        part: Part::Files(Which::Changes),
        sample: None,
    };
    let mut devices = None;
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "central" => asked.part = Part::Files(Which::Central),
            "changes" => asked.part = Part::Files(Which::Changes),
            "both" => asked.part = Part::Files(Which::Both),
            "rights" => asked.part = Part::Rights,
            "--sample" => {
                let url = arguments
                    .next()
                    .context("--sample needs the URL of the Rev.io stand-in")?;
                asked.sample = Some(sample::Options::new(url));
            }
            "--devices" => {
                let count = arguments.next().context("--devices needs a number")?;
                devices = Some(count.parse().context("--devices needs a number")?);
            }
            other => bail!("`{other}` is not understood"),
        }
    }
    match (&mut asked.sample, devices) {
        (Some(sample), Some(count)) => sample.assignable_per_tenant = count,
        (None, Some(_)) => bail!("--devices goes with --sample"),
        (_, None) => {}
    }
    Ok(asked)
}

async fn run(asked: Asked) -> anyhow::Result<()> {
    let text = std::env::var("CENTRAL_CONNECTION_STRING")
        .context("CENTRAL_CONNECTION_STRING is not set")?;
    let mut settings = Settings::from_connection_string(&text)?;
    if let Some(file) = std::env::var_os("CENTRAL_CA_FILE").filter(|file| !file.is_empty()) {
        settings = settings
            .trusting(Path::new(&file))
            .context("CENTRAL_CA_FILE cannot be used")?;
    }
    let report = match asked.part {
        Part::Files(which) => migrate::apply(settings.clone(), which).await?,
        Part::Rights => migrate::rights(settings.clone()).await?,
    };
    println!("{report}");
    if let Some(options) = asked.sample {
        match sample::lay_down(&settings, &options).await? {
            Loaded::Fresh { devices } => println!("sample data: {devices} devices laid down"),
            Loaded::AlreadyThere => {
                println!(
                    "sample data: there already; Rev.io is at {} now",
                    options.rev_url
                );
            }
        }
    }
    Ok(())
}

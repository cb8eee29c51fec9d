//! `make demo` starts this program; `local::demo` says what it does.

use std::process::ExitCode;

use local::demo::{Ended, run};

/// What shells answer for a program that Ctrl-C ended.
const INTERRUPTED: u8 = 130;

#[tokio::main]
async fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_max_level(tracing::Level::WARN)
        .with_writer(std::io::stderr)
        .init();
    match run().await {
        Ok(Ended::AsExpected) => ExitCode::SUCCESS,
        Ok(Ended::NotAsExpected) => ExitCode::FAILURE,
        Ok(Ended::Interrupted) => ExitCode::from(INTERRUPTED),
        Err(error) => {
            eprintln!("\ndemo: {error:#}");
            ExitCode::FAILURE
        }
    }
}

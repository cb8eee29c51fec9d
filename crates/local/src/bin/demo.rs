//! `make demo` starts this program; `local::demo` says what it does.

use std::process::ExitCode;

use local::demo::{Ended, run};

/// What shells answer for a program that Ctrl-C ended.
const INTERRUPTED: u8 = 130;

#[tokio::main]
async fn main() -> ExitCode {
    tracing_subscriber::fmt()
        // The driver warns of every connection without TLS; here all of them stay on this machine.
        .with_env_filter("warn,tiberius=error")
        .with_writer(std::io::stderr)
        .init();
    match run().await {
        Ok(Ended::AsExpected) => ExitCode::SUCCESS,
        Ok(Ended::NotAsExpected) => ExitCode::FAILURE,
        Ok(Ended::Interrupted) => {
            println!("Interrupted. Nothing that the demo started is left.");
            ExitCode::from(INTERRUPTED)
        }
        Err(error) => {
            eprintln!("\ndemo: {error:#}");
            ExitCode::FAILURE
        }
    }
}

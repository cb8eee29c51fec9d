//! `make dev` starts this program; `local::dev` says what it does.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    tracing_subscriber::fmt()
        // The driver warns of every connection without TLS; here all of them stay on this machine.
        .with_env_filter("warn,tiberius=error")
        .with_writer(std::io::stderr)
        .init();
    match local::dev::run().await {
        Ok(()) => {
            println!("Nothing that was started is left.");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("\ndev: {error:#}");
            ExitCode::FAILURE
        }
    }
}

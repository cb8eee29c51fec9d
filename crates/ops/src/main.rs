//! `ops`: what people do by hand. `ops help` says what it does.

use std::{error::Error, io::Write, process::ExitCode};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let mut out = Vec::new();
    let ended = ops::run(
        std::env::args_os().skip(1).collect(),
        |name| std::env::var(name).ok(),
        &mut out,
    )
    .await;
    // Written at once, so that whoever closes the pipe early stops nothing half-way.
    let shown = std::io::stdout().write_all(&out);
    match ended {
        Ok(()) if shown.is_ok() => ExitCode::SUCCESS,
        Ok(()) => ExitCode::FAILURE,
        Err(failure) => {
            let mut told = format!("ops: {failure}");
            let mut cause = failure.source();
            while let Some(error) = cause {
                told.push_str(": ");
                told.push_str(&error.to_string());
                cause = error.source();
            }
            if failure.exit_code() == 2 {
                told.push_str("\n`ops help` says how to use it.");
            }
            let _ = writeln!(std::io::stderr(), "{told}");
            ExitCode::from(failure.exit_code())
        }
    }
}

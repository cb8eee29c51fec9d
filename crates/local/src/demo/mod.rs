//! `make demo`: the whole system on this machine, with one request of 500 devices through all of it.
//!
//! Settings, lock and ports are looked at first; then everything is started ([`stage`]), the request is played
//! ([`play`]), and what the API says is checked against the database and against the Rev.io stand-in ([`audit`]).

pub(crate) mod amop;
mod answers;
mod api;
mod audit;
mod books;
pub(crate) mod lock;
mod play;
mod scene;
mod settings;
pub(crate) mod signals;
mod stage;

use anyhow::Context;

use crate::aws_stand_in::logs;

use self::{lock::Lock, settings::Settings, signals::EndSignals, stage::Stage};

/// How a demo ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// Everything was as expected.
    AsExpected,
    /// The summary names what was not.
    NotAsExpected,
    /// Somebody ended it before there was a summary.
    Interrupted,
}

/// Runs the demo. When this returns, nothing that it started is left.
pub async fn run() -> anyhow::Result<Ended> {
    let mut end = EndSignals::listen()?;
    let settings = Settings::from_environment()?;
    let folder = settings.folder();
    std::fs::create_dir_all(&folder)
        .with_context(|| format!("cannot create {}", folder.display()))?;
    let lock = Lock::take(&folder.join("lock"), "a demo")?;
    settings::refuse_taken_port(settings.port)?;

    let mut stage = Stage::default();
    let outcome = tokio::select! {
        outcome = play::play(&settings, &mut stage) => Some(outcome),
        () = end.arrived() => None,
    };
    if matches!(outcome, Some(Ok(_))) && !settings.ends_by_itself {
        println!("\nIt stays up until Ctrl-C.");
        end.arrived().await;
    }
    if !matches!(outcome, None | Some(Ok(true))) {
        for complaint in logs::complaints(&settings.log()) {
            println!("  logged: {complaint}");
        }
        println!("  All that was logged: {}", settings.log().display());
    }
    println!("\nEnding: the functions, the AWS stand-in, the database ...");
    stage.clear().await;
    drop(lock);
    match outcome {
        None => Ok(Ended::Interrupted),
        Some(outcome) => Ok(if outcome? {
            Ended::AsExpected
        } else {
            Ended::NotAsExpected
        }),
    }
}

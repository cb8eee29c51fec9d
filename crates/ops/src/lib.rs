//! What people do by hand: settle reviews, pause and resume a Rev account, see what happened to one device, send back messages
//! that were given up.
//!
//! Begin to read at [`run`]. `arguments` reads the command line, `decide` says what would come of a decision (both without I/O);
//! every question and every write is a statement of `central::ops`. What writes says first what it would do, and does it only
//! with `--apply` (docs/decisions/0130).

mod account;
mod arguments;
mod decide;
mod failure;
mod help;
mod letters;
mod pausing;
mod reviews;
mod settle;
mod show;
mod timeline;
mod values;
mod words;

use std::{ffi::OsString, io::Write, path::Path};

use central::{Central, Settings};

pub use failure::Failure;

use arguments::Command;

/// Said at the end of whatever would have written.
pub(crate) const NOT_APPLIED: &str = "Nothing was written. The same again with --apply does it.";

/// Runs one command. `arguments` are those behind the program's name; `variable` reads the environment
/// (`CENTRAL_CONNECTION_STRING` and `CENTRAL_CA_FILE`, or `QUEUE_URL` and `DEAD_LETTER_QUEUE_URL`, and `USER`, `LOGNAME` or
/// `USERNAME` for who it is).
pub async fn run(
    arguments: Vec<OsString>,
    variable: impl Fn(&str) -> Option<String>,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let set = |name: &str| variable(name).filter(|value| !value.trim().is_empty());
    let user = ["USER", "LOGNAME", "USERNAME"].into_iter().find_map(set);
    let command = arguments::read(arguments, user).map_err(Failure::Usage)?;
    if let Command::Help(topic) = &command {
        writeln!(out, "{}", help::of(topic.as_deref()))?;
        return Ok(());
    }
    // These two are about the queues, and need no database.
    match &command {
        Command::DeadLetters { limit, json } => {
            return letters::list(&letters::open(set).await?, *limit, *json, out).await;
        }
        Command::Redrive { which, apply } => {
            return letters::redrive(&letters::open(set).await?, which, *apply, out).await;
        }
        _ => {}
    }
    let Some(text) = set("CENTRAL_CONNECTION_STRING") else {
        return Err(Failure::Usage(
            "CENTRAL_CONNECTION_STRING is not set".to_owned(),
        ));
    };
    let authorities = set("CENTRAL_CA_FILE");
    let central = Central::connect(settings(&text, authorities.as_deref())?).await?;
    match command {
        Command::Help(_) | Command::DeadLetters { .. } | Command::Redrive { .. } => Ok(()),
        Command::Reviews {
            tenant,
            limit,
            json,
        } => reviews::run(&central, tenant, limit, json, out).await,
        Command::Settle {
            changes,
            decision,
            signature,
            reason,
            apply,
        } => {
            let signed = signature.with(&reason);
            settle::run(&central, &changes, decision, &signed, apply, out).await
        }
        Command::Pause {
            account,
            until,
            signature,
            reason,
            apply,
        } => {
            let signed = signature.with(&reason);
            pausing::pause(&central, account, until, &signed, apply, out).await
        }
        Command::Resume {
            account,
            also,
            signature,
            reason,
            apply,
        } => {
            let wish = pausing::Resume {
                account,
                also,
                by: &signature.0,
                reason: reason.as_deref(),
            };
            pausing::resume(&central, &wish, apply, out).await
        }
        Command::Account { account, json } => account::run(&central, account, json, out).await,
        Command::Show {
            iccid,
            tenant,
            limit,
            json,
        } => show::run(&central, &iccid, tenant, limit, json, out).await,
    }
}

/// One connection, and more time than a lambda gives: a person waits, and `show` may read a whole table.
fn settings(text: &str, authorities: Option<&str>) -> Result<Settings, Failure> {
    let mut settings = Settings::from_connection_string(text).map_err(Failure::Settings)?;
    if let Some(file) = authorities {
        settings = settings
            .trusting(Path::new(file.trim()))
            .map_err(Failure::Authorities)?;
    }
    settings.pool_size = 1;
    settings.command_timeout = std::time::Duration::from_mins(2);
    Ok(settings)
}

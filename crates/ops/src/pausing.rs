//! `ops pause` and `ops resume`: whether Rev is called for a billing account.

use std::io::Write;

use association::ids::IntegrationAuthenticationId;
use central::{
    Central,
    ops::{
        Signed,
        account::AccountState,
        moment::Moment,
        pause::{Paused, Until, pause as write_pause},
        resume::{Also, resume as write_resume},
    },
};

use crate::{Failure, NOT_APPLIED, account, values::WITHOUT_END};

const IN_THE_AIR: &str = "Calls that are in the air, and those whose slots were handed out (20 s at most), end by themselves.";

pub(crate) async fn pause(
    central: &Central,
    id: IntegrationAuthenticationId,
    until: Option<Until>,
    signed: &Signed<'_>,
    apply: bool,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let state = account::found(central, id).await?;
    let until = until.unwrap_or(Until::Moment(Moment(WITHOUT_END)));
    let asked = match until {
        Until::Moment(moment) => moment,
        Until::For(length) => Moment(state.as_of.0 + length),
    };
    about(&state, out)?;
    // What the statement would answer: it decides the same again, on what holds then.
    let foreseen = match (state.paused_until, state.rev_paused_until) {
        _ if asked <= state.as_of => Paused::Past(asked),
        (Some(paused), _) if paused == asked => Paused::Already(paused),
        (_, Some(rev)) if rev > asked => Paused::RevAskedForLonger(rev),
        _ => Paused::Until(asked),
    };
    let outcome = match foreseen {
        Paused::Until(moment) if !apply => {
            writeln!(
                out,
                "Would pause it {}. {IN_THE_AIR}",
                account::until(moment)
            )?;
            writeln!(out, "{NOT_APPLIED}")?;
            return Ok(());
        }
        Paused::Until(_) => write_pause(central, id, until, signed).await?,
        other => other,
    };
    match outcome {
        Paused::Until(moment) => {
            writeln!(out, "Paused {}. {IN_THE_AIR}", account::until(moment))?;
            Ok(())
        }
        Paused::Already(moment) => {
            writeln!(
                out,
                "Nothing to do: it is paused {} already.",
                account::until(moment)
            )?;
            Ok(())
        }
        Paused::RevAskedForLonger(moment) => Err(Failure::Refused(format!(
            "nothing was written: Rev.io itself asked for a longer pause, {}",
            account::until(moment)
        ))),
        Paused::Past(moment) => Err(Failure::Refused(format!(
            "nothing was written: {moment} has passed, it is {} in the database",
            state.as_of
        ))),
    }
}

/// What is to be resumed.
pub(crate) struct Resume<'a> {
    pub(crate) account: IntegrationAuthenticationId,
    pub(crate) also: Also,
    pub(crate) by: &'a str,
    pub(crate) reason: Option<&'a str>,
}

pub(crate) async fn resume(
    central: &Central,
    wish: &Resume<'_>,
    apply: bool,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let state = account::found(central, wish.account).await?;
    about(&state, out)?;
    if let Some(moment) = state.rev_paused_until {
        let until = account::until(moment);
        if wish.also.rev {
            writeln!(
                out,
                "Warning: Rev.io itself asked not to be called {until}. If it is called sooner, it may refuse again."
            )?;
        } else {
            writeln!(
                out,
                "Rev.io itself asked not to be called {until}: that stays, unless it is resumed with --also-rev."
            )?;
        }
    }
    let mut would = Vec::new();
    let ended = |paused: &Moment| wish.also.rev || state.rev_paused_until != Some(*paused);
    if let Some(moment) = state.paused_until.filter(ended) {
        would.push(format!(
            "end the pause that holds {}",
            account::until(moment)
        ));
    }
    let probe = wish.also.stopped
        && state
            .stopped
            .as_ref()
            .is_some_and(|stopped| stopped.next_probe_at.is_none_or(|at| at > state.as_of));
    if probe {
        would.push("let one call try the stopped account now".to_owned());
    }
    if would.is_empty() {
        let why = match state.paused_until {
            Some(_) => "only Rev.io asked for a pause",
            None => "it is not paused",
        };
        writeln!(out, "Nothing to do: {why}.")?;
    } else if apply {
        let done = write_resume(central, wish.account, wish.also, wish.by, wish.reason).await?;
        if done.pause_cleared {
            writeln!(
                out,
                "Resumed. The sweep takes up what waits, within a minute."
            )?;
        }
        if done.probe_due {
            writeln!(out, "The next call tries the stopped account.")?;
        }
        if !done.pause_cleared && !done.probe_due {
            writeln!(out, "Nothing to do: it was resumed in the meantime.")?;
        }
    } else {
        writeln!(out, "Would {}.", would.join(", and "))?;
        writeln!(out, "{NOT_APPLIED}")?;
    }
    if let Some(stopped) = &state.stopped
        && !wish.also.stopped
    {
        writeln!(
            out,
            "It is stopped since {}, which a pause has nothing to do with: `ops account {}`.",
            stopped.since, wish.account
        )?;
    }
    Ok(())
}

fn about(state: &AccountState, out: &mut impl Write) -> Result<(), Failure> {
    writeln!(
        out,
        "account {}, tenant {}: {}",
        state.account,
        state.tenant,
        account::waits(state)
    )?;
    if let Some(shared) = account::shared(state) {
        writeln!(out, "  {shared}")?;
    }
    Ok(())
}

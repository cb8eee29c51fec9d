//! `ops account`: whether Rev may be called for a billing account, and what waits for it.

use std::{fmt::Write as _, io::Write};

use association::ids::IntegrationAuthenticationId;
use central::{
    Central,
    ops::account::{AccountState, Budget, account},
    ops::moment::Moment,
};

use crate::{Failure, values::WITHOUT_END, words};

pub(crate) async fn run(
    central: &Central,
    id: IntegrationAuthenticationId,
    json: bool,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let state = found(central, id).await?;
    if json {
        writeln!(out, "{}", serde_json::to_string_pretty(&state)?)?;
    } else {
        write!(out, "{}", told(&state))?;
    }
    Ok(())
}

/// The state of an account that must exist.
pub(crate) async fn found(
    central: &Central,
    id: IntegrationAuthenticationId,
) -> Result<AccountState, Failure> {
    account(central, id)
        .await?
        .ok_or_else(|| Failure::NotFound(format!("there is no account {id}")))
}

/// Whether this pause is what a person asked for last.
pub(crate) fn is_a_person_s(state: &AccountState, paused: Moment) -> bool {
    let last = state.actions.first();
    last.is_some_and(|action| action.paused_until == Some(paused))
}

/// `until 2026-…`, or until somebody resumes it.
pub(crate) fn until(moment: Moment) -> String {
    if moment.0 >= WITHOUT_END {
        "until somebody resumes it".to_owned()
    } else {
        format!("until {moment}")
    }
}

/// The accounts that share the budget, in words.
pub(crate) fn shared(state: &AccountState) -> Option<String> {
    let others: Vec<String> = state.shared_with.iter().map(ToString::to_string).collect();
    (!others.is_empty()).then(|| {
        format!(
            "one account at Rev.io with {}: they share slots, rate and pause",
            others.join(", ")
        )
    })
}

/// What waits, in words.
pub(crate) fn waits(state: &AccountState) -> String {
    if state.waiting_calls == 0 {
        return "no call waits".to_owned();
    }
    format!(
        "{} of {} {}",
        words::count(state.waiting_calls, "call"),
        words::count(state.waiting_bulk_changes, "bulk change"),
        if state.waiting_calls == 1 {
            "waits"
        } else {
            "wait"
        }
    )
}

fn told(state: &AccountState) -> String {
    let mut text = format!("account {}, tenant {}", state.account, state.tenant);
    if let Some(name) = &state.tenant_name {
        let _ = write!(text, " {name}");
    }
    text.push('\n');
    if let Some(shared) = shared(state) {
        let _ = writeln!(text, "  {shared}");
    }
    match &state.budget {
        None => text.push_str("  Rev.io was never called for it\n"),
        Some(budget) => text.push_str(&rate(budget, state.as_of)),
    }
    match state.paused_until {
        None => text.push_str("  not paused\n"),
        Some(moment) => {
            let who = match state.actions.first() {
                Some(action) if is_a_person_s(state, moment) => format!(
                    "by {} at {}: {}",
                    action.by,
                    action.at,
                    action.reason.as_deref().unwrap_or("-")
                ),
                _ => "because Rev.io asked for it".to_owned(),
            };
            let _ = writeln!(text, "  paused {}, {who}", until(moment));
        }
    }
    if let Some(stopped) = &state.stopped {
        let _ = write!(
            text,
            "  stopped since {}: {}",
            stopped.since,
            stopped.reason.as_deref().unwrap_or("-")
        );
        if let Some(probe) = stopped.next_probe_at {
            let _ = write!(text, "; one call tries again from {probe}");
        }
        text.push('\n');
    }
    let _ = writeln!(text, "  {}", waits(state));
    for action in &state.actions {
        let _ = writeln!(
            text,
            "  {} {} by {}{}{}",
            action.at,
            action.action,
            action.by,
            action
                .paused_until
                .map(|moment| format!(", {}", until(moment)))
                .unwrap_or_default(),
            action
                .reason
                .as_ref()
                .map(|reason| format!(": {reason}"))
                .unwrap_or_default()
        );
    }
    text
}

fn rate(budget: &Budget, now: Moment) -> String {
    let mut text = format!("  {} calls a minute", budget.per_minute);
    if let Some(reduced) = reduced_rate(budget, now) {
        let _ = write!(
            text,
            ", reduced to {reduced} now after Rev.io throttled; it recovers by 5 % a minute"
        );
    }
    let _ = writeln!(
        text,
        "\n  {} of {} call slots taken today",
        budget.today, budget.per_day
    );
    text
}

/// The rate that holds now, when it is below the limit; as claim.sql reckons it.
fn reduced_rate(budget: &Budget, now: Moment) -> Option<i64> {
    let (to, from) = budget.reduced?;
    let limit = i64::from(budget.per_minute);
    let seconds = (now.0 - from.0).whole_seconds().max(0);
    let rate = i64::from(to) + limit * seconds / 1_200;
    (rate < limit).then_some(rate)
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn a_reduced_rate_recovers_within_twenty_minutes() {
        let budget = |from| Budget {
            per_minute: 480,
            per_day: 1,
            today: 0,
            reduced: Some((240, Moment(from))),
        };
        let now = Moment(datetime!(2026-11-23 12:00));
        for (from, rate) in [
            (datetime!(2026-11-23 12:01), Some(240)),
            (datetime!(2026-11-23 11:55), Some(360)),
            (datetime!(2026-11-23 11:50), None),
        ] {
            assert_eq!(reduced_rate(&budget(from), now), rate, "{from}");
        }
    }
}

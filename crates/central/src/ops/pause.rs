//! Lets nobody call Rev for an account until a moment that a person names.

use std::time::Duration;

use association::ids::IntegrationAuthenticationId;

use super::{Signed, moment::Moment};
use crate::{
    Central, CentralError,
    share_budget::{BudgetOf, LIMITS_OF_REV, with_budget},
    slots::whole,
    statement::Statement,
};

const PAUSE: Statement = Statement::repeatable("pause", include_str!("pause.sql"));

/// Until when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Until {
    /// UTC.
    Moment(Moment),
    /// From now on, on the database's clock; whole seconds.
    For(Duration),
}

/// What became of a pause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paused {
    /// It holds until then.
    Until(Moment),
    /// It held until then already.
    Already(Moment),
    /// Rev itself asked for a longer one, until then: nothing was written.
    RevAskedForLonger(Moment),
    /// That moment has passed: nothing was written.
    Past(Moment),
}

/// Pauses an account, and with it all accounts that are one at Rev. One round trip, and two more when the budget was not
/// as it is written down. Safe to repeat.
pub async fn pause(
    central: &Central,
    account: IntegrationAuthenticationId,
    until: Until,
    signed: &Signed<'_>,
) -> Result<Paused, CentralError> {
    let (moment, seconds) = match until {
        Until::Moment(moment) => (Some(moment.0), None),
        Until::For(length) => {
            let seconds = u32::try_from(length.as_secs()).unwrap_or(u32::MAX);
            (None, Some(whole(seconds)))
        }
    };
    let id = account.get();
    let mut answer = with_budget(central, BudgetOf::Account(id), LIMITS_OF_REV, || async {
        central
            .query(
                &PAUSE,
                &[&id, &moment, &seconds, &signed.by, &signed.reason],
            )
            .await
    })
    .await?;
    answer.one("pause", |row| {
        let until = Moment::get(row, "PausedUntil")?;
        row.parsed("Outcome", |outcome: &str| match outcome {
            "paused" => Ok(Paused::Until(until)),
            "same" => Ok(Paused::Already(until)),
            "rev-longer" => Ok(Paused::RevAskedForLonger(until)),
            "past" => Ok(Paused::Past(until)),
            other => Err(format!("`{other}` is no outcome of a pause")),
        })
    })
}

//! Call slots of a Rev account: when may it be called, so that all instances together keep to the budget?
//!
//! The arithmetic (GCRA) is T-SQL on the database's clock, in `claim.sql` and `more_slots.sql`; docs/decisions/0050 says why.

use std::time::Duration;

use association::ids::IntegrationAuthenticationId;

use crate::{
    Central, CentralError,
    budget::BudgetLimits,
    decode::Fields,
    share_budget::{BudgetOf, with_budget},
    statement::Statement,
};

const MORE_SLOTS: Statement = Statement::once("more_slots", include_str!("more_slots.sql"));

/// Slots beyond those of a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slots {
    /// When each call may begin, from the moment the database answered; at most the horizon. Unused ones lapse.
    pub delays: Vec<Duration>,
    /// When to ask again, if there were none because of a pause, a stop or the day's limit.
    pub wait: Option<Duration>,
}

/// Takes up to `count` slots of an account: for pages beyond the first, and for a renewed token.
pub async fn more_slots(
    central: &Central,
    account: IntegrationAuthenticationId,
    count: u32,
    horizon: Duration,
    budget: &BudgetLimits,
) -> Result<Slots, CentralError> {
    let limits = limits(budget);
    let [per_minute, per_day, burst] = limits;
    let of = BudgetOf::Account(account.get());
    with_budget(central, of, limits, || async {
        let mut answer = central
            .query(
                &MORE_SLOTS,
                &[
                    &account.get(),
                    &whole(count),
                    &microseconds(horizon),
                    &per_minute,
                    &per_day,
                    &burst,
                ],
            )
            .await?;
        answer.one("slots", |row| {
            Ok(Slots {
                delays: delays(row)?,
                wait: milliseconds(row, "WaitMs")?,
            })
        })
    })
    .await
}

/// Calls a minute, calls a day and burst as the statements take them; a burst beyond a minute's calls has no meaning.
pub(crate) fn limits(budget: &BudgetLimits) -> [i32; 3] {
    let per_minute = budget.ours_per_minute();
    [
        whole(per_minute),
        whole(budget.calls_per_day),
        whole(budget.burst.clamp(1, per_minute)),
    ]
}

/// The slots of a row with the columns Taken, FirstUs and IntervalUs: slot `i` begins at `FirstUs + i * IntervalUs`.
pub(crate) fn delays(row: &Fields<'_>) -> Result<Vec<Duration>, CentralError> {
    let taken: i32 = row.get("Taken")?;
    let first: i64 = row.get("FirstUs")?;
    let interval: i64 = row.get("IntervalUs")?;
    Ok((0..i64::from(taken))
        .map(|slot| first.saturating_add(slot.saturating_mul(interval)))
        .map(|delay| Duration::from_micros(u64::try_from(delay).unwrap_or_default()))
        .collect())
}

/// A column of milliseconds that can be NULL.
pub(crate) fn milliseconds(
    row: &Fields<'_>,
    column: &'static str,
) -> Result<Option<Duration>, CentralError> {
    Ok(row
        .optional::<i64>(column)?
        .map(|ms| Duration::from_millis(u64::try_from(ms).unwrap_or_default())))
}

/// For a parameter of type bigint.
pub(crate) fn microseconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

/// For a parameter of type int; at most 24 days.
pub(crate) fn whole_milliseconds(duration: Duration) -> i32 {
    i32::try_from(duration.as_millis()).unwrap_or(i32::MAX)
}

/// For a parameter of type int.
pub(crate) fn whole(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_goes_to_the_statement_without_the_reserve_and_with_no_burst_beyond_a_minute() {
        let budget = BudgetLimits {
            calls_per_minute: 475,
            calls_per_day: 150_000,
            burst: 10,
            reserve_per_minute: 75,
        };
        assert_eq!(limits(&budget), [400, 150_000, 10]);
        for (burst, taken) in [(0, 1), (400, 400), (401, 400)] {
            assert_eq!(limits(&BudgetLimits { burst, ..budget })[2], taken);
        }
    }

    #[test]
    fn what_is_longer_than_its_parameter_is_as_long_as_that_can_say() {
        assert_eq!(whole(10_000), 10_000);
        assert_eq!(whole(u32::MAX), i32::MAX);
        assert_eq!(whole_milliseconds(Duration::from_millis(1_500)), 1_500);
        assert_eq!(whole_milliseconds(Duration::from_hours(24 * 30)), i32::MAX);
        assert_eq!(microseconds(Duration::from_millis(1_500)), 1_500_000);
        assert_eq!(microseconds(Duration::MAX), i64::MAX);
    }
}

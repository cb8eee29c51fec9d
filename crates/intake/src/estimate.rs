//! When a bulk change will be done. Calls at Rev.io are what takes time: the account's budget says how fast they go, and what
//! else waits for it says how many of them are ours. Pure: every moment comes from the database's clock.

use std::collections::BTreeMap;

use association::ids::TenantId;
use central::{
    account::{Account, AccountBudget, WaitingCalls},
    budget::BudgetLimits,
};
use serde::Serialize;
use time::{Duration, OffsetDateTime, Time};
use utoipa::ToSchema;

/// Before a first call goes out: the message's way, the claim, the account's token.
const START: Duration = Duration::seconds(5);
/// Devices that are assigned in a second, calls aside.
const DEVICES_A_SECOND: u64 = 1_000;
/// To say that a line was never opened takes two look-ups, 30 s apart, the first of them 60 s after the call.
const SETTLING: Duration = Duration::seconds(95);
/// A reduced rate comes back by 5 % of the limit a minute: by all of it in 20 minutes (claim.sql).
const RECOVERY: i64 = 1_200;
/// Beyond this many steps (20 minutes in seconds, then days) there is no telling.
const MOST_STEPS: u32 = 2_000;
/// One call, in a unit that a rate a minute times seconds gives whole numbers of.
const CALL: u64 = 60;

/// What is still to be done for the bulk change that is asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Work {
    /// Whose it is; may be none where nothing is to be called.
    pub tenant: Option<TenantId>,
    /// Calls at Rev.io.
    pub calls: u64,
    /// Devices without a final state.
    pub devices: u64,
    /// Whether calls of an unknown outcome are among it.
    pub settling: bool,
}

/// When the work will be done, or why nobody can tell.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Estimate {
    /// In whole seconds; none when nothing is left to do, or when no end is in sight.
    pub finish: Option<OffsetDateTime>,
    /// What the calls wait for now, other than their turn.
    pub waits_for: Option<WaitsFor>,
}

/// What holds the calls of an account up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct WaitsFor {
    /// Stable, for programs.
    pub code: Hold,
    /// RFC 3339; null when nobody knows.
    #[schema(format = DateTime)]
    pub until: Option<String>,
}

/// The holds of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub enum Hold {
    /// Rev.io throttled it, or somebody paused it.
    #[serde(rename = "rev-account-paused")]
    Paused,
    /// Rev.io refuses its credentials or its configuration.
    #[serde(rename = "rev-account-stopped")]
    Stopped,
    /// All calls of the UTC day are made.
    #[serde(rename = "rev-quota-of-the-day")]
    QuotaOfTheDay,
}

/// Estimates `own` work beside the calls of the `others` that wait for the same account. `limits` is the budget of an account that
/// none was recorded for yet.
pub fn estimate<'a>(
    account: &Account,
    own: Work,
    others: impl IntoIterator<Item = &'a WaitingCalls>,
    limits: BudgetLimits,
) -> Estimate {
    let now = whole(account.now.assume_utc());
    if own.devices == 0 && own.calls == 0 {
        return Estimate::default();
    }
    let budget = account.budget.unwrap_or_else(|| unused(limits));
    let waits_for = hold(account, &budget, now).filter(|_| own.calls > 0);
    if waits_for.as_ref().is_some_and(WaitsFor::without_end) {
        return Estimate {
            finish: None,
            waits_for,
        };
    }
    let turns = turns(own, others);
    let assigning = i64::try_from(own.devices.div_ceil(DEVICES_A_SECOND)).unwrap_or(i64::MAX);
    let finish = called(now, turns, &budget)
        .and_then(|moment| moment.checked_add(START))
        .and_then(|moment| moment.checked_add(Duration::seconds(assigning)));
    let settled = now + SETTLING;
    Estimate {
        finish: finish.map(|moment| {
            if own.settling {
                moment.max(settled)
            } else {
                moment
            }
        }),
        waits_for,
    }
}

/// The calls up to the last of ours. Tenants take turns call by call, and so do the bulk changes of each: before our last one every
/// other bulk change of the tenant has had as many as it wants, and no more than we had. Every other tenant has had as many as all its
/// bulk changes want, and no more than our tenant had.
fn turns<'a>(own: Work, others: impl IntoIterator<Item = &'a WaitingCalls>) -> u64 {
    let mut ours = own.calls;
    let mut theirs: BTreeMap<TenantId, u64> = BTreeMap::new();
    for other in others {
        let calls = u64::try_from(other.calls).unwrap_or_default();
        if Some(other.tenant) == own.tenant {
            ours = ours.saturating_add(calls.min(own.calls));
        } else {
            let sum = theirs.entry(other.tenant).or_default();
            *sum = sum.saturating_add(calls);
        }
    }
    theirs
        .into_values()
        .map(|calls| calls.min(ours))
        .fold(ours, u64::saturating_add)
}

impl Estimate {
    /// `2026-03-01T12:00:00Z` (RFC 3339).
    #[must_use]
    pub fn written(&self) -> Option<String> {
        self.finish.map(written)
    }
}

impl WaitsFor {
    /// Nobody knows until when.
    const fn without_end(&self) -> bool {
        self.until.is_none()
    }
}

/// What an account may be asked that was never asked anything.
fn unused(limits: BudgetLimits) -> AccountBudget {
    let whole = |number: u32| i32::try_from(number).unwrap_or(i32::MAX);
    AccountBudget {
        calls_per_minute: whole(limits.ours_per_minute()),
        calls_per_day: whole(limits.calls_per_day),
        calls_today: 0,
        reduced: None,
        paused_until: None,
    }
}

fn hold(account: &Account, budget: &AccountBudget, now: OffsetDateTime) -> Option<WaitsFor> {
    let hold = |code, until: Option<OffsetDateTime>| WaitsFor {
        code,
        until: until.map(written),
    };
    if account.stopped {
        return Some(hold(Hold::Stopped, None));
    }
    match budget
        .paused_until
        .map(|until| whole_up(until.assume_utc()))
    {
        // A pause by hand has no end: it is written as the last year there is.
        Some(until) if until.year() >= 9999 => return Some(hold(Hold::Paused, None)),
        Some(until) if until > now => return Some(hold(Hold::Paused, Some(until))),
        _ => {}
    }
    let spent = budget.calls_today >= budget.calls_per_day;
    spent.then(|| hold(Hold::QuotaOfTheDay, midnight(now)))
}

/// The moment at which so many calls are made; none when that lies beyond counting.
fn called(now: OffsetDateTime, calls: u64, budget: &AccountBudget) -> Option<OffsetDateTime> {
    let a_day = units(budget.calls_per_day).max(CALL);
    let mut today = a_day.saturating_sub(units(budget.calls_today));
    let mut left = calls.saturating_mul(CALL);
    let mut at = now;
    if left == 0 {
        return Some(at);
    }
    if let Some(until) = budget
        .paused_until
        .map(|until| whole_up(until.assume_utc()))
        && until > now
    {
        if until.date() != now.date() {
            today = a_day;
        }
        at = until;
    }
    for _ in 0..MOST_STEPS {
        let (rate, steady) = rate(budget, at);
        let midnight = midnight(at)?;
        let until = if steady {
            midnight
        } else {
            midnight.min(at + Duration::SECOND)
        };
        let seconds = u64::try_from((until - at).whole_seconds()).unwrap_or_default();
        let possible = rate.saturating_mul(seconds).min(today);
        if left <= possible {
            let seconds = i64::try_from(left.div_ceil(rate)).ok()?;
            return at.checked_add(Duration::seconds(seconds));
        }
        left -= possible;
        today -= possible;
        at = if today == 0 { midnight } else { until };
        if at == midnight {
            today = a_day;
        }
    }
    None
}

/// Calls a minute at a moment, and whether they stay so.
fn rate(budget: &AccountBudget, at: OffsetDateTime) -> (u64, bool) {
    let limit = i64::from(budget.calls_per_minute.max(1));
    let positive = |rate: i64| u64::try_from(rate.max(1)).unwrap_or(1);
    let Some((to, since)) = budget.reduced else {
        return (positive(limit), true);
    };
    let recovering = (at - since.assume_utc()).whole_seconds().max(0);
    let rate = i64::from(to) + limit.saturating_mul(recovering) / RECOVERY;
    if recovering >= RECOVERY || rate >= limit {
        (positive(limit), true)
    } else {
        (positive(rate), false)
    }
}

fn units(calls: i32) -> u64 {
    u64::try_from(calls)
        .unwrap_or_default()
        .saturating_mul(CALL)
}

/// The end of the UTC day.
fn midnight(at: OffsetDateTime) -> Option<OffsetDateTime> {
    at.date()
        .next_day()
        .map(|day| day.with_time(Time::MIDNIGHT).assume_utc())
}

fn whole(moment: OffsetDateTime) -> OffsetDateTime {
    moment.replace_nanosecond(0).unwrap_or(moment)
}

fn whole_up(moment: OffsetDateTime) -> OffsetDateTime {
    let down = whole(moment);
    if down == moment {
        down
    } else {
        down.checked_add(Duration::SECOND).unwrap_or(down)
    }
}

/// `2026-03-01T12:00:00Z` (RFC 3339).
#[must_use]
pub fn written(moment: OffsetDateTime) -> String {
    moment
        .format(&time::format_description::well_known::Rfc3339)
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use association::ids::BulkChangeId;
    use time::{
        PrimitiveDateTime,
        macros::{date, datetime},
    };

    use super::*;

    const NOW: PrimitiveDateTime = datetime!(2026-03-01 12:00:00);
    const LIMITS: BudgetLimits = BudgetLimits {
        calls_per_minute: 500,
        calls_per_day: 150_000,
        burst: 10,
        reserve_per_minute: 20,
    };

    fn budget() -> AccountBudget {
        AccountBudget {
            calls_per_minute: 480,
            calls_per_day: 150_000,
            calls_today: 0,
            reduced: None,
            paused_until: None,
        }
    }

    fn account(budget: Option<AccountBudget>) -> Account {
        Account {
            budget,
            ..Account::unknown(NOW)
        }
    }

    const TENANT: i32 = 1;

    /// Waiting calls of bulk changes, each with its tenant.
    fn waiting<const N: usize>(others: [(i32, i64); N]) -> [WaitingCalls; N] {
        others.map(|(tenant, calls)| WaitingCalls {
            bulk_change: BulkChangeId::new(1).unwrap(),
            tenant: TenantId::new(tenant).unwrap(),
            calls,
            settling: false,
        })
    }

    fn calls(calls: u64) -> Work {
        Work {
            tenant: TenantId::new(TENANT).ok(),
            calls,
            devices: calls,
            settling: false,
        }
    }

    /// Seconds from now, without the start and the second that assigning takes.
    fn seconds(account: &Account, own: u64, others: &[WaitingCalls]) -> Option<i64> {
        let estimate = estimate(account, calls(own), others, LIMITS);
        let extra = START + Duration::seconds(i64::try_from(own.div_ceil(1_000)).unwrap());
        estimate
            .finish
            .map(|finish| (finish - NOW.assume_utc() - extra).whole_seconds())
    }

    #[test]
    fn the_account_s_pace_decides_and_without_calls_the_devices() {
        let account = account(Some(budget()));
        for (own, expected) in [(1, 1), (8, 1), (480, 60), (481, 61), (9_600, 1_200)] {
            assert_eq!(seconds(&account, own, &[]), Some(expected), "{own}");
        }
        for (devices, expected) in [(1, "12:00:06"), (10_000, "12:00:15")] {
            let own = Work {
                devices,
                ..Work::default()
            };
            let finish = estimate(&account, own, &waiting([(TENANT, 500)]), LIMITS)
                .written()
                .unwrap();
            assert_eq!(finish, format!("2026-03-01T{expected}Z"));
        }
    }

    #[test]
    fn nothing_left_has_no_finish() {
        let nothing = estimate(
            &account(None),
            Work::default(),
            &waiting([(TENANT, 500)]),
            LIMITS,
        );
        assert_eq!(nothing, Estimate::default());
    }

    #[test]
    fn bulk_changes_take_turns_so_a_small_one_waits_for_no_big_one() {
        let account = account(Some(budget()));
        for (own, others, expected) in [
            // 50 against 10,000: each has its turn, and 50 of the big one's calls come first.
            (48, &waiting([(TENANT, 9_600)])[..], 12),
            (9_600, &waiting([(TENANT, 48)]), 1_206),
            (480, &waiting([(TENANT, 480), (TENANT, 480)]), 180),
            (480, &waiting([(TENANT, 0)]), 60),
        ] {
            assert_eq!(
                seconds(&account, own, others),
                Some(expected),
                "{own} {others:?}"
            );
        }
    }

    #[test]
    fn tenants_take_turns_first_however_many_bulk_changes_each_has() {
        let account = account(Some(budget()));
        let other = TENANT + 1;
        for (own, others, expected) in [
            (480, &waiting([(other, 9_600), (other, 9_600)])[..], 120),
            // The other one has had its few calls by then, as a whole.
            (480, &waiting([(other, 24), (other, 24)]), 66),
            // Before our last call the tenant has had twice as many, and so has each of the others.
            (480, &waiting([(TENANT, 9_600), (other, 9_600)]), 240),
            (
                480,
                &waiting([(TENANT, 240), (other, 9_600), (other + 1, 240)]),
                210,
            ),
        ] {
            assert_eq!(
                seconds(&account, own, others),
                Some(expected),
                "{own} {others:?}"
            );
        }
    }

    #[test]
    fn an_account_that_was_never_asked_has_the_configured_budget_without_the_reserve() {
        assert_eq!(seconds(&account(None), 480, &[]), Some(60));
    }

    #[test]
    fn a_reduced_rate_recovers_by_a_twentieth_of_the_limit_a_minute() {
        let since = |seconds: i64| Some((240, NOW - Duration::seconds(seconds)));
        for (case, reduced, own, expected) in [
            ("just begun", since(0), 4, 1),
            // 240 a minute grows by 24 a minute: 240 + 12 calls on average in the first.
            ("a minute", since(0), 252, 61),
            // Ten minutes at 360 on average, then at the limit.
            ("until it is back", since(0), 3_600 + 480, 661),
            ("half way", since(300), 360, 58),
            ("back again", since(600), 480, 60),
            ("long ago", since(100_000), 480, 60),
        ] {
            let account = account(Some(AccountBudget {
                reduced,
                ..budget()
            }));
            let told = seconds(&account, own, &[]).unwrap();
            assert!((told - expected).abs() <= 1, "{case}: {told}");
        }
    }

    #[test]
    fn what_is_left_of_the_day_comes_first_and_the_rest_after_midnight_in_utc() {
        let spent = |calls_today| {
            account(Some(AccountBudget {
                calls_today,
                ..budget()
            }))
        };
        let until_midnight = 12 * 3_600;
        assert_eq!(seconds(&spent(149_520), 480, &[]), Some(60));
        assert_eq!(
            seconds(&spent(149_520), 960, &[]),
            Some(until_midnight + 60)
        );
        let all = estimate(&spent(150_000), calls(480), [], LIMITS);
        assert_eq!(
            all.waits_for,
            Some(WaitsFor {
                code: Hold::QuotaOfTheDay,
                until: Some("2026-03-02T00:00:00Z".to_owned())
            })
        );
        assert_eq!(
            seconds(&spent(150_000), 480, &[]),
            Some(until_midnight + 60)
        );
        // More than a day has: the third day brings the last.
        assert_eq!(
            seconds(&spent(150_000), 300_480, &[]),
            Some(until_midnight + 2 * 86_400 + 60)
        );
    }

    #[test]
    fn a_pause_is_waited_for_and_one_by_hand_has_no_end() {
        let paused = |until| {
            account(Some(AccountBudget {
                paused_until: Some(until),
                ..budget()
            }))
        };
        let hour = paused(NOW + Duration::HOUR);
        assert_eq!(seconds(&hour, 480, &[]), Some(3_660));
        let told = estimate(&hour, calls(480), [], LIMITS).waits_for.unwrap();
        assert_eq!(told.code, Hold::Paused);
        assert_eq!(told.until.as_deref(), Some("2026-03-01T13:00:00Z"));

        let over = paused(NOW - Duration::HOUR);
        assert_eq!(estimate(&over, calls(480), [], LIMITS).waits_for, None);

        let by_hand = paused(date!(9999 - 12 - 31).midnight());
        let told = estimate(&by_hand, calls(480), [], LIMITS);
        assert_eq!(told.finish, None);
        assert_eq!(told.waits_for.map(|waits| waits.until), Some(None));
        // What needs no call waits for no account.
        let assigning = Work {
            devices: 5,
            ..Work::default()
        };
        let told = estimate(&by_hand, assigning, [], LIMITS);
        assert!(told.finish.is_some() && told.waits_for.is_none());
    }

    #[test]
    fn a_pause_over_midnight_ends_in_a_fresh_day() {
        let account = account(Some(AccountBudget {
            calls_today: 150_000,
            paused_until: Some(datetime!(2026-03-02 01:00:00)),
            ..budget()
        }));
        assert_eq!(seconds(&account, 480, &[]), Some(13 * 3_600 + 60));
    }

    #[test]
    fn a_stopped_account_has_no_end_in_sight() {
        let account = Account {
            stopped: true,
            ..account(Some(budget()))
        };
        let told = estimate(&account, calls(1), [], LIMITS);
        assert_eq!(told.finish, None);
        assert_eq!(told.waits_for.map(|waits| waits.code), Some(Hold::Stopped));
    }

    #[test]
    fn settling_takes_its_time_however_few_calls_it_needs() {
        let own = Work {
            settling: true,
            ..calls(3)
        };
        let told = estimate(&account(Some(budget())), own, [], LIMITS);
        assert_eq!(told.finish, Some((NOW + SETTLING).assume_utc()));
    }

    #[test]
    fn numbers_beyond_reason_have_an_end() {
        let odd = AccountBudget {
            calls_per_minute: 0,
            calls_per_day: 0,
            calls_today: -5,
            reduced: Some((-7, NOW)),
            paused_until: None,
        };
        let told = estimate(
            &account(Some(odd)),
            calls(u64::MAX),
            &waiting([(TENANT, i64::MAX)]),
            LIMITS,
        );
        assert_eq!(told.finish, None);
    }
}

//! When a bulk change will be done: calls at Rev.io are what takes time, and the budget says how fast they go.

use time::{Duration, OffsetDateTime};

/// Before a first call goes out: the message's way, the claim, the account's token.
const START: i64 = 5;
/// Devices that are assigned in a second, calls aside.
const DEVICES_A_SECOND: u64 = 1_000;

/// How long work takes: `calls` at Rev.io at `calls_per_minute`, then the database work for `devices`. Whole seconds.
#[must_use]
pub fn takes(calls: u64, devices: u64, calls_per_minute: u32) -> Duration {
    let calling = calls
        .saturating_mul(60)
        .div_ceil(u64::from(calls_per_minute.max(1)));
    let assigning = devices.div_ceil(DEVICES_A_SECOND);
    let seconds = i64::try_from(calling.saturating_add(assigning)).unwrap_or(i64::MAX);
    Duration::seconds(seconds.saturating_add(START))
}

/// The moment it is done, without fractions of a second; the last moment there is when that lies beyond it.
#[must_use]
pub fn done_at(now: OffsetDateTime, takes: Duration) -> OffsetDateTime {
    let whole = now.replace_nanosecond(0).unwrap_or(now);
    whole.checked_add(takes).unwrap_or(whole)
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
    use time::macros::datetime;

    use super::*;

    #[test]
    fn calls_at_the_budget_s_pace_decide() {
        for (calls, devices, per_minute, seconds) in [
            (0, 1, 475, 6),
            (0, 10_000, 475, 15),
            (500, 500, 500, 66),
            (10_000, 10_000, 500, 1_215),
            (1, 1, 0, 66),
        ] {
            let expected = Duration::seconds(seconds);
            assert_eq!(
                takes(calls, devices, per_minute),
                expected,
                "{calls} {devices}"
            );
        }
    }

    #[test]
    fn a_finish_is_a_moment_in_whole_seconds() {
        let now = datetime!(2026-03-01 12:00:00.25 UTC);
        let done = done_at(now, Duration::seconds(66));
        assert_eq!(written(done), "2026-03-01T12:01:06Z");
        assert_eq!(
            done_at(now, Duration::MAX),
            datetime!(2026-03-01 12:00:00 UTC)
        );
    }
}

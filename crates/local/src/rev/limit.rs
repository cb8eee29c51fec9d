//! A limit like Rev.io's: so many calls of an account in any 60 seconds.

use std::collections::{HashMap, VecDeque};

use time::{Duration, OffsetDateTime};

const WINDOW: Duration = Duration::seconds(60);

/// The calls that were let through in the last minute, by account.
#[derive(Debug, Default)]
pub(super) struct Limit {
    recent: HashMap<String, VecDeque<OffsetDateTime>>,
}

impl Limit {
    /// Lets a call through, or says for how many whole seconds none is let through. A call that is turned away does not count.
    pub(super) fn take(
        &mut self,
        account: &str,
        per_minute: Option<usize>,
        now: OffsetDateTime,
    ) -> Result<(), u64> {
        let Some(per_minute) = per_minute else {
            return Ok(());
        };
        let recent = self.recent.entry(account.to_owned()).or_default();
        while recent.front().is_some_and(|oldest| now - *oldest >= WINDOW) {
            recent.pop_front();
        }
        if recent.len() < per_minute {
            recent.push_back(now);
            return Ok(());
        }
        let free_in = recent
            .front()
            .map_or(WINDOW, |oldest| *oldest + WINDOW - now);
        let whole = u64::try_from(free_in.whole_seconds()).unwrap_or(0);
        Err(whole + 1)
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn no_window_of_60_seconds_holds_more_than_the_limit() {
        let start = datetime!(2026-01-02 10:00:00 UTC);
        let mut limit = Limit::default();
        let mut take = |seconds| limit.take("a", Some(2), start + Duration::seconds(seconds));
        assert_eq!(take(0), Ok(()));
        assert_eq!(take(50), Ok(()));
        assert_eq!(take(59), Err(2));
        assert_eq!(take(60), Ok(()));
        assert_eq!(take(61), Err(50));
        assert_eq!(take(110), Ok(()));
    }

    #[test]
    fn accounts_do_not_take_from_each_other() {
        let now = datetime!(2026-01-02 10:00:00 UTC);
        let mut limit = Limit::default();
        assert_eq!(limit.take("a", Some(1), now), Ok(()));
        assert_eq!(limit.take("b", Some(1), now), Ok(()));
        assert_eq!(limit.take("a", None, now), Ok(()));
        assert!(limit.take("a", Some(1), now).is_err());
    }
}

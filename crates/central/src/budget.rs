//! What a Rev account may be asked, per minute and day (RevCallBudget).

/// The limits that are configured for an account; written into RevCallBudget when they differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BudgetLimits {
    /// Calls a minute on average, for example 475 of the 500 that Rev.io allows.
    pub calls_per_minute: u32,
    /// Calls a day, for example 150,000.
    pub calls_per_day: u32,
    /// Calls that may come at once beyond the average, for example 10.
    pub burst: u32,
    /// Calls a minute that are left to other users of the account.
    pub reserve_per_minute: u32,
}

/// A variable of the environment that is no budget.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name}: {problem}")]
pub struct WrongBudget {
    /// Which one.
    pub name: &'static str,
    /// What it must be.
    pub problem: String,
}

/// Fewer calls a minute do not fit a preflight, with its sign-in, into the 20 s that slots are taken ahead.
const LEAST_CALLS: u32 = 12;

impl BudgetLimits {
    /// Reads `REV_CALLS_PER_MINUTE` (475 when missing), `REV_CALLS_PER_DAY` (150,000) and `REV_CALLS_RESERVED` (0: calls a minute
    /// that other users of the account keep). Both lambdas read them here, because both write the account's row.
    pub fn read(variable: impl Fn(&str) -> Option<String>) -> Result<Self, WrongBudget> {
        let number = |name: &'static str, default: u32, least: u32| {
            let text = variable(name).unwrap_or_default();
            match text.trim() {
                "" => Ok(default),
                text => text
                    .parse()
                    .ok()
                    .filter(|number| *number >= least)
                    .ok_or(WrongBudget {
                        name,
                        problem: format!("it must be a whole number of at least {least}"),
                    }),
            }
        };
        let limits = Self {
            calls_per_minute: number("REV_CALLS_PER_MINUTE", 475, LEAST_CALLS)?,
            calls_per_day: number("REV_CALLS_PER_DAY", 150_000, LEAST_CALLS)?,
            burst: 10,
            reserve_per_minute: number("REV_CALLS_RESERVED", 0, 0)?,
        };
        if limits.ours_per_minute() < LEAST_CALLS {
            return Err(WrongBudget {
                name: "REV_CALLS_RESERVED",
                problem: format!("it must leave at least {LEAST_CALLS} calls a minute"),
            });
        }
        Ok(limits)
    }

    /// What is ours: the calls a minute without the reserve, at least one.
    #[must_use]
    pub fn ours_per_minute(&self) -> u32 {
        self.calls_per_minute
            .saturating_sub(self.reserve_per_minute)
            .max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(given: &[(&str, &str)]) -> Result<BudgetLimits, WrongBudget> {
        BudgetLimits::read(|name| {
            let variable = given.iter().find(|(known, _)| *known == name);
            variable.map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn a_reserve_is_taken_off_the_budget() {
        assert_eq!(read(&[]).map(|limits| limits.ours_per_minute()), Ok(475));
        let reserved = read(&[("REV_CALLS_RESERVED", "75")]);
        assert_eq!(reserved.map(|limits| limits.ours_per_minute()), Ok(400));
    }

    #[test]
    fn a_budget_that_no_preflight_fits_in_is_refused_by_name() {
        for (name, value) in [
            ("REV_CALLS_PER_MINUTE", "11"),
            ("REV_CALLS_PER_MINUTE", "many"),
            ("REV_CALLS_PER_DAY", "0"),
            ("REV_CALLS_RESERVED", "-1"),
            ("REV_CALLS_RESERVED", "470"),
        ] {
            assert_eq!(
                read(&[(name, value)]).map_err(|wrong| wrong.name),
                Err(name),
                "{value}"
            );
        }
    }

    #[test]
    fn the_smallest_budget_that_a_preflight_fits_in_is_taken() {
        for (name, value, left) in [
            ("REV_CALLS_PER_MINUTE", "12", 12),
            ("REV_CALLS_PER_DAY", " 12 ", 475),
            ("REV_CALLS_RESERVED", "463", 12),
            ("REV_CALLS_RESERVED", "", 475),
        ] {
            let limits = read(&[(name, value)]).map(|limits| limits.ours_per_minute());
            assert_eq!(limits, Ok(left), "{name} {value}");
        }
        let all = [("REV_CALLS_PER_DAY", "99"), ("REV_CALLS_PER_MINUTE", "30")];
        let limits = read(&all).unwrap();
        assert_eq!((limits.calls_per_minute, limits.calls_per_day), (30, 99));
    }
}

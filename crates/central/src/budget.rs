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

impl BudgetLimits {
    /// What is ours: the calls a minute without the reserve, at least one.
    #[must_use]
    pub fn ours_per_minute(&self) -> u32 {
        self.calls_per_minute
            .saturating_sub(self.reserve_per_minute)
            .max(1)
    }
}

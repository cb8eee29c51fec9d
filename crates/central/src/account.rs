//! What is known of a Rev account when somebody asks how long its calls will take: the last two result sets of check.sql and
//! status.sql, which give the same columns.

use association::ids::{BulkChangeId, TenantId};
use time::PrimitiveDateTime;

use crate::{
    CentralError,
    decode::{Answer, Fields},
};

/// A Rev account at one moment: what it may be asked, and what waits for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The database's clock, UTC: every moment beside it is read against this one.
    pub now: PrimitiveDateTime,
    /// None when no billing call was ever asked of the account.
    pub budget: Option<AccountBudget>,
    /// Refuses its credentials or its configuration: one probe every five minutes, nothing else.
    pub stopped: bool,
    /// Bulk changes with billing calls to make, over every integration authentication that shares the account.
    pub waiting: Vec<WaitingCalls>,
}

/// RevCallBudget, of the row that the account's slots are taken from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccountBudget {
    /// Without what is kept for other users of the account.
    pub calls_per_minute: i32,
    /// The limit of a UTC day.
    pub calls_per_day: i32,
    /// Calls that were made since midnight, UTC.
    pub calls_today: i32,
    /// A rate a minute below the limit, and since when it recovers.
    pub reduced: Option<(i32, PrimitiveDateTime)>,
    /// Nobody calls before; may lie behind.
    pub paused_until: Option<PrimitiveDateTime>,
}

/// The billing calls that one bulk change still has to make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WaitingCalls {
    /// Whose.
    pub bulk_change: BulkChangeId,
    /// An account's calls are shared between tenants first, and then between the bulk changes of each.
    pub tenant: TenantId,
    /// One for a line to open; three for a change that has to be settled (two look-ups that find nothing, then the line); two for
    /// a preflight that was not made.
    pub calls: i64,
    /// Whether any of it has to be settled, which takes time beside the calls.
    pub settling: bool,
}

impl Account {
    /// An account of which nothing is known, at a moment.
    #[must_use]
    pub const fn unknown(now: PrimitiveDateTime) -> Self {
        Self {
            now,
            budget: None,
            stopped: false,
            waiting: Vec::new(),
        }
    }
}

/// Reads both result sets.
pub(crate) fn read(answer: &mut Answer) -> Result<Account, CentralError> {
    let mut account = answer.one("account", account)?;
    account.waiting = answer.rows("waiting", waiting)?;
    Ok(account)
}

fn account(row: &Fields<'_>) -> Result<Account, CentralError> {
    let limits = row
        .optional("CallsPerMinute")?
        .zip(row.optional("CallsPerDay")?);
    let reduced = row.optional("ReducedTo")?.zip(row.optional("ReducedAt")?);
    let paused_until = row.optional("PausedUntil")?;
    let calls_today = row.get("CallsToday")?;
    Ok(Account {
        now: row.get("Now")?,
        budget: limits.map(|(calls_per_minute, calls_per_day)| AccountBudget {
            calls_per_minute,
            calls_per_day,
            calls_today,
            reduced,
            paused_until,
        }),
        stopped: row.get("Stopped")?,
        waiting: Vec::new(),
    })
}

fn waiting(row: &Fields<'_>) -> Result<WaitingCalls, CentralError> {
    Ok(WaitingCalls {
        bulk_change: row.parsed("BulkChangeId", BulkChangeId::new)?,
        tenant: row.parsed("TenantId", TenantId::new)?,
        calls: row.get("Calls")?,
        settling: row.get("Settling")?,
    })
}

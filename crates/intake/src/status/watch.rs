//! Waits until a bulk change has moved: asks the database for its mark about once a second, and holds nothing in between.

use std::time::Duration;

use association::{actor::Actor, ids::BulkChangeId};
use central::{
    Central, CentralError,
    status::{self, BulkChangeStatus, Page},
    status_mark::status_mark,
};
use tokio::time::{Instant, sleep_until};
use uuid::Uuid;

/// How long and how often a status answer is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// At most this long, whatever the caller is ready for.
    pub longest: Duration,
    /// Between two questions to the database.
    pub every: Duration,
}

impl Default for Patience {
    /// API Gateway ends a request after 30 s and the function after 29 s: 20 s leave room for slow statements.
    fn default() -> Self {
        Self {
            longest: Duration::from_secs(20),
            every: Duration::from_secs(1),
        }
    }
}

/// Which page of which bulk change, for whom.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    pub(super) central: &'a Central,
    pub(super) actor: &'a Actor,
    pub(super) id: BulkChangeId,
    pub(super) page: Page,
}

impl Asked<'_> {
    /// The status now; none when there is nothing for this caller.
    pub(super) async fn now(&self) -> Result<Option<BulkChangeStatus>, CentralError> {
        status::status(self.central, self.actor, self.id, self.page).await
    }

    /// The first status of which `news` is true, or the last one before the time is up. `news` is asked for each status that may
    /// have moved, from the one at the start on.
    pub(super) async fn until(
        &self,
        wait: Duration,
        patience: Patience,
        mut news: impl FnMut(&BulkChangeStatus) -> bool,
    ) -> Result<Option<BulkChangeStatus>, CentralError> {
        let end = Instant::now() + wait.min(patience.longest);
        // Read before the status: what happens between the two shows as a mark that differs.
        let mut mark = status_mark(self.central, self.actor, self.id).await?;
        let mut status = self.now().await?;
        let mut due = Instant::now() + spread(patience.every);
        loop {
            match &status {
                Some(found) if !news(found) && !finished(found) => {}
                _ => return Ok(status),
            }
            loop {
                sleep_until(due.min(end)).await;
                if due >= end {
                    // What the mark does not know is told too, at the end.
                    return self.now().await;
                }
                due = Instant::now() + patience.every;
                let newest = status_mark(self.central, self.actor, self.id).await?;
                if newest != mark {
                    mark = newest;
                    break;
                }
            }
            status = self.now().await?;
        }
    }
}

/// Nothing more will happen.
fn finished(status: &BulkChangeStatus) -> bool {
    let ended = status.processed + status.failed >= status.total;
    // What this system does not work on has no end of its own but its status.
    let closed = matches!(status.status.as_str(), "PROCESSED" | "ERROR" | "API_FAILED");
    ended && (status.finished || closed)
}

/// Half the time to one and a half times it, by chance: callers that began together ask apart.
fn spread(every: Duration) -> Duration {
    let chance = u32::from(Uuid::new_v4().as_bytes()[0]);
    every / 2 + every * chance / 255
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_fits_into_the_time_that_api_gateway_gives() {
        let patience = Patience::default();
        assert!(patience.longest + patience.every <= Duration::from_secs(25));
        for _ in 0..100 {
            let first = spread(patience.every);
            assert!(first >= patience.every / 2 && first <= patience.every * 3 / 2);
        }
    }
}

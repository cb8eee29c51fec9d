//! What a caller is told when the database gives no answer. The error itself goes to the log, once, here.

use central::{CentralError, Next};

use crate::{
    logs,
    problem::{Kind, Problem},
};

/// Seconds after which another try makes sense: a failover takes some.
const RETRY_AFTER: u16 = 5;

/// For a statement that only reads: nothing was written, whatever happened.
pub(crate) fn reading(error: &CentralError) -> Problem {
    log(error);
    match error.next() {
        Next::Again | Next::Unknown => away(),
        Next::Never => defect(),
    }
}

/// For a read that took longer than a caller can wait.
pub(crate) fn no_answer() -> Problem {
    tracing::error!(error = "no answer in time", "database");
    away()
}

/// For the write of a request; `keyed` when it came with an Idempotency-Key.
pub(crate) fn writing(error: &CentralError, keyed: bool) -> Problem {
    log(error);
    match error.next() {
        Next::Again => away(),
        Next::Unknown => {
            let how = if keyed {
                "Send the same request with the same Idempotency-Key again: it is recorded at most once, and the answer tells."
            } else {
                "Look for it before sending it again: devices that it took answer unfinished-change. With an Idempotency-Key, sending again would have been safe."
            };
            Problem::new(
                Kind::OutcomeUnknown,
                format!("The database did not confirm the write. {how}"),
            )
            .retry_after(RETRY_AFTER)
        }
        Next::Never => defect(),
    }
}

fn away() -> Problem {
    Problem::new(
        Kind::DatabaseUnavailable,
        "Nothing was written. Try again after the time in Retry-After.",
    )
    .retry_after(RETRY_AFTER)
}

fn defect() -> Problem {
    Problem::new(
        Kind::Internal,
        "The request id leads to what happened; trying again will not help.",
    )
}

fn log(error: &CentralError) {
    tracing::error!(
        error = logs::told(error),
        number = error.number(),
        "database"
    );
}

//! Writing down what must not be lost while the database is away for a moment.

use std::{future::Future, time::Duration};

use central::{CentralError, Next};
use tokio::time::Instant;

use crate::told::told;

/// Time kept at the end of a call of the function for what comes after a write.
const RESERVE: Duration = Duration::from_secs(5);

/// Tries a write that may be repeated until it is through, or time is up.
///
/// Only for writes that change nothing when they are repeated: an unknown outcome is answered by the same write again.
pub(crate) async fn through<T, F, Written>(
    deadline: Instant,
    mut write: F,
) -> Result<T, CentralError>
where
    F: FnMut() -> Written,
    Written: Future<Output = Result<T, CentralError>>,
{
    let mut pause = Duration::from_millis(200);
    loop {
        match write().await {
            Err(error)
                if error.next() != Next::Never && Instant::now() + pause + RESERVE < deadline =>
            {
                tracing::warn!(error = told(&error), "write_tried_again");
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(Duration::from_secs(5));
            }
            settled => return settled,
        }
    }
}

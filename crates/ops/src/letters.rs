//! What was given up, and sending it back: `ops dead-letters` and `ops redrive`. Both speak to the queues alone, so they work while
//! the database is away.

mod given_up;
mod redrive;

pub(crate) use given_up::list;
pub(crate) use redrive::{Which, redrive};

use queue::{DeadLetters, Look};

use crate::{Failure, words};

/// The two queues that the environment names, if they belong together.
pub(crate) async fn open(set: impl Fn(&str) -> Option<String>) -> Result<DeadLetters, Failure> {
    let named = |name: &str| set(name).ok_or_else(|| Failure::Usage(format!("{name} is not set")));
    let queues =
        DeadLetters::from_environment(named("QUEUE_URL")?, named("DEAD_LETTER_QUEUE_URL")?).await;
    queues.check().await?;
    Ok(queues)
}

/// What a look could not see, in words; nothing when it saw all.
fn unseen(look: &Look) -> Option<String> {
    let number = i64::try_from(look.others).unwrap_or(i64::MAX);
    (number > 0).then(|| {
        format!(
            "About {} more {} there: over the limit, or hidden because somebody looked within the last {} s.",
            words::count(number, "message"),
            if number == 1 { "is" } else { "are" },
            queue::dead_letters::HIDDEN.as_secs()
        )
    })
}

//! `ops redrive`: sends messages back that were given up.

use std::{collections::BTreeSet, io::Write};

use queue::{DeadLetter, DeadLetters, SentBack};

use crate::{
    Failure, NOT_APPLIED,
    letters::{given_up::table, unseen},
    words,
};

/// The most messages of one run, which takes less time than they stay hidden; what is left waits for the next one.
const MOST: usize = 2_000;

/// Which messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Which {
    /// These, by id.
    These(BTreeSet<String>),
    /// All that can be seen.
    All,
}

impl Which {
    fn includes(&self, letter: &DeadLetter) -> bool {
        match self {
            Self::These(ids) => ids.contains(letter.id()),
            Self::All => true,
        }
    }
}

pub(crate) async fn redrive(
    queues: &DeadLetters,
    which: &Which,
    apply: bool,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let look = queues.look(MOST).await?;
    let unseen = unseen(&look);
    let (chosen, others): (Vec<_>, Vec<_>) = look
        .letters
        .into_iter()
        .partition(|letter| which.includes(letter));
    // A message that stays hidden shows by itself soon, so nothing hangs on this.
    let _ = queues.release(&others).await;
    if let Which::These(ids) = which {
        let missing: Vec<&str> = ids
            .iter()
            .map(String::as_str)
            .filter(|id| chosen.iter().all(|letter| letter.id() != *id))
            .collect();
        if !missing.is_empty() {
            let _ = queues.release(&chosen).await;
            let mut told = format!(
                "there is no message {} in the dead letter queue; nothing was sent",
                missing.join(", ")
            );
            if let Some(unseen) = unseen {
                told = format!("{told}. {unseen}");
            }
            return Err(Failure::NotFound(told));
        }
    }
    if chosen.is_empty() {
        writeln!(out, "No message was found in the dead letter queue.")?;
    } else if apply {
        send_back(queues, &chosen, out).await?;
    } else {
        write!(out, "{}", table(&chosen))?;
        writeln!(
            out,
            "{} would go back to the queue.",
            words::count(number(chosen.len()), "message")
        )?;
        let _ = queues.release(&chosen).await;
    }
    if let Some(unseen) = unseen {
        writeln!(out, "{unseen}")?;
    }
    if !apply && !chosen.is_empty() {
        writeln!(out, "{NOT_APPLIED}")?;
    }
    Ok(())
}

async fn send_back(
    queues: &DeadLetters,
    chosen: &[DeadLetter],
    out: &mut impl Write,
) -> Result<(), Failure> {
    let outcome = queues.send_back(chosen).await;
    let (mut moved, mut doubled, mut kept, mut again) = (0, Vec::new(), Vec::new(), Vec::new());
    for (letter, became) in chosen.iter().zip(&outcome) {
        match became {
            SentBack::Moved => moved += 1,
            SentBack::Doubled(error) => doubled.push(format!("{} ({error})", letter.id())),
            SentBack::Kept(error) => {
                kept.push(format!("{} ({})", letter.id(), error.told()));
                again.push(letter.clone());
            }
        }
    }
    let _ = queues.release(&again).await;
    if moved > 0 {
        writeln!(out, "Sent back {}.", words::count(moved, "message"))?;
    }
    if !doubled.is_empty() {
        writeln!(
            out,
            "Sent back, and still in the dead letter queue too, which does no harm: {}",
            doubled.join(", ")
        )?;
    }
    if kept.is_empty() {
        return Ok(());
    }
    Err(Failure::Refused(format!(
        "not sent back, and in the dead letter queue as before: {}",
        kept.join(", ")
    )))
}

fn number(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

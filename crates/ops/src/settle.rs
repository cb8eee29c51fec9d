//! `ops settle`: decides about changes in review.

use std::{fmt::Write as _, io::Write};

use association::ids::ChangeId;
use central::{
    Central,
    ops::{
        Signed,
        review::{Review, review},
        settle::{Decision, settle},
    },
};

use crate::{
    Failure, NOT_APPLIED,
    decide::{Verdict, verdict},
    words,
};

pub(crate) async fn run(
    central: &Central,
    changes: &[ChangeId],
    decision: Decision,
    signed: &Signed<'_>,
    apply: bool,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let line = match decision {
        Decision::Adopt(line) => Some(line),
        _ => None,
    };
    let seen = review(central, changes, line).await?;
    known(changes, &seen)?;
    let mut settled = Vec::new();
    let mut refused = 0;
    for review in seen {
        write!(out, "{}", about(&review))?;
        match verdict(&review, decision) {
            Verdict::Will(will) => {
                for sentence in will {
                    writeln!(out, "  {}: {sentence}", decision.name())?;
                }
                settled.push(review);
            }
            Verdict::Already(words) => writeln!(out, "  nothing to do: {words}")?,
            Verdict::Refused(words) => {
                refused += 1;
                writeln!(out, "  refused: {words}")?;
            }
        }
    }
    if refused > 0 {
        return Err(Failure::Refused(format!(
            "nothing was written: {} cannot be settled so",
            words::count(refused, "change")
        )));
    }
    if settled.is_empty() {
        return Ok(());
    }
    if !apply {
        writeln!(out, "{NOT_APPLIED}")?;
        return Ok(());
    }
    write(central, &settled, decision, signed, out).await
}

/// Writes, and says of which changes it could not: what was seen did not hold any more.
async fn write(
    central: &Central,
    seen: &[Review],
    decision: Decision,
    signed: &Signed<'_>,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let results = settle(central, seen, decision, signed).await?;
    let (done, missed): (Vec<_>, Vec<_>) = results.iter().partition(|(_, settled)| *settled);
    if !done.is_empty() {
        let number = i64::try_from(done.len()).unwrap_or(i64::MAX);
        let then = match decision {
            Decision::Adopt(_) | Decision::NotCreated => {
                " The sweep takes it up within a minute; `ops show ICCID` tells how it went."
            }
            Decision::GiveUp | Decision::Acknowledge => "",
        };
        writeln!(out, "Settled {}.{then}", words::count(number, "change"))?;
    }
    if missed.is_empty() {
        return Ok(());
    }
    let missed: Vec<String> = missed
        .iter()
        .map(|(change, _)| change.to_string())
        .collect();
    Err(Failure::Refused(format!(
        "not settled, because something about it changed in the meantime: {}. Look again",
        missed.join(", ")
    )))
}

fn known(changes: &[ChangeId], seen: &[Review]) -> Result<(), Failure> {
    let missing: Vec<String> = changes
        .iter()
        .filter(|change| !seen.iter().any(|review| review.change == **change))
        .map(ToString::to_string)
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    Err(Failure::NotFound(format!(
        "there is no change {}; nothing was written",
        missing.join(", ")
    )))
}

fn about(review: &Review) -> String {
    let mut text = format!(
        "change {} of bulk change {}, ICCID {}",
        review.change, review.bulk_change, review.iccid
    );
    let Some(work) = &review.work else {
        return text + "\n";
    };
    let _ = writeln!(text, ", customer {}, number {}", work.customer, work.number);
    if let Some(since) = work.review_since {
        let why = work.words.as_deref().or(review.details.as_deref());
        let _ = writeln!(text, "  waits since {since}: {}", why.unwrap_or("-"));
    }
    if let (Some(reference), Some((at, age))) = (&work.reference, work.intent) {
        let _ = writeln!(
            text,
            "  reference {reference}, last call meant at {at}, {} ago",
            words::length(age)
        );
    }
    if let Some(line) = work.known_line {
        let _ = writeln!(text, "  service line {line} is known");
    }
    text
}

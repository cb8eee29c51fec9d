//! Whether a change can be settled as a person says, and what would then happen. Pure: what is read decides.

use association::plan::Reason;
use central::ops::{
    review::{Review, ReviewWork},
    settle::Decision,
};

/// A call may arrive at Rev long after its caller gave up. Before this time nobody can know that it will not.
const A_CALL_MAY_STILL_ARRIVE: i64 = 15 * 60;

/// What is said of one change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It can be settled so; what would happen, a sentence each.
    Will(Vec<String>),
    /// It was settled so already.
    Already(String),
    /// It cannot be settled so, and why.
    Refused(String),
}

/// What would come of this decision.
pub(crate) fn verdict(review: &Review, decision: Decision) -> Verdict {
    let Some(work) = &review.work else {
        return Verdict::Refused(format!(
            "it does not wait for a person: nothing of it was ever worked on, it is {}",
            review.status
        ));
    };
    match (work.review_since, work.closed_at, decision) {
        (None, ..) => not_in_review(review, work, decision),
        (Some(_), Some(_), Decision::Acknowledge) => Verdict::Will(vec![
            "it leaves the list; its status stays as it is".to_owned(),
        ]),
        (Some(_), None, Decision::Acknowledge) => Verdict::Refused(
            "it has not ended: it needs --adopt LINE_ID, --not-created or --give-up".to_owned(),
        ),
        (Some(_), Some(_), _) => Verdict::Refused(
            "it has ended: see to the line too many at Rev.io, then --acknowledge".to_owned(),
        ),
        (Some(_), None, Decision::Adopt(line)) => adopt(review, work, line.get()),
        (Some(_), None, Decision::NotCreated) => not_created(work),
        (Some(_), None, Decision::GiveUp) => give_up(review, work),
    }
}

fn not_in_review(review: &Review, work: &ReviewWork, decision: Decision) -> Verdict {
    let same_line = match decision {
        Decision::Adopt(line) => work.known_line == Some(line),
        _ => true,
    };
    match &review.settled {
        Some(settled) if settled.decision == decision.name() && same_line => {
            Verdict::Already(format!("{} settled it so at {}", settled.by, settled.at))
        }
        _ => Verdict::Refused(format!(
            "it does not wait for a person: {}",
            match work.closed_at {
                Some(at) => format!("it ended as {} at {at}", review.status),
                None => format!("it is {}, at step {}", review.status, work.step.as_str()),
            }
        )),
    }
}

fn adopt(review: &Review, work: &ReviewWork, line: i64) -> Verdict {
    if let Some(reason) = work.blocked {
        return Verdict::Refused(format!(
            "{} ({}): mend that first, or disconnect the line at Rev.io and --give-up",
            speaks_against(reason),
            reason.code()
        ));
    }
    let known = &review.line;
    if let Some(other) = known.of_change {
        return Verdict::Refused(format!("service line {line} is change {other}'s"));
    }
    if known.disconnected {
        return Verdict::Refused(format!(
            "RevService knows service line {line} as disconnected"
        ));
    }
    if let Some(customer) = &known.customer
        && *customer != work.customer
    {
        return Verdict::Refused(format!(
            "RevService knows service line {line} as customer {customer}'s, and the change is for customer {}",
            work.customer
        ));
    }
    if let Some(number) = &known.number
        && *number != work.number
        && *number != review.iccid
    {
        return Verdict::Refused(format!(
            "RevService knows service line {line} with number {number}, and the change is for number {}",
            work.number
        ));
    }
    let mut will = vec![format!(
        "service line {line} becomes this change's, and the device is handed over; Rev.io is not asked whether the line exists"
    )];
    if let Some(before) = work.known_line
        && before.get() != line
    {
        will.push(format!(
            "service line {before}, known so far, is not this change's any more: disconnect it at Rev.io"
        ));
    }
    Verdict::Will(will)
}

fn not_created(work: &ReviewWork) -> Verdict {
    if let Some(line) = work.known_line {
        return Verdict::Refused(format!(
            "service line {line} is open at Rev: --adopt {line}, or disconnect it there and --give-up"
        ));
    }
    if let Some(refused) = too_early(work) {
        return refused;
    }
    let mut will = vec![
        "it is sent to Rev.io again, with the same reference: be sure that no line with it is there"
            .to_owned(),
    ];
    if let Some(reason) = work.blocked {
        will.push(format!(
            "it will not be sent as things are: {} ({})",
            speaks_against(reason),
            reason.code()
        ));
    }
    Verdict::Will(will)
}

fn give_up(review: &Review, work: &ReviewWork) -> Verdict {
    let Some(line) = work.known_line else {
        return too_early(work).unwrap_or_else(|| {
            Verdict::Will(vec![
                format!(
                    "it ends as {}, and the device is free for new requests: be sure that no line of it is open at Rev.io",
                    review.status
                ),
            ])
        });
    };
    Verdict::Will(vec![
        format!("it ends as {}", review.status),
        format!(
            "service line {line} stays open at Rev.io: disconnect it there. Until RevService shows that, a new request for the \
             device and this customer is answered active-service-line"
        ),
    ])
}

/// The device would be free, or the call be repeated, while the first one may still be on its way.
fn too_early(work: &ReviewWork) -> Option<Verdict> {
    let (at, age) = work.intent?;
    (age < A_CALL_MAY_STILL_ARRIVE).then(|| {
        Verdict::Refused(format!(
            "its last call was meant at {at}, and may still arrive at Rev.io: wait {} more",
            crate::words::length(A_CALL_MAY_STILL_ARRIVE - age)
        ))
    })
}

fn speaks_against(reason: Reason) -> &'static str {
    match reason {
        Reason::DeviceNotFound => "the device does not exist any more",
        Reason::DeviceArchived => "the device is archived",
        Reason::AssignedToOtherCustomer => "the device is another customer's by now",
        _ => "the device cannot be associated any more",
    }
}

#[cfg(test)]
mod tests;

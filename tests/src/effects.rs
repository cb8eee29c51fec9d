//! Every effect of the two lambdas: each has a point before it and one after it. The fault sweep strikes at each of them, and the
//! instances of a random schedule stand still at each of the consumer's.

/// Of the consumer, on the way of a request of our own.
pub const CONSUMER: [&str; 19] = [
    "central.claim",
    "central.share_budget",
    "central.preflight",
    "central.more_slots",
    "central.facts",
    "central.record",
    "central.finish",
    "central.outbox_take",
    "central.outbox_sent",
    "central.outbox_failed",
    "central.sweep",
    "rev.token",
    "rev.customer",
    "rev.products",
    "rev.open_line",
    "rev.lines",
    "queue.send",
    "queue.hide",
    "notice.post",
];

/// Of the consumer, where it takes over what the other producer wrote, beside those.
pub const THEIRS: [&str; 4] = [
    "central.enroll_read",
    "central.check",
    "central.enroll",
    "central.open_chunks",
];

/// Of the intake.
pub const INTAKE: [&str; 5] = [
    "central.check",
    "central.submit",
    "queue.send",
    "central.outbox_sent",
    "central.outbox_failed",
];

/// Both points of each effect.
#[must_use]
pub fn points(effects: &[&str]) -> Vec<String> {
    effects
        .iter()
        .flat_map(|effect| ["before", "after"].map(|side| format!("{effect}.{side}")))
        .collect()
}

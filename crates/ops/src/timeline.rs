//! One list of everything that happened to a device, in order. Pure.

use std::fmt::Write as _;

use association::ids::ChangeId;
use central::ops::{
    moment::Moment,
    show::{LogLine, Shown},
};

use crate::words;

/// How much of a request or an answer is shown to people.
const EXCERPT: usize = 160;

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Event {
    pub(crate) at: Moment,
    pub(crate) change: Option<ChangeId>,
    pub(crate) what: String,
}

/// A row of the log. What a person decided is told as a decision: its status says only that it was written down, its request is
/// the reason, and its answer the service line that it is about.
fn logged(line: &LogLine) -> String {
    let mut what = line.description.clone();
    let decided = what.starts_with("Review settled");
    let names = if decided {
        let _ = write!(what, ", by {}", line.by);
        ["because:", "about", "error"]
    } else {
        if let Some(status) = &line.status {
            let _ = write!(what, ": {status}");
        }
        ["asked", "answered", "error"]
    };
    for (name, text) in names
        .iter()
        .zip([&line.request, &line.response, &line.error])
    {
        if let Some(text) = text.as_deref().filter(|text| !text.is_empty()) {
            let _ = write!(what, "; {name} {}", words::cut(text, EXCERPT));
        }
    }
    what
}

/// Everything with a time, the oldest first; of one moment in the order in which it was written.
pub(crate) fn of(shown: &Shown) -> Vec<Event> {
    let mut events = Vec::new();
    for change in shown.changes.iter().rev() {
        events.push(Event {
            at: change.created_at,
            change: Some(change.change),
            what: format!(
                "asked for by {}, in bulk change {}",
                change.created_by, change.bulk_change
            ),
        });
    }
    for line in &shown.log {
        events.push(Event {
            at: line.at,
            change: Some(line.change),
            what: logged(line),
        });
    }
    for line in shown.history.iter().rev() {
        let of = shown
            .changes
            .iter()
            .find(|change| Some(change.bulk_change.get()) == line.bulk_change);
        events.push(Event {
            at: line.at,
            change: of.map(|change| change.change),
            what: format!(
                "{}: {} -> {}",
                line.field.as_deref().unwrap_or("-"),
                line.before.as_deref().unwrap_or("-"),
                line.after.as_deref().unwrap_or("-")
            ),
        });
    }
    events.sort_by_key(|event| event.at);
    events
}

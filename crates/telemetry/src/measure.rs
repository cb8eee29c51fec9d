//! What is counted and timed: one function for each thing that happens.

use std::time::Duration;

use crate::{lines, metric::Metric};

/// Devices of a submit that were recorded to be worked on.
pub fn devices_accepted(devices: usize) {
    count(Metric::DevicesAccepted, devices);
}

/// Devices that the checks of a submit refused for one reason: a code of `association::plan::Reason`.
pub fn devices_rejected(reason: &'static str, devices: usize) {
    count(Metric::DevicesRejected, devices);
    count_by(Metric::DevicesRejectedByReason, reason, devices);
}

/// Messages of a submit that stayed in the outbox.
pub fn chunks_unsent(messages: usize) {
    count(Metric::ChunksUnsent, messages);
}

/// Devices that belong to their customer now.
pub fn devices_processed(devices: usize) {
    count(Metric::DevicesProcessed, devices);
}

/// Devices that ended without, for one reason: a code of `association::plan::Reason`.
pub fn devices_failed(reason: &'static str, devices: usize) {
    count(Metric::DevicesFailed, devices);
    count_by(Metric::DevicesFailedByReason, reason, devices);
}

/// Devices that began to wait for a person.
pub fn devices_in_review(devices: usize) {
    count(Metric::DevicesInReview, devices);
}

/// A call of Rev.io came to an end: the name of its `rev::Class`, and how long it took.
pub fn rev_called(class: &'static str, took: Duration) {
    count_by(Metric::RevCalls, class, 1);
    time(Metric::RevCallTime, took);
}

/// A claim was answered.
pub fn claimed(took: Duration) {
    time(Metric::ClaimTime, took);
}

/// A business write was answered.
pub fn recorded(took: Duration) {
    time(Metric::RecordTime, took);
}

/// Messages that come back.
pub fn messages_failed(messages: usize) {
    count(Metric::MessagesFailed, messages);
}

/// A sweep came through to its end.
pub fn swept() {
    count(Metric::Swept, 1);
}

/// Bulk changes that a sweep could not finish; none is told too, because an alarm wants to see that it is over.
pub fn bulk_changes_not_finished(bulk_changes: usize) {
    let bulk_changes = u32::try_from(bulk_changes).unwrap_or(u32::MAX);
    lines::observe(Metric::BulkChangesNotFinished, f64::from(bulk_changes));
}

/// A number that stands, once a minute, out of the database; zero is told too, because an alarm wants to see that it is over.
pub fn stands(metric: Metric, value: f64) {
    lines::observe(metric, value);
}

fn count(metric: Metric, by: usize) {
    if by > 0 {
        metrics::counter!(metric.name()).increment(by as u64);
    }
}

fn count_by(metric: Metric, value: &'static str, by: usize) {
    if let (Some(dimension), true) = (metric.dimension(), by > 0) {
        metrics::counter!(metric.name(), dimension => value).increment(by as u64);
    }
}

fn time(metric: Metric, took: Duration) {
    // Tenths of a millisecond are enough, and shorter in a line.
    lines::observe(metric, (took.as_secs_f64() * 10_000.0).round() / 10.0);
}

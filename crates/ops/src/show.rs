//! `ops show`: what happened to one device.

use std::{fmt::Write as _, io::Write};

use association::ids::{Iccid, TenantId};
use central::{
    Central,
    ops::show::{Assignment, Shown, ShownChange, ShownDevice, show},
};

use crate::{Failure, timeline, words};

pub(crate) async fn run(
    central: &Central,
    iccid: &Iccid,
    tenant: Option<TenantId>,
    limit: u32,
    json: bool,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let shown = show(central, iccid, tenant, limit).await?;
    if shown.devices.is_empty() && shown.changes.is_empty() {
        let place = tenant.map_or_else(String::new, |tenant| format!(" in tenant {tenant}"));
        return Err(Failure::NotFound(format!(
            "nothing is known of ICCID {}{place}",
            iccid.as_str()
        )));
    }
    if json {
        writeln!(out, "{}", serde_json::to_string_pretty(&shown)?)?;
    } else {
        write!(out, "{}", told(iccid, &shown))?;
    }
    Ok(())
}

fn told(iccid: &Iccid, shown: &Shown) -> String {
    let mut text = format!("ICCID {}\n", iccid.as_str());
    for device in &shown.devices {
        text.push_str(&told_device(device, shown));
    }
    if shown.devices.is_empty() {
        text.push_str("no device has it (any more)\n");
    }
    text.push_str("\nchanges, the newest first\n");
    for change in &shown.changes {
        text.push_str(&told_change(change));
    }
    if shown.changes.is_empty() {
        text.push_str("  none\n");
    }
    let events = timeline::of(shown);
    if !events.is_empty() {
        text.push_str("\nwhat happened, in order\n");
        let rows: Vec<Vec<String>> = events
            .into_iter()
            .map(|event| {
                vec![
                    format!("  {}", event.at),
                    event
                        .change
                        .map_or_else(|| "-".to_owned(), |change| change.to_string()),
                    event.what,
                ]
            })
            .collect();
        text.push_str(&words::table(&["  at", "change", "what"], &rows));
    }
    text
}

fn told_device(device: &ShownDevice, shown: &Shown) -> String {
    let mut text = format!(
        "device {}, provider {}{}, tenant {}{}: {}",
        device.device,
        device.provider,
        named(device.provider_name.as_deref()),
        device.tenant,
        named(device.tenant_name.as_deref()),
        device.status.as_deref().unwrap_or("no status"),
    );
    if device.archived {
        text.push_str(", archived");
    }
    if let Some(number) = &device.msisdn {
        let _ = write!(text, ", number {number}");
    }
    if let Some(plan) = &device.carrier_plan {
        let _ = write!(text, ", carrier plan {plan}");
    }
    text.push('\n');
    let mut theirs = shown
        .assignments
        .iter()
        .filter(|assignment| assignment.device == device.device)
        .peekable();
    if theirs.peek().is_none() {
        text.push_str("  assigned to nobody\n");
    }
    for assignment in theirs {
        text.push_str(&told_assignment(assignment));
    }
    for plan in shown
        .queued_plans
        .iter()
        .filter(|plan| plan.device == device.device)
    {
        let _ = writeln!(
            text,
            "  from {}: plan {}{}, queued by {} at {}",
            plan.from,
            plan.plan.as_deref().unwrap_or("-"),
            plan.pool
                .as_ref()
                .map(|pool| format!(", pool {pool}"))
                .unwrap_or_default(),
            plan.by,
            plan.queued_at
        );
    }
    text
}

fn told_assignment(assignment: &Assignment) -> String {
    let mut text = format!(
        "  {} customer {}",
        if assignment.active {
            "assigned to"
        } else {
            "not any more:"
        },
        assignment.customer.as_deref().unwrap_or("nobody")
    );
    if let Some(site) = &assignment.site {
        let _ = write!(text, " ({site})");
    }
    let _ = write!(
        text,
        " in tenant {}{}",
        assignment.tenant,
        named(assignment.tenant_name.as_deref())
    );
    if let Some(account) = assignment.account {
        let _ = write!(text, ", account {account}");
    }
    if let Some(line) = assignment.line {
        let _ = write!(text, ", service line {line}");
        if let Some(day) = &assignment.line_disconnected {
            let _ = write!(text, " (disconnected {day})");
        }
    }
    if let Some(plan) = &assignment.plan {
        let _ = write!(text, ", plan {plan}");
    }
    if let Some(pool) = &assignment.pool {
        let _ = write!(text, ", pool {pool}");
    }
    let _ = writeln!(
        text,
        "; by {} at {}",
        assignment.changed_by, assignment.changed_at
    );
    text
}

fn told_change(change: &ShownChange) -> String {
    let what = match change.change_type {
        4 => "association".to_owned(),
        2 => "carrier plan".to_owned(),
        other => format!("type {other}"),
    };
    let mut text = format!(
        "change {} of bulk change {} ({what}, tenant {}, {}): {}",
        change.change, change.bulk_change, change.tenant, change.bulk_status, change.status
    );
    if let Some(details) = &change.details {
        let _ = write!(text, ", {}", words::cut(details, 400));
    }
    let _ = write!(
        text,
        "\n  asked for by {} at {}",
        change.created_by, change.created_at
    );
    if let Some(customer) = &change.customer {
        let _ = write!(text, " for customer {customer}");
    }
    if let Some(at) = change.processed_at {
        let _ = write!(text, ", processed at {at}");
    }
    if let Some(at) = change.finished_at {
        let _ = write!(text, ", bulk change finished at {at}");
    }
    text.push('\n');
    let Some(work) = &change.work else {
        text.push_str("  never worked on here\n");
        return text;
    };
    let _ = write!(text, "  step {}, chunk {}", work.step, work.chunk);
    if let Some(line) = work.line {
        let _ = write!(text, ", service line {line}");
    }
    if work.attempts > 0 || work.unknowns > 0 {
        let _ = write!(
            text,
            ", {}, {} without a known outcome",
            words::count(work.attempts.into(), "attempt"),
            words::count(work.unknowns.into(), "call")
        );
    }
    text.push('\n');
    if let Some(intent) = &work.intent {
        let _ = write!(
            text,
            "  call meant: reference {}, number {}, customer {}",
            intent.reference,
            intent.number.as_deref().unwrap_or("-"),
            intent.customer.as_deref().unwrap_or("-")
        );
        if let Some(at) = intent.at {
            let _ = write!(text, ", at {at}");
        }
        text.push('\n');
    }
    for (what, at) in [
        ("held by a consumer until", work.leased_until),
        ("not due before", work.not_before),
        ("ended at", work.closed_at),
    ] {
        if let Some(at) = at {
            let _ = writeln!(text, "  {what} {at}");
        }
    }
    if let Some(since) = work.review_since {
        let _ = writeln!(
            text,
            "  WAITS FOR A PERSON since {since}: `ops settle {}`",
            change.change
        );
    }
    if let Some(error) = &work.last_error {
        let _ = writeln!(text, "  last error: {}", words::cut(error, 400));
    }
    text
}

fn named(name: Option<&str>) -> String {
    name.map_or_else(String::new, |name| format!(" {name}"))
}
